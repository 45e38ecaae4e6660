"""Visible marks, judged by the pixels that PDFium paints."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from app.documents.fields import Line
from app.documents.reading import Reading, read_with_places
from app.documents.sheet import POINTS_PER_MM
from app.signing.errors import MarkImageInvalid
from app.signing.model import Act, Mark
from app.signing.pdf_errors import MarkPlaceInvalid, MarkTextUnprintable
from app.signing.placement import propose
from tests import pdf_samples
from tests.pdf_samples import sign

RED = (200, 0, 0)
SCALE = 2


def png(path: Path, size: tuple[int, int] = (400, 200), border: int = 100) -> Path:
    """A red field amid transparency: columns and rows ``border`` from each edge."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((border, border // 2, size[0] - border - 1, size[1] - border // 2 - 1), RED)
    image.save(path)
    return path


def painted(path: Path, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    return document[page].render(scale=SCALE).to_pil()


def bounds(image: Image.Image, wanted: str = "red") -> tuple[float, float, float, float]:
    """Left, top, right, bottom in points of what is red, or black."""
    red, green, _blue = image.convert("RGB").split()
    if wanted == "red":
        mask = Image.composite(
            green.point(lambda v: 255 if v < 60 else 0),
            Image.new("L", image.size),
            red.point(lambda v: 255 if v > 150 else 0),
        )
    else:
        mask = red.point(lambda v: 255 if v < 190 else 0)
    return tuple(edge / SCALE for edge in mask.getbbox())  # type: ignore[return-value]


def blank(extra: bytes = b"", media_box: bytes = b"[0 0 595 842]") -> bytes:
    bodies = pdf_samples.objects(page_extra=extra, media_box=media_box)
    bodies[5] = b"<< /Length 0 >>\nstream\n\nendstream"
    return pdf_samples.classic(bodies)


def marked(tmp_path: Path, mark: Mark, content: bytes) -> Image.Image:
    return painted(sign(pdf_samples.write(tmp_path / "a.pdf", content), tmp_path / "b.pdf", mark=mark).path)


def test_image_stands_in_the_middle_of_its_box_undistorted(tmp_path):
    mark = Mark(0, (100, 300, 300, 500), png(tmp_path / "m.png"))
    # 200 points across: the image of 2 : 1 is 200 by 100, from 350 to 450 upward; the red field is its inner half.
    assert bounds(marked(tmp_path, mark, blank())) == pytest.approx((150, 842 - 425, 250, 842 - 375), abs=1)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (0, (150, 417, 250, 467)),
        # Shown, a point x, y stands at y, x from the left and upper edges; the box stays square.
        (90, (350, 175, 450, 225)),
        (180, (595 - 250, 375, 595 - 150, 425)),
        (270, (842 - 450, 595 - 225, 842 - 350, 595 - 175)),
    ],
)
def test_mark_is_upright_on_a_turned_page(tmp_path, turn, expected):
    mark = Mark(0, (100, 300, 300, 500), png(tmp_path / "m.png"))
    image = marked(tmp_path, mark, blank(b"/Rotate %d" % turn))
    assert bounds(image) == pytest.approx(expected, abs=1)


def test_crop_box_and_shifted_origin(tmp_path):
    mark = Mark(0, (100, 300, 300, 500), png(tmp_path / "m.png"))
    image = marked(tmp_path, mark, blank(b"/CropBox [50 40 500 700]", b"[-20 -20 595 842]"))
    assert bounds(image) == pytest.approx((150 - 50, 700 - 425, 250 - 50, 700 - 375), abs=1)


def test_page_of_another_size_with_fractions(tmp_path):
    mark = Mark(0, (700, 300, 900, 500), png(tmp_path / "m.png"))
    image = marked(tmp_path, mark, blank(media_box=b"[0 0.0 1190.551 841.89]"))
    assert bounds(image) == pytest.approx((750, 841.89 - 425, 850, 841.89 - 375), abs=1)


