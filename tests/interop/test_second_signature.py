"""A second signature never breaks the first, whoever made the file and the first signature.

The first is pyHanko's own signer's, over files of every structure and with every kind of certification; judged by our
verifier and by poppler's ``pdfsig``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import keys, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.documents.pdf_form import walk_fields
from app.documents.pdf_reader import open_reader
from app.signing.model import Mark
from app.signing.pdf_errors import PdfForbidsSigning
from app.verification.model import Coverage
from app.verification.pdf import examine
from tests import pdf_samples
from tests.demo import samples as office_samples
from tests.demo import texts
from tests.pdf_samples import sign, signer

PERMISSIONS = {"P1": MDPPerm.NO_CHANGES, "P2": MDPPerm.FILL_FORMS, "P3": MDPPerm.ANNOTATE}


def from_libreoffice(folder: Path) -> bytes:
    """A letter as LibreOffice exports it."""
    from tests.demo import office_files

    office_files.write_docx(texts.LETTER, folder / "letter.docx")
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "pdf", "--outdir", folder, folder / "letter.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "letter.pdf").read_bytes()


STRUCTURES: dict[str, Callable[[Path], bytes]] = {
    "classic": lambda _folder: pdf_samples.classic(pdf_samples.objects()),
    "object streams": lambda _folder: pdf_samples.with_object_streams(pdf_samples.objects()),
    "hybrid": lambda _folder: pdf_samples.hybrid(pdf_samples.objects()),
    "linearised": lambda _folder: pdf_samples.linearised(pdf_samples.objects(2)),
    "encrypted": lambda _folder: pdf_samples.encrypted(pdf_samples.classic(pdf_samples.objects()), ""),
    "typst": lambda _folder: office_samples.pdf(texts.LETTER),
    "libreoffice": from_libreoffice,
}


def signed_by_pyhanko(content: bytes, permission: MDPPerm | None = None) -> bytes:
    """The file with a visible signature of pyHanko's own making."""
    who = signer("rsa", "Lê Thị Người Ký Trước")
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = who.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    simple = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(who.certificate),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore.from_certs([x509.Certificate.load(one) for one in who.chain]),
    )
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    if writer.prev.encrypted:
        writer.encrypt("")
    metadata = signers.PdfSignatureMetadata(
        field_name="Earlier",
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        certify=permission is not None,
        docmdp_permissions=permission or MDPPerm.FILL_FORMS,
    )
    field = SigFieldSpec("Earlier", box=(50, 50, 200, 100))
    out: BytesIO = signers.PdfSigner(metadata, simple, new_field_spec=field).sign_pdf(writer)
    return out.getvalue()


def assert_both_hold(path: Path) -> None:
    first, second = examine(path).signatures
    for found in (first, second):
        assert found.intact, found.problems
        assert found.changes_allowed, (found.changes, found.problems)
        assert found.coverage is Coverage.WHOLE
    report = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, timeout=60).stdout
    assert report.count("Signature is Valid.") == 2, report


@pytest.mark.parametrize("structure", STRUCTURES)
def test_over_every_structure(tmp_path, structure):
    first = tmp_path / "first.pdf"
    first.write_bytes(signed_by_pyhanko(STRUCTURES[structure](tmp_path)))
    second = sign(first, tmp_path / "second.pdf", mark=Mark(0, (300, 50, 450, 100), text="Người ký sau")).path
    assert second.read_bytes().startswith(first.read_bytes())
    assert_both_hold(second)


@pytest.mark.parametrize("permission", ["P2", "P3"])
def test_over_a_certification_that_allows_it(tmp_path, permission):
    first = tmp_path / "first.pdf"
    first.write_bytes(signed_by_pyhanko(office_samples.pdf(texts.LETTER), PERMISSIONS[permission]))
    assert_both_hold(sign(first, tmp_path / "second.pdf", mark=Mark(0, (300, 50, 450, 100), text="Người ký sau")).path)


def test_a_certification_that_forbids_it_is_respected(tmp_path):
    first = tmp_path / "first.pdf"
    first.write_bytes(signed_by_pyhanko(office_samples.pdf(texts.LETTER), PERMISSIONS["P1"]))
    with pytest.raises(PdfForbidsSigning):
        sign(first, tmp_path / "second.pdf")
    assert not (tmp_path / "second.pdf").exists()


@pytest.mark.parametrize("structure", STRUCTURES)
def test_pyhanko_in_turn_adds_to_ours(tmp_path, structure):
    """It writes the dates of the document's metadata anew, in another notation."""
    ours = sign(pdf_samples.write(tmp_path / "a.pdf", STRUCTURES[structure](tmp_path)), tmp_path / "b.pdf").path
    both = tmp_path / "c.pdf"
    both.write_bytes(signed_by_pyhanko(ours.read_bytes()))
    assert_both_hold(both)
    with both.open("rb") as stream:
        assert [field.name for field in walk_fields(open_reader(stream).root)] == ["Signature1", "Earlier"]
