"""Forged, misplaced and weak evidence on revocation, and crowds of it: none makes a certificate pass for good, and
none keeps the program from answering."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.trust import crl as lists
from app.trust import revocation
from app.trust.certificate import read_certificate
from app.trust.crl import read_crl
from app.trust.model import RevocationFacts, RevocationStatus
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.trust.weighed_cache import WeighedCache
from app.verification.model import Conclusion
from tests.unit.test_engine import codes, facts_of, judged
from tests.unit.trust_material import (
    NOW,
    YEAR,
    CmsMaker,
    Holder,
    certificate,
    crl,
    hash_algorithm,
    ocsp_answer,
    pki,
    rsa_key,
    seq,
)

GOOD, REVOKED, UNKNOWN = RevocationStatus.GOOD, RevocationStatus.REVOKED, RevocationStatus.UNKNOWN
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def found(
    *,
    leaf: Holder | None = None,
    others: Sequence[bytes] = (),
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
    at: dt.datetime = NOW,
) -> RevocationFacts:
    """What a document's own evidence says of a certificate."""
    evaluator = TrustEvaluator(TrustStore(lambda: [pki().root.der], lambda: [pki().ca.der]), None)
    facts = evaluator.evaluate(
        (leaf or pki().person).der, others, at=at, usage="signature", crls=[*crls, crl(pki().root)], ocsps=ocsps
    )
    assert facts.trusted
    return facts.revocation


# Answers. Each forgery is one change to an answer that counts.


