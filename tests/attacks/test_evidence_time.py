"""Time stamps that prove nothing: of another part of the file, of a time before their authority, with weak keys, nested
without end; and times at the ends of the calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.trust import cms
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.trust.timestamps import read_timestamp
from app.verification.model import Conclusion, SignatureFacts
from app.verification.policy import Policy
from app.verification.time_proof import prove
from tests import pdf_samples as samples
from tests.attacks.pdf_evidence import revocation_list
from tests.attacks.pdf_files import examined, pyhanko_signed
from tests.unit.test_engine import codes, facts_of, judged
from tests.unit.trust_material import (
    NOW,
    YEAR,
    CmsMaker,
    Holder,
    attribute,
    certificate,
    crl,
    pki,
    rsa_key,
    timestamp,
)

DAY = dt.timedelta(days=1)
EARLY = NOW - 30 * DAY


def authority(name: str, **options: Any) -> Holder:
    purposes = [ExtendedKeyUsageOID.TIME_STAMPING]
    return certificate(name, issuer=pki().ca, purposes=purposes, usage=["digital_signature"], **options)


def seal(size: int | None, at: dt.datetime = EARLY) -> SignatureFacts:
    """A time stamp over the first so many octets of a PDF."""
    stamp = read_timestamp(timestamp(b"document", at=at), message=b"document")
    return SignatureFacts(
        "Stamp",
        "pdf",
        intact=True,
        certificate=stamp.certificate,
        timestamps=(stamp,),
        document_timestamp=True,
        signed_size=size,
    )


@pytest.mark.parametrize("size", [1000, 2000], ids=["before the signature", "beside the signature"])
def test_a_seal_over_an_earlier_part_of_the_file_proves_nothing_of_a_later_signature(size: int) -> None:
    """Fields stand in the form in any order: whoever stole a key would add a signature to a document sealed long ago
    and name it first."""
    stolen = {pki().person.certificate.serial_number: NOW - DAY}
    revoking = [crl(pki().ca, stolen), crl(pki().root)]
    late = facts_of(CmsMaker(pki().person, signing_time=EARLY), signed_size=2000)
    for order in ([late, seal(size)], [seal(size), late]):
        report = judged(*order, crls=revoking)[order.index(late)]
        assert (report.conclusion, report.proven_time) == (Conclusion.INVALID, None)
    for order in ([late, seal(3000)], [seal(3000), late]):
        report = judged(*order, crls=revoking)[order.index(late)]
        assert (report.conclusion, report.proven_time) == (Conclusion.VALID, EARLY), "one that covers it does"


def test_a_stamp_of_a_time_before_its_authority_proves_nothing() -> None:
    young = authority("TSA mới", start=NOW - DAY)
    [report] = judged(facts_of(CmsMaker(pki().person, timestamp=lambda value: timestamp(value, authority=young))))
    assert (report.conclusion, report.proven_time) == (Conclusion.VALID, NOW)
    [report] = judged(
        facts_of(CmsMaker(pki().person, timestamp=lambda value: timestamp(value, authority=young, at=EARLY)))
    )
    assert report.proven_time is None
    assert (report.conclusion, codes(report)[0]) == (Conclusion.INDETERMINATE, "timestamp-untrusted")


def test_a_stamp_made_with_a_weak_key_or_signature_proves_nothing() -> None:
    weak = authority("TSA khóa ngắn", key=rsa_key("weak tsa", 1024))
    [report] = judged(
        facts_of(CmsMaker(pki().person, timestamp=lambda value: timestamp(value, authority=weak, at=EARLY)))
    )
    assert (report.proven_time, "timestamp-weak" in codes(report)) == (None, True)
    genuine = facts_of(CmsMaker(pki().person, timestamp=lambda value: timestamp(value, at=EARLY)))
    [stamp] = genuine.timestamps
    assert stamp.signature_hash == "sha256"
    [report] = judged(replace(genuine, timestamps=(replace(stamp, signature_hash="sha1"),)))
    assert (report.proven_time, "timestamp-weak" in codes(report)) == (None, True)


def test_stamps_inside_stamps_are_not_followed() -> None:
    token = timestamp(b"x")
    for _ in range(300):
        token = timestamp(b"x", certificates=[], extra_unsigned=[attribute(cms.SIGNATURE_TIME_STAMP, token)])
    facts = facts_of(CmsMaker(pki().person, extra_unsigned=[attribute(cms.SIGNATURE_TIME_STAMP, token)]))
    assert facts.intact
    assert [stamp.intact for stamp in facts.timestamps] == [False]


@pytest.mark.parametrize("year", [1, 9999])
def test_a_claim_at_the_end_of_the_calendar(year: int) -> None:
    claimed = dt.datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 23 * (year > 1), tzinfo=dt.UTC)
    [report] = judged(facts_of(CmsMaker(pki().person), claimed_time=claimed))
    assert "claimed-time-outside-certificate" in codes(report)


def test_a_certificate_without_end_is_a_certificate() -> None:
    """RFC 5280, 4.1.2.5: 99991231235959Z."""
    endless = certificate("Không thời hạn", issuer=pki().ca, end=dt.datetime(9999, 12, 31, 23, 59, 59))
    [report] = judged(facts_of(CmsMaker(endless)))
    assert (report.conclusion, codes(report)) == (Conclusion.VALID, [])
    [report] = judged(replace(facts_of(CmsMaker(endless)), claimed_time=NOW + 7000 * YEAR))
    assert report.conclusion is Conclusion.INDETERMINATE


def sealed_then_signed() -> bytes:
    """A form with a prepared field, a time stamp over it, and only then a signature in that field."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

    bodies = samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>"
    bodies[6] = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Ky) /Rect [72 60 200 110] /P 4 0 R /F 4 >>"
    writer = IncrementalPdfFileWriter(BytesIO(samples.classic(bodies)))
    steps = PdfCMSEmbedder(SigFieldSpec("Stamp")).write_cms("Stamp", writer)
    next(steps)
    steps.send(SigObjSetup(DocumentTimestamp(bytes_reserved=16384)))
    prepared, out = steps.send(SigIOSetup("sha256", in_place=True))
    prepared.fill_with_cms(out, samples.LocalStamper().token(prepared.document_digest, "sha256"))
    return pyhanko_signed(bytes(out.getvalue()), field_name="Ky")


def test_a_document_sealed_long_ago_does_not_date_what_is_signed_into_it_today() -> None:
    document = examined(sealed_then_signed())
    assert all(facts.intact for facts in document.signatures)
    listed = replace(
        document, signatures=tuple(sorted(document.signatures, key=lambda facts: facts.document_timestamp))
    )
    trust = TrustEvaluator(TrustStore(lambda: [samples.root_certificate()], tuple, [revocation_list()]), None)
    now = dt.datetime.now(dt.UTC)
    late, early = prove(listed, trust, Policy.load(), now)
    assert (late.proven, late.at) == (False, now)
    assert (early.proven, early.at) == (True, samples.SIGNED_AT)
