"""Long-term PDFs of pyHanko, over real time-stamp, OCSP and CRL services, checked years later without a network."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.verification.engine import Verifier
from app.verification.model import Conclusion, SignatureReport
from app.verification.policy import Policy
from tests.demo.pki import Pki
from tests.demo.services import Services

YEAR = dt.timedelta(days=365)


def signed(pki: Pki, source: Path, *, evidence: bool, archived: bool) -> bytes:
    """A signature of the leader with a time stamp of the demo authority."""
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.timestamps import HTTPTimeStamper
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    credential = pki.credential("leader")
    key = credential.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    chain = [x509.Certificate.load(item) for item in credential.chain]
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(credential.certificate),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )
    context = ValidationContext(trust_roots=[chain[-1]], other_certs=chain, allow_fetching=True)
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=evidence,
        use_pades_lta=archived,
        validation_context=context if evidence else None,
    )
    out = io.BytesIO()
    signers.PdfSigner(metadata, signer, timestamper=HTTPTimeStamper(pki.tsa_url)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(source.read_bytes())), output=out
    )
    return out.getvalue()


@pytest.fixture
def later(settings: Settings, pki: Pki, tmp_path: Path) -> Any:
    """The report on a file as of six years from now, when the leader's certificate has run out, without anything but
    the root."""
    verifier = Verifier(TrustEvaluator(TrustStore(lambda: [pki.certificate("root")]), None), Policy.load())

    def report(content: bytes, years: int = 6) -> SignatureReport:
        path = tmp_path / "van-ban.pdf"
        path.write_bytes(content)
        found = verifier.verify(path, at=dt.datetime.now(dt.UTC) + years * YEAR)
        assert found.conclusion is found.signatures[0].conclusion, found.reasons
        return found.signatures[0]

    return report


def test_level_lta_holds_by_the_file_alone(pki: Pki, services: Services, samples: dict[str, Path], later: Any) -> None:
    content = signed(pki, samples["cong_van_pdf"], evidence=True, archived=True)
    now = dt.datetime.now(dt.UTC)
    report = later(content)
    assert report.conclusion is Conclusion.VALID, report.reasons
    assert (report.level, report.valid_at_signing, report.valid_now) == ("LTA", "valid", "expired")
    assert abs(report.proven_time - now) < dt.timedelta(minutes=5)
    assert (report.revocation.status, report.revocation.source) == ("good", "embedded")
    assert later(content, 11).conclusion is Conclusion.INDETERMINATE, "the time-stamp authority has run out"


def test_level_t_does_not(pki: Pki, services: Services, samples: dict[str, Path], later: Any) -> None:
    report = later(signed(pki, samples["cong_van_pdf"], evidence=False, archived=False))
    assert report.conclusion is Conclusion.INDETERMINATE
    assert report.level == "T"
    assert report.proven_time is None
