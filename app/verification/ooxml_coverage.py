"""What of a package a signature protects, and what a reader should know of the package besides.

Source: reference/ooxml-signatures, section 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.ooxml import names, vocabulary
from app.ooxml.package import Metadata, Origin, Package, metadata_of
from app.trust.model import Problem
from app.verification.model import Coverage
from app.verification.ooxml_manifest import Covered
from app.verification.ooxml_properties import shown_otherwise

_CUSTOM_XML: Final = "/customxml/"
_NOTES_LIMIT: Final = 20
_FOUND_LIMIT: Final = 1_000


def coverage_of(
    package: Package, origin: Origin, covered: Covered, suffix: str
) -> tuple[Coverage, tuple[str, ...], list[Problem]]:
    """Compare what is signed with all there is.

    Metadata is unpacked though nothing covers it: a damaged part would make programs repair the file.

    :param suffix: ending of the file name, for what a program would open the file as.
    :return: coverage; the parts, and relationships as ``part#Id``, that are not covered; and why.
    :raises app.documents.zip_errors.ZipDataDamaged: a part of the metadata does not unpack.
    :raises app.xmldsig.fault.SignatureFault: a part holds too much to tell whether it shows metadata.
    """
    metadata = metadata_of(package)
    uncovered: list[str] = []
    properties: list[str] = []
    for name, harmless in _uncovered(package, origin, covered, metadata):
        (properties if harmless else uncovered).append(name)
    for key in metadata.parts:
        package.digest(package.parts[key], "sha256")
    problems = list(_anomalies(package, suffix))
    if uncovered:
        only_custom = all(name.lower().startswith(_CUSTOM_XML) for name in uncovered)
        code = "ooxml-custom-xml-uncovered" if only_custom else "ooxml-uncovered"
        problems.append(Problem(code, (("count", str(len(uncovered))), ("names", ", ".join(uncovered[:5])))))
    everything = tuple(uncovered + properties)
    if problems:
        return Coverage.PARTIAL, everything, problems
    if properties:
        shown = shown_otherwise(package, metadata)
        return Coverage.WHOLE_EXCEPT_METADATA, everything, [Problem("ooxml-metadata-uncovered"), *shown]
    return Coverage.WHOLE, (), []


def _uncovered(package: Package, origin: Origin, covered: Covered, metadata: Metadata) -> Iterator[tuple[str, bool]]:
    """Names of what is not covered, each with whether it is only metadata."""
    origin_rels = names.key(names.relationships_of(origin.part.name))
    infrastructure = origin.infrastructure
    for key, part in package.parts.items():
        leading = package.relationships.get(key)
        if leading is not None:
            selected = covered.relationships.get(key, frozenset())
            for relationship in leading.relationships:
                at_root = leading.source == names.PACKAGE
                leads_to_signature = (
                    key == origin_rels and relationship.type == vocabulary.SIGNATURE_RELATIONSHIP
                ) or (at_root and relationship == origin.relationship)
                if relationship.id not in selected and not leads_to_signature:
                    yield f"{leading.name}#{relationship.id}", at_root and relationship.id in metadata.ids
        elif key not in covered.parts and (key not in infrastructure or (part == origin.part and part.entry.size)):
            yield part.name, key in metadata.parts


def _anomalies(package: Package, suffix: str) -> Iterator[Problem]:
    if package.archive.stray_bytes:
        yield Problem("ooxml-stray-bytes", (("count", str(package.archive.stray_bytes)),))
    if not package.fits_ending(suffix):
        yield Problem("ooxml-main-part", (("suffix", suffix),))


def notes(package: Package) -> list[Problem]:
    """What is worth a sentence whatever the signatures say."""
    found: list[Problem] = []
    targeted: set[str] = set()
    for leading in package.relationships.values():
        for relationship in leading.relationships:
            kind = relationship.type.lower()
            if relationship.external:
                if kind not in vocabulary.HYPERLINK_RELATIONSHIPS:
                    found.append(Problem("ooxml-external-content", (("target", relationship.target[:200]),)))
                continue
            target = leading.target(relationship)
            part = package.part(target) if target else None
            if part is not None:
                targeted.add(names.key(part.name))
            elif kind not in vocabulary.HYPERLINK_RELATIONSHIPS and len(found) < _FOUND_LIMIT:
                found.append(Problem("ooxml-dangling-relationship", (("target", relationship.target[:200]),)))
            if kind == vocabulary.MACRO_RELATIONSHIP:
                found.append(Problem("ooxml-macros"))
            elif kind in vocabulary.FOREIGN_CHUNK_RELATIONSHIPS:
                found.append(Problem("ooxml-foreign-content", (("target", relationship.target[:200]),)))
    for key, part in package.parts.items():
        if key not in targeted and key not in package.relationships:
            found.append(Problem("ooxml-orphan-part", (("name", part.name),)))
    return list(dict.fromkeys(found))[:_NOTES_LIMIT]
