"""From a signature algorithm to what the token is told: mechanism, parameters, octets."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pkcs11.mechanisms import MGF, KeyType, Mechanism

from pkcs11_bridge.errors import BridgeError, MechanismMissing
from pkcs11_bridge.host.cryptoki import PssParameters
from pkcs11_bridge.host.objects import PrivateKey
from pkcs11_bridge.protocol import SignatureAlgorithm

#: DigestInfo without the hash itself: AlgorithmIdentifier with NULL parameters (RFC 8017, section 9.2, note 1).
_DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}

_HASH_MECHANISMS = {"sha256": Mechanism.SHA256, "sha384": Mechanism.SHA384, "sha512": Mechanism.SHA512}
_MASKS = {"sha256": MGF.SHA256, "sha384": MGF.SHA384, "sha512": MGF.SHA512}


@dataclass(frozen=True)
class Operation:
    """One way of making a signature with C_SignInit and C_Sign."""

    mechanism: Mechanism
    parameters: PssParameters | None
    octets: bytes


def operations(
    algorithm: SignatureAlgorithm, data: bytes, key: PrivateKey, offered: Collection[Mechanism | int]
) -> Iterator[Operation]:
    """The ways the token offers for the algorithm, the preferred first.

    :param data: the octets to be signed, not their hash.
    :param offered: the token's mechanism list.
    :raises MechanismMissing: the key is of another kind, or the token offers no way.
    """
    family = algorithm.rsplit("-", 1)[0]
    if key.key_type != (KeyType.EC if family == "ecdsa" else KeyType.RSA):
        raise MechanismMissing(f"{algorithm} with a key of type {key.key_type.name}")
    found = False
    for operation in _ways(family, algorithm.hash_name, data, key):
        if operation.mechanism in offered:
            found = True
            yield operation
    if not found:
        raise MechanismMissing(algorithm)


def _ways(family: str, hash_name: str, data: bytes, key: PrivateKey) -> Iterator[Operation]:
    digest = hashlib.new(hash_name, data).digest()
    if family == "ecdsa":
        # FIPS 186-5, section 6.4.1: the leftmost octets of a hash longer than the group's order.
        yield Operation(Mechanism.ECDSA, None, digest[: key.coordinate] if key.coordinate else digest)
    elif family == "rsa":
        yield Operation(Mechanism[f"{hash_name.upper()}_RSA_PKCS"], None, data)
        yield Operation(Mechanism.RSA_PKCS, None, _DIGEST_INFO[hash_name] + digest)
    else:
        parameters = PssParameters(_HASH_MECHANISMS[hash_name], _MASKS[hash_name], len(digest))
        yield Operation(Mechanism[f"{hash_name.upper()}_RSA_PKCS_PSS"], parameters, data)
        yield Operation(Mechanism.RSA_PKCS_PSS, parameters, digest)


def check_length(value: bytes, key: PrivateKey) -> bytes:
    """The signature as the token gave it.

    :raises BridgeError: not ``r‖s`` of fixed length (PKCS#11 v2.40 mechanisms, section 2.3.1), or empty.
    """
    if not value or (key.coordinate and len(value) != 2 * key.coordinate):
        raise BridgeError(f"a signature of {len(value)} octets")
    return value
