"""ASiC containers of several shapes are genuine."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from app.trust.timestamps import HttpTimestamper
from app.verification.asic import examine
from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from app.xmldsig.canonical import Canonicalization, canonical_subset
from tests.attacks.asic import CADES, SIGNATURES, cades, cades_edited, cades_simple, xades, xades_simple
from tests.attacks.model import ACCEPTED
from tests.demo.pki import Credential, Pki
from tests.demo.services import Services
from tests.office_signing import contents, replacing
from tests.xml_signing import DS, XADES, altered


@pytest.mark.parametrize("make", [xades, cades, cades_simple, xades_simple])
@pytest.mark.parametrize("signer", ["leader", "second"])
def test_genuine(
    pki: Pki, verifier: Verifier, tmp_path: Path, make: Callable[[Path, Credential], Path], signer: str
) -> None:
    signed = make(tmp_path / "a.asice", pki.credential(signer))
    (facts,) = examine(signed).signatures
    assert (facts.intact, facts.coverage, facts.uncovered) == (True, Coverage.WHOLE, ()), facts.problems
    assert facts.certificate == pki.credential(signer).certificate
    report = verifier.verify(signed)
    assert (report.conclusion in ACCEPTED, report.format, report.signatures[0].level) == (True, "asice", "B")


def test_two_signers_and_media_types(pki: Pki, verifier: Verifier, tmp_path: Path) -> None:
    signed = xades(tmp_path / "a.asice", pki.credential("leader"), pki.credential("second"))
    altered(signed, tmp_path / "b.asice", {"META-INF/manifest.xml": b"<manifest/>"})
    report = verifier.verify(tmp_path / "b.asice")
    assert (report.conclusion in ACCEPTED, len(report.signatures)) == (True, 2)


def test_time_stamp(pki: Pki, services: Services, verifier: Verifier, tmp_path: Path) -> None:
    """The stamp is over the canonical SignatureValue; one over something else proves nothing."""
    signed = xades(tmp_path / "a.asice", pki.credential("leader"))
    root = etree.fromstring(contents(signed)[SIGNATURES])
    value = next(root.iter(f"{{{DS}}}SignatureValue"))
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)

    def stamped(octets: bytes) -> Path:
        token = base64.b64encode(stamper.token(hashlib.sha256(octets).digest(), "sha256")).decode()
        stamp = (
            "<xd:UnsignedProperties><xd:UnsignedSignatureProperties><xd:SignatureTimeStamp><xd:EncapsulatedTimeStamp>"
            f"{token}</xd:EncapsulatedTimeStamp></xd:SignatureTimeStamp></xd:UnsignedSignatureProperties>"
            "</xd:UnsignedProperties></xd:QualifyingProperties>"
        )
        edit = replacing("</xd:QualifyingProperties>", stamp)
        return altered(signed, tmp_path / "stamped.asice", {SIGNATURES: edit})

    assert f"{{{XADES}}}QualifyingProperties" in {one.tag for one in root.iter()}
    good = verifier.verify(stamped(canonical_subset(value, Canonicalization())))
    assert (good.conclusion in ACCEPTED, good.signatures[0].level) == (True, "T")
    assert good.signatures[0].timestamp_time is not None
    bad = verifier.verify(stamped(b"something else"))
    assert bad.signatures[0].timestamp_time is None
    assert "timestamp-not-intact" in {reason.code for reason in bad.signatures[0].reasons}


def test_a_removed_signature_is_told(pki: Pki, verifier: Verifier, tmp_path: Path) -> None:
    report = verifier.verify(cades_edited(pki, tmp_path, {CADES: None}))
    assert report.conclusion is Conclusion.UNSIGNED
    assert [reason.code for reason in report.reasons] == ["asic-signature-missing"]
