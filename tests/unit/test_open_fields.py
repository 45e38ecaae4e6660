"""Approval leaves number, date and seal open; issuing fills them. Judged on rendered pages and by the verifier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pypdfium2
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.generic import pdf_string

from app.documents.reading import read
from app.office import Office
from app.settings import Settings, load
from app.signing import open_fields
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions, SignResult, Status
from app.times import today
from tests.demo import samples, texts
from tests.demo.office import DemoOffice
from tests.marked_pages import FINE, Box, ink, laid, new_on
from tests.marked_pages import painted as fine

DATE = dt.date(2026, 2, 5)
SCALE = 3
MM = 72 / 25.4

Sign = Callable[..., SignResult]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("open-fields")


@pytest.fixture(scope="module")
def unnumbered(folder: Path) -> Path:
    path = folder / "Quyết định.pdf"
    path.write_bytes(samples.pdf(texts.unnumbered()))
    return path


@pytest.fixture(scope="module")
def desk(folder: Path, office: DemoOffice) -> Iterator[Office]:
    with Office(load(folder / "data", office.settings_file)) as opened:
        yield opened


def signer(opened: Office, office: DemoOffice, out: Path) -> Sign:
    def sign(path: Path, act: Act, **wishes: object) -> SignResult:
        token = office.tokens["seal" if act is Act.ISSUE else "leader"]
        key = choose(opened.keys(), token=token.serial, certificate=None)
        options = SignOptions(act=act, out=out, **wishes)  # type: ignore[arg-type]
        (result,) = opened.desk.sign(
            [path], options, key, pin_source=lambda _: PinAnswer(bytearray(token.pin.encode()))
        )
        return result

    return sign


@pytest.fixture(scope="module")
def sign(desk: Office, office: DemoOffice, folder: Path) -> Sign:
    return signer(desk, office, folder)


@pytest.fixture(scope="module")
def approved(sign: Sign, unnumbered: Path) -> Path:
    result = sign(unnumbered, Act.APPROVE)
    assert result.status is Status.SIGNED, result.error
    return Path(result.output or "")


@pytest.fixture(scope="module")
def issued(sign: Sign, approved: Path) -> Path:
    result = sign(approved, Act.ISSUE, number="7", date=DATE)
    assert result.status is Status.SIGNED, result.error
    assert (result.warnings, result.filed) == ([], None)
    return Path(result.output or "")


def painted(path: Path, page: int) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    return document[page].render(scale=SCALE).to_pil().convert("RGB")


def box_of(image: Image.Image, wanted: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in points of the pixels of a colour: ``red``, ``blue`` or ``dark``."""
    red, green, blue = image.split()
    limits = {
        "red": ((red, 140, 256), (green, 0, 90), (blue, 0, 110)),
        "blue": ((red, 0, 90), (green, 0, 110), (blue, 120, 256)),
        "dark": ((red, 0, 128), (green, 0, 128), (blue, 0, 128)),
    }[wanted]
    mask = Image.new("L", image.size, 255)
    for channel, low, high in limits:
        table = [255 if low <= value < high else 0 for value in range(256)]
        mask = ImageChops.multiply(mask, channel.point(table))
    left, top, right, bottom = mask.getbbox()  # type: ignore[misc]
    return left / SCALE, top / SCALE, right / SCALE, bottom / SCALE


def what_is_new(before: Image.Image, after: Image.Image) -> Image.Image:
    """The pixels that changed, on white."""
    changed = (
        ImageChops.difference(before, after).convert("L").point([255 if value > 60 else 0 for value in range(256)])
    )
    new = Image.new("RGB", before.size, "white")
    new.paste(after, mask=changed)
    return new


def test_the_verifier_calls_it_valid_and_names_what_was_filled(desk, issued, approved):
    report = desk.verify(issued)
    assert report.conclusion == "valid", report.signatures
    first, seal = report.signatures
    assert (first.name, seal.name) == ("Signature1", open_fields.SEAL)
    assert [(change.kind, change.what) for change in first.changes] == [
        ("form-filled", open_fields.NUMBER),
        ("form-filled", open_fields.DAY),
        ("form-filled", open_fields.MONTH),
        ("signature-added", open_fields.SEAL),
    ]
    assert not seal.changes
    assert issued.read_bytes().startswith(approved.read_bytes())


def test_number_and_date_are_read_again_where_they_stand(issued):
    found = read(issued)
    assert (found.number, found.symbol, found.date) == ("07", "QĐ-UBND", DATE)


