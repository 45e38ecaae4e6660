"""What documents say of themselves: as offices write them, and as nobody should."""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import sys
import threading
import time
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pptx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.child import ReadingProcessMissing
from app.documents.fields import Line, Side, columns_apart, read_fields
from app.documents.model import DocumentInfo
from app.documents.page_client import PageReader
from app.documents.reading import Reading, read, read_with_places
from app.documents.text import clean, fold, spelling_key
from app.documents.types import document_types, type_named, type_of_symbol
from app.errors import FileMissing
from tests.unit.office_pages import BODY, Page, bomb_pdf, pdf, word

DATE = dt.date(2026, 11, 5)
PLAIN = DocumentInfo(
    "Quyết định",
    "12",
    "QĐ-SNV",
    DATE,
    "Về việc phê duyệt kế hoạch đào tạo, bồi dưỡng cán bộ, công chức năm 2027",
    "SỞ NỘI VỤ",
    "GIÁM ĐỐC",
    "Trần Thị Bích Hạnh",
    place="Hải Sơn",
)
PRINTED = replace(PLAIN, pages=1)
LETTER = Page(
    number="Số: 05/SNV-VP",
    about=("V/v rà soát thiết bị lưu khóa bí mật", "và chứng thư chữ ký số của", "các cơ quan"),
    kind="",
    summary=(),
    body=("Kính gửi: Ủy ban nhân dân các xã, phường.", "Thực hiện Công văn số 99/BNV-VP, Sở Nội vụ đề nghị rà soát."),
)


def read_pdf(tmp_path: Path, page: Page) -> DocumentInfo:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(page))
    return replace(read(path), pages=None)


def both(tmp_path: Path, page: Page) -> list[DocumentInfo]:
    found = (
        read_pdf(tmp_path, page),
        read(word(page, tmp_path / "a.docx")),
        read(word(page, tmp_path / "tabs.docx", tabs=True)),
    )
    return [replace(info, issuer=PLAIN.issuer) for info in found]


def test_a_decision(tmp_path: Path) -> None:
    assert read_pdf(tmp_path, Page()) == PLAIN
    from_word = read(word(Page(), tmp_path / "a.docx"))
    assert from_word == replace(PLAIN, issuer="UBND TỈNH HẢI SƠN SỞ NỘI VỤ")
    assert read(word(Page(), tmp_path / "b.docx", tabs=True)) == from_word


def test_a_letter(tmp_path: Path) -> None:
    summary = "rà soát thiết bị lưu khóa bí mật và chứng thư chữ ký số của các cơ quan"
    for info in both(tmp_path, LETTER):
        assert info == replace(PLAIN, type="Công văn", number="05", symbol="SNV-VP", summary=summary)


@pytest.mark.parametrize("agency", [("ỦY BAN NHÂN DÂN XÃ TÂN PHONG",), ("ỦY BAN NHÂN DÂN XÃ TÂN PHONG", "VĂN PHÒNG")])
def test_an_agency_whose_name_ends_a_letter_from_the_name_of_the_state(tmp_path: Path, agency: tuple[str, ...]) -> None:
    unbroken = tuple(name.replace(" ", "\u00a0") for name in agency)
    assert read_pdf(tmp_path, Page(agency=unbroken)) == replace(PLAIN, issuer=agency[-1])


def test_the_name_of_the_state_is_no_part_of_an_agencys() -> None:
    """The second line of the agency's name alone would be a name, too, and nothing would speak against it."""
    state = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    head = [
        Line(f"ỦY BAN NHÂN DÂN XÃ PHONG {state}", bold=True, box=(100, 774, 546, 787)),
        Line("ĐIỀN", Side.LEFT, bold=True, box=(175, 760, 205, 773)),
        Line("Độc lập - Tự do - Hạnh phúc", Side.RIGHT, bold=True, box=(343, 760, 502, 772)),
    ]
    assert Reading.of(head).info.issuer == "ỦY BAN NHÂN DÂN XÃ PHONG ĐIỀN"
    left, right, *_rest = columns_apart(head)
    assert (left.side, right.side, right.text) == (Side.LEFT, Side.RIGHT, state)
    assert left.box is not None and right.box is not None and 100 < left.box[2] <= right.box[0] < 546
    in_text = [
        Line(state, Side.RIGHT),
        Line(f"Nhân dân nước {state.title()} đoàn kết."),
        Line(f"LUẬT NƯỚC {state}"),
    ]
    assert columns_apart(in_text) == in_text


