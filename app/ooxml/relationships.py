"""Relationships parts and the transform under which they are signed.

Source of the transform: ISO/IEC 29500-2, section 10.5.8.2 (RelationshipTransform); MS-OI29500 2.1.1752.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from app.ooxml import names
from app.ooxml.errors import RelationshipsDamaged
from app.xmldsig.markup import Element, escape_attribute, is_element, parse

NAMESPACE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPE: Final = "application/vnd.openxmlformats-package.relationships+xml"
TRANSFORM: Final = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"

#: Most bytes of relationships read in one package, all parts together.
SIZE_LIMIT: Final = 16 << 20

_ATTRIBUTES: Final = frozenset({"Id", "Type", "Target", "TargetMode"})


@dataclass(frozen=True)
class Relationship:
    """One relationship. ``external`` ones lead out of the package, their target is not resolved."""

    id: str
    type: str
    target: str
    external: bool = False


@dataclass(frozen=True)
class RelationshipsPart:
    """All relationships of one source.

    :ivar name: part name of the relationships part itself.
    :ivar source: the part they start from, or ``/``.
    :ivar padded: it holds white space, comments or instructions that carry nothing.
    """

    name: str
    source: str
    relationships: tuple[Relationship, ...]
    padded: bool = False

    def target(self, relationship: Relationship) -> str | None:
        """The part name that an internal relationship leads to; None where it leads to none."""
        return None if relationship.external else names.resolve(self.source, relationship.target)


def read(data: bytes, name: str, source: str) -> RelationshipsPart:
    """Parse a relationships part.

    :raises RelationshipsDamaged: anything in it that is not a relationship, or two with one Id.
    :raises app.ooxml.errors.XmlRejected: see :func:`app.xmldsig.markup.parse`.
    """
    root = parse(data, name)
    if root.tag != f"{{{NAMESPACE}}}Relationships" or root.attrib:
        raise RelationshipsDamaged(name=name, detail="root element")
    found: dict[str, Relationship] = {}
    padded = root.getprevious() is not None or root.getnext() is not None or bool(root.text)
    _only_white(root.text, name)
    for child in root:
        padded = padded or bool(child.tail)
        _only_white(child.tail, name)
        if not is_element(child):
            padded = True
            continue
        if child.tag != f"{{{NAMESPACE}}}Relationship" or len(child):
            raise RelationshipsDamaged(name=name, detail="unknown element")
        padded = padded or bool(child.text)
        _only_white(child.text, name)
        relationship = _relationship(child, name)
        if relationship.id in found:
            raise RelationshipsDamaged(name=name, detail=f"duplicate Id {relationship.id}")
        found[relationship.id] = relationship
    return RelationshipsPart(name, source, tuple(found.values()), padded)


def _only_white(text: str | None, name: str) -> None:
    if text and text.strip(" \t\r\n"):
        raise RelationshipsDamaged(name=name, detail="text")


def _relationship(element: Element, name: str) -> Relationship:
    attributes: dict[str, str] = dict(element.items())
    if not {"Id", "Type", "Target"} <= attributes.keys() <= _ATTRIBUTES:
        raise RelationshipsDamaged(name=name, detail="attributes")
    identifier = attributes["Id"]
    if not identifier or identifier != "".join(identifier.split()):
        raise RelationshipsDamaged(name=name, detail="Id")
    mode = attributes.get("TargetMode", "Internal")
    if mode not in ("Internal", "External"):
        raise RelationshipsDamaged(name=name, detail="TargetMode")
    return Relationship(identifier, attributes["Type"], attributes["Target"], mode == "External")


def transformed(relationships: Iterable[Relationship], ids: Collection[str]) -> bytes:
    """The octets that a signature digests of a relationships part: transform, then C14N 1.0.

    :param ids: the Ids selected; all are expected to exist.
    """
    chosen = sorted(
        (relationship for relationship in relationships if relationship.id in ids),
        key=lambda relationship: relationship.id.encode("utf-16-be"),
    )
    return _markup(chosen, explicit_mode=True).encode()


def written(relationships: Iterable[Relationship]) -> bytes:
    """A relationships part without white space, which every transform reads alike."""
    body = _markup(relationships, explicit_mode=False)
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body.encode()


def _markup(relationships: Iterable[Relationship], *, explicit_mode: bool) -> str:
    pieces = [f'<Relationships xmlns="{NAMESPACE}">']
    for relationship in relationships:
        mode = ""
        if explicit_mode or relationship.external:
            mode = f' TargetMode="{"External" if relationship.external else "Internal"}"'
        pieces.append(
            f'<Relationship Id="{escape_attribute(relationship.id)}" Target="{escape_attribute(relationship.target)}"'
            f'{mode} Type="{escape_attribute(relationship.type)}"></Relationship>'
        )
    pieces.append("</Relationships>")
    return "".join(pieces)


def free_id(relationships: Iterable[Relationship]) -> str:
    """An Id of the form ``rIdN`` that none of the relationships bears."""
    taken = {relationship.id.lower() for relationship in relationships}
    number = 1
    while f"rid{number}" in taken:
        number += 1
    return f"rId{number}"
