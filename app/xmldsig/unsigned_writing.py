"""Writing unsigned properties: time stamps and evidence of a signature (ETSI EN 319 132-1, sections 5.3 to 5.5)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from lxml import etree

from app.xmldsig.markup import C14N, Element
from app.xmldsig.vocabulary import XADES, XADES_141, XMLDSIG

_DS: Final = f"{{{XMLDSIG}}}"
_XD: Final = f"{{{XADES}}}"
_XD141: Final = f"{{{XADES_141}}}"


def add_timestamp(signature: Element, token: bytes) -> None:
    """Add a signature time stamp.

    :param signature: with qualifying properties.
    :param token: DER TimeStampToken over the canonical SignatureValue.
    """
    _add_stamp(_properties(signature), f"{_XD}SignatureTimeStamp").text = encoded(token)


def add_archive_timestamp(signature: Element) -> ArchiveTimeStamp:
    """Add an archive time stamp that waits for its token."""
    return ArchiveTimeStamp(_add_stamp(_properties(signature), f"{_XD141}ArchiveTimeStamp"))


class ArchiveTimeStamp:
    """An archive time stamp without its token.

    :param place: of the token.
    """

    def __init__(self, place: Element) -> None:
        self._place = place

    def set_token(self, token: bytes) -> None:
        """:param token: DER TimeStampToken."""
        self._place.text = encoded(token)

    def remove(self) -> None:
        """Leave the signature as it was."""
        stamp = self._place.getparent()
        stamp.getparent().remove(stamp)


def has_values(signature: Element) -> bool:
    """Whether a signature carries evidence for its signer already: there is one place for it (section 5.4)."""
    properties = _properties(signature)
    return any(properties.find(f"{_XD}{name}") is not None for name in ("CertificateValues", "RevocationValues"))


def add_values(
    signature: Element,
    certificates: Sequence[bytes],
    crls: Sequence[bytes],
    ocsps: Sequence[bytes],
    *,
    of_stamps: bool,
) -> None:
    """Add evidence; nothing is written where there is none.

    :param certificates, crls, ocsps: DER of each.
    :param of_stamps: for time stamps (section 5.5.1), not for the signer (section 5.4).
    """
    place = _properties(signature)
    if of_stamps and (certificates or crls or ocsps):
        place = etree.SubElement(place, f"{_XD141}TimeStampValidationData", nsmap={"xd141": XADES_141})
    if certificates:
        _add_encapsulated(place, "CertificateValues", "EncapsulatedX509Certificate", certificates)
    if crls or ocsps:
        values = etree.SubElement(place, f"{_XD}RevocationValues")
        if crls:
            _add_encapsulated(values, "CRLValues", "EncapsulatedCRLValue", crls)
        if ocsps:
            _add_encapsulated(values, "OCSPValues", "EncapsulatedOCSPValue", ocsps)


def _properties(signature: Element) -> Element:
    element = signature.find(f"{_DS}Object/{_XD}QualifyingProperties")
    for name in ("UnsignedProperties", "UnsignedSignatureProperties"):
        inner = element.find(f"{_XD}{name}")
        element = etree.SubElement(element, f"{_XD}{name}") if inner is None else inner
    return element


def _add_stamp(properties: Element, tag: str) -> Element:
    stamp = etree.SubElement(properties, tag, nsmap={"xd141": XADES_141} if tag.startswith(_XD141) else None)
    etree.SubElement(stamp, f"{_DS}CanonicalizationMethod", Algorithm=C14N)
    return etree.SubElement(stamp, f"{_XD}EncapsulatedTimeStamp")


def _add_encapsulated(parent: Element, name: str, item: str, octets: Sequence[bytes]) -> None:
    listed = etree.SubElement(parent, f"{_XD}{name}")
    for one in octets:
        etree.SubElement(listed, f"{_XD}{item}").text = encoded(one)


def encoded(octets: bytes) -> str:
    """Base64 without line breaks."""
    return base64.b64encode(octets).decode("ascii")