def test_a_letter_without_its_subject(tmp_path: Path) -> None:
    for info in both(tmp_path, replace(LETTER, about=())):
        assert (info.type, info.summary) == ("Công văn", None)


@pytest.mark.parametrize(
    ("line", "number", "symbol"),
    [
        ("Số: 05/QĐ-UBND", "05", "QĐ-UBND"),
        ("Số:    /QĐ-UBND", None, "QĐ-UBND"),
        ("Số:                      /QĐ-UBND", None, "QĐ-UBND"),
        ("Số: ......../QĐ-UBND", None, "QĐ-UBND"),
        ("Số: …/TB - UBND", None, "TB-UBND"),
        ("Số: 12 / TTr-UBND", "12", "TTr-UBND"),
        ("Số:\u00a0128/QyĐ-HĐND", "128", "QyĐ-HĐND"),
        ("Số 7/2026/QĐ-UBND", "7", "2026/QĐ-UBND"),
        (unicodedata.normalize("NFD", "Số: 12/QĐ-ĐHQGHN"), "12", "QĐ-ĐHQGHN"),
        ("Số: 12a/GM-UBND.VX", "12a", "GM-UBND.VX"),
        ("Số: 12", None, None),
        ("Số: 0912 345 678", None, None),
    ],
)
def test_numbers(tmp_path: Path, line: str, number: str | None, symbol: str | None) -> None:
    for info in both(tmp_path, Page(number=line)):
        assert (info.number, info.symbol) == (number, symbol)


def test_a_number_stamped_into_the_blank_later(tmp_path: Path) -> None:
    """Drawn at the end of the content, read where it stands."""
    page = Page(number="Số:" + "\u00a0" * 12 + "/QĐ-SNV", extra="#place(top + left, dx: 33mm, dy: 11.7mm)[128]")
    assert (read_pdf(tmp_path, page).number, read_pdf(tmp_path, page).symbol) == ("128", "QĐ-SNV")


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Hải Sơn, ngày 05 tháng 11 năm 2026", DATE),
        ("Hải Sơn, ngày 5 tháng 11 năm 2026.", DATE),
        (unicodedata.normalize("NFD", "Thành phố Hồ Chí Minh, ngày 29 tháng 6 năm 2019"), dt.date(2019, 6, 29)),
        ("Hải Sơn, ngày     tháng 11 năm 2026", None),
        ("Hải Sơn, ngày … tháng … năm 2026", None),
        ("Hải Sơn, ngày 31 tháng 02 năm 2026", None),
        ("Thành phố Hải Sơn thuộc tỉnh Hải Sơn, ngày 05 tháng 11 năm 2026", DATE),
    ],
)
def test_dates(tmp_path: Path, line: str, date: dt.date | None) -> None:
    for info in both(tmp_path, Page(date=line)):
        assert info.date == date


@pytest.mark.parametrize("kind", [kind for kind in document_types() if kind.abbreviation])
def test_every_type_of_the_decree(kind: object) -> None:
    name, heading, abbreviation = kind.name, kind.heading, kind.abbreviation  # type: ignore[attr-defined]
    info, _ = read_fields([Line(f"Số: 1/{abbreviation}-UBND", Side.LEFT), Line(heading.upper()), Line("Về việc A")])
    assert (info.type, info.summary) == (name, "Về việc A")
    info, _ = read_fields([Line(f"Số: 1/{abbreviation}-UBND", Side.LEFT)])
    assert info.type == name
    assert (
        type_named(unicodedata.normalize("NFD", name.upper())) is kind and type_of_symbol(f"{abbreviation}-A") is kind
    )


