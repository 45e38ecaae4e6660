"""A token proves that it is the one recorded: it signs a challenge with a key whose certificate the register has.

The challenge begins with a line of its own that is neither the start of CMS signed attributes (a SET, octet 0x31) nor
of XML, so that its signature never stands for one of a document.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, Protocol

from app.custody.errors import NotTheOneRecorded, ProofMissing
from app.custody.identity import serial_key
from app.custody.model import Device, Proof
from app.i18n import _
from app.trust.algorithms import SignatureScheme, verify_signature
from pkcs11_bridge.protocol import SignatureAlgorithm

_FIRST_LINE = "antin custody challenge 1"
#: A proof is of the handover that it is made for.
_FRESH = dt.timedelta(hours=1)


class Key(Protocol):
    """A signing key as :class:`app.signing.keys.SigningKey` has it."""

    @property
    def holder(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def algorithm(self) -> SignatureAlgorithm: ...
    @property
    def token(self) -> Any: ...
    @property
    def certificate(self) -> Any: ...


def challenge(serial: str, at: dt.datetime) -> bytes:
    """Octets that nobody signed before."""
    lines = (_FIRST_LINE, serial_key(serial), at.isoformat(timespec="seconds"), secrets.token_hex(32))
    return "\n".join(lines).encode()


def recorded(device: Device, key: Key) -> None:
    """Raise where a plugged-in token is not the device, before its PIN is asked.

    :raises NotTheOneRecorded: another serial number, or a certificate that the register does not have for it.
    """
    if serial_key(key.token.serial) != serial_key(device.serial):
        raise NotTheOneRecorded(
            serial=device.serial, why=_("its serial number is {serial}").format(serial=key.token.serial)
        )
    if key.sha256 not in {certificate.sha256 for certificate in device.present_certificates}:
        raise NotTheOneRecorded(
            serial=device.serial, why=_("its certificate of {holder} is not in the register").format(holder=key.holder)
        )


def check(device: Device, der: bytes | None, proof: Proof | None, at: dt.datetime) -> None:
    """Raise unless a proof holds for a device at the time of its handover.

    :param der: the certificate of that fingerprint, as the register keeps it.
    :raises ProofMissing: there is none, or it is of another occasion.
    :raises NotTheOneRecorded: the signature is not that of the certificate.
    """
    if proof is None or abs(at - proof.at) > _FRESH:
        raise ProofMissing(serial=device.serial)
    octets = bytes.fromhex(proof.challenge)
    lines = octets.decode("ascii", "replace").split("\n")
    if lines[:3] != [_FIRST_LINE, serial_key(device.serial), proof.at.isoformat(timespec="seconds")]:
        raise ProofMissing(serial=device.serial)
    algorithm = SignatureAlgorithm(proof.algorithm)
    if der is None or not verify_signature(der, _scheme(algorithm), bytes.fromhex(proof.signature), octets):
        raise NotTheOneRecorded(serial=device.serial, why=_("its signature is not that of the recorded certificate"))


def _scheme(algorithm: SignatureAlgorithm) -> SignatureScheme:
    if algorithm.startswith("ecdsa"):
        return SignatureScheme("ecdsa-raw", algorithm.hash_name)
    return SignatureScheme("rsa-pss" if "-pss-" in algorithm else "rsa-pkcs1", algorithm.hash_name)
