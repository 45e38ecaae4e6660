"""What each act leaves on the page, measured in millimetres on the rendered page, whatever way the page is laid."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import segno
import typst
from PIL import Image

from app.documents.model import DocumentInfo, MainDocument
from app.documents.reading import read_with_places
from app.settings import AgencySettings
from app.signing import mark_text, typeface
from app.signing.errors import MainNumberMissing, MarkImageInvalid, MarkImageOpaque
from app.signing.mark_text import MarkClaimsValidity, MarkTemplateInvalid
from app.signing.model import Act, CopyForm, SignOptions
from app.signing.placement import sheet_of
from tests import pdf_samples
from tests.demo import samples as demo_samples
from tests.demo import texts
from tests.demo.office import DemoOffice
from tests.demo.pki import AGENCY, LEADER
from tests.marked_pages import FINE, Box, ink, laid, marked, new_on, painted

LAYS = [(0, 1.0, 0.0), (90, 1.0, 0.0), (180, 1.0, 5.0), (270, 1.0, 0.0), (0, 2.5, 0.0), (90, 0.5, 4.0)]
#: Height of a capital letter of Times New Roman, in parts of the type size, and a point in millimetres.
CAPITAL, POINT = 0.662, 25.4 / 72


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letter") / "Công văn.pdf"
    path.write_bytes(demo_samples.pdf(texts.LETTER))
    return path


def agency(office: DemoOffice, **more: object) -> AgencySettings:
    return AgencySettings(name=AGENCY, seal_image=str(office.seal_image), seal_diameter_mm=36.0, **more)  # type: ignore[arg-type]


def middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@pytest.mark.parametrize(("turn", "unit", "crop"), LAYS)
def test_signature_and_seal_stand_in_the_block_however_the_page_lies(letter, office, tmp_path, turn, unit, crop):
    """The block is where it was on the plain page; the seal is 36 mm and covers a third of the signature's left."""
    page = read_with_places(letter).signature.name.page
    plain = ink(painted(marked(letter, tmp_path / "plain.pdf", leader(office))[1], page), "blue")
    source = laid(letter, tmp_path / "laid.pdf", turn=turn, unit=unit, crop_mm=crop)
    signed = marked(source, tmp_path / "signed.pdf", leader(office))[1]
    blue = ink(painted(signed, page, unit=unit), "blue")
    assert blue == pytest.approx([edge - crop for edge in plain], abs=0.4)
    seal = SignOptions(act=Act.ISSUE, mark_image=office.seal_image)
    before = painted(signed, page, unit=unit)
    _mark, sealed = marked(signed, tmp_path / "sealed.pdf", seal, agency=agency(office), name=AGENCY)
    after = painted(sealed, page, unit=unit)
    red = ink(new_on(before, after))
    assert (red[2] - red[0], red[3] - red[1]) == pytest.approx((36, 36), abs=1.0)
    covered = widget_of_signature(signed, page)
    assert (red[2] - covered[0]) / (covered[2] - covered[0]) == pytest.approx(1 / 3, abs=0.04)
    assert middle(red)[1] == pytest.approx(middle(covered)[1], abs=0.5)


def leader(office: DemoOffice) -> SignOptions:
    return SignOptions(act=Act.APPROVE, mark_image=office.signature_image)


def widget_of_signature(signed: Path, page: int) -> Box:
    """Where the one signature's widget stands: left, top, right, bottom in millimetres as shown."""
    sheet = sheet_of(signed, page)
    assert sheet is not None
    with pikepdf.open(signed) as pdf:
        (widget,) = [one for one in pdf.pages[page].Annots if one.get("/FT") == "/Sig"]
        left, top, width, height = sheet.in_mm(tuple(map(float, widget.Rect)))  # type: ignore[arg-type]
    return left, top, left + width, top + height


