"""Paths to an anchor: what RFC 5280 asks is asked of every certificate."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.settings import Settings
from app.trust import pem
from app.trust.algorithms import key_name
from app.trust.errors import CertificateUnreadable, NoCertificateFile, NoCrlFile
from app.trust.holder import holder
from app.trust.model import TrustFacts
from app.trust.path import TrustEvaluator, Usage
from app.trust.store import TrustStore
from tests.unit.trust_material import NOW, YEAR, Holder, certificate, crl, ec_key, name, pki, rsa_key

CRITICAL = True


def evaluate(
    leaf: Holder,
    others: Sequence[Holder] = (),
    *,
    root: Holder | None = None,
    usage: Usage = "signature",
    at: dt.datetime = NOW,
) -> TrustFacts:
    anchor = root or pki().root
    store = TrustStore(lambda: [anchor.der])
    return TrustEvaluator(store, None).evaluate(leaf.der, [other.der for other in others], at=at, usage=usage)


def codes(facts: TrustFacts) -> list[str]:
    return [problem.code for problem in facts.problems]


def test_a_good_path() -> None:
    material = pki()
    facts = evaluate(material.person, [material.ca])
    assert facts.trusted
    assert facts.in_period
    assert facts.path == (material.person.der, material.ca.der, material.root.der)
    assert evaluate(material.tsa, [material.ca], usage="timestamp").trusted


def test_openssl_judges_the_same(tmp_path: Path) -> None:
    """The good path and some of the bad ones, seen by another program."""
    material = pki()
    plain = certificate("Không phải CA", issuer=material.root)
    below_plain = certificate("Dưới không phải CA", issuer=plain)
    deep = certificate("CA sâu", issuer=material.ca, ca=True)
    below_deep = certificate("Dưới CA sâu", issuer=deep)
    cases: list[tuple[Holder, list[Holder]]] = [
        (material.person, [material.ca]),
        (below_plain, [plain]),
        (below_deep, [deep, material.ca]),
        (material.person, []),
    ]
    (tmp_path / "root.pem").write_bytes(_pem(material.root))
    for index, (leaf, others) in enumerate(cases):
        (tmp_path / "leaf.pem").write_bytes(_pem(leaf))
        (tmp_path / "others.pem").write_bytes(b"".join(map(_pem, others)) or b"\n")
        command = ["openssl", "verify", "-attime", str(int(NOW.timestamp())), "-CAfile", str(tmp_path / "root.pem")]
        if others:
            command += ["-untrusted", str(tmp_path / "others.pem")]
        accepted = subprocess.run([*command, str(tmp_path / "leaf.pem")], capture_output=True).returncode == 0
        assert evaluate(leaf, others).trusted is accepted, index


def _pem(holder: Holder) -> bytes:
    return holder.certificate.public_bytes(serialization.Encoding.PEM)


def _below(**options: object) -> tuple[Holder, list[Holder]]:
    """A leaf below an intermediate made with these options."""
    middle = certificate("Trung gian", issuer=pki().root, **{"ca": True, **options})
    return certificate("Lá", issuer=middle), [middle]


UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


def test_an_end_entity_is_no_authority() -> None:
    middle = certificate("Cán bộ", issuer=pki().ca, usage=("digital_signature", "key_cert_sign"))
    facts = evaluate(certificate("Giả mạo", issuer=middle), [middle, pki().ca])
    assert not facts.trusted
    assert codes(facts) == ["chain-not-a-ca"]


def test_an_authority_without_basic_constraints() -> None:
    leaf, others = _below(basic_constraints=False, usage=("key_cert_sign",))
    assert codes(evaluate(leaf, others)) == ["chain-not-a-ca"]


def test_an_authority_that_may_not_issue() -> None:
    leaf, others = _below(usage=("digital_signature", "crl_sign"))
    assert codes(evaluate(leaf, others)) == ["chain-key-usage"]


def test_path_length() -> None:
    middle = certificate("CA cấp hai", issuer=pki().ca, ca=True)
    facts = evaluate(certificate("Lá sâu", issuer=middle), [middle, pki().ca])
    assert codes(facts) == ["chain-path-length"]


def test_self_issued_certificates_do_not_count_for_the_path_length() -> None:
    subject = name("CA đổi khóa")
    old = certificate("cũ", issuer=pki().root, ca=True, path_length=0, subject=subject)
    new = certificate("mới", issuer=old, ca=True, subject=subject)
    assert evaluate(certificate("Lá của khóa mới", issuer=new), [new, old]).trusted


@pytest.mark.parametrize("where", ["leaf", "authority"])
def test_unknown_critical_extension(where: str) -> None:
    extension = [(UNKNOWN_EXTENSION, CRITICAL)]
    middle = certificate("CA lạ", issuer=pki().root, ca=True, extensions=extension if where == "authority" else [])
    leaf = certificate("Lá lạ", issuer=middle, extensions=extension if where == "leaf" else [])
    facts = evaluate(leaf, [middle])
    assert codes(facts) == ["chain-critical-extension"]
    assert dict(facts.problems[0].data)["extension"] == "1.2.3.4.5"


def test_an_unknown_extension_that_is_not_critical_is_passed_over() -> None:
    leaf = certificate("Lá thường", issuer=pki().ca, extensions=[(UNKNOWN_EXTENSION, False)])
    assert evaluate(leaf, [pki().ca]).trusted


@pytest.mark.parametrize(
    ("permitted", "excluded", "subject", "alternatives", "trusted"),
    [
        ([x509.DirectoryName(name("x").rdns and x509.Name(name("x").rdns[:2]))], None, name("Trong"), [], True),
        ([x509.DirectoryName(x509.Name(name("x").rdns[:2]))], None, name("Ngoài", "Công ty Khác"), [], False),
        (None, [x509.DirectoryName(x509.Name(name("x").rdns[:2]))], name("Cấm"), [], False),
        ([x509.DNSName("gov.vn")], None, name("a"), [x509.DNSName("so.gov.vn")], True),
        ([x509.DNSName("gov.vn")], None, name("b"), [x509.DNSName("evilgov.vn")], False),
        ([x509.RFC822Name("tanan.gov.vn")], None, name("c"), [x509.RFC822Name("an@tanan.gov.vn")], True),
        ([x509.RFC822Name(".gov.vn")], None, name("d"), [x509.RFC822Name("an@gov.vn")], False),
        (
            [x509.RFC822Name("tanan.gov.vn")],
            None,
            name("e", EMAIL_ADDRESS="an@khac.vn"),
            [],
            False,
        ),
        ([x509.IPAddress(ip_network("10.0.0.0/8"))], None, name("f"), [x509.DNSName("a.vn")], True),
        (
            [x509.UniformResourceIdentifier(".gov.vn")],
            None,
            name("g"),
            [x509.UniformResourceIdentifier("http://a.vn/")],
            False,
        ),
        (
            None,
            [x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))],
            name("h"),
            [x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4"))],
            False,
        ),
    ],
)
def test_name_constraints(
    permitted: list[x509.GeneralName] | None,
    excluded: list[x509.GeneralName] | None,
    subject: x509.Name,
    alternatives: list[x509.GeneralName],
    trusted: bool,
) -> None:
    constraint = x509.NameConstraints(permitted, excluded)
    middle = certificate("CA hạn chế", issuer=pki().root, ca=True, extensions=[(constraint, CRITICAL)])
    extensions = [(x509.SubjectAlternativeName(alternatives), False)] if alternatives else []
    leaf = certificate("lá", issuer=middle, subject=subject, extensions=extensions)
    facts = evaluate(leaf, [middle])
    assert facts.trusted is trusted
    if not trusted:
        assert codes(facts)[0] in ("chain-name-constraints", "chain-malformed")


ONE, TWO, THREE = (x509.ObjectIdentifier(f"1.2.840.99.{number}") for number in (1, 2, 3))


def _policies(*found: x509.ObjectIdentifier) -> tuple[x509.ExtensionType, bool]:
    return x509.CertificatePolicies([x509.PolicyInformation(policy, None) for policy in found]), False


ANY_POLICY = x509.ObjectIdentifier("2.5.29.32.0")


@pytest.mark.parametrize(
    ("above", "below", "trusted"),
    [
        ([_policies(ONE)], [_policies(TWO)], True),
        ([_policies(ONE), (x509.PolicyConstraints(0, None), True)], [_policies(ONE)], True),
        ([_policies(ONE), (x509.PolicyConstraints(0, None), True)], [_policies(TWO)], False),
        ([_policies(ONE), (x509.PolicyConstraints(0, None), True)], [], False),
        ([_policies(ANY_POLICY), (x509.PolicyConstraints(0, None), True)], [_policies(TWO)], True),
        (
            [_policies(ANY_POLICY), (x509.PolicyConstraints(0, None), True), (x509.InhibitAnyPolicy(0), True)],
            [_policies(ANY_POLICY)],
            False,
        ),
        ([_policies(ONE), (x509.PolicyConstraints(1, None), True)], [_policies(TWO)], False),
        ([_policies(ONE), (x509.PolicyConstraints(2, None), True)], [_policies(TWO)], True),
    ],
)
def test_policies(
    above: list[tuple[x509.ExtensionType, bool]], below: list[tuple[x509.ExtensionType, bool]], trusted: bool
) -> None:
    middle = certificate("CA chính sách", issuer=pki().root, ca=True, extensions=above)
    facts = evaluate(certificate("Lá chính sách", issuer=middle, extensions=below), [middle])
    assert facts.trusted is trusted
    assert codes(facts) == ([] if trusted else ["chain-policy"])


@pytest.mark.parametrize(
    ("usage", "purposes", "keys", "trusted"),
    [
        ("signature", [], ("digital_signature",), True),
        ("signature", [], ("content_commitment",), True),
        ("signature", [], ("key_encipherment",), False),
        ("signature", [ExtendedKeyUsageOID.EMAIL_PROTECTION], ("digital_signature",), True),
        ("signature", [ExtendedKeyUsageOID.SERVER_AUTH], ("digital_signature",), False),
        ("signature", [ExtendedKeyUsageOID.TIME_STAMPING], ("digital_signature",), False),
        ("timestamp", [ExtendedKeyUsageOID.TIME_STAMPING], ("digital_signature",), True),
        ("timestamp", [ExtendedKeyUsageOID.EMAIL_PROTECTION], ("digital_signature",), False),
        ("timestamp", [], ("digital_signature",), False),
    ],
)
def test_purposes(usage: Usage, purposes: list[x509.ObjectIdentifier], keys: tuple[str, ...], trusted: bool) -> None:
    leaf = certificate("Mục đích", issuer=pki().ca, purposes=purposes, usage=keys)
    facts = evaluate(leaf, [pki().ca], usage=usage)
    assert facts.trusted is trusted
    assert codes(facts) == ([] if trusted else ["certificate-purpose-wrong"])


def test_an_authority_for_time_stamps_does_not_issue_to_signers() -> None:
    leaf, others = _below(purposes=[ExtendedKeyUsageOID.TIME_STAMPING])
    assert codes(evaluate(leaf, others)) == ["chain-purpose"]


def test_unknown_roots_and_issuers() -> None:
    stranger = certificate("Root thử nghiệm", ca=True, key=ec_key("stranger"))
    leaf = certificate("Người lạ", issuer=stranger)
    assert codes(evaluate(leaf, [stranger])) == ["chain-root-namesake"]
    (forged,) = evaluate(leaf).problems
    assert (forged.code, dict(forged.data)) == (
        "chain-signature-wrong", {"name": "Người lạ", "issuer": "Root thử nghiệm"}
    )  # fmt: skip
    assert codes(evaluate(certificate("Tự cấp"))) == ["chain-self-made"]
    assert codes(evaluate(pki().person)) == ["chain-issuer-unknown"]
    other = certificate("Root khác", ca=True)
    assert codes(evaluate(certificate("Người khác", issuer=other), [other])) == ["chain-root-unknown"]
    assert not evaluate(other).trusted


def test_a_certificate_changed_after_issue() -> None:
    changed = bytearray(pki().person.der)
    place = changed.find("Nguyễn".encode())
    changed[place] ^= 1
    forged = TrustEvaluator(TrustStore(lambda: [pki().root.der]), None)
    facts = forged.evaluate(bytes(changed), [pki().ca.der], at=NOW, usage="signature")
    assert codes(facts) == ["chain-signature-wrong"]


def test_period() -> None:
    old = certificate("Hết hạn", issuer=pki().ca, start=NOW - YEAR, end=NOW - dt.timedelta(days=1))
    facts = evaluate(old, [pki().ca])
    assert facts.trusted
    assert not facts.in_period
    assert codes(facts) == ["certificate-expired"]
    assert evaluate(old, [pki().ca], at=NOW - dt.timedelta(days=2)).in_period
    future = certificate("Chưa tới", issuer=pki().ca, start=NOW + dt.timedelta(days=1))
    assert codes(evaluate(future, [pki().ca])) == ["certificate-not-yet-valid"]
    late = evaluate(pki().person, [pki().ca], at=NOW + 2 * YEAR)
    assert codes(late) == ["certificate-expired", "issuer-expired"]


def test_of_two_paths_the_one_in_period_is_taken() -> None:
    subject, key = name("CA chéo"), ec_key("cross")
    old = certificate("a", issuer=pki().root, ca=True, subject=subject, key=key, end=NOW - dt.timedelta(days=1))
    new = certificate("b", issuer=pki().root, ca=True, subject=subject, key=key)
    facts = evaluate(certificate("Dưới CA chéo", issuer=new), [old, new])
    assert facts.in_period
    assert facts.path[1] == new.der


def test_loops_and_crowds_end() -> None:
    """Authorities that certify each other, and a crowd of the same name, cost a bounded number of checks."""
    subject_a, subject_b = name("Vòng A"), name("Vòng B")
    crowd = []
    for index in range(60):
        a = Holder(certificate(f"a{index}", ca=True, subject=subject_a, key=ec_key("a")).certificate, ec_key("a"))
        crowd.append(certificate(f"b{index}", issuer=a, ca=True, subject=subject_b, key=ec_key("b")))
    b = crowd[0]
    crowd += [certificate(f"c{i}", issuer=b, ca=True, subject=subject_a, key=ec_key("a")) for i in range(4)]
    leaf = certificate("Trong vòng", issuer=b)
    facts = evaluate(leaf, crowd)
    assert not facts.trusted


def test_rsa_pss_and_sha1_certificates_are_read() -> None:
    root = certificate("Root RSA", ca=True, key=rsa_key("root"))
    leaf = certificate("Lá RSA", issuer=root, hash_algorithm=hashes.SHA384())
    assert evaluate(leaf, root=root).trusted


def test_garbage_is_no_certificate() -> None:
    evaluator = TrustEvaluator(TrustStore(lambda: [pki().root.der]), None)
    facts = evaluator.evaluate(b"\x30\x03\x02\x01\x01", [b"nothing"], at=NOW, usage="signature")
    assert not facts.trusted
    assert codes(facts) == ["certificate-malformed"]
    with pytest.raises(CertificateUnreadable):
        holder(b"nothing")


# The store.


def test_the_shipped_anchors_reach_every_intermediate() -> None:
    store = TrustStore.from_settings(Settings())
    assert len(store.anchors) == 9
    assert len(store.intermediates) == 48
    for intermediate in store.intermediates:
        path = store.chain(intermediate.der)
        assert path[-1] in store.anchors, holder(intermediate.der).common_name


def test_given_roots_and_lists(tmp_path: Path) -> None:
    material = pki()
    (tmp_path / "root.pem").write_bytes(_pem(material.root))
    (tmp_path / "ca.der").write_bytes(material.ca.der)
    (tmp_path / "list.crl").write_bytes(crl(material.ca))
    settings = Settings()
    store = TrustStore.from_settings(
        settings, extra_roots=[tmp_path / "root.pem", tmp_path / "ca.der"], extra_crls=[tmp_path / "list.crl"]
    )
    assert [anchor.der for anchor in store.anchors[:2]] == [material.root.der, material.ca.der]
    assert len(store.crls) == 1
    assert [issuer.der for issuer in store.chain(material.person.der)] == [material.ca.der]
    assert TrustEvaluator(store, None).issuers(material.person.der) == [], "an anchor is no intermediate"


def test_files_that_are_something_else(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("-----BEGIN CERTIFICATE-----\nkhong phai\n-----END CERTIFICATE-----\n")
    with pytest.raises(NoCertificateFile):
        TrustStore.from_settings(Settings(), extra_roots=[wrong])
    with pytest.raises(NoCrlFile):
        TrustStore.from_settings(Settings(), extra_crls=[wrong])
    wrong.write_bytes(b"")
    with pytest.raises(NoCertificateFile):
        TrustStore.from_settings(Settings(), extra_roots=[wrong])


def test_a_bundle_of_certificates(tmp_path: Path) -> None:
    (tmp_path / "all.pem").write_bytes(_pem(pki().root) + _pem(pki().ca))
    assert shutil.which("openssl")
    command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", str(tmp_path / "all.pem"), "-outform", "DER"]
    subprocess.run([*command, "-out", str(tmp_path / "all.p7b")], check=True)
    assert set(pem.certificates(tmp_path / "all.p7b")) == {pki().root.der, pki().ca.der}
    assert pem.certificates(tmp_path / "all.pem") == [pki().root.der, pki().ca.der]


# Whose it is.


@pytest.mark.parametrize(
    ("subject", "kind", "shown", "organization"),
    [
        (name("Nguyễn Văn An"), "person", "Nguyễn Văn An", "UBND xã Tân An"),
        (name("UBND xã Tân An"), "organization", "UBND xã Tân An", "UBND xã Tân An"),
        (name("Ủy ban nhân dân tỉnh", "Tỉnh"), "organization", "Ủy ban nhân dân tỉnh", "Ủy ban nhân dân tỉnh"),
        (
            name("CÔNG TY TNHH ABC", "CA", USER_ID="MST:0101234567"),
            "organization",
            "CÔNG TY TNHH ABC",
            "CÔNG TY TNHH ABC",
        ),
        (name("TRẦN THỊ BÌNH", "Công ty", USER_ID="CCCD:079123456789"), "person", "TRẦN THỊ BÌNH", "Công ty"),
        (name("UY BAN NHAN DAN XA TAN AN", "x"), "organization", *["UY BAN NHAN DAN XA TAN AN"] * 2),
        (name("VU VAN PHONG"), "person", "VU VAN PHONG", "UBND xã Tân An"),
        (name("Văn Phong Hải"), "person", "Văn Phong Hải", "UBND xã Tân An"),
        (name("Vũ Thị Sở"), "person", "Vũ Thị Sở", "UBND xã Tân An"),
        (name("Sở Nội vụ", "UBND tỉnh"), "organization", "Sở Nội vụ", "Sở Nội vụ"),
        (name("Phòng Kinh tế, Hạ tầng và Đô thị"), "organization", *["Phòng Kinh tế, Hạ tầng và Đô thị"] * 2),
        (name("VNPAY-TOKEN 01"), "unknown", "VNPAY-TOKEN 01", "UBND xã Tân An"),
        (name("X1", GIVEN_NAME="An", SURNAME="Nguyễn"), "person", "X1", "UBND xã Tân An"),
        (name("X2", TITLE="Chủ tịch"), "person", "X2", "UBND xã Tân An"),
    ],
)
def test_whose_a_certificate_is(subject: x509.Name, kind: str, shown: str, organization: str) -> None:
    found = holder(certificate("x", issuer=pki().ca, subject=subject).der)
    assert (found.kind, found.name, found.organization) == (kind, shown, organization)


def test_names_are_composed_unicode() -> None:
    decomposed = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguye\u0302\u0303n Va\u0306n An")])
    assert holder(certificate("x", issuer=pki().ca, subject=decomposed).der).person == "Nguyễn Văn An"


def test_key_names() -> None:
    assert key_name(pki().person.der) == "rsa-2048"
    assert key_name(pki().agency.der) == "ec-p256"
