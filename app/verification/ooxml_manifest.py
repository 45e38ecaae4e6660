"""The manifest of a package signature: is every part it names there, of its type, and unchanged?

Source: reference/ooxml-signatures, section 5.2, step 6 (ISO/IEC 29500-2, M6.9 to M6.35).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from app.ooxml import names, relationships, vocabulary
from app.ooxml.package import Package, Part
from app.ooxml.relationships import RelationshipsPart
from app.trust.model import Problem
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import C14N, C14N_WITH_COMMENTS, Element, canonical_document
from app.xmldsig.signature import RawReference

_MDSSI: Final = f"{{{vocabulary.PACKAGE_SIGNATURE}}}"
#: Most bytes of a part that is parsed before it is digested, and of all such parts of a signature.
_CANONICAL_PART_LIMIT: Final = 16 << 20
_CANONICAL_LIMIT: Final = 64 << 20
_PROBLEMS_LIMIT: Final = 50


@dataclass
class Covered:
    """What the references of a manifest cover.

    :ivar parts: keys of the parts whose content is digested.
    :ivar relationships: Ids selected, by key of the relationships part.
    :ivar parsed: bytes of the parts that were parsed.
    """

    parts: set[str] = field(default_factory=set)
    relationships: dict[str, frozenset[str]] = field(default_factory=dict)
    parsed: int = 0


def check_manifest(package: Package, references: Iterable[RawReference]) -> tuple[Covered, list[Problem]]:
    """Check every reference of a manifest.

    :return: what is covered, and a problem for each reference that does not hold (at most 50).
    :raises SignatureFault: a reference that is not allowed or not supported.
    """
    covered = Covered()
    problems: list[Problem] = []
    seen: set[str] = set()
    for reference in references:
        name, content_type = _target(reference.uri)
        key = names.key(name)
        if key in seen:
            raise SignatureFault("xmldsig-reference", uri=reference.uri[:120])
        seen.add(key)
        part = package.parts.get(key)
        problem = _check(package, part, name, content_type, reference, covered)
        if problem is not None and len(problems) < _PROBLEMS_LIMIT:
            problems.append(problem)
    return covered, problems


def _target(uri: str) -> tuple[str, str]:
    """Part name and content type of a reference, ``/part?ContentType=type``."""
    path, mark, content_type = uri.partition("?ContentType=")
    name = names.from_uri(path)
    if not mark or not content_type or name is None:
        raise SignatureFault("xmldsig-reference", uri=uri[:120])
    return name, content_type


def _check(
    package: Package, part: Part | None, name: str, content_type: str, reference: RawReference, covered: Covered
) -> Problem | None:
    if part is None:
        return Problem("ooxml-part-missing", (("name", name),))
    if part.content_type != content_type:
        return Problem("ooxml-content-type-changed", (("name", name),))
    key = names.key(part.name)
    leading = package.relationships.get(key)
    transforms = reference.transforms
    if transforms and _algorithm(transforms[0]) == relationships.TRANSFORM:
        if leading is None or len(transforms) != 2 or not _is_plain_canonicalization(transforms[1]):
            raise _unsupported(transforms)
        return _check_relationships(leading, transforms[0], reference, covered)
    covered.parts.add(key)
    if leading is not None:
        covered.relationships[key] = frozenset(one.id for one in leading.relationships)
    if not transforms:
        actual = package.digest(part, reference.hash_name)
    elif len(transforms) == 1 and _is_plain_canonicalization(transforms[0]):
        covered.parsed += part.entry.size
        if part.entry.size > _CANONICAL_PART_LIMIT or covered.parsed > _CANONICAL_LIMIT:
            raise SignatureFault("container-part-too-large", supported=False, name=part.name)
        root = parse_bounded(package.read(part, _CANONICAL_PART_LIMIT), part.name)
        octets = canonical_document(root, _algorithm(transforms[0]))
        actual = hashlib.new(reference.hash_name, octets, usedforsecurity=False).digest()
    else:
        raise _unsupported(transforms)
    return None if actual == reference.digest else Problem("ooxml-part-changed", (("name", part.name),))


def _algorithm(transform: Element) -> str:
    return str(transform.get("Algorithm", ""))


def _is_plain_canonicalization(transform: Element) -> bool:
    """Whether a transform is C14N 1.0, with or without comments."""
    return _algorithm(transform) in (C14N, C14N_WITH_COMMENTS) and not len(transform)


def _unsupported(transforms: Iterable[Element]) -> SignatureFault:
    algorithms = " ".join(_algorithm(transform) for transform in transforms)
    return SignatureFault("xmldsig-transform", supported=False, algorithm=algorithms[:200])


def _check_relationships(
    leading: RelationshipsPart, parameters: Element, reference: RawReference, covered: Covered
) -> Problem | None:
    known = {relationship.id for relationship in leading.relationships}
    selected: set[str] = set()
    for parameter in parameters:
        if parameter.tag == f"{_MDSSI}RelationshipReference" and set(parameter.attrib) == {"SourceId"}:
            selected.add(parameter.get("SourceId"))
        elif parameter.tag == f"{_MDSSI}RelationshipsGroupReference" and set(parameter.attrib) == {"SourceType"}:
            kind = parameter.get("SourceType")
            selected.update(one.id for one in leading.relationships if one.type == kind)
        else:
            raise SignatureFault("xmldsig-transform", supported=False, algorithm=parameter.tag.rpartition("}")[2][:120])
    if not selected:
        raise SignatureFault("xmldsig-reference", uri=reference.uri[:120])
    changed = Problem("ooxml-relationships-changed", (("name", leading.name),))
    if not selected <= known:
        return changed
    octets = relationships.transformed(leading.relationships, selected)
    if _digest(reference, octets) == reference.digest:
        covered.relationships[names.key(leading.name)] = frozenset(selected)
        return None
    if _digest(reference, _as_libreoffice(octets)) == reference.digest:
        return Problem("ooxml-libreoffice-relationships", (("name", leading.name),))
    return changed


def _digest(reference: RawReference, octets: bytes) -> bytes:
    return hashlib.new(reference.hash_name, octets, usedforsecurity=False).digest()


def _as_libreoffice(octets: bytes) -> bytes:
    """The faulty form that libxmlsec1 up to 1.3.12 digests where the part holds white space (section 4, item 3)."""
    return octets.replace(b"><", b"><text></text><", 1)
