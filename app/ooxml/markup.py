"""The markup of a signature part, in the shape that Office 2016 writes (reference/ooxml-signatures, section 3.5).

Default namespace, no prefix for XMLDSig, no white space between elements, base64 without line breaks: Office programs
and LibreOffice each refuse a deviation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from app.ooxml import relationships, vocabulary
from app.trust.errors import CertificateUnreadable
from app.xmldsig import draft
from app.xmldsig.algorithms import SIGNATURE_IDENTIFIERS
from app.xmldsig.draft import digest_markup, key_info, own_reference, plain_text
from app.xmldsig.markup import C14N, escape_attribute, escape_text, parse

if TYPE_CHECKING:
    from cryptography.x509 import Name

_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_COMMENTS_LIMIT: Final = 255

#: The attribute names that Windows and NSS know beside those of RFC 4514.
_NAME_TYPES: Final = {"2.5.4.5": "SERIALNUMBER", "1.2.840.113549.1.9.1": "E", "2.5.4.12": "T", "2.5.4.42": "G"}


@dataclass(frozen=True)
class ManifestReference:
    """One part that is signed.

    :ivar uri: part name with its content type, ``/word/document.xml?ContentType=…``.
    :ivar digest: of the part, or of the transformed relationships.
    :ivar source_ids: Ids of the relationships selected; None for an ordinary part.
    """

    uri: str
    digest: bytes
    source_ids: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SignatureTerms:
    """What a signature states beside the parts it covers.

    :ivar algorithm: the scheme's name, such as ``rsa-sha256``.
    :ivar hash_name: of every digest.
    :ivar certificate: DER of the signer's; ``chain``: DER of its issuers.
    :ivar time: aware.
    :ivar comments: the purpose of signing, shown by Office programs; cut to 255 characters.
    :ivar city: place of signing.
    """

    algorithm: str
    hash_name: str
    certificate: bytes
    chain: Sequence[bytes]
    time: dt.datetime
    comments: str = ""
    city: str = ""


class SignatureDraft(draft.SignatureDraft):
    """A signature part without its value.

    :raises CertificateUnreadable: the signer's certificate is none.
    """

    def __init__(self, terms: SignatureTerms, references: Sequence[ManifestReference]) -> None:
        self._root = parse(_document(terms, references).encode(), "signature")
        super().__init__(self._root, terms.hash_name)

    def written(self) -> bytes:
        """The part's content."""
        octets: bytes = etree.tostring(self._root, encoding="UTF-8", xml_declaration=False)
        return _DECLARATION + octets


def _document(terms: SignatureTerms, references: Sequence[ManifestReference]) -> str:
    time = terms.time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signed_info = (
        f'<SignedInfo><CanonicalizationMethod Algorithm="{C14N}"/>'
        f'<SignatureMethod Algorithm="{SIGNATURE_IDENTIFIERS[terms.algorithm]}"/>'
        + own_reference(vocabulary.OBJECT_TYPE, "idPackageObject", terms.hash_name)
        + own_reference(vocabulary.OBJECT_TYPE, "idOfficeObject", terms.hash_name)
        + own_reference(vocabulary.SIGNED_PROPERTIES_TYPE, "idSignedProperties", terms.hash_name, transform=C14N)
        + "</SignedInfo>"
    )
    return (
        f'<Signature xmlns="{vocabulary.XMLDSIG}" Id="idPackageSignature">{signed_info}'
        f"<SignatureValue></SignatureValue>{key_info([terms.certificate, *terms.chain])}"
        f"{_package_object(references, terms.hash_name, time)}{_office_object(terms)}{_xades_object(terms, time)}"
        "</Signature>"
    )


def _package_object(references: Sequence[ManifestReference], hash_name: str, time: str) -> str:
    manifest = "".join(
        f'<Reference URI="{escape_attribute(reference.uri)}">{_transforms(reference.source_ids)}'
        f"{digest_markup(hash_name, reference.digest)}</Reference>"
        for reference in sorted(references, key=lambda reference: reference.uri)
    )
    return (
        f'<Object Id="idPackageObject"><Manifest>{manifest}</Manifest><SignatureProperties>'
        '<SignatureProperty Id="idSignatureTime" Target="#idPackageSignature">'
        f'<mdssi:SignatureTime xmlns:mdssi="{vocabulary.PACKAGE_SIGNATURE}">'
        f"<mdssi:Format>YYYY-MM-DDThh:mm:ssTZD</mdssi:Format><mdssi:Value>{time}</mdssi:Value>"
        "</mdssi:SignatureTime></SignatureProperty></SignatureProperties></Object>"
    )