def answer(change: Callable[[Any], None] | None = None, *, leaf: Holder | None = None, **options: Any) -> bytes:
    """An answer of the authority itself, changed before it signs."""
    made = asn1_ocsp.OCSPResponse.load(ocsp_answer(leaf or pki().person, pki().ca, pki().ca, include=False, **options))
    basic = made["response_bytes"]["response"].parsed
    if change is not None:
        change(basic["tbs_response_data"])
        signed = basic["tbs_response_data"].dump(force=True)
        basic["signature"] = pki().ca.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    made["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return bytes(made.dump(force=True))


def _single(change: Callable[[Any], None]) -> Callable[[Any], None]:
    def changed(data: Any) -> None:
        change(data["responses"][0])

    return changed


def _set(*path: str, value: Any) -> Callable[[Any], None]:
    def changed(single: Any) -> None:
        target = single
        for name in path[:-1]:
            target = target[name]
        target[path[-1]] = value

    return _single(changed)


def _extension(kind: str, value: bytes, *, critical: bool = False) -> Callable[[Any], None]:
    class Extension(core.Sequence):
        _fields = [
            ("extn_id", core.ObjectIdentifier),
            ("critical", core.Boolean, {"default": False}),
            ("extn_value", core.OctetString),
        ]

    class Extensions(core.SequenceOf):
        _child_spec = Extension

    def changed(single: Any) -> None:
        made = Extensions([{"extn_id": kind, "critical": critical, "extn_value": value}])
        tagged = made.dump()
        content = single.dump(force=True)
        inner = asn1_ocsp.SingleResponse.load(content)
        raw = inner.contents + b"\xa1" + bytes([len(tagged)]) + tagged
        single.contents = raw
        single._parsed = None
        single.children = None

    return _single(changed)


def _cert_hash(data: bytes) -> bytes:
    return seq(hash_algorithm("sha256"), b"\x04\x20" + hashlib.sha256(data).digest())


CERT_HASH = "1.3.36.8.3.13"


def test_the_answer_that_all_forgeries_start_from_counts() -> None:
    assert found(ocsps=[answer()]).status is GOOD
    assert found(ocsps=[answer(lambda data: None)]).status is GOOD
    right = _extension(CERT_HASH, _cert_hash(pki().person.der), critical=True)
    assert found(ocsps=[answer(right)]).status is GOOD


@pytest.mark.parametrize(
    "forged",
    [
        lambda: answer(_set("cert_id", "serial_number", value=4711)),
        lambda: answer(_set("cert_id", "issuer_key_hash", value=b"\x01" * 20)),
        lambda: answer(_set("cert_id", "issuer_name_hash", value=b"\x01" * 20)),
        lambda: answer(_set("cert_id", "hash_algorithm", "algorithm", value="md5")),
        lambda: answer(_extension(CERT_HASH, _cert_hash(pki().agency.der))),
        lambda: answer(_extension(CERT_HASH, b"\x05\x00")),
        lambda: answer(_extension("1.2.3.4", b"\x05\x00", critical=True)),
        lambda: answer(_set("next_update", value=NOW - YEAR)),
        lambda: answer(at=NOW - 3 * DAY, until=NOW - 2 * DAY),
        lambda: answer(at=dt.datetime.now(dt.UTC) + YEAR, until=dt.datetime.now(dt.UTC) + 2 * YEAR),
        lambda: answer(unknown=True),
        lambda: answer()[:-1] + bytes([answer()[-1] ^ 1]),
        lambda: answer()[:200],
        lambda: bytes(asn1_ocsp.OCSPResponse({"response_status": "try_later"}).dump()),
    ],
    ids=[
        *("another serial", "another issuer key", "another issuer name", "a hash that is not taken"),
        *("another certificate by its hash", "a hash of nothing", "an unknown critical extension"),
        *("ended before it began", "ran out", "from the future", "unknown to the responder", "a signature changed"),
        *("cut", "an error"),
    ],
)
def test_a_forged_answer_says_nothing(forged: Callable[[], bytes]) -> None:
    assert found(ocsps=[forged()]).status is UNKNOWN


def test_an_answer_tells_since_when_a_key_was_lost() -> None:
    """The date of invalidity (RFC 6960, 4.4.5): a time stamp of after it does not save a signature of the thief."""
    lost = f"{NOW - 20 * DAY:%Y%m%d%H%M%SZ}".encode()
    stated = _extension("2.5.29.24", b"\x18" + bytes([len(lost)]) + lost)
    plain, dated = (answer(change, revoked_at=NOW - 5 * DAY) for change in (None, stated))
    assert found(ocsps=[plain], at=NOW - 10 * DAY).status is GOOD
    assert found(ocsps=[dated], at=NOW - 10 * DAY).status is REVOKED
    assert found(ocsps=[dated], at=NOW - 30 * DAY).status is GOOD


def test_an_authority_that_keeps_its_answers_speaks_of_the_expired_too() -> None:
    """Archive cutoff (RFC 6960, 4.4.4)."""
    old = certificate("Đã hết hạn", issuer=pki().ca, end=NOW - 10 * DAY)
    cutoff = {since: f"{NOW - since * DAY:%Y%m%d%H%M%SZ}".encode() for since in (20, 5)}
    for since, status in ((20, GOOD), (5, UNKNOWN)):
        value = b"\x18" + bytes([len(cutoff[since])]) + cutoff[since]
        made = answer(_extension("1.3.6.1.5.5.7.48.1.6", value), leaf=old)
        assert found(leaf=old, ocsps=[made], at=NOW - 15 * DAY).status is status


# Lists.


def delta(
    revoked: dict[int, str] | None = None, *, base: int = 5, number: int = 7, issuer: Holder | None = None, **more: Any
) -> bytes:
    """A delta list of the authority: serial numbers with the reason."""
    own = issuer or pki().ca
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(own.certificate.subject)
        .last_update(more.get("at", NOW) - HOUR / 2)
        .next_update(more.get("at", NOW) + 7 * DAY)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.DeltaCRLIndicator(base), critical=True)
    )
    for extension in more.get("extensions", ()):
        builder = builder.add_extension(extension, critical=True)
    for serial, reason in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - DAY)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(more.get("key", own.key), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def base(revoked: dict[int, dt.datetime] | None = None) -> bytes:
    """A complete list, the fifth."""
    return crl(pki().ca, revoked, extensions=[(x509.CRLNumber(5), False)])


SERIAL = pki().person.certificate.serial_number


def test_a_delta_says_what_happened_since_its_list() -> None:
    assert found(crls=[base(), delta({SERIAL: "keyCompromise"})]).status is REVOKED
    newer = found(crls=[base(), delta()])
    assert (newer.status, newer.as_of) == (GOOD, NOW - HOUR / 2)
    assert found(crls=[base({SERIAL: NOW - DAY}), delta()]).status is REVOKED
    assert found(crls=[base({SERIAL: NOW - DAY}), delta({SERIAL: "removeFromCRL"})]).status is REVOKED, "no hold"


def test_a_hold_ends_with_a_delta_that_removes_it() -> None:
    held = crl_with_hold()
    assert found(crls=[held]).status is REVOKED
    assert found(crls=[held, delta({SERIAL: "removeFromCRL"})]).status is GOOD
    assert found(crls=[held, delta()]).status is REVOKED
    assert found(crls=[held, delta({SERIAL: "keyCompromise"})]).status is REVOKED


def crl_with_hold() -> bytes:
    entry = x509.RevokedCertificateBuilder().serial_number(SERIAL).revocation_date(NOW - DAY)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.certificate_hold), critical=False)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(pki().ca.certificate.subject)
        .last_update(NOW - HOUR)
        .next_update(NOW + 7 * DAY)
        .add_extension(x509.CRLNumber(5), critical=False)
        .add_revoked_certificate(entry.build())
    )
    return builder.sign(pki().ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "options",
    [
        {"base": 6},
        {"number": 5},
        {"key": pki().root.key},
        {"extensions": [x509.IssuingDistributionPoint(None, None, True, False, None, False, False)]},
    ],
    ids=["of a later list", "not newer", "of another key", "of another scope"],
)
def test_a_delta_that_does_not_belong_to_the_list_never_lifts_a_hold(options: dict[str, Any]) -> None:
    assert found(crls=[crl_with_hold(), delta({SERIAL: "removeFromCRL"}, **options)]).status is REVOKED
    assert found(crls=[delta(**options)]).status is UNKNOWN, "nor does one without its list say good"


