"""Raising an XML signature to the higher levels of XAdES: T, C, X, X-L and A, as Office and others write them.

Sources: ETSI EN 319 132-1, sections 5.3 to 5.5 and annex A; reference/ooxml-signatures, section 3.5.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lxml import etree

from app.trust.timestamps import HttpTimestamper
from app.xmldsig.canonical import Canonicalization, canonical_subset
from tests.demo.pki import Pki
from tests.office_signing import changed
from tests.xml_signing import C14N, DS, SHA256, XADES, reference_octets

LEVELS: Final = ("T", "C", "X", "X-L", "A")
XADES_141: Final = "http://uri.etsi.org/01903/v1.4.1#"

_METHOD = Canonicalization()


def raised(document: bytes, level: str, pki: Pki, files: Mapping[str, bytes] | None = None) -> bytes:
    """A document whose last signature is raised to a level.

    :param level: one of :data:`LEVELS`; each has what those before it have.
    :param files: content that references other than to the document lead to, by URI.
    """
    root = etree.fromstring(document)
    signature = list(root.iter(f"{{{DS}}}Signature"))[-1]
    qualifying = signature.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    unsigned = etree.SubElement(qualifying, f"{{{XADES}}}UnsignedProperties")
    properties = etree.SubElement(unsigned, f"{{{XADES}}}UnsignedSignatureProperties")
    for step in LEVELS[: LEVELS.index(level) + 1]:
        _STEPS[step](_Raising(root, signature, properties, pki, files or {}))
    made: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return made


def raised_package(source: Path, target: Path, level: str, pki: Pki) -> Path:
    """A signed Office package whose only signature is raised to a level."""
    return changed(source, target, {"_xmlsignatures/sig1.xml": lambda markup: raised(markup, level, pki)})


class _Raising:
    """A signature on its way."""

    def __init__(
        self,
        root: etree._Element,
        signature: etree._Element,
        properties: etree._Element,
        pki: Pki,
        files: Mapping[str, bytes],
    ) -> None:
        self.root, self.signature, self.properties, self.pki, self.files = root, signature, properties, pki, files
        self.value = signature.find(f"{{{DS}}}SignatureValue")
        self.authorities = [pki.certificate(name) for name in ("issuing", "root")]
        self.crls = [pki.crl(name) for name in ("issuing", "root")]

    def stamp(self, namespace: str, name: str, octets: bytes) -> None:
        element = etree.SubElement(self.properties, f"{{{namespace}}}{name}")
        etree.SubElement(element, f"{{{DS}}}CanonicalizationMethod", Algorithm=C14N)
        stamper = HttpTimestamper(self.pki.tsa_url, timeout=10)
        token = stamper.token(hashlib.sha256(octets).digest(), "sha256")
        self.octets(element, "EncapsulatedTimeStamp", token)

    def octets(self, parent: etree._Element, name: str, content: bytes) -> None:
        etree.SubElement(parent, f"{{{XADES}}}{name}").text = base64.b64encode(content).decode()

    def digest(self, parent: etree._Element, name: str, content: bytes) -> None:
        element = etree.SubElement(parent, f"{{{XADES}}}{name}")
        etree.SubElement(element, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
        value = base64.b64encode(hashlib.sha256(content).digest()).decode()
        etree.SubElement(element, f"{{{DS}}}DigestValue").text = value


def _timestamp(raising: _Raising) -> None:
    raising.stamp(XADES, "SignatureTimeStamp", canonical_subset(raising.value, _METHOD))


def _references(raising: _Raising) -> None:
    listed = etree.SubElement(raising.properties, f"{{{XADES}}}CompleteCertificateRefs")
    listed = etree.SubElement(listed, f"{{{XADES}}}CertRefs")
    for certificate in raising.authorities:
        raising.digest(etree.SubElement(listed, f"{{{XADES}}}Cert"), "CertDigest", certificate)
    listed = etree.SubElement(raising.properties, f"{{{XADES}}}CompleteRevocationRefs")
    listed = etree.SubElement(listed, f"{{{XADES}}}CRLRefs")
    for crl in raising.crls:
        raising.digest(etree.SubElement(listed, f"{{{XADES}}}CRLRef"), "DigestAlgAndValue", crl)


def _references_stamp(raising: _Raising) -> None:
    over = [raising.value, *raising.properties]
    raising.stamp(XADES, "SigAndRefsTimeStamp", b"".join(canonical_subset(one, _METHOD) for one in over))


def _values(raising: _Raising) -> None:
    certificates = etree.SubElement(raising.properties, f"{{{XADES}}}CertificateValues")
    for certificate in raising.authorities:
        raising.octets(certificates, "EncapsulatedX509Certificate", certificate)
    revocation = etree.SubElement(raising.properties, f"{{{XADES}}}RevocationValues")
    lists = etree.SubElement(revocation, f"{{{XADES}}}CRLValues")
    for crl in raising.crls:
        raising.octets(lists, "EncapsulatedCRLValue", crl)


def _archive_stamp(raising: _Raising) -> None:
    validation = etree.SubElement(
        raising.properties, f"{{{XADES_141}}}TimeStampValidationData", nsmap={"xd141": XADES_141}
    )
    certificates = etree.SubElement(validation, f"{{{XADES}}}CertificateValues")
    raising.octets(certificates, "EncapsulatedX509Certificate", raising.pki.certificate("tsa"))
    signature = raising.signature
    octets = b""
    named = set()
    for reference in signature.iterfind(f"{{{DS}}}SignedInfo/{{{DS}}}Reference"):
        octets += reference_octets(raising.root, signature, reference, raising.files)
        named.add(reference.get("URI"))
    over = [signature.find(f"{{{DS}}}{name}") for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    over += list(raising.properties)
    over += [
        one
        for one in signature.iterfind(f"{{{DS}}}Object")
        if f"#{one.get('Id')}" not in named and one.find(f"{{{XADES}}}QualifyingProperties") is None
    ]
    octets += b"".join(canonical_subset(one, _METHOD) for one in over)
    raising.stamp(XADES_141, "ArchiveTimeStamp", octets)


_STEPS: Final[dict[str, Callable[[_Raising], None]]] = {
    "T": _timestamp,
    "C": _references,
    "X": _references_stamp,
    "X-L": _values,
    "A": _archive_stamp,
}
