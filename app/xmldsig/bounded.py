"""Parsing within bounds: a tree takes many times the memory of its text where elements are small."""

from __future__ import annotations

from typing import Final

from app.xmldsig.errors import XmlRejected
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element, parse

#: Most tags and attributes together; so many take about 200 MB.
NODES_LIMIT: Final = 1_000_000


def parse_bounded(data: bytes, name: str) -> Element:
    """As :func:`app.xmldsig.markup.parse`.

    :raises SignatureFault: not plain XML, or with more tags and attributes than :data:`NODES_LIMIT`.
    """
    if data.count(b"<") + data.count(b"=") > NODES_LIMIT:
        raise SignatureFault("xmldsig-too-complex", supported=False, name=name)
    try:
        return parse(data, name)
    except XmlRejected as error:
        raise SignatureFault("xmldsig-content-not-xml", supported=False, name=name) from error