def test_a_delta_alone_may_say_revoked_and_nothing_else() -> None:
    assert found(crls=[delta({SERIAL: "keyCompromise"})]).status is REVOKED
    assert found(crls=[delta()]).status is UNKNOWN
    assert found(crls=[delta({SERIAL: "removeFromCRL"})]).status is UNKNOWN


def test_a_list_of_another_authority_of_the_same_name() -> None:
    other = certificate("CA thử nghiệm", issuer=pki().root, ca=True, key=rsa_key("other ca"))
    assert other.certificate.subject == pki().ca.certificate.subject
    for forged in (crl(other), delta({SERIAL: "keyCompromise"}, issuer=other)):
        assert found(crls=[forged], others=[other.der]).status is UNKNOWN
    assert found(crls=[crl(other), base()], others=[other.der]).status is GOOD


def test_every_entry_of_a_list_is_found_whatever_its_size() -> None:
    """Entries are searched for, not read one by one: short and long ones, and numbers inside other numbers."""
    numbers = [1, 127, 128, 255, 256, 0x0201, 0x020101, *(0x02 << 64 | number for number in range(300))]
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(pki().ca.certificate.subject)
        .last_update(NOW - HOUR)
        .next_update(NOW + 7 * DAY)
    )
    for position, number in enumerate(numbers):
        entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(NOW - DAY)
        padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x04\x00" * (position * 40 % 700))
        builder = builder.add_revoked_certificate(entry.add_extension(padding, critical=False).build())
    data = builder.sign(pki().ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    found_list = read_crl(data)
    for number in numbers:
        leaf = read_certificate(certificate("Trong danh sách", issuer=pki().ca, serial=number).der)
        assert found_list.revoked(leaf) is not None, number
    for number in (2, 3, 0x0101, 0x0202, 0x02 << 64 | 300):
        leaf = read_certificate(certificate("Ngoài danh sách", issuer=pki().ca, serial=number).der)
        assert found_list.revoked(leaf) is None, number


# Weak evidence.


def _sha1_list(at: dt.datetime) -> bytes:
    made = asn1_crl.CertificateList.load(crl(pki().ca, at=at))
    for algorithm in (made["signature_algorithm"], made["tbs_cert_list"]["signature"]):
        algorithm["algorithm"] = "sha1_ecdsa"
    signed = made["tbs_cert_list"].dump(force=True)
    made["signature"] = pki().ca.key.sign(signed, ec.ECDSA(hashes.SHA1()))
    return bytes(made.dump(force=True))


def test_weakly_signed_evidence_is_told_and_never_enough_when_new() -> None:
    weak = _sha1_list(NOW)
    assert (read_crl(weak).hash_name, found(crls=[weak]).status) == ("sha1", GOOD)
    [report] = judged(facts_of(CmsMaker(pki().person)), crls=[weak, crl(pki().root)])
    assert (report.conclusion, codes(report)) == (Conclusion.INDETERMINATE, ["weak-evidence-new"])
    assert report.sub_indication == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    before = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
    [early] = judged(
        facts_of(CmsMaker(pki().person, signing_time=before)), crls=[_sha1_list(before), crl(pki().root)], now=before
    )
    assert (early.conclusion, codes(early)) == (Conclusion.VALID, ["weak-evidence"])


# Crowds.


def test_a_crowd_of_evidence_is_looked_at_in_part_only(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    original = revocation.read_ocsp

    def counted(data: bytes) -> Any:
        read.append(len(data))
        return original(data)

    monkeypatch.setattr(revocation, "read_ocsp", counted)
    genuine = answer()
    crowd = [genuine[:-4] + number.to_bytes(4, "big") for number in range(20_000)]
    assert found(ocsps=crowd).status is UNKNOWN
    assert len(read) == revocation.MAX_PIECES
    assert found(ocsps=[genuine, *crowd]).status is GOOD


def test_ten_thousand_certificates_and_loops_of_authorities_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.trust import search

    checked: list[int] = []
    original = search.signed_by

    def counted(subject: Any, issuer: Any) -> bool:
        checked.append(1)
        return original(subject, issuer)

    monkeypatch.setattr(search, "signed_by", counted)
    rings = [certificate(f"Vòng {number % 40}", ca=True, key=rsa_key(str(number % 3))) for number in range(120)]
    crossed = [
        certificate(f"Vòng {(number + 1) % 40}", issuer=rings[number % 40], ca=True, key=rsa_key(str(number % 3)))
        for number in range(120)
    ]
    leaf = certificate("Trong vòng", issuer=rings[0])
    crowd = [item.der for item in (*crossed, *rings)] * 50
    assert len(crowd) > 10_000
    facts = TrustEvaluator(TrustStore(lambda: [pki().root.der]), None).evaluate(
        leaf.der, crowd, at=NOW, usage="signature"
    )
    assert not facts.trusted
    assert len(checked) <= 100


def test_what_is_remembered_of_evidence_is_bounded_in_octets() -> None:
    made: list[bytes] = []
    cache: WeighedCache[int] = WeighedCache(1000)

    def make(data: bytes) -> int:
        made.append(data)
        return len(data)

    for number in range(100):
        assert cache.get(bytes([number]) * 100, make) == 100
    assert cache.get(bytes([99]) * 100, make) == 100
    assert len(made) == 100
    assert cache._weight <= 1000
    assert cache.get(b"x" * 600, make) == cache.get(b"x" * 600, make) == 600
    assert made.count(b"x" * 600) == 2, "what is too large is not kept"
    assert lists._REMEMBERED < 128 * 1024 * 1024
