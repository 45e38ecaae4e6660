"""The markup of a detached XAdES signature over the files of a container.

Sources: ETSI EN 319 132-1, section 6.3 (baseline B-B: SigningTime, SigningCertificateV2, DataObjectFormat with the
media type of each file); for OpenDocument also reference/ooxml-signatures, section 7.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.xmldsig.algorithms import SIGNATURE_IDENTIFIERS
from app.xmldsig.draft import digest_markup, key_info, own_reference, plain_text
from app.xmldsig.markup import C14N, escape_attribute, escape_text
from app.xmldsig.vocabulary import SIGNED_PROPERTIES_TYPE, XADES, XMLDSIG

_DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True)
class FileReference:
    """A file that is signed as it is, without transform.

    :ivar uri: relative to the container's root, percent-encoded.
    :ivar media_type: written as DataObjectFormat; empty where the container's own list says it.
    """

    uri: str
    digest: bytes
    media_type: str = ""


@dataclass(frozen=True)
class DetachedTerms:
    """What a signature states beside the files it covers.

    :ivar identifier: of the Signature element; unique in its document.
    :ivar algorithm: the scheme's name, such as ``rsa-sha256``; ``hash_name``: of every digest.
    :ivar certificate: DER of the signer's; ``chain``: DER of its issuers.
    :ivar time: aware.
    :ivar city: place of signing.
    :ivar dated_object: with the signed date as OpenDocument programs show it.
    """

    identifier: str
    algorithm: str
    hash_name: str
    certificate: bytes
    chain: Sequence[bytes]
    time: dt.datetime
    city: str = ""
    dated_object: bool = False


def signature_markup(terms: DetachedTerms, references: Sequence[FileReference]) -> str:
    """The Signature element, the digests of its own parts and its value still empty."""
    identifier = terms.identifier
    files = "".join(
        f'<Reference Id="{identifier}-{number}" URI="{escape_attribute(one.uri)}">'
        f"{digest_markup(terms.hash_name, one.digest)}</Reference>"
        for number, one in enumerate(references)
    )
    own = own_reference("", f"{identifier}-time", terms.hash_name) if terms.dated_object else ""
    own += own_reference(SIGNED_PROPERTIES_TYPE, f"{identifier}-properties", terms.hash_name, transform=C14N)
    return (
        f'<Signature xmlns="{XMLDSIG}" Id="{identifier}"><SignedInfo><CanonicalizationMethod Algorithm="{C14N}"/>'
        f'<SignatureMethod Algorithm="{SIGNATURE_IDENTIFIERS[terms.algorithm]}"/>{files}{own}</SignedInfo>'
        f"<SignatureValue></SignatureValue>{key_info([terms.certificate, *terms.chain])}"
        f"{_dated_object(terms) if terms.dated_object else ''}{_properties(terms, references)}</Signature>"
    )


def _dated_object(terms: DetachedTerms) -> str:
    return (
        f'<Object><SignatureProperties><SignatureProperty Id="{terms.identifier}-time" Target="#{terms.identifier}">'
        f'<dc:date xmlns:dc="{_DUBLIN_CORE}">{_time(terms)}</dc:date>'
        "</SignatureProperty></SignatureProperties></Object>"
    )


def _properties(terms: DetachedTerms, references: Sequence[FileReference]) -> str:
    fingerprint = hashlib.new(terms.hash_name, terms.certificate, usedforsecurity=False).digest()
    place = ""
    if terms.city:
        city = escape_text(plain_text(terms.city))
        place = f"<xd:SignatureProductionPlaceV2><xd:City>{city}</xd:City></xd:SignatureProductionPlaceV2>"
    formats = "".join(
        f'<xd:DataObjectFormat ObjectReference="#{terms.identifier}-{number}">'
        f"<xd:MimeType>{escape_text(one.media_type)}</xd:MimeType></xd:DataObjectFormat>"
        for number, one in enumerate(references)
        if one.media_type
    )
    if formats:
        formats = f"<xd:SignedDataObjectProperties>{formats}</xd:SignedDataObjectProperties>"
    return (
        f'<Object><xd:QualifyingProperties xmlns:xd="{XADES}" Target="#{terms.identifier}">'
        f'<xd:SignedProperties Id="{terms.identifier}-properties"><xd:SignedSignatureProperties>'
        f"<xd:SigningTime>{_time(terms)}</xd:SigningTime><xd:SigningCertificateV2><xd:Cert><xd:CertDigest>"
        f"{digest_markup(terms.hash_name, fingerprint)}</xd:CertDigest></xd:Cert></xd:SigningCertificateV2>"
        f"{place}</xd:SignedSignatureProperties>{formats}</xd:SignedProperties></xd:QualifyingProperties></Object>"
    )


def _time(terms: DetachedTerms) -> str:
    return terms.time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
