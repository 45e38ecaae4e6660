"""What is read with which confidence: on every layout a field is right, or it is in doubt and asked."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import pytest
from msgspec import structs

from app.documents.confidence import FIELDS
from app.documents.fields import Line, Side, read_fields
from app.documents.model import MainDocument
from app.documents.reading import Reading, read_with_places
from app.documents.types import document_types
from app.settings import ArchiveSettings
from tests.unit.office_pages import Page, pdf, word

BELOW = ArchiveSettings().doubtful_below
TRUTH = {
    "type": "Quyết định",
    "number": "12",
    "symbol": "QĐ-SNV",
    "date": dt.date(2026, 11, 5),
    "place": "Hải Sơn",
    "issuer": "SỞ NỘI VỤ",
    "summary": "Về việc phê duyệt kế hoạch đào tạo, bồi dưỡng cán bộ, công chức năm 2027",
    "signer_title": "GIÁM ĐỐC",
    "signer_name": "Trần Thị Bích Hạnh",
}
NUMBERS = {
    "Số: 12/QĐ-SNV": "12",
    "Số : 12 / QĐ - SNV": "12",
    "Số 12/QĐ–SNV": "12",
    "SỐ: 12/QĐ-SNV": "12",
    "Số:          /QĐ-SNV": None,
}
DATES = {
    "Hải Sơn, ngày 05 tháng 11 năm 2026": dt.date(2026, 11, 5),
    "Hải Sơn,  ngày  5  tháng  11  năm  2026 .": dt.date(2026, 11, 5),
    "Hải Sơn, ngày      tháng 11 năm 2026": None,
}
SETTINGS = {
    "as the decree has it": "",
    "larger letters": "#set text(size: 15pt)",
    "smaller letters": "#set text(size: 10.5pt)",
    "letters apart": "#set text(tracking: 0.6pt)",
    "lines apart": "#set par(leading: 1.3em)",
    "landscape": "#set page(flipped: true)",
    "turned": "",
}


def _doubtful_or_right(reading: Reading, truth: dict[str, object], what: object) -> None:
    doubts = reading.doubts(BELOW)
    for name, value in truth.items():
        found = getattr(reading.info, name)
        assert found == value or name in doubts, f"{what}: {name} read as {found!r} with {reading.confidence[name]}"


@pytest.mark.parametrize("extra", [name for name in SETTINGS if name != "turned"])
def test_a_field_is_right_or_in_doubt_on_paper(tmp_path: Path, extra: str) -> None:
    for count, (number, date) in enumerate(itertools.product(NUMBERS, DATES)):
        page = Page(number=number, date=date, extra=SETTINGS[extra], summary_bold=count % 3 > 0)
        path = tmp_path / f"{count}.pdf"
        path.write_bytes(pdf(page))
        truth = TRUTH | {"number": NUMBERS[number], "date": DATES[date]}
        _doubtful_or_right(read_with_places(path), truth, (extra, number, date))


@pytest.mark.parametrize("tabs", [False, True])
def test_a_field_is_right_or_in_doubt_in_word(tmp_path: Path, tabs: bool) -> None:
    for number, date in itertools.product(NUMBERS, DATES):
        path = word(Page(number=number, date=date), tmp_path / "a.docx", tabs=tabs)
        truth = TRUTH | {"number": NUMBERS[number], "date": DATES[date]}
        _doubtful_or_right(read_with_places(path), truth, (number, date))


def test_the_decrees_own_form_leaves_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(Page()))
    reading = read_with_places(tmp_path / "a.pdf")
    assert reading.doubts(BELOW) == {} and reading.confidence.keys() == set(FIELDS)
    assert all(0 <= sure <= 1 for sure in reading.confidence.values())


def test_every_type_is_sure_of_itself(tmp_path: Path) -> None:
    for kind in document_types():
        if kind.name in ("Công văn", "Thư công") or kind.is_own:
            continue
        page = Page(number=f"Số: 7/{kind.abbreviation}-SNV", kind=kind.heading.upper())
        path = word(page, tmp_path / "a.docx")
        reading = read_with_places(path)
        assert reading.info.type == kind.name and "type" not in reading.doubts(BELOW), kind.name


def test_an_offices_own_types() -> None:
    lines = [Line("LỊCH CÔNG TÁC", centred=True, bold=True), Line("Tuần 47 năm 2026", centred=True, bold=True)]
    info, _ = read_fields(lines)
    assert (info.type, info.summary) == ("Lịch làm việc", "Tuần 47 năm 2026")


def _head(*more: Line, number: str = "Số: 12/QĐ-SNV", date: str = "Hải Sơn, ngày 05 tháng 11 năm 2026") -> list[Line]:
    return [
        Line("SỞ NỘI VỤ", Side.LEFT, bold=True),
        Line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Side.RIGHT, bold=True),
        Line(number, Side.LEFT),
        Line(date, Side.RIGHT),
        Line("QUYẾT ĐỊNH", bold=True, centred=True),
        Line("Về việc khen thưởng", bold=True, centred=True),
        *more,
    ]


@pytest.mark.parametrize(
    ("lines", "doubtful"),
    [
        (_head(Line("Số: 99/QĐ-SNV", Side.LEFT)), {"number", "symbol"}),
        (_head(Line("Hải Sơn, ngày 07 tháng 11 năm 2026", Side.RIGHT)), {"date"}),
        (_head(number="Số: 12/KH-SNV"), {"type", "symbol"}),
        (_head(date="Hải Sơn, ngày 05 tháng 11 năm 2126"), {"date"}),
        (_head(date="05/11/2026"), {"date"}),
        (_head(number="12"), {"number", "symbol"}),
        ([line for line in _head() if line.text != "QUYẾT ĐỊNH"], {"type", "summary"}),
        ([Line("Một trang chữ không theo thể thức nào.")], set(FIELDS) - {"urgency", "secrecy", "place"}),
    ],
)
def test_what_speaks_against_a_value(lines: list[Line], doubtful: set[str]) -> None:
    assert set(Reading.of(lines).doubts(BELOW)) - {"signer_title", "signer_name"} == doubtful - {
        "signer_title",
        "signer_name",
    }


@pytest.mark.parametrize(
    ("mark", "level"),
    [("KHẨN", "Khẩn"), ("THƯỢNG KHẨN", "Thượng khẩn"), ("HOẢ TỐC", "Hỏa tốc"), ("HỎA TỐC", "Hỏa tốc"), ("Khẩn", None)],
)
def test_urgency(tmp_path: Path, mark: str, level: str | None) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(Page(secrecy=mark)))
    assert read_with_places(tmp_path / "a.pdf").info.urgency == level


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Hải Sơn, ngày 05 tháng 11 năm 2026", "Hải Sơn"),
        ("Thành phố Hồ Chí Minh, ngày 29 tháng 6 năm 2019", "Thành phố Hồ Chí Minh"),
        ("Phường 12, Quận 3, ngày 29 tháng 6 năm 2019", "Phường 12, Quận 3"),
        ("ngày 29 tháng 6 năm 2019", None),
    ],
)
def test_places(line: str, place: str | None) -> None:
    assert Reading.of(_head(date=line)).info.place == place


@pytest.mark.parametrize(
    ("lines", "main"),
    [
        (
            ("(Ban hành kèm theo Quyết định số 12/QĐ-UBND ngày 05 tháng 11 năm 2026", "của Ủy ban nhân dân xã)"),
            MainDocument("12", "QĐ-UBND", dt.date(2026, 11, 5), "Quyết định"),
        ),
        (
            ("(Kèm theo Công văn số: 05 / UBND - VX", "ngày 5/11/2026)"),
            MainDocument("05", "UBND-VX", dt.date(2026, 11, 5), "Công văn"),
        ),
        (("Kèm theo Kế hoạch số 7/KH-UBND",), MainDocument("7", "KH-UBND", None, "Kế hoạch")),
        (("(Kèm theo Văn bản số      /QĐ-UBND ngày      tháng      năm      )",), None),
        (("Hồ sơ gửi kèm theo Quyết định số 12/QĐ-UBND ngày 05 tháng 11 năm 2026.",), None),
        (
            ("(Kèm theo Quyết định số 12/QĐ-UBND ngày 31 tháng 02 năm 2026)",),
            MainDocument("12", "QĐ-UBND", None, "Quyết định"),
        ),
    ],
)
def test_what_an_attachment_belongs_to(lines: tuple[str, ...], main: MainDocument | None) -> None:
    page = [Line("PHỤ LỤC", centred=True, bold=True), *(Line(text, centred=True) for text in lines)]
    assert Reading.of(page).info.main == main


def test_a_scan_with_words_of_poor_recognition_is_asked() -> None:
    lines = [structs.replace(line, text=line.text.replace("Số", "S6").replace("ngày", "ngay")) for line in _head()]
    assert {"number", "symbol", "date"} <= Reading.of(lines).doubts(BELOW).keys()
