"""The qualifying properties of a signature (ETSI EN 319 132-1, XAdES 1.3.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.xmldsig.canonical import Canonicalization, read_canonicalization
from app.xmldsig.fault import misbuilt
from app.xmldsig.markup import Element
from app.xmldsig.vocabulary import XADES, XMLDSIG

_DS: Final = f"{{{XMLDSIG}}}"
_XD: Final = f"{{{XADES}}}"

_STAMPS_LIMIT: Final = 8
_EVIDENCE_LIMIT: Final = 64


@dataclass(frozen=True)
class CertificateDigest:
    """SigningCertificate or SigningCertificateV2: which certificate signs."""

    hash_name: str
    digest: bytes


@dataclass(frozen=True)
class EncapsulatedStamp:
    """A signature time stamp: DER token, and the canonicalization of the SignatureValue it stamps."""

    token: bytes
    canonicalization: Canonicalization


@dataclass(frozen=True)
class Evidence:
    """DER of what the unsigned properties carry (section 5.4); believed only after its own signatures."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Properties:
    """What the properties say. Only ``signed_properties`` is signed.

    :ivar signer: None where no signed property names the certificate.
    """

    carrier: Element
    signed_properties: Element | None
    signer: CertificateDigest | None
    claimed_time: dt.datetime | None
    stamps: tuple[EncapsulatedStamp, ...]
    evidence: Evidence


def read_properties(
    signature: Element,
    objects: list[Element],
    octets: Callable[[Element], bytes],
    digest: Callable[[Element, Element], tuple[str, bytes]],
) -> Properties | None:
    """The properties of a signature; None where it has none.

    :param objects: the Object elements of the signature.
    :param octets: reads base64 content; ``digest``: reads DigestMethod and DigestValue.
    :raises SignatureFault: there are several, at another place, or about another signature.
    """
    found = list(signature.iter(f"{_XD}QualifyingProperties"))
    if not found:
        return None
    element = found[0]
    carrier = element.getparent()
    if len(found) != 1 or not any(carrier is one for one in objects) or len(carrier) != 1:
        raise misbuilt("place of QualifyingProperties")
    if element.get("Target") not in (f"#{signature.get('Id')}", "", None):
        raise misbuilt("Target of QualifyingProperties")
    tags = [child.tag for child in element]
    if tags not in (
        [f"{_XD}SignedProperties"],
        [f"{_XD}UnsignedProperties"],
        [f"{_XD}SignedProperties", f"{_XD}UnsignedProperties"],
    ):
        raise misbuilt("children of QualifyingProperties")
    signed, unsigned = element.find(f"{_XD}SignedProperties"), element.find(f"{_XD}UnsignedProperties")
    if len(list(signature.iter(f"{_XD}SignedProperties"))) != tags.count(f"{_XD}SignedProperties"):
        raise misbuilt("place of SignedProperties")
    return Properties(
        carrier=carrier,
        signed_properties=signed,
        signer=_signer(signed, digest),
        claimed_time=_claimed_time(signed),
        stamps=tuple(_stamps(unsigned, octets)),
        evidence=_evidence(unsigned, octets),
    )


def _signer(
    signed: Element | None, digest: Callable[[Element, Element], tuple[str, bytes]]
) -> CertificateDigest | None:
    """The first certificate named, which is the signer's (section 5.2.2)."""
    found = [
        element
        for name in ("SigningCertificate", "SigningCertificateV2")
        for element in (() if signed is None else signed.iterfind(f"{_XD}SignedSignatureProperties/{_XD}{name}"))
    ]
    if not found:
        return None
    named = found[0].find(f"{_XD}Cert/{_XD}CertDigest")
    if len(found) != 1 or named is None:
        raise misbuilt("SigningCertificate")
    method, value = named.find(f"{_DS}DigestMethod"), named.find(f"{_DS}DigestValue")
    if method is None or value is None or len(named) != 2:
        raise misbuilt("SigningCertificate")
    return CertificateDigest(*digest(method, value))


def _claimed_time(signed: Element | None) -> dt.datetime | None:
    if signed is None:
        return None
    return read_time(signed.findtext(f"{_XD}SignedSignatureProperties/{_XD}SigningTime"))


def read_time(text: str | None, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """A time of XML Schema in UTC; None where it is none.

    :param zone: of a time that states none; without, such a time is none.
    """
    try:
        time = dt.datetime.fromisoformat((text or "").strip())
        if time.tzinfo is None:
            time = time.replace(tzinfo=zone) if zone else time
        return time.astimezone(dt.UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _stamps(unsigned: Element | None, octets: Callable[[Element], bytes]) -> Iterator[EncapsulatedStamp]:
    if unsigned is None:
        return
    path = f"{_XD}UnsignedSignatureProperties/{_XD}SignatureTimeStamp"
    for number, stamp in enumerate(unsigned.iterfind(path)):
        if number >= _STAMPS_LIMIT:
            raise misbuilt("too many time stamps")
        method = stamp.find(f"{_DS}CanonicalizationMethod")
        canonicalization = Canonicalization() if method is None else read_canonicalization(method)
        for token in stamp.iterfind(f"{_XD}EncapsulatedTimeStamp"):
            yield EncapsulatedStamp(octets(token), canonicalization)


def _evidence(unsigned: Element | None, octets: Callable[[Element], bytes]) -> Evidence:
    if unsigned is None:
        return Evidence()

    def values(path: str) -> tuple[bytes, ...]:
        steps = "/".join(f"{_XD}{step}" for step in path.split("/"))
        found = list(unsigned.iterfind(f"{_XD}UnsignedSignatureProperties/{steps}"))
        if len(found) > _EVIDENCE_LIMIT:
            raise misbuilt("too much evidence")
        return tuple(octets(element) for element in found)

    return Evidence(
        certificates=values("CertificateValues/EncapsulatedX509Certificate"),
        crls=values("RevocationValues/CRLValues/EncapsulatedCRLValue"),
        ocsps=values("RevocationValues/OCSPValues/EncapsulatedOCSPValue"),
    )
