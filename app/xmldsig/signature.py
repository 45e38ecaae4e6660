"""Reading one Signature element strictly: what is not at its place, known and signed, makes it invalid.

Sources: XMLDSig 1.1, sections 4 and 5; W3C Note "XML Signature Best Practices". The rules leave no room for elements
that a signature does not cover but a program might believe.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.trust.algorithms import SignatureScheme
from app.xmldsig.algorithms import DIGESTS, SIGNATURES
from app.xmldsig.canonical import Canonicalization, read_canonicalization
from app.xmldsig.fault import SignatureFault, misbuilt
from app.xmldsig.markup import Element, is_element
from app.xmldsig.unsigned import check_unsigned
from app.xmldsig.vocabulary import SIGNED_PROPERTIES_TYPE, XMLDSIG
from app.xmldsig.xades import Properties, countersignatures, read_properties

DS: Final = f"{{{XMLDSIG}}}"
SIGNATURE: Final = f"{DS}Signature"
MANIFEST: Final = f"{DS}Manifest"
ENVELOPED: Final = f"{XMLDSIG}enveloped-signature"

_CERTIFICATES_LIMIT: Final = 32
_REFERENCES_LIMIT: Final = 20_000
_OBJECTS_LIMIT: Final = 32
_KEY_INFO: Final = frozenset(f"{DS}{name}" for name in ("X509Data", "KeyValue", "KeyName"))
_LEADING: Final = ["SignedInfo", "SignatureValue", "KeyInfo"]


@dataclass(frozen=True)
class Reference:
    """A digest and what it is of.

    :ivar uri: empty for the whole document, ``#Id`` for an element of it, else a file.
    :ivar enveloped: the signature itself is taken out before.
    :ivar canonicalization: None where none is named.
    :ivar hash_name: hashlib name.
    """

    uri: str
    type: str
    enveloped: bool
    canonicalization: Canonicalization | None
    hash_name: str
    digest: bytes


@dataclass(frozen=True)
class RawReference:
    """A Reference element as it stands.

    :ivar transforms: the Transform elements, whatever they name.
    :ivar hash_name: hashlib name.
    """

    uri: str
    type: str
    transforms: tuple[Element, ...]
    hash_name: str
    digest: bytes


@dataclass(frozen=True)
class XmlSignature:
    """A Signature element, read.

    :ivar objects: its Object elements.
    :ivar entries: all references in their order, each with the part of the signature it leads to; None where it leads
        out of the signature.
    """

    element: Element
    name: str
    signed_info: Element
    canonicalization: Canonicalization
    scheme: SignatureScheme
    value_element: Element
    value: bytes
    key_info: Element
    objects: tuple[Element, ...]
    certificates: tuple[bytes, ...]
    entries: tuple[tuple[Reference, Element | None], ...]
    properties: Properties | None

    @property
    def references(self) -> tuple[Reference, ...]:
        """Those to anything outside of the signature."""
        return tuple(reference for reference, target in self.entries if target is None)

    @property
    def own(self) -> tuple[tuple[Reference, Element], ...]:
        """Those to parts of the signature, with the part each leads to."""
        return tuple((reference, target) for reference, target in self.entries if target is not None)


class Identifiers:
    """The elements of a document by what any attribute named like an Id says, so that doubt is noticed."""

    def __init__(self, root: Element) -> None:
        self._found: dict[str, list[Element]] = {}
        for node in root.iter("*"):
            for name, value in node.items():
                if name[-2:].lower() == "id" and name.rpartition("}")[2].lower() == "id":
                    self._found.setdefault(value, []).append(node)

    def check_unique(self) -> None:
        """:raises SignatureFault: any Id is borne by several elements."""
        for identifier in self._found:
            self.element(identifier)

    def element(self, identifier: str) -> Element | None:
        """The element of that Id.

        :raises SignatureFault: several bear it, so that programs differ in which is signed.
        """
        found = self._found.get(identifier, [])
        if len(found) > 1:
            raise SignatureFault("xmldsig-duplicate-id", id=identifier[:80])
        return found[0] if found else None


def read_signature(element: Element, identifiers: Identifiers, *, manifests: bool = False) -> XmlSignature:
    """Read a Signature element.

    :param identifiers: of its whole document.
    :param manifests: the caller checks what a Manifest inside refers to; without, a Manifest is a fault.
    :raises SignatureFault: anything that a sound signature does not have, or this program does not check.
    """
    _check_nodes(element, manifests=manifests)
    signed_info, value_element, key_info, objects = _top_level(element)
    canonicalization, scheme, references = _signed_info(signed_info)
    properties = read_properties(element, objects, _octets, read_digest)
    check_unsigned(key_info, properties.carrier if properties else None)
    entries: list[tuple[Reference, Element | None]] = []
    for reference in references:
        target = identifiers.element(reference.uri[1:]) if reference.uri.startswith("#") else None
        if target is not None and _stands_in(target, element):
            entries.append((reference, _allowed_target(reference, target, key_info, objects, properties)))
        else:
            entries.append((reference, None))
    signed = [target for _, target in entries if target is not None]
    if len({id(target) for target in signed}) != len(signed):
        raise misbuilt("the same element is signed twice")
    _check_all_signed(objects, signed, properties)
    return XmlSignature(
        element=element,
        name=element.get("Id", ""),
        signed_info=signed_info,
        canonicalization=canonicalization,
        scheme=scheme,
        value_element=value_element,
        value=_octets(value_element),
        key_info=key_info,
        objects=tuple(objects),
        certificates=_certificates(key_info),
        entries=tuple(entries),
        properties=properties,
    )


def _stands_in(target: Element, signature: Element) -> bool:
    return target is not signature and any(ancestor is signature for ancestor in target.iterancestors())


def _check_nodes(signature: Element, *, manifests: bool) -> None:
    """No comment or instruction anywhere in it, no second signature but a countersignature, no Manifest whose digests
    nobody checks."""
    for node in _nodes(signature):
        if not is_element(node):
            raise SignatureFault("xmldsig-comment")
        if node is not signature and node.tag == SIGNATURE:
            raise misbuilt("a signature inside the signature")
        if node.tag == MANIFEST and not manifests:
            raise SignatureFault("xmldsig-manifest", supported=False)


def _nodes(signature: Element) -> Iterator[Element]:
    """Everything in a signature but its countersignatures."""
    counter = countersignatures(signature)
    if not counter:
        yield from signature.iter()
        return
    pending = [signature]
    while pending:
        node = pending.pop()
        if node not in counter:
            yield node
            pending.extend(node)


def _top_level(signature: Element) -> tuple[Element, Element, Element, list[Element]]:
    children = list(signature)
    tags = [child.tag.removeprefix(DS) for child in children]
    if tags[:2] == _LEADING[:2] and tags[2:3] != _LEADING[2:]:
        raise SignatureFault("xmldsig-no-certificate", supported=False)
    if tags[:3] != _LEADING or not set(tags[3:]) <= {"Object"}:
        raise misbuilt("children of Signature")
    if len(children) > 3 + _OBJECTS_LIMIT:
        raise misbuilt("too many objects")
    if any(_told(text) for text in (signature.text, *(child.tail for child in children))):
        raise misbuilt("text in Signature")
    return children[0], children[1], children[2], children[3:]


def _told(text: str | None) -> bool:
    return bool(text and text.strip())


def _signed_info(element: Element) -> tuple[Canonicalization, SignatureScheme, list[Reference]]:
    children = list(element)
    tags = [child.tag.removeprefix(DS) for child in children]
    if tags[:2] != ["CanonicalizationMethod", "SignatureMethod"] or set(tags[2:]) != {"Reference"}:
        raise misbuilt("children of SignedInfo")
    method = children[1].get("Algorithm", "")
    if method not in SIGNATURES or len(children[1]):
        raise SignatureFault("xmldsig-signature-algorithm", supported=False, algorithm=method[:120])
    if len(children) > 2 + _REFERENCES_LIMIT:
        raise misbuilt("too many references")
    return read_canonicalization(children[0]), SIGNATURES[method], [_reference(child) for child in children[2:]]


def _reference(element: Element) -> Reference:
    raw = read_reference(element)
    enveloped, canonicalization = _transforms(raw.transforms) if raw.transforms else (False, None)
    return Reference(raw.uri, raw.type, enveloped, canonicalization, raw.hash_name, raw.digest)


def read_reference(element: Element) -> RawReference:
    """A Reference element, its transforms not looked at.

    :raises SignatureFault: not built as the schema says, or a hash that is not checked.
    """
    children = list(element)
    transforms: list[Element] = []
    if children and children[0].tag == f"{DS}Transforms":
        transforms = list(children.pop(0))
        if not transforms or any(transform.tag != f"{DS}Transform" for transform in transforms):
            raise misbuilt("children of Transforms")
    if [child.tag for child in children] != [f"{DS}DigestMethod", f"{DS}DigestValue"]:
        raise misbuilt("children of Reference")
    uri = element.get("URI")
    if uri is None or not set(element.attrib) <= {"URI", "Type", "Id"}:
        raise misbuilt("attributes of Reference")
    hash_name, digest = read_digest(children[0], children[1])
    return RawReference(uri, element.get("Type", ""), tuple(transforms), hash_name, digest)


def _transforms(listed: Sequence[Element]) -> tuple[bool, Canonicalization | None]:
    """At most: take the signature out, then write canonically. Nothing that could pick parts or run a program."""
    algorithms = [transform.get("Algorithm", "") for transform in listed]
    enveloped = algorithms[0] == ENVELOPED and not len(listed[0])
    rest = listed[1:] if enveloped else listed
    if len(rest) > 1:
        raise SignatureFault("xmldsig-transform", supported=False, algorithm=" ".join(algorithms)[:200])
    try:
        return enveloped, read_canonicalization(rest[0]) if rest else None
    except SignatureFault as fault:
        algorithm = " ".join(algorithms)[:200]
        raise SignatureFault("xmldsig-transform", supported=False, algorithm=algorithm) from fault


def read_digest(method: Element, value: Element) -> tuple[str, bytes]:
    """The hash and the octets of a DigestMethod and a DigestValue.

    :raises SignatureFault: a hash that is not checked, or no base64.
    """
    algorithm = method.get("Algorithm", "")
    if algorithm not in DIGESTS or len(method):
        raise SignatureFault("xmldsig-digest-algorithm", supported=False, algorithm=algorithm[:120])
    return DIGESTS[algorithm], _octets(value)


def _octets(element: Element) -> bytes:
    """The base64 content of an element that has no other."""
    if len(element):
        raise misbuilt("elements inside base64")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise misbuilt("base64") from error


def _allowed_target(
    reference: Reference, target: Element, key_info: Element, objects: list[Element], properties: Properties | None
) -> Element:
    """Only such parts of a signature may be signed as have a place of their own."""
    parent = target.getparent()
    signed_properties = properties.signed_properties if properties else None
    if target is signed_properties:
        allowed = reference.type == SIGNED_PROPERTIES_TYPE
    elif target is key_info or any(target is one for one in objects):
        allowed = True
    elif target.tag == f"{DS}SignatureProperty":
        allowed = parent.tag == f"{DS}SignatureProperties" and any(parent.getparent() is one for one in objects)
    else:
        carrier = properties.carrier if properties else None
        allowed = any(parent is one for one in objects if one is not carrier)
    if not allowed or reference.enveloped:
        raise SignatureFault("xmldsig-reference", uri=reference.uri[:120])
    return target


def _check_all_signed(objects: list[Element], signed: list[Element], properties: Properties | None) -> None:
    """Every Object is signed as a whole or child by child, but for what XAdES leaves unsigned."""
    known = {id(target) for target in signed}
    if (
        properties is not None
        and properties.signed_properties is not None
        and id(properties.signed_properties) not in known
    ):
        raise SignatureFault("xmldsig-object-not-signed", id="SignedProperties")
    carrier = properties.carrier if properties else None
    for one in objects:
        if id(one) not in known and any(id(part) not in known for part in _parts(one, carrier)):
            raise SignatureFault("xmldsig-object-not-signed", id=one.get("Id", "Object")[:80])


def _parts(one: Element, carrier: Element | None) -> Iterator[Element]:
    """What of an Object has to be signed where the Object itself is not."""
    if any(_told(text) for text in (one.text, *(child.tail for child in one))):
        yield one
    if one is carrier:
        return
    for child in one:
        if child.tag == f"{DS}SignatureProperties":
            yield from child
        else:
            yield child
    if not len(one):
        yield one


def _certificates(key_info: Element) -> tuple[bytes, ...]:
    if any(child.tag not in _KEY_INFO for child in key_info):
        raise misbuilt("children of KeyInfo")
    found = [_octets(element) for element in key_info.iterfind(f"{DS}X509Data/{DS}X509Certificate")]
    if not found:
        raise SignatureFault("xmldsig-no-certificate", supported=False)
    if len(found) > _CERTIFICATES_LIMIT:
        raise misbuilt("too many certificates")
    return tuple(dict.fromkeys(found))
