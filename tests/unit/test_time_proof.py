"""What time stamps prove, alone and in a chain, with evidence at hand or inside the file (EN 319 102-1, 5.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.paths import RESOURCES
from app.trust.timestamps import read_timestamp
from app.verification.model import Conclusion, Coverage, SignatureFacts, SignatureReport
from app.verification.policy import Policy
from tests.unit.test_engine import codes, facts_of, judged
from tests.unit.trust_material import NOW, YEAR, CmsMaker, Holder, certificate, crl, ocsp_answer, pki, timestamp

DAY = dt.timedelta(days=1)
VALID, INDETERMINATE, INVALID = Conclusion.VALID, Conclusion.INDETERMINATE, Conclusion.INVALID


@cache
def ca() -> Holder:
    """An authority that outlives whom it certifies."""
    return certificate("CA bền", issuer=pki().root, ca=True, start=NOW - YEAR, end=NOW + 30 * YEAR)


@cache
def signer() -> Holder:
    return certificate("Lê Thị Hiền", issuer=ca(), end=NOW + YEAR)


@cache
def tsa(name: str = "TSA 1", years: int = 3, start: dt.datetime = NOW - YEAR) -> Holder:
    purposes = [ExtendedKeyUsageOID.TIME_STAMPING]
    return certificate(
        name, issuer=ca(), purposes=purposes, usage=["digital_signature"], start=start, end=NOW + years * YEAR
    )


def lists(at: dt.datetime, revoked: dict[int, dt.datetime] | None = None) -> tuple[bytes, ...]:
    return crl(ca(), revoked, at=at), crl(pki().root, at=at)


def signed(authority: Holder | None = None, evidence: Sequence[bytes] = (), **options: Any) -> SignatureFacts:
    """A signature of now with a time stamp of now and evidence inside."""
    stamp = (lambda value: timestamp(value, authority=authority)) if authority else None
    facts = facts_of(CmsMaker(signer(), timestamp=stamp, **options), embedded_crls=tuple(evidence))
    return replace(facts, certificates=(*facts.certificates, ca().der))


def sealed(authority: Holder, at: dt.datetime, evidence: Sequence[bytes] = ()) -> SignatureFacts:
    """A time stamp over the whole document, with evidence inside."""
    stamp = read_timestamp(timestamp(b"document", authority=authority, at=at), message=b"document")
    return SignatureFacts(
        "T",
        "pdf",
        intact=True,
        certificate=stamp.certificate,
        certificates=(ca().der,),
        timestamps=(stamp,),
        document_timestamp=True,
        seals=("Signature1",),
        coverage=Coverage.WHOLE,
        embedded_crls=tuple(evidence),
    )


def first(*signatures: SignatureFacts, now: dt.datetime, crls: Sequence[bytes] = (), **options: Any) -> SignatureReport:
    return judged(*signatures, now=now, crls=crls, **options)[0]


def test_level_lta_is_valid_offline_long_after_the_signers_certificate_ran_out() -> None:
    """Nothing but the file: signature and its stamp of the first day with their evidence, sealed a month later."""
    inside = [*lists(NOW + DAY), *lists(NOW + 29 * DAY)]
    document = signed(tsa(), inside), sealed(tsa(), NOW + 30 * DAY, inside)
    report = first(*document, now=NOW + 2 * YEAR)
    assert report.conclusion is VALID, codes(report)
    assert (report.level, report.proven_time, report.revocation.source) == ("LTA", NOW, "embedded")
    assert (report.valid_at_signing, report.valid_now) == ("valid", "expired")
    assert codes(report) == ["timestamp-revocation-then"]


def test_a_seal_that_is_not_relied_on_proves_nothing_and_is_told() -> None:
    stranger = certificate("TSA lạ", purposes=[ExtendedKeyUsageOID.TIME_STAMPING], usage=["digital_signature"])
    report = first(signed(evidence=lists(NOW)), sealed(stranger, NOW), now=NOW)
    assert (report.conclusion, report.level, report.proven_time) == (INDETERMINATE, "B", None)
    assert codes(report) == ["timestamp-untrusted"]
    assert first(signed(tsa(), lists(NOW)), sealed(stranger, NOW), now=NOW).level == "LT"
    damaged = replace(sealed(tsa(), NOW), intact=False)
    report = first(signed(evidence=lists(NOW)), damaged, now=NOW)
    assert (report.conclusion, report.proven_time) == (INDETERMINATE, None)
    assert "timestamp-not-intact" in codes(report)


def test_a_stamp_whose_authority_ran_out_counts_under_a_later_one() -> None:
    late = NOW + 5 * YEAR
    second = tsa("TSA 2", 8, NOW + YEAR)
    inside = [*lists(NOW + DAY), *lists(NOW + 2 * YEAR)]
    once = first(signed(tsa(), inside), now=late, crls=lists(late))
    assert once.conclusion is INDETERMINATE
    assert {"certificate-expired", "timestamp-expired"} <= set(codes(once))
    renewed = first(signed(tsa(), inside), sealed(second, NOW + 2 * YEAR, inside), now=late, crls=lists(late))
    assert renewed.conclusion is VALID, codes(renewed)
    assert renewed.proven_time == NOW
    third = tsa("TSA 3", 20, NOW + 6 * YEAR)
    seals = sealed(second, NOW + 2 * YEAR, inside), sealed(third, NOW + 7 * YEAR, [*inside, *lists(NOW + 7 * YEAR)])
    long = first(signed(tsa(), inside), *seals, now=NOW + 15 * YEAR)
    assert long.conclusion is VALID, codes(long)
    too_late = sealed(third, NOW + 9 * YEAR, [*inside, *lists(NOW + 9 * YEAR)])
    broken = first(signed(tsa(), inside), seals[0], too_late, now=NOW + 15 * YEAR)
    assert broken.conclusion is INDETERMINATE, "the second authority had run out before the third stamped"


def test_level_t_without_evidence_of_the_time_is_indeterminate_once_the_certificate_ran_out() -> None:
    late = NOW + 2 * YEAR
    report = first(signed(tsa()), now=late, crls=lists(late))
    assert report.conclusion is INDETERMINATE
    assert codes(report) == ["revocation-unknown"], "a list after the end says nothing of the expired"
    assert report.sub_indication == "TRY_LATER"
    kept = first(signed(tsa()), now=late, crls=[*lists(late), *lists(NOW + DAY)])
    assert kept.conclusion is VALID


def test_evidence_older_than_the_signature_counts_while_it_is_current_only() -> None:
    late = NOW + 2 * YEAR
    for age, conclusion, reasons in (
        (6, VALID, ["timestamp-revocation-then"]),
        (8, INDETERMINATE, ["certificate-expired", "revocation-outdated", "timestamp-revocation-unknown"]),
    ):
        report = first(signed(tsa(), lists(NOW - age * DAY)), now=late)
        assert (report.conclusion, codes(report)) == (conclusion, reasons)


def test_an_outdated_list_is_told_with_its_times() -> None:
    report = first(signed(), now=NOW + 30 * DAY, crls=lists(NOW))
    assert report.conclusion is INDETERMINATE
    assert "revocation-outdated" in codes(report)
    assert report.sub_indication == "TRY_LATER"
    assert report.revocation.next_update == NOW + 7 * DAY
    message = next(reason.message for reason in report.reasons if reason.code == "revocation-outdated")
    assert "2026" in message
    assert "{" not in message


def test_an_office_may_refuse_stamps_not_checked_since(tmp_path: Any) -> None:
    text = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    strict = tmp_path / "policy.toml"
    word = 'timestamp-revocation-then = "note"'
    assert word in text
    strict.write_text(text.replace(word, word.replace("note", "indeterminate")), encoding="utf-8")
    inside = lists(NOW + DAY)
    report = first(signed(tsa(), inside), now=NOW + 2 * YEAR, policy=Policy.load(strict))
    assert report.conclusion is INDETERMINATE
    assert report.proven_time is None


@pytest.mark.parametrize(
    ("reason", "day", "proven"),
    [
        (x509.ReasonFlags.cessation_of_operation, 30, True),
        (x509.ReasonFlags.superseded, 30, True),
        (x509.ReasonFlags.superseded, -30, False),
        (x509.ReasonFlags.key_compromise, 30, False),
        (None, 30, False),
    ],
)
def test_stamps_of_an_authority_that_was_closed(reason: x509.ReasonFlags | None, day: int, proven: bool) -> None:
    """RFC 3161, section 4: earlier stamps stay valid only where the reason says that the key was not lost."""
    entry = (
        x509.RevokedCertificateBuilder().serial_number(tsa().certificate.serial_number).revocation_date(NOW + day * DAY)
    )
    if reason is not None:
        entry = entry.add_extension(x509.CRLReason(reason), critical=False)
    late = NOW + 60 * DAY
    report = first(signed(tsa()), now=late, crls=[_list_of(entry.build(), late), crl(pki().root, at=late)])
    assert (report.proven_time == NOW) is proven
    assert ("timestamp-revoked" in codes(report)) is not proven


def _list_of(entry: x509.RevokedCertificate, at: dt.datetime) -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca().certificate.subject)
        .last_update(at - dt.timedelta(hours=1))
        .next_update(at + 7 * DAY)
        .add_revoked_certificate(entry)
    )
    return builder.sign(ca().key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_evidence_of_the_file_counts_for_the_stamps_authority_too() -> None:
    inside = replace(
        signed(tsa()),
        embedded_ocsps=(ocsp_answer(tsa(), ca(), ca()), ocsp_answer(signer(), ca(), ca())),
        embedded_crls=(crl(pki().root),),
    )
    report = first(inside, now=NOW + 2 * YEAR)
    assert report.conclusion is VALID, codes(report)
    without = replace(inside, embedded_ocsps=inside.embedded_ocsps[1:])
    assert first(without, now=NOW + 2 * YEAR).conclusion is INDETERMINATE


def test_a_stamp_of_the_future_proves_nothing() -> None:
    stamped = facts_of(CmsMaker(signer(), timestamp=lambda value: timestamp(value, authority=tsa(), at=NOW + 9 * DAY)))
    report = first(replace(stamped, certificates=(*stamped.certificates, ca().der)), now=NOW, crls=lists(NOW))
    assert "timestamp-later" in codes(report)
    assert report.proven_time is None
