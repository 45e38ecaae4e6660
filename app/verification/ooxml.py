"""Examiner of Office packages: what is cryptographically so of each signature in a .docx, .xlsx or .pptx.

A package that two programs could read differently is not read at all; of a readable one every signature is checked by
itself: its markup, its value, the parts it names, and what it leaves uncovered (reference/ooxml-signatures, section 5).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.documents.zip_errors import ArchiveRejected
from app.ooxml import vocabulary
from app.ooxml.package import Origin, Package, Part
from app.trust.model import Problem
from app.verification import ooxml_coverage
from app.verification.container import rejected
from app.verification.model import Coverage, DocumentFacts, SignatureFacts
from app.verification.ooxml_manifest import check_manifest
from app.verification.ooxml_signature import read_manifest, read_part
from app.verification.xml_signature import Protection, refused, signature_facts
from app.xmldsig.fault import SignatureFault
from app.xmldsig.signature import XmlSignature

FORMAT: Final = "ooxml"

_SIGNATURE_LIMIT: Final = 8 << 20


def examine(path: Path) -> DocumentFacts:
    """The facts of all signatures of an Office package, in the order in which it names them.

    :return: ``readable`` is False where the package is not read at all; ``problems`` says why.
    :raises app.errors.AntinError: the file is missing or may not be read.
    """
    try:
        with Package(path) as package:
            return _examine(package, path.suffix)
    except ArchiveRejected as error:
        return rejected(FORMAT, error)


def _examine(package: Package, suffix: str) -> DocumentFacts:
    origin = package.origin()
    remarks = ooxml_coverage.notes(package)
    if origin is None or not origin.signatures:
        if _unlinked_signature(package):
            remarks.insert(0, Problem("ooxml-signature-cut-off"))
        return DocumentFacts(FORMAT, problems=tuple(remarks))
    signatures = tuple(_signature(package, origin, part, suffix) for part in origin.signatures)
    return DocumentFacts(FORMAT, signatures, problems=tuple(remarks))


def _unlinked_signature(package: Package) -> bool:
    return any(
        key.startswith("/_xmlsignatures/") or part.content_type == vocabulary.SIGNATURE_TYPE
        for key, part in package.parts.items()
    )


def _signature(package: Package, origin: Origin, part: Part, suffix: str) -> SignatureFacts:
    try:
        if part.content_type != vocabulary.SIGNATURE_TYPE:
            raise SignatureFault("ooxml-signature-type")
        element, identifiers = read_part(package.read(part, _SIGNATURE_LIMIT), part.name)
    except SignatureFault as fault:
        return refused(part.name, FORMAT, fault)

    def protection(signature: XmlSignature) -> Protection:
        return _protection(package, origin, suffix, signature)

    return signature_facts(
        element, identifiers, format=FORMAT, name=part.name, protection_of=protection, manifests=True
    )


def _protection(package: Package, origin: Origin, suffix: str, signature: XmlSignature) -> Protection:
    """What the manifest says of the parts."""
    references = read_manifest(signature)
    covered, broken = check_manifest(package, references)
    hash_names = frozenset(reference.hash_name for reference in references)
    if broken:
        return Protection(Coverage.PARTIAL, broken=tuple(broken), hash_names=hash_names)
    coverage, uncovered, problems = ooxml_coverage.coverage_of(package, origin, covered, suffix)
    return Protection(coverage, uncovered, remarks=tuple(problems), hash_names=hash_names)
