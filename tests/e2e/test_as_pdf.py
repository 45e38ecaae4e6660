"""An Office document signed as PDF through the real command, both copies filed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests import office_signing
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin


def test_approved_as_pdf_and_both_filed(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(shutil.copy(samples["quyet_dinh_docx"], tmp_path / "quyết định.docx"))
    before = source.read_bytes()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    token = office.tokens["leader"]
    words = ("sign", "--as", "approve", "--as-pdf", "--token", token.serial, "--pin-file", "-", "--json")
    answer = antin(*words, source, stdin=token.pin)
    assert answer.code == 0, answer.out + answer.err
    (row,) = answer.rows
    assert (row["input"], row["format"], row["warnings"]) == (str(source), "pdf", [])
    assert source.read_bytes() == before
    made = Path(row["output"])
    (report,) = antin("verify", "--json", made).rows
    assert (report["conclusion"], report["format"]) == ("valid", "pdf")
    original = made.with_suffix(".docx")
    assert original.read_bytes() == before, list(made.parent.iterdir())
    assert antin("journal", "verify").code == 0
    assert list(scratch.iterdir()) == []

    plain = tmp_path / "a.txt"
    plain.write_text("x")
    out = tmp_path / "out"
    answer = antin("sign", "--as-pdf", "--out", out, *words[4:], plain, samples["cong_van_pdf"], stdin=token.pin)
    codes = {Path(row["input"]).suffix: row["error"] and row["error"]["code"] for row in answer.rows}
    assert codes == {".txt": "not-convertible", ".pdf": None}
    assert [path.suffix for path in out.iterdir()] == [".pdf"]


def test_signatures_that_the_pdf_would_lose_are_told_before_signing(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    signed = office_signing.sign(samples["cong_van_docx"], tmp_path / "a.docx", office.pki.credential("second")).path
    before = signed.read_bytes()
    token = office.tokens["leader"]
    words = (
        "sign",
        "--as-pdf",
        "--token",
        token.serial,
        "--pin-file",
        "-",
        "--json",
        "--out",
        tmp_path / "out",
        signed,
    )
    (refused,) = antin(*words, signed, stdin=token.pin).rows
    assert (refused["status"], refused["error"]["code"]) == ("failed", "signatures-lost")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    (row,) = antin(*words, "--signatures-lost-ok", signed, stdin=token.pin).rows
    assert (row["status"], [one["code"] for one in row["warnings"]]) == ("signed", ["signatures-lost"])
    assert signed.read_bytes() == before