def test_number_stands_on_the_line_right_before_its_stroke_at_size_13(issued, approved):
    """What is new on page one: its digits are as high as size 13 makes them, on the baseline of their words."""
    after = painted(issued, 0)
    new = what_is_new(painted(approved, 0), after)
    blanks = open_fields.find(approved)
    assert blanks is not None
    number = blanks.texts[open_fields.NUMBER].box
    area = tuple(round(edge * SCALE) for edge in (number[0], 842 - number[3] - 2, number[2], 842 - number[1] + 2))
    left, top, right, bottom = box_of(new.crop(area), "dark")
    digit_height = 0.676 * open_fields.SIZE  # of Tinos' figures
    assert bottom - top == pytest.approx(digit_height, abs=0.6)
    assert right - left == pytest.approx(2 * 0.5 * open_fields.SIZE, abs=1.2)
    width = number[2] - number[0]
    assert right == pytest.approx(width, abs=1.0), "the number does not stand before the stroke"
    strokes = after.crop((area[2], area[1], area[2] + 40 * SCALE, area[3]))
    letters = box_of(strokes, "dark")
    assert bottom == pytest.approx(letters[3], abs=3.2)  # Q's tail hangs below the line


def test_the_seal_has_its_real_size_and_covers_the_left_third_of_the_signature(approved, issued, desk):
    signature = box_of(painted(approved, 1), "blue")
    seal = box_of(painted(issued, 1), "red")
    diameter = desk.settings.agency.seal_diameter_mm * MM
    assert seal[2] - seal[0] == pytest.approx(diameter, abs=1.5 * MM)
    assert seal[3] - seal[1] == pytest.approx(diameter, abs=1.5 * MM)
    covered = (seal[2] - signature[0]) / (signature[2] - signature[0])
    assert 0.2 < covered < 0.45
    assert signature[1] < (seal[1] + seal[3]) / 2 < signature[3]


def test_fields_need_no_viewer_to_draw_them(approved, issued):
    for path in (approved, issued):
        content = path.read_bytes()
        assert b"NeedAppearances" not in content
        assert content.count(b"/FT /Tx") >= 3
    from app.documents.pdf_form import entry, walk_fields
    from app.documents.pdf_reader import open_reader

    with issued.open("rb") as stream:
        root = open_reader(stream).root
        for field in walk_fields(root):
            assert entry(entry(field.dictionary, "/AP"), "/N") is not None, field.name
        seal = next(field for field in walk_fields(root) if field.name == open_fields.SEAL)
        (reference,) = list(entry(seal.dictionary, "/V")["/Reference"])  # type: ignore[index]
        assert reference["/TransformMethod"] == "/FieldMDP"
        assert list(reference["/TransformParams"]["/Fields"]) == [
            open_fields.NUMBER,
            open_fields.DAY,
            open_fields.MONTH,
        ]


def altered(path: Path, target: Path, field: str, text: str) -> Path:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from app.documents.pdf_form import walk_fields

    with path.open("rb") as stream:
        writer = IncrementalPdfFileWriter(stream)
        found = next(one.dictionary for one in walk_fields(writer.root) if one.name == field)
        found["/V"] = pdf_string(text)
        writer.update_container(found)
        with target.open("wb") as out:
            writer.write(out)
    return target


def test_after_the_seal_the_number_cannot_be_changed(desk, issued, tmp_path):
    report = desk.verify(altered(issued, tmp_path / "x.pdf", open_fields.NUMBER, "99"))
    assert report.conclusion == "invalid"


def test_a_further_leader_may_sign_before_the_seal(desk, sign, approved, office, tmp_path):
    other = office.tokens["second"]
    key = choose(desk.keys(), token=other.serial, certificate=None)
    options = SignOptions(act=Act.APPROVE, out=tmp_path, visible=False, accepts=("signer-differs",))
    (result,) = desk.desk.sign([approved], options, key, pin_source=lambda _: PinAnswer(bytearray(other.pin.encode())))
    assert result.status is Status.SIGNED
    assert [warning.code for warning in result.warnings] == ["pdf-not-certified"]
    sealed = sign(Path(result.output), Act.ISSUE, number="7", date=DATE)
    assert sealed.status is Status.SIGNED, sealed.error
    assert desk.verify(Path(sealed.output)).conclusion == "valid"


