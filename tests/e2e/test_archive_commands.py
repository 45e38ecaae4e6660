"""The archive by its commands: a folder filed at once, found, put right, put into a dossier, registered."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin


def test_a_folder_is_filed_found_and_put_right(antin: Antin, samples: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "đã ký"
    folder.mkdir()
    for name in ("quyet_dinh_pdf", "quyet_dinh_docx", "cong_van_pdf", "thong_bao_pdf"):
        shutil.copy(samples[name], folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    added = antin("archive", "add", "--json", folder, tmp_path / "không có.pdf")
    assert added.code == 1 and added.rows[-1]["error"]["code"] == "file-missing"
    filed = added.rows[:-1]
    assert len(filed) == 4 and {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {row["input"] for row in filed} == {str(folder / name) for name in before}

    found = antin("archive", "search", "--json", "chuyen doi so phong dien").rows
    assert {Path(row["path"]).suffix for row in found} == {".pdf", ".docx"}
    (document,) = {row["document"] for row in found}
    assert found[0]["found"]["summary"] and not found[0]["in_text"]
    (only,) = antin("archive", "search", "--json", "ho ten nguoi giu thiet bi luu khoa", "--type", "cong van").rows or [
        {}
    ]
    assert only == {} or only["in_text"]

    (shown,) = antin("archive", "show", "--json", str(document)).rows
    told = shown["metadata"]
    assert (told["CodeNumber"], told["CodeNotation"], told["IssuedDate"]) == ("12", "QĐ-UBND", "2026-11-12")
    assert told["Language"] == "Tiếng Việt" and told["PageAmount"] >= 1 and told["Priority"] == 0
    assert antin("archive", "show", "999").code == 1

    done = antin("archive", "correct", str(document), "--json", "--number", "13", "--recipient", "Sở Nội vụ")
    assert done.code == 0, done.err
    fixed = done.rows
    assert fixed[0]["metadata"]["To"] == [{"OrganName": "Sở Nội vụ"}]
    assert all(
        Path(copy["path"]).is_file() and Path(copy["path"]).name.startswith("13_") for copy in fixed[0]["copies"]
    )
    assert antin("archive", "correct", str(document), "--number", "1" * 12).code == 2

    (dossier,) = antin("archive", "dossier", "open", "--json", "01.CĐS", "Chuyển đổi số", "--year", "2026").rows
    (filled,) = antin("archive", "dossier", "put", "--json", str(dossier["id"]), str(document)).rows
    assert filled["metadata"]["DocTotal"] == 1 and filled["metadata"]["FileCode"]["FileNotation"] == "01.CĐS"
    rows = antin("archive", "search", "--json", "--dossier", str(dossier["id"])).rows
    assert {row["document"] for row in rows} == {document}
    assert antin("archive", "dossier", "open", "01.CĐS", "Khác", "--year", "2026").code == 1


def test_the_registers(antin: Antin, samples: dict[str, Path], tmp_path: Path) -> None:
    assert antin("archive", "add", samples["quyet_dinh_pdf"]).code == 0
    assert antin("archive", "add", "--incoming", "--handled-by", "Văn phòng", samples["cong_van_pdf"]).code == 0
    out = tmp_path / "sổ đi.pdf"
    (told,) = antin("archive", "register", "--year", "2026", "--json", "--out", out).rows
    assert told["documents"] == 1 and out.read_bytes().startswith(b"%PDF")
    assert told["irregularities"] == [
        {"kind": "gap", "series": "Quyết định UBND", "first": "1", "last": "11", "documents": []}
    ]
    assert antin("archive", "register", "--year", "2026", "--out", out).code == 1
    (found,) = antin("archive", "search", "--incoming", "--json").rows
    year = found["year"]
    book = tmp_path / "sổ đến.xlsx"
    assert antin("archive", "register", "--year", str(year), "--incoming", "--out", book).code == 0
    sheet = openpyxl.load_workbook(book).active
    assert sheet["B7"].value == "1" and sheet["G7"].value == "Văn phòng"


def test_who_signed_a_file_is_found_by_the_signature(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], data_dir: Path, tmp_path: Path
) -> None:
    second = office.tokens["second"]
    words = ("sign", "--as", "approve", "--signer-differs-ok", "--token", second.serial, "--pin-file", "-", "--json")
    signed = antin(*words, samples["quyet_dinh_pdf"], stdin=second.pin)
    assert signed.code == 0, signed.err
    elsewhere = tmp_path / "cơ quan khác"
    elsewhere.mkdir()
    shutil.copy(data_dir / "settings.toml", elsewhere)
    other = Antin(elsewhere)
    added = other("archive", "add", "--json", signed.rows[0]["output"], samples["cong_van_pdf"])
    assert added.code == 0, added.err
    (signer,) = added.rows[0]["signers"]
    assert added.rows[1]["signers"] == []
    assert [row["path"] for row in other("archive", "search", "--json", "--signer", signer).rows] == [
        added.rows[0]["path"]
    ]