def _transforms(source_ids: Sequence[str] | None) -> str:
    """The relationship transform, followed by C14N 1.0 (ISO/IEC 29500-2, M6.26)."""
    if source_ids is None:
        return ""
    selected = "".join(
        f'<mdssi:RelationshipReference xmlns:mdssi="{vocabulary.PACKAGE_SIGNATURE}" '
        f'SourceId="{escape_attribute(identifier)}"/>'
        for identifier in source_ids
    )
    return (
        f'<Transforms><Transform Algorithm="{relationships.TRANSFORM}">{selected}</Transform>'
        f'<Transform Algorithm="{C14N}"/></Transforms>'
    )


def _office_object(terms: SignatureTerms) -> str:
    """SignatureInfoV1 (MS-OFFCRYPTO 2.5.2.5); its children are an xsd:sequence."""
    comments = plain_text(terms.comments)[:_COMMENTS_LIMIT]
    fields = (
        ("SetupID", ""),
        ("SignatureText", ""),
        ("SignatureImage", ""),
        ("SignatureComments", comments),
        ("WindowsVersion", "10.0"),
        ("OfficeVersion", "16.0.10000/23"),
        ("ApplicationVersion", "16.0.10000"),
        ("Monitors", "1"),
        ("HorizontalResolution", "1920"),
        ("VerticalResolution", "1080"),
        ("ColorDepth", "32"),
        ("SignatureProviderId", "{00000000-0000-0000-0000-000000000000}"),
        ("SignatureProviderUrl", ""),
        ("SignatureProviderDetails", "9"),
        ("SignatureType", "1"),
    )
    information = "".join(f"<{name}>{escape_text(value)}</{name}>" for name, value in fields)
    return (
        '<Object Id="idOfficeObject"><SignatureProperties>'
        '<SignatureProperty Id="idOfficeV1Details" Target="#idPackageSignature">'
        f'<SignatureInfoV1 xmlns="{vocabulary.OFFICE_SIGNATURE}">{information}</SignatureInfoV1>'
        "</SignatureProperty></SignatureProperties></Object>"
    )


def _xades_object(terms: SignatureTerms, time: str) -> str:
    """XAdES 1.3.2 as MS-OFFCRYPTO 2.5.2.6 demands it: SigningCertificate, not its second version."""
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(terms.certificate)
        issuer, serial = _issuer(certificate.issuer), certificate.serial_number
    except ValueError as error:
        raise CertificateUnreadable(detail=str(error)) from error
    fingerprint = hashlib.new(terms.hash_name, terms.certificate, usedforsecurity=False).digest()
    place = ""
    if terms.city:
        city = escape_text(plain_text(terms.city))
        place = f"<xd:SignatureProductionPlace><xd:City>{city}</xd:City></xd:SignatureProductionPlace>"
    return (
        f'<Object><xd:QualifyingProperties xmlns:xd="{vocabulary.XADES}" Target="#idPackageSignature">'
        '<xd:SignedProperties Id="idSignedProperties"><xd:SignedSignatureProperties>'
        f"<xd:SigningTime>{time}</xd:SigningTime>"
        f"<xd:SigningCertificate><xd:Cert><xd:CertDigest>{digest_markup(terms.hash_name, fingerprint)}</xd:CertDigest>"
        f"<xd:IssuerSerial><X509IssuerName>{escape_text(plain_text(issuer))}</X509IssuerName>"
        f"<X509SerialNumber>{serial}</X509SerialNumber></xd:IssuerSerial></xd:Cert>"
        "</xd:SigningCertificate>"
        "<xd:SignaturePolicyIdentifier><xd:SignaturePolicyImplied/></xd:SignaturePolicyIdentifier>"
        f"{place}</xd:SignedSignatureProperties></xd:SignedProperties></xd:QualifyingProperties></Object>"
    )


def _issuer(name: Name) -> str:
    """The issuer's name as Office writes it: RFC 4514 order, joined by comma and space."""
    from cryptography.x509 import ObjectIdentifier

    known = {ObjectIdentifier(oid): word for oid, word in _NAME_TYPES.items()}
    return ", ".join(relative.rfc4514_string(known) for relative in reversed(name.rdns))