def test_spellings_of_a_type(tmp_path: Path) -> None:
    for written, kind in (
        ("GIẤY ỦY QUYỀN", "Giấy uỷ quyền"),
        ("GIẤY UỶ QUYỀN", "Giấy uỷ quyền"),
        ("T H Ô N G B Á O", "Thông báo"),
        (unicodedata.normalize("NFD", "TỜ TRÌNH"), "Tờ trình"),
    ):
        for info in both(tmp_path, Page(kind=written)):
            assert info.type == kind


@pytest.mark.parametrize(
    ("page", "summary"),
    [
        (Page(summary=("Phê duyệt kế hoạch",), body=(BODY,)), "Phê duyệt kế hoạch"),
        (Page(summary=("Về việc khen thưởng",), summary_bold=False), "Về việc khen thưởng"),
        (Page(summary=()), None),
        (Page(kind="BÁO CÁO KẾT QUẢ CÔNG TÁC NĂM 2026", summary=()), "KẾT QUẢ CÔNG TÁC NĂM 2026"),
        (
            Page(kind="THÔNG BÁO", summary=("Kết luận cuộc họp",), body=("Ngày hôm qua, Sở họp với các đơn vị.",)),
            "Kết luận cuộc họp",
        ),
        (Page(summary=("Về việc khen thưởng", "CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ")), "Về việc khen thưởng"),
        (Page(summary=("VỀ VIỆC KHEN THƯỞNG", "TỔNG GIÁM ĐỐC SỞ")), "VỀ VIỆC KHEN THƯỞNG"),
        (Page(summary=("GIÁM ĐỐC SỞ NỘI VỤ",)), None),
    ],
)
def test_summaries(tmp_path: Path, page: Page, summary: str | None) -> None:
    for info in both(tmp_path, page):
        assert info.summary == summary


