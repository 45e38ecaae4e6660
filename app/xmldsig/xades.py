"""The qualifying properties of a signature (ETSI EN 319 132-1, XAdES 1.3.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.xmldsig.canonical import Canonicalization, read_canonicalization
from app.xmldsig.fault import misbuilt
from app.xmldsig.markup import Element
from app.xmldsig.vocabulary import XADES, XADES_141, XMLDSIG

_DS: Final = f"{{{XMLDSIG}}}"
_XD: Final = f"{{{XADES}}}"
_XD141: Final = f"{{{XADES_141}}}"

_SIGNATURE_STAMP: Final = f"{_XD}SignatureTimeStamp"
_REFERENCES_STAMP: Final = f"{_XD}SigAndRefsTimeStamp"
_ARCHIVE_STAMP: Final = f"{_XD141}ArchiveTimeStamp"
_BEFORE_REFERENCES_STAMP: Final = frozenset(
    {
        _SIGNATURE_STAMP,
        *(f"{_XD}Complete{name}Refs" for name in ("Certificate", "Revocation")),
        *(f"{_XD}Attribute{name}Refs" for name in ("Certificate", "Revocation")),
    }
)
_UNCHECKED: Final = frozenset(
    {
        *(f"{_XD}{name}" for name in ("CounterSignature", "RefsOnlyTimeStamp", "ArchiveTimeStamp")),
        *(f"{_XD141}{name}" for name in ("SigAndRefsTimeStampV2", "RefsOnlyTimeStampV2")),
    }
)

_STAMPS_LIMIT: Final = 16
_EVIDENCE_LIMIT: Final = 64


@dataclass(frozen=True)
class CertificateDigest:
    """SigningCertificate or SigningCertificateV2: which certificate signs."""

    hash_name: str
    digest: bytes


@dataclass(frozen=True)
class EncapsulatedStamp:
    """A time stamp of the signature.

    :ivar token: DER.
    :ivar canonicalization: of what it stamps.
    :ivar over: the elements whose canonical forms it stamps, one after the other.
    :ivar archival: an archive time stamp, which stamps what the signature refers to before ``over`` (section 5.5.2).
    """

    token: bytes
    canonicalization: Canonicalization
    over: tuple[Element, ...]
    archival: bool = False


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
    :ivar unchecked: local names of unsigned properties that would prove something but are not checked here.
    """

    carrier: Element
    signed_properties: Element | None
    signer: CertificateDigest | None
    claimed_time: dt.datetime | None
    stamps: tuple[EncapsulatedStamp, ...]
    evidence: Evidence
    unchecked: tuple[str, ...] = ()


def countersignatures(signature: Element) -> list[Element]:
    """The countersignatures of a signature where they have their place (section 5.2.7.2)."""
    path = (
        f"{_DS}Object/{_XD}QualifyingProperties/{_XD}UnsignedProperties/{_XD}UnsignedSignatureProperties"
        f"/{_XD}CounterSignature"
    )
    found: list[Element] = signature.findall(path)
    return found


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
    counter = countersignatures(signature)
    found = _outside(signature.iter(f"{_XD}QualifyingProperties"), counter)
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
    if len(_outside(signature.iter(f"{_XD}SignedProperties"), counter)) != tags.count(f"{_XD}SignedProperties"):
        raise misbuilt("place of SignedProperties")
    return Properties(
        carrier=carrier,
        signed_properties=signed,
        signer=_signer(signed, digest),
        claimed_time=_claimed_time(signed),
        stamps=tuple(_stamps(signature, carrier, unsigned, octets)),
        evidence=_evidence(unsigned, octets),
        unchecked=tuple(_unchecked(unsigned)),
    )


def _outside(elements: Iterable[Element], counter: Sequence[Element]) -> list[Element]:
    """The elements that belong to no countersignature."""
    if not counter:
        return list(elements)
    return [one for one in elements if not any(above in counter for above in one.iterancestors())]


def _unchecked(unsigned: Element | None) -> Iterator[str]:
    for one in unsigned.iterfind(f"{_XD}UnsignedSignatureProperties/*") if unsigned is not None else ():
        if one.tag in _UNCHECKED:
            yield one.tag.rpartition("}")[2]


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


def _stamps(
    signature: Element, carrier: Element, unsigned: Element | None, octets: Callable[[Element], bytes]
) -> Iterator[EncapsulatedStamp]:
    """Time stamps in their order; what each stamps is what stands before it (sections 5.3, 5.5.2.2, A.1.5.1.2)."""
    properties = list(unsigned.iterfind(f"{_XD}UnsignedSignatureProperties/*")) if unsigned is not None else []
    value = signature.find(f"{_DS}SignatureValue")
    number = 0
    for position, stamp in enumerate(properties):
        if stamp.tag == _SIGNATURE_STAMP:
            over = (value,)
        elif stamp.tag == _REFERENCES_STAMP:
            over = (value, *(one for one in properties[:position] if one.tag in _BEFORE_REFERENCES_STAMP))
        elif stamp.tag == _ARCHIVE_STAMP:
            leading = (signature.find(f"{_DS}SignedInfo"), value, signature.find(f"{_DS}KeyInfo"))
            over = (*leading, *properties[:position], *_unreferenced(signature, carrier))
        else:
            continue
        number += 1
        if number > _STAMPS_LIMIT:
            raise misbuilt("too many time stamps")
        method = stamp.find(f"{_DS}CanonicalizationMethod")
        canonicalization = Canonicalization() if method is None else read_canonicalization(method)
        for token in stamp.iterfind(f"{_XD}EncapsulatedTimeStamp"):
            yield EncapsulatedStamp(octets(token), canonicalization, over, stamp.tag == _ARCHIVE_STAMP)


def _unreferenced(signature: Element, carrier: Element) -> Iterator[Element]:
    """Objects that no reference of SignedInfo names, but for the one with the properties (section 5.5.2.2, item 4)."""
    named = {one.get("URI") for one in signature.iterfind(f"{_DS}SignedInfo/{_DS}Reference")}
    for one in signature.iterfind(f"{_DS}Object"):
        if one is not carrier and f"#{one.get('Id')}" not in named:
            yield one


def _evidence(unsigned: Element | None, octets: Callable[[Element], bytes]) -> Evidence:
    if unsigned is None:
        return Evidence()

    def values(path: str) -> tuple[bytes, ...]:
        steps = "/".join(f"{_XD}{step}" for step in path.split("/"))
        found = [
            element
            for place in ("", f"{_XD141}TimeStampValidationData/")
            for element in unsigned.iterfind(f"{_XD}UnsignedSignatureProperties/{place}{steps}")
        ]
        if len(found) > _EVIDENCE_LIMIT:
            raise misbuilt("too much evidence")
        return tuple(dict.fromkeys(octets(element) for element in found))

    return Evidence(
        certificates=values("CertificateValues/EncapsulatedX509Certificate"),
        crls=values("RevocationValues/CRLValues/EncapsulatedCRLValue"),
        ocsps=values("RevocationValues/OCSPValues/EncapsulatedOCSPValue"),
    )