@pytest.mark.parametrize(("turn", "unit", "crop"), LAYS)
@pytest.mark.parametrize("act", [Act.COPY, Act.ATTACHMENT])
def test_words_stand_at_the_upper_right_in_black_at_size_10(letter, tmp_path, act, turn, unit, crop):
    source = laid(letter, tmp_path / "laid.pdf", turn=turn, unit=unit, crop_mm=crop)
    mark, signed = marked(source, tmp_path / "signed.pdf", SignOptions(act=act), name=AGENCY)
    after = painted(signed, unit=unit)
    new = new_on(painted(source, unit=unit), after)
    left, top, right, bottom = ink(new)
    wide = 210 - 2 * crop
    assert wide - 15.6 < right < wide - 14.6
    assert 6 < top < 9
    lines = mark.text.splitlines()
    assert bottom - top < len(lines) * 10 * 1.15 * POINT
    assert lines[-1] == "2026-05-12T09:30:00+07:00"
    assert lines[0] == ("SAO Y" if act is Act.COPY else "05/UBND-VP")
    assert tall(new, top) == pytest.approx(10 * CAPITAL * POINT, abs=0.25)
    darkest = after.crop(tuple(round(edge * FINE) for edge in (left, top, right, bottom))).convert("L")  # type: ignore[arg-type]
    assert darkest.getextrema()[0] < 30


def tall(image: Image.Image, top: float) -> float:
    """How tall the first line is, in millimetres: rows with ink until the first without."""
    row = int(top * FINE)
    rows = 0
    while image.crop((0, row + rows, image.width, row + rows + 1)).getextrema()[0] == 0:  # type: ignore[comparison-overlap]
        rows += 1
    return rows / FINE


@pytest.mark.parametrize(
    ("form", "words"),
    [(CopyForm.SAO_Y, "SAO Y"), (CopyForm.SAO_LUC, "SAO LỤC"), (CopyForm.TRICH_SAO, "TRÍCH SAO")],
)
def test_a_copy_says_its_form_agency_and_time(letter, tmp_path, form, words):
    mark, _signed = marked(letter, tmp_path / "s.pdf", SignOptions(act=Act.COPY, copy_form=form), name=AGENCY)
    assert mark.text.splitlines() == [words, AGENCY, "2026-05-12T09:30:00+07:00"]


def test_a_mark_moved_by_hand_says_what_holds_when_it_is_signed(letter, tmp_path):
    """It was moved earlier, under another number and as another form of copy; it stays where it was put."""
    before, _signed = marked(letter, tmp_path / "1.pdf", SignOptions(act=Act.COPY), name=AGENCY)
    earlier = replace(
        before,
        box=tuple(edge - 100 for edge in before.box),
        text=before.text.replace("2026-05-12T09:30:00", "2026-05-11T16:59:59"),
    )
    mark, _signed = marked(letter, tmp_path / "2.pdf", SignOptions(act=Act.COPY, mark=earlier), name=AGENCY)
    assert mark.text.splitlines() == ["SAO Y", AGENCY, "2026-05-12T09:30:00+07:00"]
    assert mark.box == earlier.box
    other, _signed = marked(
        letter,
        tmp_path / "3.pdf",
        SignOptions(act=Act.COPY, copy_form=CopyForm.TRICH_SAO, mark=earlier),
        agency=AgencySettings(name=f"Văn phòng {AGENCY}"),
        name=AGENCY,
    )
    assert other.text.splitlines() == ["TRÍCH SAO", f"Văn phòng {AGENCY}", "2026-05-12T09:30:00+07:00"]
    assert (other.box[0], other.box[3]) == pytest.approx((earlier.box[0], earlier.box[3]), abs=0.1)
    wanted = max(typeface.widths(other.text.splitlines(), 10))
    assert other.box[2] - other.box[0] == pytest.approx(wanted, abs=1), "the words are no smaller than size 10"


def test_a_stamp_of_arrival_moved_by_hand_has_the_number_typed_after_it(letter, tmp_path):
    first = SignOptions(act=Act.INCOMING, arrival_number="123", arrival_date=dt.date(2026, 11, 20))
    before, _signed = marked(letter, tmp_path / "1.pdf", first, name=AGENCY)
    later = replace(first, arrival_number="124", mark=before)
    mark, _signed = marked(letter, tmp_path / "2.pdf", later, name=AGENCY)
    assert (mark.stamp.number, mark.box) == ("124", before.box)


