"""Parsing hostile XML, and canonical XML done right.

``lxml`` writes wrong canonical XML for an element inside a tree (it emits ``xmlns=""`` below elements whose default
namespace comes from an ancestor); only an element that is serialised and parsed again comes out right
(reference/ooxml-signatures, section 4, item 1). Attributes of the ``xml:`` namespace are lost on that way, so
documents that bear one are refused by whoever canonicalizes.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from lxml import etree

from app.xmldsig.errors import XmlRejected, XmlTooComplex

#: An element of a parsed document; lxml publishes no types.
Element: TypeAlias = Any

C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_WITH_COMMENTS: Final = C14N + "#WithComments"
EXCLUSIVE_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
EXCLUSIVE_C14N_WITH_COMMENTS: Final = EXCLUSIVE_C14N + "WithComments"

CANONICALIZATIONS: Final = frozenset({C14N, C14N_WITH_COMMENTS, EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS})

#: Most tags and attributes together; so many take about 200 MB.
_NODES_LIMIT: Final = 1_000_000

_ENCODINGS: Final = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII"})


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parse(data: bytes, name: str) -> Element:
    """The root of a document that holds no document type declaration.

    :param name: of the part, for the error.
    :raises XmlTooComplex: more than a million tags and attributes.
    :raises XmlRejected: not well-formed, too deep, in a foreign encoding, or with a DTD or entity.
    """
    if data.count(b"<") + data.count(b"=") > _NODES_LIMIT:
        raise XmlTooComplex(name=name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise XmlRejected(name=name)
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlRejected(name=name) from error
    information: Any = root.getroottree().docinfo
    if information.doctype or information.internalDTD is not None or information.externalDTD is not None:
        raise XmlRejected(name=name)
    if (information.encoding or "UTF-8").upper() not in _ENCODINGS:
        raise XmlRejected(name=name)
    return root


def is_element(node: Element) -> bool:
    """Whether a child is an element, not a comment or an instruction."""
    return isinstance(node.tag, str)


def canonical(element: Element, algorithm: str = C14N) -> bytes:
    """The canonical octets of an element with the namespaces in scope where it stands.

    :param algorithm: one of :data:`CANONICALIZATIONS`, without inclusive prefixes.
    :raises ValueError: another algorithm.
    """
    if algorithm not in CANONICALIZATIONS:
        raise ValueError(algorithm)
    alone = etree.fromstring(etree.tostring(element, with_tail=False), _parser())
    octets: bytes = etree.tostring(
        alone,
        method="c14n",
        exclusive=algorithm.startswith(EXCLUSIVE_C14N),
        with_comments=algorithm in (C14N_WITH_COMMENTS, EXCLUSIVE_C14N_WITH_COMMENTS),
    )
    return octets


def canonical_document(root: Element, algorithm: str = C14N) -> bytes:
    """The canonical octets of a whole document, instructions beside its root included.

    :param algorithm: :data:`C14N` or :data:`C14N_WITH_COMMENTS`.
    """
    octets: bytes = etree.tostring(
        root.getroottree(), method="c14n", exclusive=False, with_comments=algorithm == C14N_WITH_COMMENTS
    )
    return octets


def escape_text(text: str) -> str:
    """Character data as canonical XML writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def escape_attribute(value: str) -> str:
    """An attribute value as canonical XML writes it (C14N 1.0, section 2.3)."""
    return (
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\t", "&#x9;")
        .replace("\n", "&#xA;")
        .replace("\r", "&#xD;")
    )
