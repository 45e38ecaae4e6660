"""Reports of verifications as PDF/A, spreadsheet and JSON, and notes of refusal: of good files and of hostile names."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import time
import unicodedata
from pathlib import Path
from typing import Any

import hypothesis
import openpyxl
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from app import i18n
from app.documents import printable
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.paths import RESOURCES
from app.verification import words
from app.verification.model import (
    CertificateReport,
    Change,
    Conclusion,
    Coverage,
    FileReport,
    Indication,
    Reason,
    RevocationReport,
    SignatureReport,
)
from app.verification.refusal import is_refusable, read_document, refusal_note
from app.verification.report import Occasion, ReportExists, ReportFolderMissing, ReportKindUnknown, save
from app.verification.report_pdf import render

AT = dt.datetime(2026, 6, 12, 2, 5, 9, tzinfo=dt.UTC)
OCCASION = Occasion("Ủy ban nhân dân xã Phong Điền", "Ủy ban nhân dân thành phố Cần Thơ", "Phong Điền", AT, "1.2.3")
SHA256 = "06bfb62db3e27eb3cf8f2d3dc3e05943cee5c967c185880ec0967c2d004f1da1"
CHANGED = Reason("changed-after-signing", "Nội dung đã bị sửa sau khi ký.", "Không sử dụng văn bản này.")

#: A name that tries everything: markup, a formula, letters without glyphs, reversed and invisible ones.
HOSTILE = '=HYPERLINK("http://x")#import "x": *y* $z$ [w] \\u{1} 签名 🖋 \u202egnp.exe\u202c\u200b\x07<b>&P'


def signature(conclusion: Conclusion = Conclusion.VALID, **changes: Any) -> SignatureReport:
    values: dict[str, Any] = {
        "name": "Signature1",
        "conclusion": conclusion,
        "indication": Indication.TOTAL_PASSED,
        "sub_indication": None,
        "reasons": [],
        "signer": "Nguyễn Văn An",
        "organization": "Ủy ban nhân dân xã Phong Điền",
        "issuer": "CA phục vụ các cơ quan Nhà nước G2",
        "certificate": CertificateReport("ab" * 32, "5ba84338c9249cab", AT - dt.timedelta(700), AT + dt.timedelta(700)),
        "claimed_time": AT - dt.timedelta(hours=3),
        "timestamp_time": AT - dt.timedelta(hours=3),
        "level": "T",
        "coverage": Coverage.WHOLE,
        "uncovered": [],
        "changes": [],
        "revocation": RevocationReport("good", "ocsp", AT - dt.timedelta(hours=2, minutes=59)),
        "path": ["Nguyễn Văn An", "CA phục vụ các cơ quan Nhà nước G2", "RootCA chuyên dùng Chính phủ G2"],
    }
    return SignatureReport(**{**values, **changes})


def file(conclusion: Conclusion = Conclusion.VALID, *signatures: SignatureReport, **changes: Any) -> FileReport:
    values: dict[str, Any] = {
        "path": "văn bản đến/Quyết định 12_QĐ-UBND.pdf",
        "sha256": SHA256,
        "format": "pdf",
        "conclusion": conclusion,
        "summary": "Văn bản do Nguyễn Văn An ký, còn nguyên vẹn.",
        "next_step": "",
        "reasons": [],
        "signatures": list(signatures),
        "seconds": 0.1,
    }
    return FileReport(**{**values, **changes})


def refused(**changes: Any) -> FileReport:
    bad = signature(
        Conclusion.INVALID,
        indication=Indication.TOTAL_FAILED,
        sub_indication="HASH_FAILURE",
        reasons=[CHANGED],
        coverage=Coverage.EARLIER_REVISION,
        changes=[Change("text", "chữ bị thay", 2)],
    )
    return file(Conclusion.INVALID, bad, **{"next_step": "Không sử dụng văn bản này.", **changes})


def _text(path: Path) -> str:
    """The text of a PDF, composed, line breaks as spaces."""
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    told = unicodedata.normalize("NFC", done.stdout).replace("\u200b", "")
    return re.sub(r"\s+", " ", told)


def _saved(path: Path, *reports: FileReport, occasion: Occasion = OCCASION) -> Path:
    save(path, reports, occasion)
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(path).active.iter_rows()
    return [{heading.value: cell for heading, cell in zip(head, row, strict=True)} for row in rows]


@pytest.mark.parametrize("found", Coverage)
def test_a_signature_that_is_not_valid_is_not_said_to_protect_anything(tmp_path: Path, found: Coverage) -> None:
    good, bad = (signature(conclusion, coverage=found) for conclusion in (Conclusion.WARNING, Conclusion.INVALID))
    reports = [file(Conclusion.INVALID, bad), file(Conclusion.WARNING, good)]
    text = _text(_saved(tmp_path / "bao-cao.pdf", *reports))
    assert text.count(words.coverage(found)) == 1
    assert "Phạm vi bảo vệ —" in text
    told = [row["Phạm vi bảo vệ"].value for row in _rows(_saved(tmp_path / "so.xlsx", *reports))]
    assert told == ["—", words.coverage(found)]


# PDF.


def test_a_pdf_says_who_signed_and_on_what_evidence(tmp_path: Path) -> None:
    text = _text(_saved(tmp_path / "bao-cao.pdf", file(Conclusion.VALID, signature())))
    for told in (
        "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ",
        "ỦY BAN NHÂN DÂN XÃ PHONG ĐIỀN",
        "Phong Điền, ngày 12 tháng 6 năm 2026",
        "KẾT QUẢ KIỂM TRA CHỮ KÝ SỐ",
        "09:05:09 12/06/2026",
        "HỢP LỆ",
        "Quyết định 12_QĐ-UBND.pdf",
        SHA256,
        "Nguyễn Văn An → CA phục vụ các cơ quan Nhà nước G2 → RootCA chuyên dùng Chính phủ G2",
        "5ba84338c9249cab",
        "không bị thu hồi – trả lời của máy chủ chứng thực (OCSP) lúc 06:06:09 12/06/2026, trước khi kiểm tra 2 giờ",
        "toàn bộ văn bản",
        "TOTAL-PASSED",
        "Ấn Tín 1.2.3",
        "Trang 1/1",
    ):
        assert told in text, told


def test_a_pdf_says_why_a_file_is_not_valid(tmp_path: Path) -> None:
    text = _text(_saved(tmp_path / "bao-cao.pdf", refused()))
    for told in (
        "KHÔNG HỢP LỆ",
        CHANGED.message,
        CHANGED.hint,
        "TOTAL-FAILED / HASH_FAILURE",
        "trang 2: chữ bị thay",
    ):
        assert told in text, told
    assert " HỢP LỆ" not in text.replace("KHÔNG HỢP LỆ", "")


def test_a_pdf_is_an_archivable_one(tmp_path: Path) -> None:
    """PDF/A-2a as it declares itself (ISO 19005-2, 6.6.4), tagged, in Vietnamese, every font inside."""
    path = _saved(tmp_path / "bao-cao.pdf", file(Conclusion.VALID, signature()), refused())
    metadata = subprocess.run(["pdfinfo", "-meta", path], capture_output=True, text=True, check=True).stdout
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert b"/OutputIntents" in path.read_bytes()
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged: +yes", info)
    assert re.search(r"Page size: +595\.\d+ x 841\.\d+ pts \(A4\)", info)
    assert "Kết quả kiểm tra chữ ký số" in info
    _, _, *fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()
    assert fonts
    for font in fonts:
        assert "Tinos" in font
        embedded, _subset, unicode = font.split()[-5:-2]
        assert (embedded, unicode) == ("yes", "yes"), font


def test_several_files_begin_with_an_overview(tmp_path: Path) -> None:
    reports = [file(conclusion, path=f"van-ban-{number}.pdf") for number, conclusion in enumerate(Conclusion)]
    text = _text(_saved(tmp_path / "bao-cao.pdf", *reports, file(Conclusion.VALID, signature())))
    assert "7 tệp: 2 hợp lệ 1 hợp lệ, có lưu ý 1 chưa đủ căn cứ 1 không hợp lệ" in text
    for number, conclusion in enumerate(Conclusion):
        assert text.count(f"van-ban-{number}.pdf") >= 2
        assert words.conclusion(conclusion) in text


def test_nothing_was_checked(tmp_path: Path) -> None:
    assert "KẾT QUẢ" in _text(_saved(tmp_path / "bao-cao.pdf"))
    assert _rows(_saved(tmp_path / "so.xlsx")) == []
    assert json.loads(_saved(tmp_path / "bao-cao.json").read_bytes()) == []


def test_an_office_without_a_name_and_another_time_of_judgement(tmp_path: Path) -> None:
    occasion = Occasion("", "", "", AT, "1.2.3", as_of=AT - dt.timedelta(days=400))
    text = _text(_saved(tmp_path / "bao-cao.pdf", file(), occasion=occasion))
    assert text.lstrip().startswith("Ngày 12 tháng 6 năm 2026")
    assert "xét tại thời điểm 09:05:09 08/05/2025" in text


def test_hostile_names_are_printed_as_they_are_and_nothing_more(tmp_path: Path) -> None:
    bad = signature(
        Conclusion.INVALID,
        signer=HOSTILE,
        organization=HOSTILE,
        issuer=HOSTILE,
        path=[HOSTILE] * 3,
        uncovered=[HOSTILE] * 50,
        changes=[Change("text", f"{HOSTILE} {number}", 1) for number in range(50)],
        reasons=[Reason("x", HOSTILE, HOSTILE)] * 50,
        certificate=CertificateReport("ab" * 32, "f" * 5000, AT, AT),
    )
    report = file(Conclusion.INVALID, bad, path=f"thư mục/{HOSTILE}", summary=HOSTILE, next_step=HOSTILE)
    text = _text(_saved(tmp_path / "bao-cao.pdf", report, report))
    assert '#import "x": *y* $z$ [w]' in text
    assert text.count("và 30 mục khác") == 2 * len(("parts", "changes", "reasons"))
    for letter in "签🖋\u202e\u200b\x07":
        assert letter not in text.replace("\x0c", "")
    assert len(pypdfium2.PdfDocument(tmp_path / "bao-cao.pdf")) < 12


def test_a_name_of_any_length_is_cut(tmp_path: Path) -> None:
    report = file(Conclusion.INVALID, signature(Conclusion.INVALID, signer="A" * 100_000), path="B" * 100_000)
    assert len(pypdfium2.PdfDocument(_saved(tmp_path / "bao-cao.pdf", report))) < 4
    for broken in (printable.breakable, printable.wrapped):
        assert "A" * 33 not in broken("A" * 100)
        assert broken("A" * 100).replace("\u200b", "") == "A" * 100


def test_reasons_with_the_same_hint_tell_it_once(tmp_path: Path) -> None:
    hints = ["Hãy kiểm tra trực tuyến.", "Hãy kiểm tra trực tuyến.", "Hãy hỏi nơi gửi."]
    reasons = [Reason("x", f"Lý do {number}.", hint) for number, hint in enumerate(hints, start=1)]
    text = _text(_saved(tmp_path / "bao-cao.pdf", file(Conclusion.INVALID, reasons=reasons)))
    assert re.search(r"Lý do 1\. • Lý do 2\. Hãy kiểm tra trực tuyến\. • Lý do 3\. Hãy hỏi nơi gửi\.", text)


def test_a_folder_of_hundreds_of_files_is_told_in_seconds(tmp_path: Path) -> None:
    reports = [
        file(Conclusion.VALID, signature(), signature(), path=f"thu-muc/van-ban-{number}.pdf") for number in range(400)
    ]
    for name in ("bao-cao.pdf", "so.xlsx"):
        started = time.process_time()
        save(tmp_path / name, reports, OCCASION)
        assert time.process_time() - started < 30, name


@given(st.text(max_size=60), st.text(st.characters(max_codepoint=0x2FFF), max_size=60))
@hypothesis.settings(max_examples=40)
def test_any_text_can_be_printed(name: str, other: str) -> None:
    """PDF/A refuses a text with a letter that no font has: then there would be no report at all."""
    found = signature(Conclusion.INVALID, signer=name, organization=other, reasons=[Reason("x", other, name)])
    assert render([file(Conclusion.INVALID, found, path=name, summary=other)] * 2, OCCASION).startswith(b"%PDF-1.7")


def test_every_letter_printed_has_a_glyph_in_every_face() -> None:
    faces = sorted((RESOURCES / "fonts").glob("Tinos-*.ttf"))
    assert len(faces) == 4
    wanted = {code for first, last in printable._PRINTED for code in range(first, last + 1)}
    wanted |= {ord(letter) for letter in "\N{REPLACEMENT CHARACTER}\N{ZERO WIDTH SPACE}•"}
    for face in faces:
        with TTFont(face, lazy=True) as font:
            missing = {code for code in wanted if unicodedata.category(chr(code)) != "Cn"} - font.getBestCmap().keys()
        assert not missing, (face.name, [hex(code) for code in sorted(missing)])


# Spreadsheet.


def test_the_register_has_a_row_for_every_signature(tmp_path: Path) -> None:
    seal = signature(signer="Ủy ban nhân dân xã Phong Điền", timestamp_time=None, certificate=None)
    unread = file(Conclusion.UNREADABLE, sha256=None, reasons=[Reason("pdf-damaged", "Tệp bị hỏng.", "")])
    rows = _rows(_saved(tmp_path / "so.xlsx", file(Conclusion.VALID, signature(), seal), refused(), unread))
    assert [row["STT"].value for row in rows] == [1, 2, 3, 4]
    assert [row["Kết luận về tệp"].value for row in rows] == ["HỢP LỆ", "HỢP LỆ", "KHÔNG HỢP LỆ", "KHÔNG ĐỌC ĐƯỢC"]
    assert [row["Chữ ký"].value for row in rows] == [1, 2, 1, None]
    first, second, third, fourth = rows
    assert first["Người ký"].value == "Nguyễn Văn An"
    assert first["Thời gian ký (tự khai)"].value == dt.datetime(2026, 6, 12, 6, 5, 9)
    assert first["Thời gian ký (tự khai)"].number_format == "dd/mm/yyyy hh:mm:ss"
    assert first["Chứng thư hết hạn"].value.date() == dt.date(2028, 5, 12)
    assert first["SHA-256"].value == SHA256
    assert (second["Dấu thời gian"].value, second["Số chứng thư"].value) == (None, None)
    assert third["Lý do"].value == CHANGED.message
    assert third["Thay đổi sau khi ký"].value == "trang 2: chữ bị thay"
    assert (fourth["Người ký"].value, fourth["Lý do"].value) == (None, "Tệp bị hỏng.")
    sheet = openpyxl.load_workbook(tmp_path / "so.xlsx").active
    assert sheet.auto_filter.ref.endswith("5")
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("C2", "$1:$1")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_name_becomes_a_formula(tmp_path: Path, start: str) -> None:
    name = f'{start}HYPERLINK("http://x","y")'
    bad = signature(signer=name, organization=name, uncovered=[name], path=[name])
    path = _saved(tmp_path / "so.xlsx", file(Conclusion.VALID, bad, path=name, summary=name))
    cells = [cell for row in _rows(path) for cell in row.values() if "HYPERLINK" in str(cell.value)]
    assert len(cells) == 6
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_spreadsheet_holds_what_xml_cannot(tmp_path: Path) -> None:
    long = "A" * 100_000
    bad = signature(signer=f"An\x00\x0b\u202e\ud800\ufffe\uffff{HOSTILE}", organization=long)
    path = _saved(tmp_path / "so.xlsx", file(Conclusion.VALID, bad))
    (row,) = _rows(path)
    assert row["Người ký"].value.startswith("An\N{REPLACEMENT CHARACTER}")
    assert "\u202e" not in row["Người ký"].value
    assert len(row["Cơ quan, tổ chức"].value) < 32_768


# Files.


def test_json_is_what_the_command_prints(tmp_path: Path) -> None:
    (row,) = json.loads(_saved(tmp_path / "bao-cao.json", refused()).read_bytes())
    assert row["conclusion"] == "invalid"
    assert row["signatures"][0]["reasons"][0]["code"] == CHANGED.code


@pytest.mark.parametrize("name", ["bao-cao.pdf", "so.XLSX", "bao-cao.json"])
def test_nothing_is_overwritten_and_nothing_left_behind(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"cua toi")
    with pytest.raises(ReportExists):
        save(path, [file()], OCCASION)
    assert path.read_bytes() == b"cua toi"
    path.unlink()
    path.symlink_to(tmp_path / "ngoai-kia")
    with pytest.raises(ReportExists):
        save(path, [file()], OCCASION)
    path.unlink()
    save(path, [file()], OCCASION)
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_a_target_that_appears_while_working_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bao-cao.json"
    monkeypatch.setattr("app.verification.report.check_target", lambda path: path.write_bytes(b"cua toi"))
    with pytest.raises(ReportExists):
        save(path, [file()], OCCASION)
    assert path.read_bytes() == b"cua toi"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["bao-cao", "bao-cao.docx", "bao-cao.pdf.exe", ".pdf"])
def test_other_kinds_are_named_as_such(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportKindUnknown):
        save(tmp_path / name, [file()], OCCASION)


def test_a_folder_that_is_not_there_is_an_error_of_the_house(tmp_path: Path) -> None:
    with pytest.raises(ReportFolderMissing) as caught:
        save(tmp_path / "khong-co" / "bao-cao.json", [file()], OCCASION)
    assert str(tmp_path / "khong-co") in caught.value.message
    assert caught.value.hint


def test_files_of_one_name_are_told_apart_by_where_they_lie(tmp_path: Path) -> None:
    paths = ("đến/20 Hồ sơ.zip/01 Quyết định.pdf", "đến/01 Quyết định.pdf")
    reports = [file(Conclusion.VALID, signature(), path=path) for path in paths]
    text = _text(_saved(tmp_path / "bao-cao.pdf", *reports))
    assert text.count("20 Hồ sơ.zip / 01 Quyết định.pdf") == 2, "in the overview and above the details"
    assert "1. 20 Hồ sơ.zip / 01 Quyết định.pdf" in text
    assert "2. 01 Quyết định.pdf" in text


def test_a_step_that_stands_above_is_not_told_again(tmp_path: Path) -> None:
    reasons = [Reason("x", "Lý do.", "Hãy hỏi nơi gửi."), Reason("y", "Lý do khác.", "Hãy ký lại.")]
    report = file(
        Conclusion.INVALID,
        signature(Conclusion.INVALID, reasons=reasons),
        reasons=reasons,
        next_step="Hãy hỏi nơi gửi.",
    )
    text = _text(_saved(tmp_path / "bao-cao.pdf", report))
    assert text.count("Hãy hỏi nơi gửi.") == 1
    assert text.count("Hãy ký lại.") == 1


def test_a_register_prints_what_to_do(tmp_path: Path) -> None:
    path = _saved(tmp_path / "so.xlsx", refused(sha256="ab" * 32, format="cms"))
    sheet = openpyxl.load_workbook(path).active
    last = sheet.print_area.split("$")[-2]
    assert sheet[f"{last}1"].value == i18n._("What to do")
    assert sheet.row_dimensions[2].height <= 45, "columns that are not printed make no row higher"
    [row] = _rows(path)
    assert row["Định dạng"].value == "Tệp chữ ký (.p7s, .p7m)"


# Words.


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (dt.timedelta(seconds=30), "0 phút"),
        (dt.timedelta(minutes=59, seconds=59), "59 phút"),
        (dt.timedelta(hours=47, minutes=59), "47 giờ"),
        (dt.timedelta(days=2), "2 ngày"),
        (dt.timedelta(days=400), "400 ngày"),
        (dt.timedelta(seconds=-90), "0 phút"),
    ],
)
def test_the_age_of_evidence(passed: dt.timedelta, told: str) -> None:
    assert words.age(RevocationReport("good", "crl", AT - passed), AT) == told


def test_evidence_that_is_not_there_has_no_age() -> None:
    nothing = RevocationReport("unknown", "none")
    assert words.age(nothing, AT) == ""
    assert words.evidence(nothing, AT) == "chưa rõ – không có bằng chứng"


# Refusal.


def test_a_note_of_refusal_tells_the_reasons(tmp_path: Path) -> None:
    note = refusal_note(refused(reasons=[Reason("x", "Tệp có phần thừa.", "")]), OCCASION)
    assert note.startswith("ỦY BAN NHÂN DÂN XÃ PHONG ĐIỀN\nTHÔNG BÁO TRẢ LẠI VĂN BẢN ĐIỆN TỬ\n\nKính gửi:")
    assert "“Quyết định 12_QĐ-UBND.pdf”" in note.replace("\n", " ")
    assert "1. Tệp có phần thừa.\n2. Nội dung đã bị sửa sau khi ký.\n" in note
    assert "khoản 2 Điều 21 Nghị định số 30/2020/NĐ-CP" in note.replace("\n", " ")
    assert note.endswith(f"\n{SHA256}\n")
    assert "(chưa xác nhận): Nguyễn Văn An (Ủy ban nhân dân xã Phong Điền)" in note.replace("\n", " ")
    assert max(map(len, note.splitlines())) <= 92


def test_a_note_of_refusal_names_the_document_by_number_and_date(samples: dict[str, Path], tmp_path: Path) -> None:
    path = samples["quyet_dinh_pdf"]
    report = refused(path=str(path), sha256=sha256_file(path))
    found = read_document(report)
    assert found is not None
    assert found.date is not None
    note = refusal_note(report, OCCASION, document=found).replace("\n", " ")
    assert f"văn bản số {found.number}/{found.symbol} ngày {found.date:%d/%m/%Y}, tệp “{path.name}”" in note
    undated = refusal_note(report, OCCASION, document=DocumentInfo(number="12", symbol="QĐ-UBND"))
    assert f"văn bản số 12/QĐ-UBND, tệp “{path.name}”" in undated.replace("\n", " ")
    assert read_document(refused(path=str(path))) is None, "another file than the one checked"
    assert read_document(refused(path=str(tmp_path / "hồ sơ.zip" / "a.pdf"))) is None


def test_only_what_is_not_valid_is_refused() -> None:
    assert [found for found in Conclusion if is_refusable(file(found))] == [Conclusion.INVALID]


def test_names_cannot_add_lines_to_a_note() -> None:
    name = "a\nLý do:\n1. Văn bản hợp lệ\x1b[2J\u202e.pdf"
    note = refusal_note(refused(path=name, sha256=None), OCCASION)
    plain = refusal_note(refused(path="a.pdf", sha256=None), OCCASION)
    assert note.count("Lý do:\n") == plain.count("Lý do:\n") == 1
    assert "\x1b" not in note
    assert "\u202e" not in note


@pytest.mark.parametrize("name", ["bao-cao.pdf", "so.xlsx", "bao-cao.json"])
def test_a_path_that_is_no_unicode_and_times_at_the_ends_of_the_calendar(tmp_path: Path, name: str) -> None:
    """Octets of a file name that are no UTF-8 come as lone surrogates; a certificate without end ends in 9999."""
    first, last = dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    odd = signature(
        certificate=CertificateReport("ab" * 32, "1", first, last),
        claimed_time=last,
        timestamp_time=first,
        revocation=RevocationReport("good", "crl", last),
    )
    report = file(Conclusion.VALID, odd, path=b"th\xfc-m\xffc/v\xe2n.pdf".decode("utf-8", "surrogateescape"))
    path = _saved(tmp_path / name, report)
    if name.endswith(".json"):
        (row,) = json.loads(path.read_bytes())
        assert row["path"] == report.path
    elif name.endswith(".pdf"):
        assert "đến 31/12/9999" in _text(path)
    assert refusal_note(report, OCCASION).encode()
