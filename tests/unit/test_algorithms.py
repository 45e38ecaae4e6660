"""Raw signatures of every kind, and readers that answer garbage with one kind of error."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from hypothesis import given, settings
from hypothesis import strategies as st

from app.trust import der
from app.trust.algorithms import (
    AlgorithmUnknown,
    SignatureScheme,
    key_name,
    scheme_of,
    verify_signature,
)
from app.trust.certificate import Certificate
from app.trust.crl import read_crl
from app.trust.der import DerError
from tests.unit.trust_material import (
    algorithm,
    certificate,
    crl,
    ec_key,
    pki,
    pss_algorithm,
    raw_ecdsa,
    rsa_key,
    sign_with,
)

DATA = b"octets to be signed"
GOOD = [pki().person.der, crl(pki().ca)]


def _p384() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize("hash_name", ["sha1", "sha256", "sha384", "sha512", "sha3_256"])
def test_rsa(hash_name: str) -> None:
    holder = pki().person
    chosen = getattr(hashes, hash_name.upper())()
    simple = holder.key.sign(DATA, padding.PKCS1v15(), chosen)
    scheme = SignatureScheme("rsa-pkcs1", hash_name)
    assert verify_signature(holder.der, scheme, simple, DATA)
    assert verify_signature(holder.der, scheme, simple, hashlib.new(hash_name, DATA).digest(), prehashed=True)
    assert not verify_signature(holder.der, scheme, simple, DATA + b".")
    assert not verify_signature(holder.der, SignatureScheme("rsa-pss", hash_name), simple, DATA)
    pss = holder.key.sign(DATA, padding.PSS(padding.MGF1(hashes.SHA256()), 20), chosen)
    fitting = SignatureScheme("rsa-pss", hash_name, "sha256", 20)
    assert verify_signature(holder.der, fitting, pss, DATA)
    assert not verify_signature(holder.der, SignatureScheme("rsa-pss", hash_name, "sha512", 20), pss, DATA)
    assert not verify_signature(holder.der, SignatureScheme("rsa-pss", hash_name, "sha256", 21), pss, DATA)


def test_ecdsa_in_both_forms() -> None:
    holder = pki().agency
    value = sign_with(holder.key, DATA)
    form, raw = SignatureScheme("ecdsa", "sha256"), SignatureScheme("ecdsa-raw", "sha256")
    assert verify_signature(holder.der, form, value, DATA)
    assert verify_signature(holder.der, raw, raw_ecdsa(value), DATA)
    assert not verify_signature(holder.der, raw, value, DATA)
    assert not verify_signature(holder.der, form, raw_ecdsa(value), DATA)
    assert not verify_signature(holder.der, raw, b"\x00" * 64, DATA)
    assert not verify_signature(holder.der, raw, raw_ecdsa(value) + b"\x00\x00", DATA)


def test_a_key_of_another_kind_verifies_nothing() -> None:
    value = sign_with(pki().person.key, DATA)
    assert not verify_signature(pki().agency.der, SignatureScheme("rsa-pkcs1", "sha256"), value, DATA)
    assert not verify_signature(pki().person.der, SignatureScheme("ecdsa", "sha256"), value, DATA)


def test_unknown_hashes_are_refused() -> None:
    with pytest.raises(AlgorithmUnknown):
        verify_signature(pki().person.der, SignatureScheme("rsa-pkcs1", "md5"), b"", DATA)
    with pytest.raises(AlgorithmUnknown):
        scheme_of(der.read(algorithm("1.2.840.113549.1.1.4")))


def test_schemes_of_identifiers() -> None:
    assert scheme_of(der.read(pss_algorithm("sha384", 48))).name == "rsa-pss-sha384"
    assert scheme_of(der.read(pss_algorithm("sha384", 48))).salt_length == 48
    assert scheme_of(der.read(algorithm("1.2.840.113549.1.1.10", der.encode(der.SEQUENCE, b"")))).name == "rsa-pss-sha1"
    assert scheme_of(der.read(algorithm("1.2.840.113549.1.1.1")), "sha512").name == "rsa-sha512"
    with pytest.raises(AlgorithmUnknown):
        scheme_of(der.read(algorithm("1.2.840.113549.1.1.1")))


def test_names_of_keys() -> None:
    assert key_name(certificate("k1", key=rsa_key("k1", 1024)).der) == "rsa-1024"
    assert key_name(certificate("k2", key=_p384()).der) == "ec-p384"
    assert key_name(certificate("k3", key=ec_key("k3")).der) == "ec-p256"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x01\x00",
        b"\x30\x82\x00\x80" + b"\x00" * 128,
        b"\x30\x85\x00\x00\x00\x00\x01\x00",
        b"\x30\x02\x05",
        b"\x1f\x81\x00\x00",
        b"\x05\x00\x00",
    ],
)
def test_what_is_no_der(octets: bytes) -> None:
    with pytest.raises(DerError):
        der.read(octets)


@pytest.mark.parametrize(
    "text", ["2601010000Z", "260101000000", "260101000000+0700", "261301000000Z", "26010100000xZ", "9" * 40]
)
def test_times_not_in_the_form_asked_for(text: str) -> None:
    with pytest.raises(DerError):
        der.read(der.encode(der.UTC_TIME, text.encode())).time()


@given(st.integers(0, 1 << 200))
def test_integers_come_back(number: int) -> None:
    assert der.read(der.encode_integer(number)).integer() == number


@given(st.lists(st.integers(0, 1 << 60), min_size=1, max_size=8), st.integers(0, 39))
def test_object_identifiers_come_back(numbers: list[int], second: int) -> None:
    dotted = ".".join(map(str, (1, second, *numbers)))
    assert der.read(der.encode_oid(dotted)).oid() == dotted


@settings(max_examples=300)
@given(st.data())
def test_readers_answer_garbage_with_one_error(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(GOOD))
    octets = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    for reader in (Certificate, read_crl):
        try:
            reader(bytes(octets))
        except DerError:
            continue
