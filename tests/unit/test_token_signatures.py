"""What a token is told for each signature algorithm."""

from __future__ import annotations

import hashlib

import pytest
from pkcs11.mechanisms import MGF, KeyType, Mechanism

from pkcs11_bridge.errors import BridgeError, MechanismMissing
from pkcs11_bridge.host.objects import PrivateKey
from pkcs11_bridge.host.signatures import check_length, operations
from pkcs11_bridge.protocol import SignatureAlgorithm

DATA = b"octets to be signed"
RSA = PrivateKey(1, KeyType.RSA, False, 0)
P256 = PrivateKey(2, KeyType.EC, False, 32)
P521 = PrivateKey(3, KeyType.EC, False, 66)
UNKNOWN_CURVE = PrivateKey(4, KeyType.EC, False, 0)


def test_rsa_prefers_the_mechanism_that_hashes() -> None:
    ways = list(operations(SignatureAlgorithm.RSA_SHA256, DATA, RSA, {Mechanism.RSA_PKCS, Mechanism.SHA256_RSA_PKCS}))
    assert [way.mechanism for way in ways] == [Mechanism.SHA256_RSA_PKCS, Mechanism.RSA_PKCS]
    assert ways[0].octets == DATA


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_digest_info_is_that_of_the_standard(name: str) -> None:
    """Against an ASN.1 library: DigestInfo with NULL parameters (RFC 8017, section 9.2)."""
    from asn1crypto.algos import DigestInfo

    [way] = operations(SignatureAlgorithm(f"rsa-{name}"), DATA, RSA, {Mechanism.RSA_PKCS})
    info = DigestInfo.load(way.octets, strict=True)
    assert info.native == {
        "digest_algorithm": {"algorithm": name, "parameters": None},
        "digest": hashlib.new(name, DATA).digest(),
    }
    assert info["digest_algorithm"]["parameters"].dump() == b"\5\0"


@pytest.mark.parametrize(
    ("offered", "hashed"), [(Mechanism.SHA384_RSA_PKCS_PSS, False), (Mechanism.RSA_PKCS_PSS, True)]
)
def test_pss_parameters(offered: Mechanism, hashed: bool) -> None:
    [way] = operations(SignatureAlgorithm.RSA_PSS_SHA384, DATA, RSA, {offered})
    assert way.parameters is not None
    assert (way.parameters.hash, way.parameters.mgf, way.parameters.salt_length) == (Mechanism.SHA384, MGF.SHA384, 48)
    assert way.octets == (hashlib.sha384(DATA).digest() if hashed else DATA)


def test_a_hash_longer_than_the_groups_order_is_cut() -> None:
    full = hashlib.sha512(DATA).digest()
    for key, expected in ((P256, full[:32]), (P521, full), (UNKNOWN_CURVE, full)):
        [way] = operations(SignatureAlgorithm.ECDSA_SHA512, DATA, key, {Mechanism.ECDSA})
        assert way.octets == expected


@pytest.mark.parametrize(
    ("algorithm", "key", "offered"),
    [
        (SignatureAlgorithm.RSA_SHA256, RSA, {Mechanism.SHA512_RSA_PKCS}),
        (SignatureAlgorithm.RSA_PSS_SHA256, RSA, {Mechanism.RSA_PKCS, Mechanism.SHA256_RSA_PKCS}),
        (SignatureAlgorithm.ECDSA_SHA256, P256, {Mechanism.RSA_PKCS}),
        (SignatureAlgorithm.RSA_SHA256, P256, {Mechanism.SHA256_RSA_PKCS}),
        (SignatureAlgorithm.ECDSA_SHA256, RSA, {Mechanism.ECDSA}),
    ],
)
def test_what_is_not_offered_is_missing(
    algorithm: SignatureAlgorithm, key: PrivateKey, offered: set[Mechanism]
) -> None:
    with pytest.raises(MechanismMissing):
        list(operations(algorithm, DATA, key, offered))


def test_signatures_of_wrong_length_are_refused() -> None:
    assert check_length(bytes(64), P256) == bytes(64)
    assert check_length(bytes(256), RSA) == bytes(256)
    for value, key in ((bytes(71), P256), (bytes(63), P256), (b"", RSA), (b"", UNKNOWN_CURVE)):
        with pytest.raises(BridgeError, match="octets"):
            check_length(value, key)