def test_the_words_name_the_agency_whose_certificate_signs(letter, tmp_path):
    """A workstation whose settings name one agency may hold the token of another."""
    other = AgencySettings(name="Ủy ban nhân dân xã Hòa Bình")
    copy, _signed = marked(letter, tmp_path / "1.pdf", SignOptions(act=Act.COPY), agency=other, name=AGENCY)
    assert copy.text.splitlines()[1] == AGENCY
    incoming = SignOptions(act=Act.INCOMING, arrival_number="5", arrival_date=dt.date(2026, 11, 20))
    stamped, _signed = marked(letter, tmp_path / "2.pdf", incoming, agency=other, name=AGENCY)
    assert stamped.stamp.agency == AGENCY
    short = AgencySettings(name="UBND xã Phong Điền")
    copy, _signed = marked(letter, tmp_path / "3.pdf", SignOptions(act=Act.COPY), agency=short, name=AGENCY)
    assert copy.text.splitlines()[1] == "UBND xã Phong Điền"


LONG = (
    f"Ban Quản lý dự án đầu tư xây dựng công trình giao thông, nông nghiệp và phát triển nông thôn trực thuộc {AGENCY}"
)


def test_a_long_name_shrinks_onto_the_page_and_keeps_every_accent(letter, tmp_path):
    mark, signed = marked(
        letter, tmp_path / "s.pdf", SignOptions(act=Act.COPY), agency=AgencySettings(name=LONG), name=AGENCY
    )
    left, _top, right, _bottom = ink(new_on(painted(letter), painted(signed)))
    assert left > 19.5
    assert right < 195.5
    flat = tmp_path / "flat.pdf"
    document = pypdfium2.PdfDocument(signed)
    document.init_forms()
    page = document[0]
    pypdfium2.raw.FPDFPage_Flatten(page.raw, 0)
    document.save(flat)
    assert LONG in " ".join(pypdfium2.PdfDocument(flat)[0].get_textpage().get_text_range().split())
    assert mark.text.splitlines()[1] == LONG


def test_an_attachment_says_the_number_of_the_document_that_it_belongs_to():
    info = DocumentInfo(number="3", symbol="BC-VP", main=MainDocument("7", "QĐ-UBND"))
    assert mark_text.of_attachment(info, pdf_samples.SIGNED_AT).splitlines()[0] == "7/QĐ-UBND"
    assert mark_text.of_attachment(replace(info, main=None), pdf_samples.SIGNED_AT).splitlines()[0] == "3/BC-VP"


@pytest.mark.parametrize(
    ("heading", "given", "told"),
    [
        ("(Kèm theo Quyết định số 12/QĐ-UBND ngày 05 tháng 11 năm 2026)", {}, "12/QĐ-UBND"),
        ("(Kèm theo Quyết định số      /QĐ-UBND ngày    tháng    năm 2026)", {}, None),
        ("(Kèm theo Quyết định số      /QĐ-UBND ngày    tháng    năm 2026)", {"number": "7"}, None),
        ("Danh mục thiết bị", {"number": "7", "symbol": "QĐ-UBND"}, "7/QĐ-UBND"),
        ("Danh mục thiết bị", {"number": "7 / QĐ-UBND"}, "7/QĐ-UBND"),
    ],
)
def test_no_attachment_bears_a_mark_without_number_and_symbol(tmp_path, heading, given, told):
    """Its own heading stays blank by the decree (appendix III, form 2.2, note 3)."""
    annex = tmp_path / "Phụ lục.pdf"
    annex.write_bytes(typst.compile(f"Phụ lục I\n\nDANH MỤC\n\n{heading}\n\nNội dung.".encode()))
    options = SignOptions(act=Act.ATTACHMENT, **given)
    if told is None:
        with pytest.raises(MainNumberMissing):
            marked(annex, tmp_path / "s.pdf", options, name=AGENCY)
    else:
        assert marked(annex, tmp_path / "s.pdf", options, name=AGENCY)[0].text.splitlines()[0] == told


