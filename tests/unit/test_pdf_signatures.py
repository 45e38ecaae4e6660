"""Who signed a PDF, told from the signatures that reading its pages found; in doubt the verifier looks itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.documents.pdf_signatures import SignatureValue
from app.documents.reading import read_whole
from app.verification import guards
from tests.attacks import pdf_files


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "đã ký.pdf"
    path.write_bytes(pdf_files.signed())
    return path


def test_the_names_are_those_that_the_verifier_finds(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = guards.signers(signed)
    values = read_whole(signed).signatures
    assert values is not None and len(values) == 1 and expected
    monkeypatch.delattr(guards, "_examine")  # the file is not looked at again
    assert guards.signers(signed, values) == expected
    assert guards.signers(signed, (*values, SignatureValue("ETSI.RFC3161", b"a time stamp"))) == expected


@pytest.mark.parametrize(
    "values",
    [
        [SignatureValue("adbe.pkcs7.sha1", b"0")],
        [SignatureValue("ETSI.CAdES.detached", b"")],
        [SignatureValue("ETSI.CAdES.detached", b"\x30\x03\x02\x01\x05")],
    ],
    ids=["of another kind", "empty", "no CMS"],
)
def test_what_does_not_name_its_signer_is_left_to_the_verifier(signed: Path, values: list[SignatureValue]) -> None:
    assert guards.signers(signed, values) == guards.signers(signed) != []


def test_a_signature_that_pdfium_does_not_see_leaves_a_doubt(signed: Path) -> None:
    content = signed.read_bytes()
    signed.write_bytes(content + b"\n% /ByteRange [0 1 2 3]\n")
    assert read_whole(signed).signatures is None


def test_an_unsigned_document_has_none(samples: dict[str, Path]) -> None:
    assert read_whole(samples["thong_bao_pdf"]).signatures == ()
    assert read_whole(samples["quyet_dinh_docx"]).signatures is None
