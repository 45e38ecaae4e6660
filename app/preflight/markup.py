"""Reading the XML of a document element by element, within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from lxml import etree

#: Octets of one part; what is larger is told as not examined.
PART_LIMIT: Final = 64 << 20
_SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
_FORGOTTEN: Final = "{*}row"


class MarkupRefused(Exception):
    """Not the plain XML that it has to be."""


def elements(data: bytes, names: Iterable[str]) -> Iterator[Any]:
    """The elements of some names, in document order.

    :param names: without namespaces; ``*`` for all.
    :raises MarkupRefused: not well-formed, too deep, or with a document type declaration.
    """
    try:
        root = etree.fromstring(_plain(data), etree.XMLParser(remove_comments=True, remove_pis=True, **_SAFE))
    except etree.XMLSyntaxError as error:
        raise MarkupRefused(str(error)) from error
    yield from root.iter(*(f"{{*}}{name}" for name in names))


def cell_elements(data: bytes, name: str) -> Iterator[Any]:
    """As :func:`elements`, for a sheet of any length: rows that have ended are forgotten."""
    walk = etree.iterparse(BytesIO(_plain(data)), events=("end",), tag=(f"{{*}}{name}", _FORGOTTEN), **_SAFE)
    try:
        for _event, element in walk:
            if local(element) == name:
                yield element
            else:
                element.clear()
    except etree.XMLSyntaxError as error:
        raise MarkupRefused(str(error)) from error


def _plain(data: bytes) -> bytes:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise MarkupRefused("document type declaration")
    return data


def local(element: Any) -> str:
    """The element's name without namespace; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute by its name without namespace; empty where there is none."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")