@pytest.mark.parametrize(
    ("title", "name", "read_title", "read_name"),
    [
        (("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Nguyễn Văn An", "TM. ỦY BAN NHÂN DÂN, CHỦ TỊCH", "Nguyễn Văn An"),
        (("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), "Lê Thị Ỷ Lan", "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC", "Lê Thị Ỷ Lan"),
        (("Q. VIỆN TRƯỞNG",), "PGS.TS. Đỗ Đức Độ", "Q. VIỆN TRƯỞNG", "PGS.TS. Đỗ Đức Độ"),
        (("TUQ. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"), "H’Hen Niê", "TUQ. CHỦ TỊCH, CHÁNH VĂN PHÒNG", "H’Hen Niê"),
        (("GIÁM ĐỐC SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"), "Vũ Ân", "GIÁM ĐỐC SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG", "Vũ Ân"),
    ],
)
def test_signers(tmp_path: Path, title: tuple[str, ...], name: str, read_title: str, read_name: str) -> None:
    for info in both(tmp_path, Page(title=title, name=name)):
        assert (info.signer_title, info.signer_name) == (read_title, read_name)


@pytest.mark.parametrize("filler", [25, 60, 400])
def test_the_signature_on_a_later_page(tmp_path: Path, filler: int) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(Page(filler=filler)))
    reading = read_with_places(path)
    assert replace(reading.info, pages=None) == PLAIN and reading.info.pages == (
        2 if filler < 60 else reading.info.pages
    )
    assert reading.signature is not None and reading.signature.name is not None
    assert reading.signature.name.page > 0


def test_the_place_of_the_signature(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(Page()))
    block = read_with_places(tmp_path / "a.pdf").signature
    assert block is not None and block.name is not None and block.name.box is not None
    title = block.title[-1].box
    assert title is not None and title[1] - block.name.box[3] > 40 and title[0] > 297


# Secrecy


@pytest.mark.parametrize(
    ("mark", "level"),
    [
        ("MẬT", "Mật"),
        ("TỐI MẬT", "Tối mật"),
        ("TUYỆT MẬT", "Tuyệt mật"),
        (unicodedata.normalize("NFD", "TUYỆT  MẬT"), "Tuyệt mật"),
        ("[ M Ậ T ]", "Mật"),
        ("Độ mật: Tối mật", "Tối mật"),
        ("MẬT  Bản số: 02", "Mật"),
        ("TUYỆT MẬT / HỎA TỐC", "Tuyệt mật"),
        ("Mật", None),
        ("Mật, khẩn", None),
        ("BẢO MẬT", None),
        ("KHẨN", None),
        ("Tài liệu này có độ MẬT cao", None),
    ],
)
def test_marks_of_secrecy(tmp_path: Path, mark: str, level: str | None) -> None:
    for info in both(tmp_path, Page(secrecy=mark)):
        assert info.secrecy == level
        assert replace(info, secrecy=None, urgency=None) == PLAIN


@pytest.mark.parametrize("text", ["." * 40_000 + "x", "Số: " + "." * 40_000, "Số: " + "_ " * 20_000])
def test_a_line_without_end_is_read_in_the_time_of_its_length(text: str) -> None:
    began = time.process_time()
    reading = Reading.of([Line(text, side, page=0) for side in (Side.LEFT, Side.RIGHT)])
    assert reading.info == DocumentInfo()
    assert time.process_time() - began < 2


def test_a_mark_below_the_subject_of_a_letter(tmp_path: Path) -> None:
    page = replace(LETTER, about=(*LETTER.about, "MẬT"))
    for info in both(tmp_path, page):
        assert (info.secrecy, info.summary) == (
            "Mật",
            "rà soát thiết bị lưu khóa bí mật và chứng thư chữ ký số của các cơ quan",
        )


def test_a_mark_laid_over_a_pdf_as_an_annotation(tmp_path: Path) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(Page()))
    with path.open("rb+") as file:
        writer = IncrementalPdfFileWriter(file)
        note = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
                generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (90, 700, 180, 720))),
                generic.pdf_name("/Contents"): generic.TextStringObject("TỐI MẬT"),
            }
        )
        writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))
        writer.write_in_place()
    assert read(path) == replace(PRINTED, secrecy="Tối mật")


def test_a_lone_word_on_a_later_page_is_no_mark(tmp_path: Path) -> None:
    import docx

    document = docx.Document(str(word(Page(), tmp_path / "a.docx")))
    document.add_page_break()
    document.add_paragraph("MẬT")
    document.save(str(tmp_path / "b.docx"))
    assert read(tmp_path / "b.docx").secrecy is None
    (tmp_path / "b.pdf").write_bytes(pdf(Page(filler=60, title=("MẬT",))))
    assert read(tmp_path / "b.pdf").secrecy is None


def test_headings_of_a_table_are_no_marks() -> None:
    lines = [Line(text) for text in ("THỐNG KÊ", "MẬT", "TỐI MẬT", "TUYỆT MẬT")]
    assert read_fields(lines)[0].secrecy is None


# Other kinds of files


def test_a_workbook_and_slides(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("SỞ NỘI VỤ", "CỘNG HÒA"), ("Số: 9/BC-SNV", "Hải Sơn, ngày 05 tháng 11 năm 2026"), ("BÁO CÁO",)):
        sheet.append(row)
    sheet.append(("Tình hình nhân sự",))
    sheet.append((1, 2.5, None))
    book.save(tmp_path / "a.xlsx")
    info = read(tmp_path / "a.xlsx")
    assert (info.type, info.number, info.date, info.summary) == ("Báo cáo", "9", DATE, "Tình hình nhân sự")

    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "Tổng kết năm 2026"
    slides.save(str(tmp_path / "a.pptx"))
    assert read(tmp_path / "a.pptx") == DocumentInfo(summary="Tổng kết năm 2026")


