"""Parsing within bounds.

A tree takes many times the memory of its text where elements are small; and canonical XML takes time that grows with
the square of the attributes of an element, and with the product of elements and namespaces in scope.
"""

from __future__ import annotations

import re
from typing import Final

from app.xmldsig.errors import XmlRejected, XmlTooComplex
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element, parse

#: Most attributes of one element, and most prefixes of namespaces in a document.
_ATTRIBUTES_LIMIT: Final = 1_000
_PREFIXES_LIMIT: Final = 128
_PREFIX: Final = re.compile(rb"xmlns:([^\s=]{1,200})")


def parse_bounded(data: bytes, name: str) -> Element:
    """As :func:`app.xmldsig.markup.parse`, for what is going to be written canonically.

    :raises SignatureFault: not plain XML, or too complex.
    """
    try:
        root = parse(data, name)
    except XmlTooComplex as error:
        raise SignatureFault("xmldsig-too-complex", supported=False, name=name) from error
    except XmlRejected as error:
        raise SignatureFault("xmldsig-content-not-xml", supported=False, name=name) from error
    if _is_costly(root, data):
        raise SignatureFault("xmldsig-too-complex", supported=False, name=name)
    return root


def _is_costly(root: Element, data: bytes) -> bool:
    text = data.replace(b"\0", b"")
    if text.count(b"xmlns:") > _PREFIXES_LIMIT and len(set(_PREFIX.findall(text))) > _PREFIXES_LIMIT:
        return True
    return text.count(b"=") > _ATTRIBUTES_LIMIT and any(len(node.attrib) > _ATTRIBUTES_LIMIT for node in root.iter("*"))
