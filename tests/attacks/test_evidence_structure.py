"""Certificates, lists and answers of crooked structure: each is refused for what it is, costs little, and spoils no
signature that it merely stands beside."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from app.trust import der, ocsp
from app.trust.algorithms import SignatureScheme, key_name, key_strength, signed_by, verify_with
from app.trust.certificate import Certificate, read_certificate
from app.trust.crl import read_crl
from app.trust.model import RevocationStatus, TrustFacts
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.verification.model import Conclusion
from app.verification.policy import Policy, PolicyInvalid
from tests.unit.test_engine import codes, facts_of, judged
from tests.unit.trust_material import (
    NOW,
    CmsMaker,
    algorithm,
    certificate,
    crl,
    ec_key,
    name,
    ocsp_answer,
    pki,
    rsa_key,
    seq,
    sign_with,
)


def replaced(data: bytes, position: int, field: bytes, *, key: Any = None) -> bytes:
    """A certificate or list with another field among those signed, signed anew with ``key``."""
    signed, stated, value = der.read(data).children()
    fields = [item.raw for item in signed.children()]
    fields[position] = field
    made = seq(*fields)
    signature = value.raw if key is None else der.encode(der.BIT_STRING, b"\0" + sign_with(key, made))
    return seq(made, stated.raw, signature)


SERIAL, SUBJECT, KEY = 1, 5, 6
NO_NAME = seq(der.encode(der.NULL, b""))


def evaluated(leaf: bytes, others: list[bytes], crls: list[bytes], *, at: Any = NOW) -> TrustFacts:
    store = TrustStore(lambda: [pki().root.der], lambda: [pki().ca.der], [crl(pki().ca), crl(pki().root)])
    return TrustEvaluator(store, None).evaluate(leaf, others, at=at, usage="signature", crls=crls)


def test_crooked_names_beside_a_signature_do_not_spoil_it() -> None:
    crooked = replaced(pki().agency.der, SUBJECT, NO_NAME)
    issuer = 2
    facts = evaluated(pki().person.der, [crooked], [replaced(crl(pki().ca), issuer, NO_NAME)])
    assert (facts.trusted, facts.revocation.status, facts.problems) == (True, RevocationStatus.GOOD, ())
    for data, read in ((crooked, read_certificate), (replaced(crl(pki().ca), issuer, NO_NAME), read_crl)):
        with pytest.raises(der.DerError):
            read(data)


def test_a_serial_number_has_one_form() -> None:
    """Entries of a list are found by their octets: one with a zero before it would not be."""
    number = pki().agency.certificate.serial_number.to_bytes(9, "big")
    padded = der.encode(der.INTEGER, b"\0" + number)
    with pytest.raises(der.DerError, match="not minimal"):
        Certificate(replaced(pki().agency.der, SERIAL, padded, key=pki().ca.key))
    for octets, value in ((b"\x00", 0), (b"\x00\x80", 128), (b"\xff", -1), (b"\xff\x7f", -129)):
        assert der.read(der.encode(der.INTEGER, octets)).integer() == value
    for octets in (b"\x00\x7f", b"\x00\x00", b"\xff\x80", b"\xff\xff"):
        with pytest.raises(der.DerError):
            der.read(der.encode(der.INTEGER, octets)).integer()


@pytest.mark.parametrize("mail", ["a@xau.vn", "a@XAU.VN", "a@xau.vn.", '"a@b"@xau.vn'])
@pytest.mark.parametrize("alternative", [True, False])
def test_an_excluded_host_is_excluded_however_it_is_written(mail: str, alternative: bool) -> None:
    excluded = x509.NameConstraints(None, [x509.RFC822Name("xau.vn")])
    ca = certificate("CA có giới hạn", issuer=pki().root, ca=True, extensions=[(excluded, True)])
    if alternative:
        address = [(x509.SubjectAlternativeName([x509.RFC822Name(mail)]), False)]
        leaf = certificate("Thư", issuer=ca, extensions=address)
    else:
        leaf = certificate("Thư", issuer=ca, subject=name("Thư", EMAIL_ADDRESS=mail))
    facts = evaluated(leaf.der, [ca.der], [])
    assert [problem.code for problem in facts.problems] == ["chain-name-constraints"]


# Keys.


def _rsa(modulus: int, exponent: int) -> bytes:
    numbers = seq(der.encode_integer(modulus), der.encode_integer(exponent))
    return seq(algorithm("1.2.840.113549.1.1.1"), der.encode(der.BIT_STRING, b"\0" + numbers))


def _ec(parameters: bytes, point: bytes) -> bytes:
    return seq(seq(der.encode_oid("1.2.840.10045.2.1"), parameters), der.encode(der.BIT_STRING, b"\0" + point))


def own_generator() -> bytes:
    """P-256 with explicit parameters, whose generator is an authority's public key: its private key is then 1."""
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    numbers = pki().ca.key.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    field = seq(der.encode_oid("1.2.840.10045.1.1"), der.encode_integer(prime))
    octets = [der.encode(der.OCTET_STRING, number.to_bytes(32, "big")) for number in (prime - 3, b)]
    curve = seq(der.encode_integer(1), field, seq(*octets), der.encode(der.OCTET_STRING, point))
    curve = seq(der.read(curve).content, der.encode_integer(order), der.encode_integer(1))
    return _ec(curve, point)