def test_what_has_no_text_says_nothing(tmp_path: Path) -> None:
    scan = typst_blank()
    for name, content in {
        "scan.pdf": scan,
        "cut.pdf": scan[: len(scan) // 2],
        "empty.pdf": b"%PDF-1.7",
        "noise.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 40,
        "text.txt": b"Quyet dinh",
        "no.docx": b"PK\x03\x04[Content_Types].xml",
    }.items():
        (tmp_path / name).write_bytes(content)
        pages = 1 if name == "scan.pdf" else None
        assert read(tmp_path / name) == DocumentInfo(pages=pages), name
        assert set(read_with_places(tmp_path / name).confidence.values()) == {0.0}, name
    with pytest.raises(FileMissing):
        read(tmp_path / "none.pdf")


def typst_blank() -> bytes:
    import typst

    return typst.compile(b"#rect(width: 5cm, height: 5cm, fill: red)")


def test_an_encrypted_pdf_says_nothing(tmp_path: Path) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    (tmp_path / "a.pdf").write_bytes(pdf(Page()))
    with (tmp_path / "a.pdf").open("rb") as source, (tmp_path / "b.pdf").open("wb") as target:
        writer = copy_into_new_writer(PdfFileReader(source))
        writer.encrypt("mật khẩu")
        writer.write(target)
    assert read(tmp_path / "b.pdf") == DocumentInfo()


# Hostile files


def hostile_docx(path: Path, document: bytes) -> Path:
    rels = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{rels}/package/2006/content-types"/>')
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{rels}/package/2006/relationships"><Relationship Id="a" '
            f'Type="{rels}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
            "</Relationships>",
        )
        package.writestr("word/document.xml", document)
    return path


W = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
LIMITED = """
import resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from app.documents.reading import read
read(Path(sys.argv[1]))
print(time.process_time())
"""
#: Of the processor; the slowest takes less than one, loading included.
ENOUGH = 8


HOSTILE = {
    "megabytes of blanks": lambda: W + b" " * (64 << 20),
    "a million elements": lambda: W + b"<w:p/>" * 2_000_000,
    "one endless paragraph": lambda: W + b"<w:p>" + b"<w:r><w:t>QUYET</w:t></w:r>" * 400_000,
    "deep nesting": lambda: W + b"<w:p><w:r>" * 200_000,
    "nested tables": lambda: W + b"<w:tbl><w:tr><w:tc>" * 60 + b"<w:p/>" * 1000,
    "entities": lambda: (
        b'<!DOCTYPE a [<!ENTITY a "'
        + b"x" * 1000
        + b'"><!ENTITY b "'
        + b"&a;" * 1000
        + b'"><!ENTITY c "'
        + b"&b;" * 1000
        + b'">]>'
        + W
        + b"<w:p><w:r><w:t>&c;</w:t></w:r></w:p></w:body></w:document>"
    ),
    "a file of the machine": lambda: (
        b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + W + b"<w:p><w:r><w:t>&a;</w:t></w:r></w:p>"
    ),
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_word_files_cost_little(tmp_path: Path, document: object) -> None:
    path = hostile_docx(tmp_path / "a.docx", document())  # type: ignore[operator]
    run = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < ENOUGH


def test_a_page_of_a_million_words_costs_only_its_own_process(tmp_path: Path) -> None:
    """PDFium ends the process that runs out of memory; the next document is read as ever."""
    (tmp_path / "bomb.pdf").write_bytes(bomb_pdf())
    (tmp_path / "a.pdf").write_bytes(pdf(Page()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    assert read(tmp_path / "bomb.pdf") == DocumentInfo()
    assert time.monotonic() - started < 25
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert read(tmp_path / "a.pdf") == PRINTED


def test_a_reading_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "bomb.pdf").write_bytes(bomb_pdf())
    (tmp_path / "a.pdf").write_bytes(pdf(Page()))
    reader = PageReader()
    read_well = reader.read(tmp_path / "a.pdf")
    assert (read_well.info, read_well.gave_up) == (PRINTED, False)
    reader._patience = 0.3
    started = time.monotonic()
    given_up = reader.read(tmp_path / "bomb.pdf")
    assert (given_up.info, given_up.gave_up) == (DocumentInfo(), True)
    assert time.monotonic() - started < 8
    reader._patience = 15
    assert reader.read(tmp_path / "a.pdf").info == PRINTED
    reader.close()


def test_a_reader_that_does_not_start_is_no_document_without_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in ([sys.executable, "-c", "raise SystemExit(1)"], [str(tmp_path / "none")]):
        monkeypatch.setattr("app.documents.child.command_of", lambda module, command=command: command)
        with pytest.raises(ReadingProcessMissing):
            PageReader().read(tmp_path / "a.pdf")


def test_a_reader_that_was_ended_from_outside_starts_again(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(Page()))
    reader = PageReader()
    assert reader.read(tmp_path / "a.pdf").info == PRINTED
    reader._process.kill()  # type: ignore[union-attr]
    reader._process.wait()  # type: ignore[union-attr]
    assert reader.read(tmp_path / "a.pdf").info == PRINTED
    reader.close()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 100_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20))