def test_without_a_number_it_is_not_sealed(sign, approved, folder):
    before = sorted(folder.iterdir())
    result = sign(approved, Act.ISSUE)
    assert result.error is not None
    assert result.error.code == "number-missing"
    assert sorted(folder.iterdir()) == before


def test_the_date_is_that_of_the_day_where_none_is_given(sign, folder):
    draft = folder / "Quyết định của hôm nay.pdf"
    draft.write_bytes(samples.pdf(texts.unnumbered(today().year)))
    approved = sign(draft, Act.APPROVE)
    result = sign(Path(approved.output), Act.ISSUE, number="118")
    assert read(Path(result.output)).date == today()


def test_the_symbol_typed_after_the_number_is_not_written_twice(sign, approved):
    result = sign(approved, Act.ISSUE, number="7/QĐ-UBND", date=DATE)
    assert (result.error, read(Path(result.output)).number, read(Path(result.output)).symbol) == (None, "07", "QĐ-UBND")


def test_what_is_no_number_is_not_written(sign, folder, approved):
    before = sorted(folder.iterdir())
    result = sign(approved, Act.ISSUE, number="mười hai", date=DATE)
    assert result.error is not None
    assert result.error.code == "number-unfit"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("kind", ["fields", "drawn"])
def test_a_date_that_does_not_go_with_the_printed_year_is_not_written(sign, folder, approved, kind):
    """A draft of December that is issued in January would else bear a date that never was the day of issue."""
    source = approved
    if kind == "drawn":
        draft = folder / "Bản thảo trong năm.pdf"
        draft.write_bytes(samples.pdf(texts.unnumbered()))
        source = Path(sign(draft, Act.PLAIN).output)
    before = sorted(folder.iterdir())
    result = sign(source, Act.ISSUE, number="7", date=dt.date(DATE.year + 1, 1, 4))
    assert result.error is not None
    assert result.error.code == "date-not-as-printed"
    assert sorted(folder.iterdir()) == before


def test_a_file_signed_elsewhere_gets_number_date_and_seal_as_signatures(desk, sign, unnumbered):
    elsewhere = sign(unnumbered, Act.PLAIN)
    result = sign(Path(elsewhere.output), Act.ISSUE, number="7", date=DATE)
    assert result.status is Status.SIGNED, result.error
    report = desk.verify(Path(result.output))
    assert report.conclusion == "valid"
    assert [signature.kind for signature in report.signatures] == ["person", *["organization"] * 3]
    found = read(Path(result.output))
    assert (found.number, found.date) == ("07", DATE)
    left, top, right, bottom = box_of(what_is_new(painted(unnumbered, 0), painted(Path(result.output), 0)), "dark")
    number, date = 145, 479  # where the blanks of the head begin and end
    assert (left > number, right < date, bottom - top < 12) == (True, True, True)


def test_a_numbered_file_gets_one_seal_and_no_fields(desk, sign, samples):
    approved = Path(sign(samples["quyet_dinh_pdf"], Act.APPROVE).output)
    found = open_fields.find(approved)
    assert found is not None
    assert not found.texts
    issued = Path(sign(approved, Act.ISSUE).output)
    report = desk.verify(issued)
    assert report.conclusion == "valid"
    assert [change.what for change in report.signatures[0].changes] == [open_fields.SEAL]


@pytest.mark.parametrize(("diameter", "status"), [(30.0, Status.SIGNED), (44.0, Status.SIGNED), (60.0, Status.FAILED)])
def test_the_seal_of_another_workstation_keeps_its_size(
    settings: Settings, office: DemoOffice, tmp_path: Path, approved: Path, diameter: float, status: Status
) -> None:
    other = msgspec.structs.replace(
        settings, agency=msgspec.structs.replace(settings.agency, seal_diameter_mm=diameter)
    )
    with Office(other) as clerk:
        result = signer(clerk, office, tmp_path)(approved, Act.ISSUE, number="7", date=DATE)
    assert result.status is status
    if status is Status.FAILED:
        assert result.error is not None and result.error.code == "seal-too-large"
        return
    signature, seal = box_of(painted(approved, 1), "blue"), box_of(painted(Path(result.output or ""), 1), "red")
    assert seal[2] - seal[0] == pytest.approx(diameter * MM, abs=1.5 * MM)
    assert 0.2 < (seal[2] - signature[0]) / (signature[2] - signature[0]) < 0.45


