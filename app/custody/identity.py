"""What a token says of itself and of its certificates, as the register keeps it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from app.custody.model import Kind
from app.documents.text import clean
from app.errors import AntinError
from pkcs11_bridge.protocol import TokenInfo

_COMMON_NAME = "2.5.4.3"


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate to be registered; ``der`` is None where it is entered by hand."""

    subject: str
    organization: str = ""
    serial: str = ""
    issuer: str = ""
    not_before: dt.datetime | None = None
    not_after: dt.datetime | None = None
    kind: Kind = Kind.UNKNOWN
    der: bytes | None = None

    @property
    def sha256(self) -> str | None:
        return None if self.der is None else hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True)
class DeviceFacts:
    """A device to be registered: as the token states it (CK_TOKEN_INFO), or as somebody reads it off the device."""

    serial: str
    maker: str = ""
    model: str = ""
    label: str = ""
    certificates: tuple[CertificateFacts, ...] = ()


def facts_of(token: TokenInfo) -> DeviceFacts:
    """What is registered of a token plugged in; certificates of authorities and unreadable ones are left out."""
    return DeviceFacts(
        serial=clean(token.serial),
        maker=clean(token.manufacturer),
        model=clean(token.model),
        label=clean(token.label),
        certificates=tuple(_certificates(token)),
    )


def _certificates(token: TokenInfo) -> Iterator[CertificateFacts]:
    for certificate in token.certificates:
        found = certificate_facts(certificate.der)
        if found is not None:
            yield found


def certificate_facts(der: bytes) -> CertificateFacts | None:
    """What is registered of a certificate; None for an authority's, and for what is none."""
    from app.trust.certificate import read_certificate
    from app.trust.holder import holder

    try:
        parsed = read_certificate(der)
        if parsed.is_ca:
            return None
        whose = holder(der)
    except (AntinError, ValueError):
        return None
    return CertificateFacts(
        subject=clean(whose.name),
        organization=clean(whose.organization),
        serial=f"{parsed.serial:x}",
        issuer=clean(parsed.issuer.first(_COMMON_NAME)),
        not_before=parsed.not_before,
        not_after=parsed.not_after,
        kind=Kind(whose.kind),
        der=der,
    )


def serial_key(serial: str) -> str:
    """What two spellings of one serial number have in common: blanks, hyphens, colons and case do not count."""
    return "".join(letter for letter in clean(serial).casefold() if letter not in " -:.")