def test_the_words_of_a_second_copy_stand_beside_those_of_the_first(letter, tmp_path):
    _mark, first = marked(letter, tmp_path / "1.pdf", SignOptions(act=Act.ATTACHMENT), name=AGENCY)
    _mark, second = marked(first, tmp_path / "2.pdf", SignOptions(act=Act.COPY), name=AGENCY)
    before = ink(new_on(painted(letter), painted(first)))
    new = ink(new_on(painted(first), painted(second)))
    assert new[2] < before[0]


@pytest.mark.parametrize(("turn", "unit", "crop"), LAYS)
def test_the_stamp_of_arrival_is_50_by_35_mm_and_hides_nothing(letter, tmp_path, turn, unit, crop):
    source = laid(letter, tmp_path / "laid.pdf", turn=turn, unit=unit, crop_mm=crop)
    options = SignOptions(act=Act.INCOMING, arrival_number="123", arrival_date=dt.date(2026, 11, 20))
    mark, signed = marked(source, tmp_path / "s.pdf", options, name=AGENCY)
    assert mark.stamp is not None
    assert (mark.stamp.agency, mark.stamp.number, mark.stamp.date) == (AGENCY, "123", "20/11/2026")
    before, after = painted(source, unit=unit), painted(signed, unit=unit)
    left, top, right, bottom = ink(after, "red")
    ratio = (right - left) / 50
    assert ratio in (pytest.approx(1, abs=0.02), pytest.approx(0.8, abs=0.02), pytest.approx(0.65, abs=0.02))
    assert bottom - top == pytest.approx(35 * ratio, abs=0.5)
    air = 4.5 if ratio > 0.9 else 1.5
    around = (left - air, top - air, right + air, bottom + air)
    under = before.crop(tuple(round(edge * FINE) for edge in around))  # type: ignore[arg-type]
    assert under.convert("L").getextrema()[0] > 200


def test_a_full_page_gets_the_stamp_all_the_same(tmp_path):
    bodies = pdf_samples.objects()
    stream = b"0.2 g 0 0 595 842 re f"
    bodies[5] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    source = pdf_samples.write(tmp_path / "full.pdf", pdf_samples.classic(bodies))
    _mark, signed = marked(source, tmp_path / "s.pdf", SignOptions(act=Act.INCOMING, arrival_number="1"), name=AGENCY)
    assert ink(painted(signed), "red")[0] < 5


def test_without_a_number_of_arrival_there_is_no_stamp(letter, tmp_path):
    with pytest.raises(AssertionError):
        marked(letter, tmp_path / "s.pdf", SignOptions(act=Act.INCOMING), name=AGENCY)


TEMPLATE = "Người ký: {name}\nCơ quan: {organization}\nThời gian ký: {time}\nLý do: {reason}"


def test_a_plain_mark_says_what_its_template_asks_for(letter, tmp_path):
    options = SignOptions(mark_template=TEMPLATE, reason="Tôi đồng ý với nội dung")
    mark, signed = marked(letter, tmp_path / "s.pdf", options)
    assert mark.text.splitlines() == [
        f"Người ký: {LEADER}",
        "Cơ quan: UBND tỉnh Thử Nghiệm",
        "Thời gian ký: 2026-05-12T09:30:00+07:00",
        "Lý do: Tôi đồng ý với nội dung",
    ]
    last = len(pypdfium2.PdfDocument(signed)) - 1
    new = new_on(painted(letter, last), painted(signed, last))
    assert tall(new, ink(new)[1]) > 9 * CAPITAL * POINT


def test_a_line_without_anything_to_say_is_left_out(letter, tmp_path):
    mark, _signed = marked(letter, tmp_path / "s.pdf", SignOptions(mark_template=TEMPLATE))
    assert "Lý do" not in mark.text


@pytest.mark.parametrize("template", ["{surname}", "{name.__class__}", "{name!r}", "{name:>9}", "{", "{0}"])
def test_a_template_with_other_fields_is_refused(letter, tmp_path, template):
    with pytest.raises(MarkTemplateInvalid):
        marked(letter, tmp_path / "s.pdf", SignOptions(mark_template=template))
    assert not (tmp_path / "s.pdf").exists()


