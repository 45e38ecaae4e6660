"""What of a signature nobody signs: the key's description and the unsigned properties.

Browsers and style sheets show whatever stands in a document, so these places may hold nothing but what the standards
put there: elements of theirs, and text only where an element holds no other (XMLDSig 1.1, section 4.5; ETSI EN 319
132-1, section 5). Names written beside the certificate have to be those in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.vocabulary import XADES, XADES_141, XMLDSIG

_NAMESPACES: Final = frozenset({XMLDSIG, "http://www.w3.org/2009/xmldsig11#", XADES, XADES_141})
_SIGNED_PROPERTIES: Final = f"{{{XADES}}}SignedProperties"
#: Elements that hold others and never text.
_CONTAINERS: Final = frozenset(
    {
        *(f"{{{XMLDSIG}}}{name}" for name in ("Object", "KeyInfo", "X509Data")),
        *(f"{{{XADES}}}{name}" for name in ("QualifyingProperties", "UnsignedProperties")),
        *(f"{{{XADES}}}Unsigned{name}Properties" for name in ("Signature", "DataObject")),
    }
)
#: Names of attribute types (RFC 4514, section 3, and those of OpenSSL, Java and .NET).
_TYPE: Final = (
    r"(?:cn|o|ou|c|l|st|s|dc|uid|userid|street|streetaddress|sn|surname|g|gn|givenname|initials|name|t|title"
    r"|serialnumber|e|email|emailaddress|mail|phone|telephonenumber|postalcode|postaladdress|description"
    r"|dnq|dnqualifier|pseudonym|businesscategory|organizationidentifier|oi|(?:oid\.)?\d+(?:\.\d+)+)"
)
_TYPES_ONLY: Final = re.compile(rf"(?:[\s,;+/]*{_TYPE}\s*=)*[\s,;+/]*")


def check_unsigned(key_info: Element, carrier: Element | None) -> None:
    """Look through what is not signed.

    :param carrier: the Object with the qualifying properties.
    :raises SignatureFault: an element of another namespace, or text beside elements.
    """
    for node in _unsigned(key_info, carrier):
        namespace, _, name = node.tag.rpartition("}")
        if namespace[1:] not in _NAMESPACES or ((len(node) or node.tag in _CONTAINERS) and _mixed(node)):
            raise SignatureFault("xmldsig-object-not-signed", id=name[:80])


def _unsigned(key_info: Element, carrier: Element | None) -> Iterator[Element]:
    yield from key_info.iter()
    pending = [] if carrier is None else [carrier]
    while pending:
        node = pending.pop()
        if node.tag != _SIGNED_PROPERTIES or node.getparent().getparent() is not carrier:
            yield node
            pending.extend(node)


def _mixed(node: Element) -> bool:
    return any(text and text.strip() for text in (node.text, *(child.tail for child in node)))


def subject_names(key_info: Element) -> list[str]:
    """The names of certificate holders that stand beside the certificate, where programs read them from."""
    return [element.text or "" for element in key_info.iter(f"{{{XMLDSIG}}}X509SubjectName")]


def is_name_of(text: str, values: list[str]) -> bool:
    """Whether a distinguished name in text (RFC 4514, or as other programs write it) says nothing but these values.

    :param values: of the attributes of the certificate's name.
    """
    rest = _folded(re.sub(r"#([0-9A-Fa-f]{2})+", _decoded, text))
    for value in sorted(map(_folded, values), key=len, reverse=True):
        if value:
            rest = re.sub(rf"(?<==){re.escape(value)}(?=[,;+/]|$)", "", rest)
    return _TYPES_ONLY.fullmatch(rest) is not None


def _decoded(hexadecimal: re.Match[str]) -> str:
    """The string of a value written as DER; as it stands where it is no short string."""
    octets = bytes.fromhex(hexadecimal[0][1:])
    return octets[2:].decode("utf-8", "replace") if len(octets) == octets[1:2][0] + 2 else hexadecimal[0]


def _folded(text: str) -> str:
    """Without escapes, quotes and the blanks around signs, which programs write differently."""
    plain = re.sub(r'[\\"]', "", text)
    return re.sub(r"\s*([=,;+/])\s*", r"\1", " ".join(plain.split())).casefold()
