"""Canonical XML as signatures name it: C14N 1.0, C14N 1.1 and exclusive C14N.

What :func:`app.xmldsig.markup.canonical` does for markup without attributes of the ``xml:`` namespace is done here for
any: inclusive forms give the apex of a subset the ``xml:`` attributes of the ancestors that are left out (C14N 1.0,
section 2.4; C14N 1.1, section 2.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from lxml import etree

from app.xmldsig.fault import SignatureFault, misbuilt
from app.xmldsig.markup import (
    C14N,
    C14N_WITH_COMMENTS,
    EXCLUSIVE_C14N,
    EXCLUSIVE_C14N_WITH_COMMENTS,
    Element,
    is_element,
)

C14N11: Final = "http://www.w3.org/2006/12/xml-c14n11"
C14N11_WITH_COMMENTS: Final = C14N11 + "#WithComments"

_EXCLUSIVE: Final = frozenset({EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS})
_WITH_COMMENTS: Final = frozenset({C14N_WITH_COMMENTS, C14N11_WITH_COMMENTS, EXCLUSIVE_C14N_WITH_COMMENTS})
_BARE: Final = {
    C14N_WITH_COMMENTS: C14N,
    C14N11_WITH_COMMENTS: C14N11,
    EXCLUSIVE_C14N_WITH_COMMENTS: EXCLUSIVE_C14N,
}
ALGORITHMS: Final = frozenset({C14N, C14N11, EXCLUSIVE_C14N}) | _WITH_COMMENTS

_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_INCLUSIVE_NAMESPACES: Final = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
_PREFIXES_LIMIT: Final = 64


@dataclass(frozen=True)
class Canonicalization:
    """A method of canonicalization.

    :ivar prefixes: of namespaces that the exclusive form treats inclusively.
    """

    algorithm: str = C14N
    prefixes: tuple[str, ...] = ()

    @property
    def exclusive(self) -> bool:
        return self.algorithm in _EXCLUSIVE

    @property
    def with_comments(self) -> bool:
        return self.algorithm in _WITH_COMMENTS

    def without_comments(self) -> Canonicalization:
        """The same method leaving comments out."""
        return Canonicalization(_BARE.get(self.algorithm, self.algorithm), self.prefixes)


def read_canonicalization(element: Element) -> Canonicalization:
    """The method that a CanonicalizationMethod or Transform names.

    :raises SignatureFault: not one of :data:`ALGORITHMS`, or with unknown parameters.
    """
    algorithm = element.get("Algorithm", "")
    if algorithm not in ALGORITHMS:
        raise SignatureFault("xmldsig-canonicalization", supported=False, algorithm=algorithm[:120])
    parameters = list(element)
    if not parameters:
        return Canonicalization(algorithm)
    if algorithm not in _EXCLUSIVE or len(parameters) != 1 or parameters[0].tag != _INCLUSIVE_NAMESPACES:
        raise SignatureFault("xmldsig-canonicalization", supported=False, algorithm=f"{algorithm[:120]} (parameters)")
    prefixes = tuple(parameters[0].get("PrefixList", "").split())
    if len(prefixes) > _PREFIXES_LIMIT:
        raise misbuilt("PrefixList")
    return Canonicalization(algorithm, tuple(prefix for prefix in prefixes if prefix != "#default"))


def canonical_subset(element: Element, method: Canonicalization) -> bytes:
    """The octets of an element where it stands in its document.

    :raises SignatureFault: it has no canonical form, or one that is not computed here (C14N 1.1 over ``xml:base``).
    """
    if element.getparent() is None and element.getprevious() is None and element.getnext() is None:
        return canonical_whole(element, method)
    try:
        alone = etree.fromstring(
            etree.tostring(element, with_tail=False), etree.XMLParser(resolve_entities=False, no_network=True)
        )
        if not method.exclusive:
            for name, value in _inherited(element, method).items():
                alone.set(name, value)
        return _written(alone, method)
    except etree.LxmlError as error:
        raise misbuilt("no canonical form") from error


def _inherited(element: Element, method: Canonicalization) -> dict[str, str]:
    """The ``xml:`` attributes of ancestors, the nearest counting, that the element does not bear itself."""
    found: dict[str, str] = {}
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            if name.startswith(_XML) and name not in element.attrib:
                found.setdefault(name, value)
    if method.algorithm in (C14N11, C14N11_WITH_COMMENTS):
        if f"{_XML}base" in found:
            raise SignatureFault("xmldsig-canonicalization", supported=False, algorithm="C14N 1.1, xml:base")
        found.pop(f"{_XML}id", None)
    return found


def canonical_whole(root: Element, method: Canonicalization) -> bytes:
    """The octets of a whole document, what stands beside its root included.

    :raises SignatureFault: it has no canonical form.
    """
    try:
        return _written(root.getroottree(), method)
    except etree.LxmlError as error:
        raise misbuilt("no canonical form") from error


def _written(node: Element, method: Canonicalization) -> bytes:
    octets: bytes = etree.tostring(
        node,
        method="c14n",
        exclusive=method.exclusive,
        with_comments=method.with_comments,
        inclusive_ns_prefixes=list(method.prefixes) or None,
    )
    return octets


@contextmanager
def removed(element: Element) -> Iterator[None]:
    """Take an element out of its document for a while, the text after it staying where it is (XMLDSig, 6.6.4)."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail
    index = parent.index(element)
    kept = parent.text if before is None else before.tail
    joined = (kept or "") + (tail or "")
    element.tail = None
    parent.remove(element)
    try:
        if before is None:
            parent.text = joined
        else:
            before.tail = joined
        yield
    finally:
        if before is None:
            parent.text = kept
        else:
            before.tail = kept
        parent.insert(index, element)
        element.tail = tail


def elements(parent: Element) -> list[Element]:
    """The children that are elements."""
    return [child for child in parent if is_element(child)]
