"""``antin verify --report`` and ``--refusal`` on files really signed, as a recipient uses them."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.verification.report_xml import REPORT
from tests.demo.office import DemoOffice
from tests.demo.pki import AGENCY
from tests.e2e.command import Antin
from tests.office_signing import changed, replacing


@pytest.fixture
def incoming(antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path) -> Path:
    """A folder with a signed PDF, a signed docx that was changed, and an unsigned PDF."""
    token, folder = office.tokens["leader"], tmp_path / "văn bản đến"
    folder.mkdir()
    answer = antin(
        "sign", "--out", folder, "--level", "T", "--token", token.serial, "--pin-file", "-", "--json",
        samples["cong_van_pdf"], samples["quyet_dinh_docx"], stdin=token.pin,
    )  # fmt: skip
    assert answer.code == 0, answer.out + answer.err
    docx = Path(answer.rows[1]["output"])
    with zipfile.ZipFile(docx) as source, zipfile.ZipFile(folder / "bị sửa.docx", "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "word/document.xml":
                content = content.replace("Phong Điền".encode(), "Phong Thạnh".encode())
            target.writestr(item, content)
    docx.unlink()
    (folder / "chưa ký.pdf").write_bytes(samples["quyet_dinh_pdf"].read_bytes())
    return folder


def test_a_folder_is_reported_in_every_kind(antin: Antin, office: DemoOffice, incoming: Path, tmp_path: Path) -> None:
    leader = office.tokens["leader"].holder
    pdf, sheet, data = (tmp_path / f"báo cáo.{kind}" for kind in ("pdf", "xlsx", "json"))
    answer = antin("verify", "--json", "--report", pdf, "--report", sheet, "--report", data, "--report", pdf, incoming)
    assert answer.code == 1, answer.err
    assert len(answer.rows) == 3
    digests = {row["sha256"] for row in answer.rows}
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    assert AGENCY.upper() in text
    assert leader in text
    assert all(digest in text for digest in digests)
    head, *rows = openpyxl.load_workbook(sheet).active.iter_rows(values_only=True)
    assert len(rows) == 3
    assert digests <= {value for row in rows for value in row}
    assert len(head) == len(rows[0])
    assert {row["conclusion"] for row in json.loads(data.read_bytes())} == {"valid", "invalid", "unsigned"}


@pytest.mark.parametrize(("name", "code"), [("có rồi.pdf", "report-exists"), ("báo cáo.docx", "report-kind-unknown")])
def test_a_report_that_cannot_be_written_is_told_before_anything_is_checked(
    antin: Antin, incoming: Path, tmp_path: Path, name: str, code: str
) -> None:
    target = tmp_path / name
    if code == "report-exists":
        target.write_bytes(b"cua toi")
    entries = len(antin("journal", "list", "--json").rows)
    answer = antin("verify", "--json", "--report", tmp_path / "trước.xlsx", "--report", target, incoming)
    assert (answer.code, answer.out) == (2, "")
    assert not (tmp_path / "trước.xlsx").exists()
    assert str(target) in answer.err
    assert len(antin("journal", "list", "--json").rows) == entries
    assert not target.exists() or target.read_bytes() == b"cua toi"


def test_a_note_of_refusal_is_printed_for_what_is_not_valid(antin: Antin, incoming: Path) -> None:
    answer = antin("verify", "--refusal", incoming)
    assert answer.code == 1
    assert answer.out.count("30/2020/NĐ-CP") == 1
    assert "“bị sửa.docx”" in answer.out
    assert "văn bản số 12/QĐ-UBND" in answer.out
    (why,) = (line for line in answer.err.splitlines() if "không lập thông báo trả lại" in line)
    assert "chưa ký.pdf" in why
    assert answer.out.count("→ Có thể tiếp nhận văn bản này.") == 1
    assert " ·  · " not in answer.out
    rows = antin("verify", "--refusal", "--json", incoming).rows
    notes = {Path(row["path"]).name: row["refusal"] for row in rows if "refusal" in row}
    assert notes.keys() == {"bị sửa.docx"}
    assert AGENCY.upper() in notes["bị sửa.docx"]
    assert rows[0].keys() >= {"path", "sha256", "format", "conclusion", "summary", "signatures"}


def test_a_zip_of_documents_is_walked(antin: Antin, incoming: Path, tmp_path: Path) -> None:
    archive = tmp_path / "hồ sơ.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(incoming.iterdir()):
            target.write(path, f"đợt 1/{path.name}")
        target.writestr("ghi chú.txt", "không kiểm tra")
        target.writestr("__MACOSX/đợt 1/._chưa ký.pdf", b"")
    for jobs in (1, 2):
        answer = antin("verify", "--json", "--jobs", jobs, archive)
        assert answer.code == 1, answer.err
        found = {row["path"]: row["conclusion"] for row in answer.rows}
        assert found == {
            f"{archive}/đợt 1/bị sửa.docx": "invalid",
            f"{archive}/đợt 1/chưa ký.pdf": "unsigned",
            next(path for path in found if path.endswith("_daky.pdf")): "valid",
        }
    bad = tmp_path / "xấu.zip"
    bad.write_bytes(archive.read_bytes() + archive.read_bytes())
    (row,) = antin("verify", "--json", bad).rows
    assert (row["path"], row["conclusion"], row["reasons"][0]["code"]) == (str(bad), "unreadable", "zip-hidden-content")
    (row,) = antin("verify", "--json", incoming / "bị sửa.docx").rows
    renamed = (incoming / "bị sửa.docx").rename(tmp_path / "bị sửa.zip")
    (again,) = antin("verify", "--json", renamed).rows
    assert (again["conclusion"], again["sha256"]) == ("invalid", row["sha256"]), "a document named .zip is a document"


def test_what_is_wrong_with_an_unreadable_file_is_told_once(antin: Antin, tmp_path: Path) -> None:
    bad = tmp_path / "hỏng.docx"
    bad.write_bytes(b"PK\x03\x04" + bytes(200))
    (row,) = antin("verify", "--json", bad).rows
    assert row["conclusion"] == "unreadable"
    told = " ".join(antin("verify", bad).out.split())
    assert told.count(row["reasons"][0]["message"][1:]) == 1


def test_what_was_changed_is_told_in_every_report(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    """A page of a signed PDF is painted over and a word of a signed docx replaced."""
    token, folder = office.tokens["leader"], tmp_path / "đã ký"
    answer = antin(
        "sign", "--out", folder, "--level", "T", "--token", token.serial, "--pin-file", "-", "--json",
        samples["cong_van_pdf"], samples["quyet_dinh_docx"], stdin=token.pin,
    )  # fmt: skip
    assert answer.code == 0, answer.out + answer.err
    pdf, docx = (Path(row["output"]) for row in answer.rows)
    size = pdf.stat().st_size
    _paint_over(pdf)
    changed(docx, tmp_path / "sửa.docx", {"word/document.xml": replacing("Phong Điền", "Phong Thạnh")}).replace(docx)
    report, data, standard = (tmp_path / f"báo cáo.{kind}" for kind in ("pdf", "json", "xml"))
    answer = antin("verify", "--json", "--report", report, "--report", data, "--report", standard, pdf, docx)
    for _ in range(5):  # pages are compared for a second and a half, which a busy machine may use up
        assert answer.code == 1, answer.err
        if "page-changed" in answer.out:
            break
        answer = antin("verify", "--json", pdf, docx)
    first, second = ([*row["signatures"][0]["changes"]] for row in answer.rows)
    assert (first[0]["kind"], first[0]["page"], answer.rows[0]["signatures"][0]["signed_size"]) == (
        "page-changed", 1, size,
    )  # fmt: skip
    told = {
        "kind": "part-changed",
        "what": "nội dung văn bản",
        "page": None,
        "part": "/word/document.xml",
        "who": "",
        "value": "",
    }
    assert told in second
    assert answer.rows[1]["signatures"][0]["reasons"][0]["message"] == "Nội dung văn bản đã bị sửa sau khi ký."
    text = subprocess.run(["pdftotext", "-layout", report, "-"], capture_output=True, text=True, check=True).stdout
    for printed in ("Nội dung đã ký", "Những chỗ bị thay đổi sau khi ký", "Trang 1 khi ký", "bị sửa: nội dung văn bản"):
        assert printed in text, printed
    assert [row["conclusion"] for row in json.loads(data.read_bytes())] == ["invalid", "invalid"]
    indications = etree.parse(standard).findall(f".//{{{REPORT}}}MainIndication")
    assert {element.text for element in indications} == {"urn:etsi:019102:mainindication:total-failed"}
    english = antin("--lang", "en", "verify", "--json", docx)
    assert "The main text was changed after signing." in english.out


def _paint_over(path: Path) -> None:
    """Append a revision in which a grey field covers the middle of page one."""
    writer = IncrementalPdfFileWriter(io.BytesIO(path.read_bytes()))
    page, _ = writer.find_page_for_modification(0)
    stream = writer.add_object(generic.StreamObject(stream_data=b"q 0.8 g 200 400 200 60 re f Q"))
    contents = page.get_object().raw_get("/Contents")
    listed = list(contents) if isinstance(contents, generic.ArrayObject) else [contents]
    page.get_object()["/Contents"] = generic.ArrayObject([*listed, stream])
    writer.mark_update(page)
    out = io.BytesIO()
    writer.write(out)
    path.write_bytes(out.getvalue())
