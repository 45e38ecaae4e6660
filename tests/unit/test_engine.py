"""From a file to its report: conclusions, times, levels, sentences."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.i18n import set_language
from app.settings import Settings
from app.trust.cms import read_signed_data
from app.trust.fetch import Fetcher
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.trust.timestamps import HttpTimestamper, read_timestamp
from app.verification.engine import Verifier
from app.verification.judgement import judge
from app.verification.model import (
    Change,
    Conclusion,
    Coverage,
    DocumentFacts,
    FileReport,
    Indication,
    SignatureFacts,
    SignatureReport,
)
from app.verification.policy import Policy
from app.verification.sentences import summary
from app.verification.standing import evaluate_signer
from app.verification.time_proof import prove
from tests import office_signing
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.unit.trust_material import NOW, YEAR, CmsMaker, Holder, certificate, crl, digest_of, rsa_key, timestamp
from tests.unit.trust_material import pki as make_pki

DAY = dt.timedelta(days=1)
VALID, WARNING, INDETERMINATE, INVALID = (
    Conclusion.VALID,
    Conclusion.WARNING,
    Conclusion.INDETERMINATE,
    Conclusion.INVALID,
)
POLICY = Policy.load()


def lists(revoked: dict[int, dt.datetime] | None = None, *, at: dt.datetime = NOW) -> list[bytes]:
    return [crl(make_pki().ca, revoked, at=at), crl(make_pki().root, at=at)]


def facts_of(maker: CmsMaker, **changes: Any) -> SignatureFacts:
    """Facts of a really made signature, as the PDF examiner would state them."""
    read = read_signed_data(maker.make(), digest_of=digest_of(CmsMaker(maker.signer).content))
    facts = SignatureFacts(
        name="Signature1",
        format="pdf",
        intact=read.intact,
        supported=read.supported,
        certificate=read.certificate,
        certificates=read.certificates,
        digest_algorithm=read.digest_algorithm,
        signature_algorithm=read.signature_algorithm,
        claimed_time=read.claimed_time,
        timestamps=read.timestamps,
        coverage=Coverage.WHOLE,
        embedded_crls=read.embedded_crls,
        embedded_ocsps=read.embedded_ocsps,
        problems=read.problems,
    )
    return replace(facts, **changes)


def judged(
    *signatures: SignatureFacts,
    crls: Sequence[bytes] | None = None,
    now: dt.datetime = NOW,
    roots: Sequence[Holder] | None = None,
    policy: Policy = POLICY,
) -> list[SignatureReport]:
    anchors = [root.der for root in roots or [make_pki().root]]
    store = TrustStore(lambda: anchors, lambda: [make_pki().ca.der], lists() if crls is None else crls)
    trust = TrustEvaluator(store, None)
    document = DocumentFacts("pdf", tuple(signatures))
    reports = []
    for facts, proof in zip(signatures, prove(document, trust, policy, now), strict=True):
        found, standings = evaluate_signer(trust, facts, proof, now)
        reports.append(judge(facts, found, proof, policy, now, standings))
    return reports


def codes(report: SignatureReport | FileReport) -> list[str]:
    return [reason.code for reason in report.reasons]


def test_a_good_signature_is_valid() -> None:
    [report] = judged(facts_of(CmsMaker(make_pki().person)))
    assert report.conclusion is VALID
    assert report.indication is Indication.TOTAL_PASSED
    assert report.sub_indication is None
    assert report.reasons == []
    assert (report.signer, report.organization, report.kind) == ("Nguyễn Văn An", "UBND xã Tân An", "person")
    assert report.issuer == "CA thử nghiệm"
    assert report.level == "B"
    assert report.path == ["Nguyễn Văn An", "CA thử nghiệm", "Root thử nghiệm"]
    assert report.revocation.status == "good"
    assert report.revocation.next_update == NOW + 7 * DAY
    assert (report.integrity, report.valid_at_signing, report.valid_now) == ("intact", "valid", "valid")
    assert report.proven_time is None
    assert report.domain == "office"


@pytest.mark.parametrize(
    ("changes", "conclusion", "sub", "code"),
    [
        ({"intact": False}, INVALID, "SIG_CRYPTO_FAILURE", "signature-broken"),
        ({"intact": False, "supported": False}, INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", "signature-unsupported"),
        ({"coverage": Coverage.PARTIAL}, INVALID, "FORMAT_FAILURE", "coverage-partial"),
        (
            {"changes_allowed": False, "changes": (Change("page", "x", 1),)},
            INVALID,
            "FORMAT_FAILURE",
            "changed-after-signing",
        ),
        ({"certificate": None}, INDETERMINATE, "NO_SIGNING_CERTIFICATE_FOUND", "certificate-missing"),
        ({"claimed_time": NOW + DAY}, INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", "claimed-time-in-future"),
        ({"claimed_time": NOW - 2 * YEAR}, WARNING, None, "claimed-time-outside-certificate"),
        ({"digest_algorithm": "sha1"}, INVALID, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "weak-hash-new"),
        ({"coverage": Coverage.EARLIER_REVISION}, VALID, None, ""),
    ],
)
def test_facts_and_what_they_come_to(
    changes: dict[str, Any], conclusion: Conclusion, sub: str | None, code: str
) -> None:
    [report] = judged(facts_of(CmsMaker(make_pki().person), **changes))
    assert report.conclusion is conclusion
    assert report.sub_indication == sub
    assert codes(report)[:1] == ([code] if code else [])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((Change("content-changed", "/Contents", 2), Change("content-changed", "/Font", 1)), "Trang 1, 2 đã bị sửa"),
        ((Change("annotation-added", "Text", 1),), "Văn bản đã bị sửa"),
    ],
)
def test_what_was_changed_is_told_where_it_is_known(changes: tuple[Change, ...], told: str) -> None:
    set_language("vi")
    [report] = judged(facts_of(CmsMaker(make_pki().person), changes_allowed=False, changes=changes))
    assert report.reasons[0].message == f"{told} sau khi ký."
    assert report.reasons[0].hint == "Không sử dụng văn bản này. Đề nghị nơi gửi gửi lại đúng bản đã ký."
    assert f": {told[:1].lower()}{told[1:]} sau khi ký." in summary(INVALID, [report], [])


def test_a_claimed_time_after_the_end_of_the_certificate_cannot_be_mended_by_a_time_stamp() -> None:
    end = NOW - 10 * DAY
    old = certificate("Nguyễn Văn An", issuer=make_pki().ca, start=NOW - YEAR, end=end)
    set_language("vi")
    [report] = judged(facts_of(CmsMaker(old), claimed_time=NOW - DAY))
    assert report.conclusion is INDETERMINATE
    assert codes(report)[0] == "certificate-expired-then"
    assert "claimed-time-outside-certificate" not in codes(report)
    assert report.sub_indication == "OUT_OF_BOUNDS_NO_POE"
    assert report.reasons[0].hint == "Đề nghị ký lại bằng chứng thư còn hạn."
    [before] = judged(facts_of(CmsMaker(old), claimed_time=end - DAY))
    assert codes(before)[0] == "certificate-expired"


def test_a_broken_digest() -> None:
    [report] = judged(facts_of(CmsMaker(make_pki().person, digest=b"\x00" * 32)))
    assert (report.conclusion, report.sub_indication) == (INVALID, "HASH_FAILURE")
    assert report.indication is Indication.TOTAL_FAILED


def test_an_unknown_root() -> None:
    [report] = judged(facts_of(CmsMaker(make_pki().person)), roots=[certificate("Khác", ca=True)])
    assert (report.conclusion, report.sub_indication) == (INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND")


def test_unknown_revocation() -> None:
    [report] = judged(facts_of(CmsMaker(make_pki().person)), crls=[])
    assert (report.conclusion, report.sub_indication) == (INDETERMINATE, "TRY_LATER")
    assert codes(report) == ["revocation-unknown"]
    assert report.revocation.source == "none"


def test_an_algorithm_that_is_not_known() -> None:
    from tests.unit.trust_material import algorithm

    maker = CmsMaker(make_pki().person, digest_algorithm=algorithm("1.2.840.113549.2.5"))
    [report] = judged(facts_of(maker))
    assert report.conclusion is INDETERMINATE
    assert codes(report)[0] == "algorithm-unknown"


# Time.


def test_expired_without_and_with_a_time_stamp() -> None:
    later = NOW + 400 * DAY
    fresh = [crl(make_pki().ca, at=later), crl(make_pki().root, at=later), *lists(at=NOW + DAY)]
    [plain] = judged(facts_of(CmsMaker(make_pki().person)), now=later, crls=fresh)
    assert (plain.conclusion, plain.sub_indication) == (INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")

    durable_ca = certificate("CA bền", issuer=make_pki().root, ca=True, end=NOW + 9 * YEAR)
    tsa = _tsa(durable_ca, end=NOW + 9 * YEAR)
    stamped = CmsMaker(make_pki().person, timestamp=lambda value: timestamp(value, authority=tsa))
    facts = facts_of(stamped)
    facts = replace(facts, certificates=(*facts.certificates, durable_ca.der), timestamps=tuple(
        replace(stamp, certificates=(*stamp.certificates, durable_ca.der)) for stamp in facts.timestamps
    ))  # fmt: skip
    [proven] = judged(facts, now=later, crls=[*fresh, crl(durable_ca, at=later)])
    assert proven.conclusion is VALID, codes(proven)
    assert proven.timestamp_time == NOW
    assert proven.level == "T"


def _tsa(issuer: Holder, **options: Any) -> Holder:
    from cryptography.x509.oid import ExtendedKeyUsageOID

    return certificate(
        "TSA bền", issuer=issuer, purposes=[ExtendedKeyUsageOID.TIME_STAMPING], usage=["digital_signature"], **options
    )


def test_revoked_before_and_after_a_proven_time() -> None:
    number = make_pki().person.certificate.serial_number
    facts = facts_of(CmsMaker(make_pki().person, timestamp=timestamp))
    later = NOW + 30 * DAY
    [after] = judged(facts, now=later, crls=lists({number: NOW + DAY}, at=later))
    assert after.conclusion is VALID
    [before] = judged(facts, now=later, crls=lists({number: NOW - DAY}, at=later))
    assert (before.conclusion, before.sub_indication) == (INVALID, "REVOKED")
    assert codes(before) == ["revoked"]


def test_revoked_without_a_proven_time() -> None:
    """The time that counts is then now: a claimed time is the word of whoever holds the key."""
    number = make_pki().person.certificate.serial_number
    facts = facts_of(CmsMaker(make_pki().person))
    later = NOW + 30 * DAY
    [report] = judged(facts, now=later, crls=lists({number: NOW + DAY}, at=later))
    assert (report.conclusion, report.sub_indication) == (INVALID, "REVOKED")
    assert codes(report) == ["revoked-unproven"]


def test_a_policy_may_leave_the_unproven_open(tmp_path: Path) -> None:
    from app.paths import RESOURCES

    text = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "p.toml").write_text(
        text.replace('revoked-unproven = "fail"', 'revoked-unproven = "indeterminate"'), encoding="utf-8"
    )
    number = make_pki().person.certificate.serial_number
    later = NOW + 30 * DAY
    [report] = judged(
        facts_of(CmsMaker(make_pki().person)),
        now=later,
        crls=lists({number: NOW + DAY}, at=later),
        policy=Policy.load(tmp_path / "p.toml"),
    )
    assert (report.conclusion, report.sub_indication) == (INDETERMINATE, "REVOKED_NO_POE")


def test_a_time_stamp_of_a_stranger_proves_nothing() -> None:
    stranger_root = certificate("Root lạ", ca=True)
    stranger = _tsa(stranger_root)
    facts = facts_of(CmsMaker(make_pki().person, timestamp=lambda value: timestamp(value, authority=stranger)))
    [report] = judged(facts)
    assert report.conclusion is INDETERMINATE
    assert codes(report) == ["timestamp-untrusted"]
    assert report.timestamp_time is None
    number = make_pki().person.certificate.serial_number
    later = NOW + 30 * DAY
    [revoked] = judged(facts, now=later, crls=lists({number: NOW + DAY}, at=later))
    assert revoked.conclusion is INVALID


def test_a_revoked_time_stamp_authority_proves_nothing() -> None:
    numbers = {make_pki().tsa.certificate.serial_number: NOW - DAY}
    [report] = judged(facts_of(CmsMaker(make_pki().person, timestamp=timestamp)), crls=lists(numbers))
    assert codes(report) == ["timestamp-revoked"]


def test_a_time_stamp_that_does_not_hold() -> None:
    maker = CmsMaker(make_pki().person, timestamp=lambda value: timestamp(b"another"))
    [report] = judged(facts_of(maker))
    assert report.conclusion is INDETERMINATE
    assert codes(report) == ["timestamp-not-intact"]
    assert report.level == "B"


def test_a_claim_after_the_time_stamp() -> None:
    maker = CmsMaker(make_pki().person, timestamp=lambda value: timestamp(value, at=NOW - DAY))
    [report] = judged(facts_of(maker))
    assert codes(report) == ["claimed-time-after-timestamp"]


def test_a_document_time_stamp_is_evidence_for_what_stands_before_it() -> None:
    signed = facts_of(CmsMaker(make_pki().person))
    token = timestamp(b"whole file")
    stamp = read_timestamp(token, message=b"whole file")
    document = SignatureFacts(
        "T1",
        "pdf",
        intact=True,
        certificate=stamp.certificate,
        timestamps=(stamp,),
        document_timestamp=True,
        coverage=Coverage.WHOLE,
    )
    number = make_pki().person.certificate.serial_number
    later = NOW + 30 * DAY
    after = lists({number: NOW + DAY}, at=later)
    assert judged(signed, document, now=later, crls=after)[0].conclusion is VALID
    assert judged(signed, document, now=later, crls=after)[0].timestamp_time == NOW
    assert judged(document, signed, now=later, crls=after)[1].conclusion is INVALID
    broken = replace(document, intact=False)
    assert judged(signed, broken, now=later, crls=after)[0].conclusion is INVALID


def test_levels() -> None:
    plain = facts_of(CmsMaker(make_pki().person))
    stamped = facts_of(CmsMaker(make_pki().person, timestamp=timestamp))
    evidence = {"embedded_crls": tuple(lists())}
    assert judged(facts_of(CmsMaker(make_pki().person, with_ess=False)))[0].level == ""
    assert judged(plain)[0].level == "B"
    assert judged(stamped)[0].level == "T"
    assert judged(replace(stamped, **evidence))[0].level == "LT"
    stamp = read_timestamp(timestamp(b"x"), message=b"x")
    whole = SignatureFacts(
        "T", "pdf", intact=True, certificate=stamp.certificate, timestamps=(stamp,), document_timestamp=True
    )
    assert judged(replace(stamped, **evidence), whole)[0].level == "LT"  # the evidence is not under the seal
    assert judged(replace(stamped, **evidence), replace(whole, seals=("Signature1",)))[0].level == "LTA"


# Algorithms.


def _old_signer(bits: int, **options: Any) -> Holder:
    return certificate(
        f"Người ký cũ {bits}", issuer=make_pki().ca, key=rsa_key("old", bits), start=NOW - 3 * YEAR, **options
    )


def test_weak_algorithms_in_old_and_new_documents() -> None:
    old = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    signer = _old_signer(1024)
    [new] = judged(facts_of(CmsMaker(signer, hash_name="sha1")))
    assert new.conclusion is INVALID
    assert set(codes(new)) == {"weak-hash-new", "weak-key-new"}
    [claimed] = judged(facts_of(CmsMaker(signer, hash_name="sha1", signing_time=old)))
    assert claimed.conclusion is INDETERMINATE, "whoever holds the key can claim any time"
    assert claimed.sub_indication == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    assert set(codes(claimed)) == {"weak-hash-unproven", "weak-key-unproven"}
    [only_hash] = judged(facts_of(CmsMaker(_old_signer(2048), hash_name="sha1", signing_time=old)))
    assert (only_hash.conclusion, codes(only_hash)) == (WARNING, ["weak-hash-unproven"])
    [proven] = judged(_stamped(signing_time=old), crls=_old_lists())
    assert proven.conclusion is WARNING
    assert set(codes(proven)) == {"weak-hash-old", "weak-key-old"}
    [late] = judged(_stamped(signing_time=NOW), crls=_old_lists())
    assert late.conclusion is INVALID


@cache
def _old_office() -> tuple[Holder, Holder, Holder]:
    """An authority of long ago, a signer and a time-stamp authority below it."""
    since = NOW - 4 * YEAR
    authority = certificate("CA lâu năm", issuer=make_pki().root, ca=True, start=since)
    signer = certificate("Người ký cũ", issuer=authority, key=rsa_key("old", 1024), start=since)
    purposes = [ExtendedKeyUsageOID.TIME_STAMPING]
    tsa = certificate("TSA cũ", issuer=authority, purposes=purposes, usage=["digital_signature"], start=since)
    return authority, signer, tsa


def _old_lists() -> list[bytes]:
    return [*lists(), crl(_old_office()[0])]


def _stamped(*, signing_time: dt.datetime) -> SignatureFacts:
    """A weak signature of the old office with a time stamp of its time."""
    authority, signer, tsa = _old_office()

    def stamp(value: bytes) -> bytes:
        return timestamp(value, authority=tsa, at=signing_time)

    maker = CmsMaker(signer, hash_name="sha1", timestamp=stamp, signing_time=signing_time)
    facts = facts_of(maker)
    return replace(facts, certificates=(*facts.certificates, authority.der))


def test_a_claimed_time_before_the_certificate_makes_nothing_old() -> None:
    old = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    young = certificate("Người mới", issuer=make_pki().ca, key=rsa_key("young", 1024), start=NOW - 30 * DAY)
    [report] = judged(facts_of(CmsMaker(young, signing_time=old)))
    assert report.conclusion is INVALID
    assert codes(report)[0] == "weak-key-new"


# Files.


def verifier(settings: Settings, **stores: Any) -> Verifier:
    return Verifier(TrustEvaluator(TrustStore.from_settings(settings, **stores), None), POLICY)


@pytest.fixture
def evidence(pki: Pki, tmp_path: Path) -> list[Path]:
    paths = []
    for issuer in ("issuing", "root"):
        paths.append(tmp_path / f"{issuer}.crl")
        paths[-1].write_bytes(pki.crl(issuer))
    return paths


@pytest.fixture
def signed(samples: dict[str, Path], pki: Pki, tmp_path: Path) -> Path:
    source = next(path for path in samples.values() if path.suffix == ".docx")
    target = tmp_path / "đã ký.docx"
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    office_signing.sign(source, target, pki.credential("leader"), signing_time=now)
    return target


def test_a_signed_file_with_and_without_evidence(
    signed: Path, offline_settings: Settings, evidence: list[Path]
) -> None:
    set_language("en")
    report = verifier(offline_settings, extra_crls=evidence).verify(signed)
    assert report.conclusion in (VALID, WARNING)
    assert report.sha256 == hashlib.sha256(signed.read_bytes()).hexdigest()
    assert report.format == "ooxml"
    assert "Nguyễn Văn An" in report.summary
    report = verifier(offline_settings).verify(signed)
    assert report.conclusion is INDETERMINATE
    assert report.signatures[0].sub_indication == "TRY_LATER"
    assert "is not confirmed: it is not known whether the certificate was revoked" in report.summary
    assert report.next_step


def test_online_it_is_valid(signed: Path, settings: Settings, services: Services) -> None:
    trust = TrustEvaluator(TrustStore.from_settings(settings), Fetcher.from_settings(settings))
    report = Verifier(trust, POLICY).verify(signed)
    assert report.conclusion in (VALID, WARNING)
    assert report.signatures[0].revocation.source == "ocsp"


@pytest.mark.parametrize(
    ("who", "conclusion", "sub"),
    [
        ("revoked", INVALID, "REVOKED"),
        ("expired", INDETERMINATE, "OUT_OF_BOUNDS_NO_POE"),
        ("future", INVALID, "NOT_YET_VALID"),
        ("weak", INVALID, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        ("second", VALID, None),
        ("p384", VALID, None),
    ],
)
def test_signers_of_the_demo_office(
    who: str,
    conclusion: Conclusion,
    sub: str | None,
    samples: dict[str, Path],
    pki: Pki,
    tmp_path: Path,
    offline_settings: Settings,
    evidence: list[Path],
) -> None:
    source = next(path for path in samples.values() if path.suffix == ".xlsx")
    target = tmp_path / "signed.xlsx"
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    office_signing.sign(source, target, pki.credential(who), signing_time=now)
    report = verifier(offline_settings, extra_crls=evidence).verify(target)
    [signature] = report.signatures
    assert report.conclusion is conclusion, codes(signature)
    assert signature.sub_indication == sub


def test_a_stranger_of_the_same_name(
    samples: dict[str, Path], pki: Pki, tmp_path: Path, offline_settings: Settings, evidence: list[Path]
) -> None:
    source = next(path for path in samples.values() if path.suffix == ".docx")
    target = tmp_path / "stranger.docx"
    office_signing.sign(source, target, pki.credential("leader", stranger=True))
    report = verifier(offline_settings, extra_crls=evidence).verify(target)
    assert report.conclusion is INDETERMINATE
    assert report.signatures[0].sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_as_of_a_time(signed: Path, offline_settings: Settings, evidence: list[Path]) -> None:
    long_ago = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)
    report = verifier(offline_settings, extra_crls=evidence).verify(signed, at=long_ago)
    assert report.signatures[0].sub_indication == "NOT_YET_VALID"


def test_unsigned_files(samples: dict[str, Path], offline_settings: Settings) -> None:
    set_language("en")
    for path in samples.values():
        report = verifier(offline_settings).verify(path)
        assert report.conclusion is Conclusion.UNSIGNED, path
        assert report.summary == "This file bears no digital signature."


def test_files_that_cannot_be_read(offline_settings: Settings, tmp_path: Path) -> None:
    verify = verifier(offline_settings).verify
    cases: dict[str, tuple[bytes, str]] = {
        "random": (b"nothing at all", "format-unknown"),
        "empty": (b"", "format-empty"),
        "xml": (b'<?xml version="1.0"?><a>', "xml-not-plain"),
        "zip": (b"PK\x05\x06" + b"\x00" * 18, "format-unknown"),
        "cut.pdf": (b"%PDF-1.7\n1 0 obj\n<<", "pdf-damaged"),
    }
    for name, (content, code) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        report = verify(path)
        assert report.conclusion is Conclusion.UNREADABLE, name
        assert codes(report) == [code], name
        assert report.summary
        assert report.next_step
        assert report.sha256 == hashlib.sha256(content).hexdigest()
    missing = verify(tmp_path / "missing.pdf")
    assert (missing.conclusion, codes(missing)) == (Conclusion.UNREADABLE, ["file-missing"])
    folder = verify(tmp_path)
    assert folder.conclusion is Conclusion.UNREADABLE


def test_a_file_that_takes_all_memory_is_told_so(
    offline_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.verification import xml

    monkeypatch.setattr(xml, "examine", lambda path: bytearray(1 << 62))
    (tmp_path / "lon.xml").write_bytes(b"<a/>")
    report = verifier(offline_settings).verify(tmp_path / "lon.xml")
    assert (report.conclusion, codes(report)) == (Conclusion.UNREADABLE, ["memory-lacking"])
    assert report.sha256 == hashlib.sha256(b"<a/>").hexdigest()


def test_a_content_belongs_to_a_signature_file_only(offline_settings: Settings, samples: dict[str, Path]) -> None:
    report = verifier(offline_settings).verify(samples["xlsx"], content=samples["pptx"])
    assert (report.conclusion, codes(report)) == (Conclusion.UNREADABLE, ["content-not-asked"])


def test_a_pipe_does_not_hang(offline_settings: Settings, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    assert verifier(offline_settings).verify(tmp_path / "pipe.pdf").conclusion is Conclusion.UNREADABLE


def test_the_input_is_never_changed(signed: Path, offline_settings: Settings, tmp_path: Path) -> None:
    before = (signed.read_bytes(), signed.stat().st_mtime_ns)
    verifier(offline_settings).verify(signed)
    assert (signed.read_bytes(), signed.stat().st_mtime_ns) == before


def test_a_file_with_several_signers(
    signed: Path, pki: Pki, tmp_path: Path, offline_settings: Settings, evidence: list[Path]
) -> None:
    set_language("en")
    both = tmp_path / "cả hai.docx"
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    office_signing.sign(signed, both, pki.credential("seal"), signing_time=now)
    report = verifier(offline_settings, extra_crls=evidence).verify(both)
    assert report.conclusion in (VALID, WARNING)
    assert [signature.kind for signature in report.signatures] == ["person", "organization"]
    assert " and " in report.summary
    shutil.copy(both, tmp_path / "x.docx")
    third = tmp_path / "ba.docx"
    office_signing.sign(both, third, pki.credential("revoked"), signing_time=now)
    worst = verifier(offline_settings, extra_crls=evidence).verify(third)
    assert worst.conclusion is INVALID
    assert "Huỳnh Tấn Phát" in worst.summary


def test_a_time_stamped_file_is_level_t(
    samples: dict[str, Path], pki: Pki, services: Services, tmp_path: Path, settings: Settings, evidence: list[Path]
) -> None:
    from app.signing.model import Level

    source = next(path for path in samples.values() if path.suffix == ".docx")
    target = tmp_path / "t.docx"
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    office_signing.sign(source, target, pki.credential("leader"), signing_time=now, level=Level.T, timestamper=stamper)
    [signature] = verifier(settings, extra_crls=evidence).verify(target).signatures
    assert signature.level == "T"
    assert signature.timestamp_time is not None
    assert abs(signature.timestamp_time - now) < dt.timedelta(minutes=2)


def test_vietnamese_is_the_language_of_the_report(signed: Path, offline_settings: Settings) -> None:
    set_language("vi")
    report = verifier(offline_settings).verify(signed)
    assert report.summary


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("trống.pdf", b"", "format-empty", "tệp trống (0 byte)"),
        ("trang.pdf", b"<!DOCTYPE html><html><body>404</body></html>", "format-misnamed", "không phải tệp PDF"),
        ("hồ sơ.docx", b"Rar!\x1a\x07\x01\x00" + bytes(64), "format-packed", "tệp nén RAR"),
        ("hồ sơ.7z", b"7z\xbc\xaf\x27\x1c" + bytes(64), "format-packed", "tệp nén 7z"),
        ("lạ.bin", b"abc", "format-unknown", "không phải loại tệp"),
    ],
)
def test_what_is_no_document_is_told_as_what_it_is(
    tmp_path: Path, offline_settings: Settings, name: str, content: bytes, code: str, told: str
) -> None:
    set_language("vi")
    (tmp_path / name).write_bytes(content)
    report = verifier(offline_settings).verify(tmp_path / name)
    assert (report.conclusion, codes(report)) == (Conclusion.UNREADABLE, [code])
    assert report.summary.startswith("Không kiểm tra được tệp: ")
    assert told in report.summary
    assert report.next_step