@pytest.mark.parametrize("template", ["Chữ ký hợp lệ\n{name}", "SIGNATURE VALID {name}", "Đã xác thực"])
def test_a_mark_claims_no_validity(letter, tmp_path, template):
    with pytest.raises(MarkClaimsValidity):
        marked(letter, tmp_path / "s.pdf", SignOptions(mark_template=template))


def test_neither_does_the_reason_that_it_shows(letter, tmp_path):
    options = SignOptions(mark_template="{name}\n{reason}", reason="Xác nhận hồ sơ hợp lệ")
    assert marked(letter, tmp_path / "s.pdf", options)[0].text.splitlines()[1] == "Xác nhận hồ sơ hợp lệ"
    with pytest.raises(MarkClaimsValidity):
        marked(letter, tmp_path / "t.pdf", replace(options, reason="Chữ ký số này hợp lệ"))


@pytest.mark.parametrize(("turn", "unit"), [(0, 1.0), (90, 1.0), (180, 2.0)])
def test_the_qr_code_is_the_documents_hash(letter, tmp_path, turn, unit):
    """Every module of the code on the page, read where it is painted."""
    source = laid(letter, tmp_path / "laid.pdf", turn=turn, unit=unit)
    options = SignOptions(qr=True)
    _mark, signed = marked(source, tmp_path / "s.pdf", options)
    last = len(pypdfium2.PdfDocument(signed)) - 1
    after = painted(signed, last, unit=unit)
    left, top, right, _bottom = ink(new_on(painted(source, last, unit=unit), after))
    digest = hashlib.sha256(source.read_bytes()).hexdigest().upper()
    expected = [[bool(module) for module in row] for row in segno.make_qr(f"SHA256:{digest}", error="m").matrix]
    module = (right - left) / len(expected)
    assert module == pytest.approx(20 / (len(expected) + 8), abs=0.01)
    read = [
        [
            after.getpixel((int((left + (x + 0.5) * module) * FINE), int((top + (y + 0.5) * module) * FINE)))[0] < 128
            for x in range(len(expected))
        ]
        for y in range(len(expected))
    ]
    assert read == expected
    signed_bytes = signed.read_bytes()
    assert hashlib.sha256(signed_bytes[: source.stat().st_size]).hexdigest().upper() == digest


def test_image_words_and_code_stand_beside_one_another(letter, office, tmp_path):
    options = SignOptions(qr=True, mark_template="{name}", mark_image=office.signature_image)
    _mark, signed = marked(letter, tmp_path / "s.pdf", options)
    last = len(pypdfium2.PdfDocument(signed)) - 1
    blue = ink(painted(signed, last), "blue")
    new = ink(new_on(painted(letter, last), painted(signed, last)))
    assert blue[0] > new[0] + 15
    assert blue[3] < new[3]


def _picture(kind: str, path: Path) -> Path:
    if kind == "opaque":
        Image.new("RGB", (300, 120), "white").save(path)
    elif kind == "jpeg":
        Image.new("RGB", (300, 120)).save(path, format="JPEG")
    elif kind == "wide":
        Image.new("RGBA", (20_000, 10)).save(path)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "palette":
        content = io.BytesIO()
        Image.new("P", (300, 120)).save(content, format="PNG", transparency=0)
        path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("opaque", MarkImageOpaque),
        ("jpeg", MarkImageInvalid),
        ("wide", MarkImageInvalid),
        ("empty", MarkImageInvalid),
        ("missing", MarkImageInvalid),
    ],
)
@pytest.mark.parametrize("act", [Act.APPROVE, Act.ISSUE])
def test_a_picture_that_cannot_be_used_is_refused(letter, tmp_path, act, kind, error):
    before = letter.read_bytes()
    options = SignOptions(act=act, mark_image=_picture(kind, tmp_path / "p.png"))
    with pytest.raises(error) as caught:
        marked(letter, tmp_path / "s.pdf", options)
    assert "p.png" in caught.value.message
    assert not (tmp_path / "s.pdf").exists()
    assert letter.read_bytes() == before