def test_other_fields_of_the_form_are_locked_by_the_certification(desk, sign, tmp_path, unnumbered):
    with_form = tmp_path / "form.pdf"
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    with unnumbered.open("rb") as stream, with_form.open("wb") as out:
        writer = IncrementalPdfFileWriter(stream)
        from app.signing.model import OpenFields, OpenText

        open_fields.add(writer, OpenFields((0, (0, 0, 10, 10)), [OpenText(open_fields.YEAR, 0, (100, 100, 200, 120))]))
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            field["/T"] = pdf_string("remarks" if field["/FT"] == "/Tx" else "sign here")
        writer.write(out)
    approved = Path(sign(with_form, Act.APPROVE).output)
    assert desk.verify(altered(approved, tmp_path / "y.pdf", "remarks", "x")).conclusion == "invalid"
    assert desk.verify(Path(sign(approved, Act.ISSUE, number="7", date=DATE).output)).conclusion == "valid"


def test_digits_are_put_as_the_decree_has_them():
    assert open_fields.filling(open_fields.NUMBER, "7", DATE) == "07"
    assert open_fields.filling(open_fields.NUMBER, "15a", DATE) == "15a"
    assert open_fields.filling(open_fields.DAY, "", DATE) == "05"
    assert open_fields.filling(open_fields.MONTH, "", DATE) == "02"
    assert open_fields.filling(open_fields.MONTH, "", DATE.replace(month=3)) == "3"
    assert open_fields.filling(open_fields.YEAR, "", DATE) == "2026"


def test_the_font_of_the_fields_has_every_letter_of_vietnamese(approved):
    from app.documents.pdf_reader import open_reader
    from app.signing import typeface

    assert len(set(typeface.vietnamese())) == 95 + 2 * 67
    with approved.open("rb") as stream:
        fonts = open_reader(stream).root["/AcroForm"]["/DR"]["/Font"]
        for name in ("/Tinos", "/TinosItalic"):
            mapping = fonts[name]["/ToUnicode"].data
            for letter in typeface.vietnamese():
                assert b"<%04X>\n" % ord(letter) in mapping.replace(b"endbf", b"\nendbf"), letter


# Pages turned, cropped, in user units


@pytest.fixture(scope="module", params=[(90, 1.0, 0.0), (180, 1.0, 5.0), (270, 2.5, 0.0), (0, 0.5, 4.0)], ids=str)
def lying(request, unnumbered: Path, folder: Path) -> tuple[Path, float]:
    """A decision without number whose pages lie otherwise, and the points in its units."""
    turn, unit, crop = request.param
    name = f"lying-{turn}-{unit}-{crop}.pdf"
    return laid(unnumbered, folder / name, turn=turn, unit=unit, crop_mm=crop), unit


def digits_of(before: Path, after: Path, unit: float) -> tuple[Box, Box]:
    """What is new in the left and in the right half of page one, in millimetres."""
    new = new_on(fine(before, unit=unit), fine(after, unit=unit))
    wide, high = new.size
    left = ink(new.crop((0, 0, wide // 2, high // 3)))
    right = ink(new.crop((wide // 2, 0, wide, high // 3)))
    return left, (right[0] + wide // 2 / FINE, right[1], right[2] + wide // 2 / FINE, right[3])


@pytest.mark.parametrize("way", ["filled", "signed"])
def test_number_and_date_stand_upright_in_their_blanks_however_the_page_lies(desk, sign, lying, unnumbered, way):
    """As they stand on the page that lies upright: same place on paper, same size, read again."""
    source, unit = lying
    act = {"filled": Act.APPROVE, "signed": Act.PLAIN}[way]

    def issued_of(path: Path) -> tuple[Path, Path]:
        approved = Path(sign(path, act).output)
        result = sign(approved, Act.ISSUE, number="7", date=DATE)
        assert result.status is Status.SIGNED, result.error
        return approved, Path(result.output)

    before, after = issued_of(source)
    straight = digits_of(*issued_of(unnumbered), 1.0)
    found = digits_of(before, after, unit)
    crop = float(source.stem.rpartition("-")[2])
    for box, expected in zip(found, straight, strict=True):
        assert box == pytest.approx(tuple(edge - crop for edge in expected), abs=0.35)
    number, _date = found
    assert number[3] - number[1] == pytest.approx(0.676 * open_fields.SIZE * 25.4 / 72, abs=0.25)
    info = read(after)
    assert (info.number, info.date) == ("07", DATE)
    assert desk.verify(after).conclusion == "valid"