def test_jutting_mark_is_moved_onto_the_page(tmp_path):
    mark = Mark(0, (500, -100, 700, 100), png(tmp_path / "m.png"))
    left, _top, right, bottom = bounds(marked(tmp_path, mark, blank()))
    assert (left, right, bottom) == pytest.approx((445, 545, 842 - 75), abs=1)


@pytest.mark.parametrize("box", [(600, 0, 700, 100), (0, 0, 2000, 100), (10, 10, 10, 50)])
def test_place_off_the_page_is_refused(tmp_path, box):
    with pytest.raises(MarkPlaceInvalid):
        marked(tmp_path, Mark(0, box, text="x"), blank())


def test_page_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MarkPlaceInvalid):
        marked(tmp_path, Mark(3, (0, 0, 100, 100), text="x"), blank())


def test_transparency_lets_the_page_show_through(tmp_path):
    bodies = pdf_samples.objects()
    stream = b"0 0.6 0 rg 100 300 200 200 re f"
    bodies[5] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    image = marked(tmp_path, Mark(0, (100, 300, 300, 500), png(tmp_path / "m.png")), pdf_samples.classic(bodies))
    assert image.getpixel((110 * SCALE, (842 - 400) * SCALE))[:3] == (0, 153, 0)
    assert image.getpixel((200 * SCALE, (842 - 400) * SCALE))[:3] == RED


def vietnamese_letters() -> str:
    letters = ["đ", "Đ", "“", "”", "–", "№"]
    for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY":
        letters += [
            unicodedata.normalize("NFC", base + tone) for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
        ]
    return "".join(letters)


def test_every_vietnamese_letter_is_embedded_and_can_be_copied(tmp_path):
    letters = vietnamese_letters()
    assert len(letters) == 6 + 144
    lines = "\n".join(letters[start : start + 25] for start in range(0, len(letters), 25))
    content = sign(
        pdf_samples.write(tmp_path / "a.pdf", blank()),
        tmp_path / "b.pdf",
        mark=Mark(0, (50, 300, 550, 700), text=lines),
    ).path
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    page = document[0]
    pypdfium2.raw.FPDFPage_Flatten(page.raw, 0)
    flat = tmp_path / "flat.pdf"
    document.save(flat)
    text = pypdfium2.PdfDocument(flat)[0].get_textpage().get_text_range()
    assert "".join(text.split()) == letters


def test_decomposed_letters_are_composed(tmp_path):
    images = []
    for form in ("NFC", "NFD"):
        folder = tmp_path / form
        folder.mkdir()
        text = unicodedata.normalize(form, "Nguyễn Thị Kiểm Thử")
        images.append(marked(folder, Mark(0, (100, 300, 300, 330), text=text), blank()))
    assert images[0].tobytes() == images[1].tobytes()
    assert bounds(images[0], "black")[2] > 200


def test_long_line_shrinks_into_the_box(tmp_path):
    mark = Mark(0, (100, 300, 220, 360), text="Cơ quan: Ủy ban nhân dân tỉnh Thử Nghiệm, " * 3, size=14)
    left, top, right, bottom = bounds(marked(tmp_path, mark, blank()), "black")
    assert left >= 99
    assert right <= 221
    assert top >= 842 - 360
    assert bottom <= 842 - 300


def test_text_is_of_the_size_asked_for(tmp_path):
    mark = Mark(0, (100, 300, 300, 340), text="HHHHHHHHHH", size=10)
    left, top, right, bottom = bounds(marked(tmp_path, mark, blank()), "black")
    # Of Times New Roman's metrics: H is 0.722 wide and its capitals 0.66 high.
    assert right - left == pytest.approx(72, abs=1.5)
    assert bottom - top == pytest.approx(6.6, abs=1)
    assert (left + right) / 2 == pytest.approx(200, abs=1)
    assert 842 - (top + bottom) / 2 == pytest.approx(320, abs=2)


