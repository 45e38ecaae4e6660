"""Files, folders and words that are wrong: each ends with its own error, a sentence and a hint; nothing is lost."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from app.errors import describe
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.unit.office_pages import bomb_pdf


def _truncated(content: bytes) -> bytes:
    return content[: len(content) // 3]


def _encrypted(content: bytes) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(content)))
    writer.encrypt(owner_pass="owner", user_pass="secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ghi-chu.txt", content[:100])
    return out.getvalue()


BAD_FILES = {
    "truncated.pdf": (_truncated, {"pdf-damaged"}),
    "encrypted.pdf": (_encrypted, {"pdf-encrypted"}),
    "no-office.docx": (_zip, {"unsupported-format"}),
    "empty.pdf": (lambda content: b"", {"unsupported-format"}),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_and_left_alone(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, name: str
) -> None:
    make, codes = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(make(samples["cong_van_pdf"].read_bytes()))
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    token = office.tokens["leader"]
    answer = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", path, stdin=token.pin)
    assert answer.code == 1, answer.out + answer.err
    (row,) = answer.rows
    assert row["status"] == "failed"
    assert row["error"]["code"] in codes, row
    assert len(row["error"]["message"]) > 20
    assert len(row["error"]["hint"]) > 20
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    archive = antin.data_dir / "Kho văn bản"
    assert [found for found in archive.rglob("*") if found.is_file()] == []


def test_a_page_too_heavy_to_read_is_not_signed_for_it_may_be_secret(
    antin: Antin, office: DemoOffice, tmp_path: Path
) -> None:
    path = tmp_path / "nang.pdf"
    path.write_bytes(bomb_pdf())
    token = office.tokens["leader"]
    answer = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", path, stdin=token.pin)
    assert answer.code == 1, answer.out + answer.err
    assert answer.rows[0]["error"]["code"] == "document-not-read"


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_unreadable_to_the_verifier(
    antin: Antin, samples: dict[str, Path], tmp_path: Path, name: str
) -> None:
    make, _codes = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(make(samples["cong_van_pdf"].read_bytes()))
    answer = antin("verify", "--json", path)
    assert answer.code == 3, answer.out
    (row,) = answer.rows
    assert row["conclusion"] == "unreadable"
    assert row["reasons"]
    assert row["signatures"] == []


def test_files_that_are_missing_are_told_and_the_others_signed(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    token = office.tokens["second"]
    answer = antin(
        "sign", "--token", token.serial, "--pin-file", "-", "--json", tmp_path / "absent.pdf", samples["xlsx"],
        stdin=token.pin,
    )  # fmt: skip
    assert answer.code == 1
    by_status = {row["status"]: row for row in answer.rows}
    assert by_status["failed"]["error"]["code"] == "file-missing"
    assert by_status["signed"]["input"] == str(samples["xlsx"])


def test_a_read_only_target_is_named(antin: Antin, office: DemoOffice, samples: dict[str, Path]) -> None:
    token = office.tokens["second"]
    answer = antin(
        "sign", "--out", "/sys/antin", "--token", token.serial, "--pin-file", "-", "--json", samples["xlsx"],
        stdin=token.pin,
    )  # fmt: skip
    assert answer.code == 1
    error = answer.rows[0]["error"]
    assert error["code"] == "target-not-writable"
    assert "/sys/antin" in error["message"]


def test_a_file_open_in_another_program_is_told_as_windows_says_it() -> None:
    class SharingViolation(OSError):
        winerror = 32

    told = describe(SharingViolation(13, "The process cannot access the file", "vb.docx"))
    assert told.code == "file-in-use"
    assert "vb.docx" in told.message


@pytest.mark.parametrize(
    "words",
    [
        ("sign",),
        ("sign", "--resume", "x.pdf"),
        ("sign", "--out", "a", "--file", "x.pdf"),
        ("sign", "--level", "Z", "x.pdf"),
        ("sign", "--date", "12/11/2026", "x.pdf"),
        ("verify",),
        ("verify", "--at", "yesterday", "x.pdf"),
        ("archive", "add"),
        ("--data-dir",),
    ],
)
def test_wrong_use_is_exit_code_2(antin: Antin, words: tuple[str, ...]) -> None:
    answer = antin(*words)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err


def test_a_broken_settings_file_is_told(antin: Antin) -> None:
    (antin.data_dir / "settings.toml").write_text("language = 'fr'\n")
    answer = antin("tokens")
    assert answer.code == 2
    assert "settings.toml" in answer.err


def test_a_trusted_root_that_is_no_certificate_is_told(antin: Antin, samples: dict[str, Path]) -> None:
    answer = antin("verify", "--trust-root", samples["xlsx"], samples["xlsx"])
    assert answer.code == 2
    assert answer.err


def test_exit_codes_of_verify_follow_the_worst_file(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    token = office.tokens["second"]
    signed = antin(
        "sign", "--out", tmp_path, "--token", token.serial, "--pin-file", "-", "--json", samples["quyet_dinh_docx"],
        stdin=token.pin,
    ).rows[0]["output"]  # fmt: skip
    changed = tmp_path / "changed.docx"
    with zipfile.ZipFile(signed) as source, zipfile.ZipFile(changed, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "word/document.xml":
                content = content.replace("Phong Điền".encode(), "Phong Thạnh".encode())
            target.writestr(item, content)
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(_truncated(samples["cong_van_pdf"].read_bytes()))
    unsigned = samples["cong_van_pdf"]
    shutil.rmtree(antin.data_dir / "cache", ignore_errors=True)  # what signing asked the authority
    assert antin("verify", "--offline", signed, unsigned).code == 4
    assert antin("verify", signed).code == 0
    assert antin("verify", signed, unsigned).code == 5
    assert antin("verify", signed, unsigned, damaged).code == 3
    assert antin("verify", changed, signed, unsigned, damaged).code == 1
    folder = antin("verify", "--json", "--jobs", "2", tmp_path)
    assert {Path(row["path"]).name for row in folder.rows} == {Path(signed).name, "changed.docx", "damaged.pdf"}
    assert antin("journal", "verify").code == 0


def test_a_ledger_that_cannot_be_written_takes_no_verdict_away(antin: Antin, samples: dict[str, Path]) -> None:
    (antin.data_dir / "ledger.jsonl").mkdir()
    answer = antin("verify", "--json", samples["cong_van_pdf"], samples["xlsx"])
    assert answer.code == 5
    assert [row["conclusion"] for row in answer.rows] == ["unsigned", "unsigned"]
    assert answer.err.count("ledger.jsonl") == 2