def test_a_damaged_pdf_never_raises(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes]]) -> None:
    content = bytearray(pdf(Page()))
    for at, value in damage:
        at %= len(content)
        content[at : at + len(value)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.pdf"
    path.write_bytes(content)
    assert isinstance(read(path), DocumentInfo)


words = st.sampled_from(
    [
        *("Số:", "12/QĐ-UBND", "QUYẾT ĐỊNH", "V/v", "Kính gửi", "Nơi nhận:", "TM.", "CHỦ TỊCH", "MẬT", "Độ mật:"),
        *("Nguyễn", "Căn cứ", "/", ":", "…", "ngày 1 tháng 2 năm 2026"),
    ]
)
lines = st.builds(
    Line,
    st.one_of(st.lists(words, max_size=4).map(" ".join), st.text(max_size=40)).map(clean),
    st.sampled_from(Side),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, True, False]),
    st.integers(0, 2),
    st.sampled_from([None, (0.0, 0.0, 10.0, 10.0), (300.0, 50.0, 400.0, 60.0)]),
    st.booleans(),
)


@settings(max_examples=400)
@given(st.lists(lines, max_size=25))
def test_any_lines_give_fields_or_none(page: list[Line]) -> None:
    info, blocks = read_fields(page)
    for name in ("type", "number", "symbol", "summary", "issuer", "signer_title", "signer_name", "secrecy"):
        value = getattr(info, name)
        assert value is None or (value and value == clean(value))
    assert info.type is None or type_named(info.type) is not None
    assert (info.signer_title is None) == (not blocks)


# Text


@pytest.mark.parametrize(("one", "other"), [("hòa", "hoà"), ("THỎA THUẬN", "thoả thuận"), ("Uỷ  B A N", "ủyban")])
def test_spellings(one: str, other: str) -> None:
    assert spelling_key(one) == spelling_key(unicodedata.normalize("NFD", other))


def test_different_words_stay_different() -> None:
    assert len({spelling_key(word) for word in ("quy định", "quỳ định", "quy đình", "qui định", "quy dinh")}) == 5


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)


def test_reading_is_quick_and_threads_may_share_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(Page()))
    read(path)
    started = time.perf_counter()
    for _ in range(20):
        read(path)
    assert (time.perf_counter() - started) / 20 < 0.5
    found: list[DocumentInfo] = []
    threads = [threading.Thread(target=lambda: found.extend(read(path) for _ in range(10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [PRINTED] * 40