def test_letters_the_font_lacks_are_named(tmp_path):
    with pytest.raises(MarkTextUnprintable) as caught:
        marked(tmp_path, Mark(0, (100, 300, 300, 340), text="Chữ 漢 ký 漢"), blank())
    assert caught.value.data["letters"] == "漢"


def test_unusable_images(tmp_path):
    (tmp_path / "text.png").write_bytes(b"not a picture")
    Image.new("RGB", (10, 10)).save(tmp_path / "jpeg.png", format="JPEG")
    Image.new("RGBA", (4001, 10)).save(tmp_path / "large.png")
    png(tmp_path / "good.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:200])
    for name in ("text.png", "jpeg.png", "large.png", "cut.png", "missing.png"):
        with pytest.raises(MarkImageInvalid):
            marked(tmp_path, Mark(0, (100, 300, 300, 340), tmp_path / name), blank())
        assert not (tmp_path / "b.pdf").exists()


def letter_lines(reading: Reading) -> tuple[Line, Line]:
    block = reading.signature
    assert block is not None
    assert block.name is not None
    return block.title[-1], block.name


def test_leaders_mark_stands_between_title_and_name(samples):
    source = samples["cong_van_pdf"]
    title, name = letter_lines(read_with_places(source))
    place = propose(source, Act.APPROVE, (500, 200))
    assert place is not None
    left, bottom, right, top = place.box
    assert place.page == name.page
    assert (left + right) / 2 == pytest.approx((name.box[0] + name.box[2]) / 2, abs=1)
    assert (bottom + top) / 2 == pytest.approx((title.box[1] + name.box[3]) / 2, abs=1)
    assert (right - left) / (top - bottom) == pytest.approx(2.5)


def test_nothing_is_proposed_for_somebody_else(samples):
    assert propose(samples["cong_van_pdf"], Act.APPROVE, certificate_name="Trần Thị Khác") is None
    name = letter_lines(read_with_places(samples["cong_van_pdf"]))[1].text
    assert propose(samples["cong_van_pdf"], Act.APPROVE, certificate_name=name.upper()) is not None


def test_seal_covers_the_left_third_of_the_leaders_mark(samples, tmp_path):
    leader = propose(samples["quyet_dinh_pdf"], Act.APPROVE, (500, 200))
    assert leader is not None
    moved = Mark(leader.page, tuple(edge + 7 for edge in leader.box), png(tmp_path / "m.png"))  # type: ignore[arg-type]
    signed = sign(samples["quyet_dinh_pdf"], tmp_path / "b.pdf", mark=moved).path
    seal = propose(signed, Act.ISSUE, (800, 800), 36)
    assert seal is not None
    assert seal.page == leader.page
    assert seal.box[2] - seal.box[0] == pytest.approx(36 * POINTS_PER_MM)
    assert seal.box[3] - seal.box[1] == pytest.approx(36 * POINTS_PER_MM)
    assert seal.box[2] - moved.box[0] == pytest.approx((moved.box[2] - moved.box[0]) / 3, abs=0.1)
    assert sum(seal.box[1::2]) == pytest.approx(sum(moved.box[1::2]), abs=0.1)


def test_copy_bears_its_text_at_the_upper_right_of_page_one(samples):
    place = propose(samples["quyet_dinh_pdf"], Act.COPY)
    assert place is not None
    assert place.page == 0
    assert place.box[2] < 595.3
    assert place.box[2] > 500
    assert place.box[1] > 780


def test_no_hint_no_proposal(tmp_path):
    source = pdf_samples.write(tmp_path / "a.pdf", blank())
    assert propose(source, Act.APPROVE) is None
    assert propose(source, Act.PLAIN) is None
    assert propose(pdf_samples.write(tmp_path / "b.pdf", b"%PDF-1.7 cut"), Act.COPY) is None