P256 = der.encode_oid("1.2.840.10045.3.1.7")
MODULUS = rsa_key().public_key().public_numbers().n
KEYS = {
    "exponent 1": _rsa(MODULUS, 1),
    "even exponent": _rsa(MODULUS, 2),
    "modulus 0": _rsa(0, 3),
    "negative modulus": _rsa(-5, 3),
    "even modulus": _rsa(1 << 2047, 3),
    "modulus of a million bits": _rsa(1 << 400_000 | 1, 3),
    "huge exponent": _rsa(1 << 3071 | 1, 1 << 3070 | 1),
    "point at infinity": _ec(P256, b"\0"),
    "point beside the curve": _ec(P256, b"\x04" + b"\x01" * 64),
    "curve missing": _ec(b"", b"\x04" + b"\x01" * 64),
    "curve of null": _ec(b"\x05\x00", b"\x04" + b"\x01" * 64),
    "own generator": own_generator(),
    "edwards": seq(algorithm("1.3.101.112", b""), der.encode(der.BIT_STRING, b"\0" + b"\x01" * 32)),
    "no algorithm": seq(algorithm("1.2.3.4", b""), der.encode(der.BIT_STRING, b"\0")),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_crooked_key_signs_nothing_and_is_named(kind: str) -> None:
    made = Certificate(replaced(pki().agency.der, KEY, KEYS[kind], key=pki().ca.key))
    one = bytes.fromhex("3006020101020101")
    schemes = {"rsa-pkcs1": b"\x01" * 256, "rsa-pss": b"\x01" * 384, "ecdsa": one, "ecdsa-raw": b"\x01" * 64}
    started = time.thread_time()
    for scheme, signature in schemes.items():
        assert not verify_with(made, SignatureScheme(scheme, "sha256"), signature, b"data")  # type: ignore[arg-type]
    assert key_strength(made)[0] in ("rsa", "ec", "unknown")
    assert key_name(made.der)
    assert time.thread_time() - started < 2
    facts = facts_of(CmsMaker(pki().person), certificate=made.der, certificates=(made.der,), intact=False)
    [report] = judged(facts)
    assert (report.conclusion, "signature-broken" in codes(report)) == (Conclusion.INVALID, True)


def test_signatures_of_nothing_hold_for_nothing() -> None:
    ca = read_certificate(pki().ca.der)
    assert isinstance(pki().ca.key, ec.EllipticCurvePrivateKey)
    for value in (bytes.fromhex("3006020100020100"), b"\x30\x00", b""):
        assert not verify_with(ca, SignatureScheme("ecdsa", "sha256"), value, b"data")
    assert not verify_with(ca, SignatureScheme("ecdsa-raw", "sha256"), bytes(64), b"data")


# Crowds.


def test_an_answer_for_a_crowd_of_certificates_is_none() -> None:
    made = ocsp_answer(pki().person, pki().ca, pki().ca)
    assert ocsp.read_ocsp(made) is not None
    basic = der.read(der.read(made).children()[1].inner().children()[1].octets())
    fields = basic.children()[0].children()
    place = next(index for index, item in enumerate(fields) if item.tag == der.SEQUENCE)
    for count, taken in ((32, True), (33, False)):
        singles = seq(fields[place].content * count)
        signed = seq(*(singles if index == place else item.raw for index, item in enumerate(fields)))
        whole = seq(signed, *(item.raw for item in basic.children()[1:]))
        wrapped = seq(der.encode_oid("1.3.6.1.5.5.7.48.1.1"), der.encode(der.OCTET_STRING, whole))
        data = seq(der.encode(der.ENUMERATED, b"\0"), der.encode(der.context(0), wrapped))
        if taken:
            assert ocsp.read_ocsp(data) is not None
        else:
            with pytest.raises(der.DerError, match="too many"):
                ocsp.read_ocsp(data)


def test_of_a_crowd_of_large_certificates_little_is_remembered() -> None:
    """As many as are remembered, each as large as is read, come to less than a third of what a file may cost."""
    from app.trust import certificate as module

    remembered = module.read_certificate.cache_info().maxsize
    assert remembered is not None
    assert remembered * module.MAX_SIZE * 3 < 100 * 1024 * 1024
    padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(module.MAX_SIZE))
    with pytest.raises(der.DerError, match="too large"):
        Certificate(certificate("To", issuer=pki().ca, extensions=[(padding, False)]).der)
    subject = Certificate(pki().person.der)
    for number in range(200):
        assert not signed_by(subject, Certificate(certificate(f"Lạ {number}", key=ec_key(str(number % 3))).der))
    assert signed_by(subject, read_certificate(pki().ca.der))
    assert len(subject.signers) <= 64


# An office's own policy.


@pytest.mark.parametrize(
    ("line", "detail"),
    [('["SHA1"]', "SHA1"), ('["sha-1"]', "sha-1"), ("[]", "missing"), ('["sha224"]', "missing")],
)
def test_a_policy_cannot_forget_what_is_weak(line: str, detail: str, tmp_path: Path) -> None:
    from app.paths import RESOURCES

    shipped = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    assert 'weak_hashes = ["sha1"]' in shipped
    own = tmp_path / "policy.toml"
    own.write_text(shipped.replace('weak_hashes = ["sha1"]', f"weak_hashes = {line}"), encoding="utf-8")
    with pytest.raises(PolicyInvalid, match=detail):
        Policy.load(own)
    own.write_text(shipped.replace('["sha1"]', '["sha1", "sha224"]'), encoding="utf-8")
    assert Policy.load(own).algorithms.weak_hashes == {"sha1", "sha224"}