def test_a_palette_with_a_transparent_colour_is_transparent(letter, tmp_path):
    marked(letter, tmp_path / "s.pdf", SignOptions(act=Act.APPROVE, mark_image=_picture("palette", tmp_path / "p.png")))


def _paged(path: Path, sources: list[bytes], blank: int = 0) -> Path:
    with pikepdf.new() as pdf:
        for content in sources:
            with pikepdf.open(io.BytesIO(content)) as part:
                pdf.pages.extend(part.pages)
        for _page in range(blank):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.save(path)
    return path


def test_a_block_on_the_third_page_is_found(letter, office, tmp_path):
    plain = pdf_samples.classic(pdf_samples.objects(2))
    source = _paged(tmp_path / "three.pdf", [plain, letter.read_bytes()])
    mark, _signed = marked(source, tmp_path / "s.pdf", leader(office))
    own, _signed = marked(letter, tmp_path / "t.pdf", leader(office))
    assert mark.page == own.page + 2
    assert mark.box == pytest.approx(own.box)


def test_of_two_blocks_the_signers_own_is_taken(office, tmp_path):
    other = demo_samples.pdf(texts.NOTICE)
    source = _paged(tmp_path / "two.pdf", [_signed_by("Lê Văn Khác"), other])
    blocks = read_with_places(source).blocks
    assert [block.name.text for block in blocks if block.name] == ["Lê Văn Khác", LEADER]
    mark, _signed = marked(source, tmp_path / "s.pdf", leader(office))
    assert mark.page == blocks[1].name.page
    theirs, _signed = marked(source, tmp_path / "t.pdf", leader(office), name="Lê Văn Khác")
    assert theirs.page == blocks[0].name.page


def test_of_two_blocks_of_one_person_the_first_is_taken(letter, office, tmp_path):
    source = _paged(tmp_path / "twice.pdf", [letter.read_bytes()] * 2)
    mark, _signed = marked(source, tmp_path / "s.pdf", leader(office))
    own, _signed = marked(letter, tmp_path / "t.pdf", leader(office))
    assert (mark.page, mark.box) == (own.page, pytest.approx(own.box))


def _signed_by(name: str) -> bytes:
    before = texts.SIGNATURE_BLOCK
    texts.SIGNATURE_BLOCK = (*before[:2], name)  # type: ignore[misc]
    try:
        return demo_samples.pdf(texts.LETTER)
    finally:
        texts.SIGNATURE_BLOCK = before  # type: ignore[misc]


def test_five_thousand_pages(letter, office, tmp_path):
    source = _paged(tmp_path / "many.pdf", [letter.read_bytes()], blank=5_000)
    own, _signed = marked(letter, tmp_path / "t.pdf", leader(office))
    mark, signed = marked(source, tmp_path / "s.pdf", leader(office))
    assert (mark.page, mark.box) == (own.page, pytest.approx(own.box))
    assert len(pypdfium2.PdfDocument(signed)) > 5_000


@pytest.mark.parametrize("act", [Act.COPY, Act.INCOMING, Act.PLAIN])
@pytest.mark.parametrize(
    "media_box",
    [b"[0 0 5670 5670]", b"[0 0 90 120]", b"[-300 200 295 1042]"],
    ids=["two-metres", "stamp-size", "shifted"],
)
def test_a_page_of_any_size_bears_its_mark(tmp_path, act, media_box):
    content = pdf_samples.classic(pdf_samples.objects(media_box=media_box))
    source = pdf_samples.write(tmp_path / "a.pdf", content)
    options = SignOptions(act=act, arrival_number="7", mark_template="{name}" if act is Act.PLAIN else "")
    mark, _signed = marked(source, tmp_path / "s.pdf", options, name=AGENCY)
    left, bottom, right, top = (float(edge) for edge in media_box[1:-1].split())
    assert left <= mark.box[0] < mark.box[2] <= right
    assert bottom <= mark.box[1] < mark.box[3] <= top
