"""Reading a signature part strictly: what is not at its place, known and signed, makes the signature invalid.

The rules are those of reference/ooxml-signatures, section 5.2, steps 1 to 4 (there after ISO/IEC 29500-2, M6.1 to
M6.11). They leave no room for elements that a signature does not cover but a program might believe.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.documents.zip_errors import ArchiveRejected
from app.ooxml import vocabulary
from app.trust.algorithms import SignatureScheme
from app.xmldsig.algorithms import DIGESTS, SIGNATURES
from app.xmldsig.markup import C14N, C14N_WITH_COMMENTS, CANONICALIZATIONS, Element, is_element, parse

_DS: Final = f"{{{vocabulary.XMLDSIG}}}"
_XD: Final = f"{{{vocabulary.XADES}}}"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_ID_ATTRIBUTES: Final = ("Id", "ID", "id")

_CERTIFICATES_LIMIT: Final = 32
_REFERENCES_LIMIT: Final = 50_000
_OBJECTS_LIMIT: Final = 32
_STAMPS_LIMIT: Final = 8
_EVIDENCE_LIMIT: Final = 64


class Finding(Exception):
    """Why a signature is not valid. ``code`` stands in :mod:`app.verification.reasons_ooxml`.

    :param supported: False where the cause is something that this program does not check.
    """

    def __init__(self, code: str, *, supported: bool = True, **data: str) -> None:
        super().__init__(code, data)
        self.code = code
        self.supported = supported
        self.data = data


@dataclass(frozen=True)
class Transform:
    """A transform of a reference; ``element`` carries its parameters."""

    algorithm: str
    element: Element


@dataclass(frozen=True)
class Reference:
    """A digest and what it is of.

    :ivar hash_name: hashlib name.
    """

    uri: str
    type: str
    transforms: tuple[Transform, ...]
    hash_name: str
    digest: bytes


@dataclass(frozen=True)
class CertificateDigest:
    """XAdES SigningCertificate or SigningCertificateV2: which certificate signs."""

    hash_name: str
    digest: bytes


@dataclass(frozen=True)
class EncapsulatedStamp:
    """A signature time stamp: DER token, and the canonicalization of the SignatureValue it stamps."""

    token: bytes
    canonicalization: str


@dataclass(frozen=True)
class Evidence:
    """DER of what the unsigned properties carry (XAdES, section 7.6); believed only after its own signatures."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class SignatureMarkup:
    """A signature part, read.

    :ivar own: references of SignedInfo with the element each leads to.
    :ivar manifest: references to the parts of the package.
    :ivar signer: None where no signed property names the certificate.
    """

    signed_info: Element
    canonicalization: str
    scheme: SignatureScheme
    value_element: Element
    value: bytes
    certificates: tuple[bytes, ...]
    own: tuple[tuple[Reference, Element], ...]
    manifest: tuple[Reference, ...]
    signer: CertificateDigest | None
    claimed_time: dt.datetime | None
    stamps: tuple[EncapsulatedStamp, ...]
    evidence: Evidence


def read_markup(data: bytes, name: str) -> SignatureMarkup:
    """Read a signature part.

    :param name: of the part.
    :raises Finding: anything that a sound signature does not have, or this program does not check.
    """
    try:
        root = parse(data, name)
    except ArchiveRejected as error:
        raise Finding("ooxml-signature-unreadable") from error
    _check_nodes(root)
    signed_info, value_element, key_info, objects = _top_level(root)
    canonicalization, scheme, references = _signed_info(signed_info)
    properties = _qualifying_properties(root, objects)
    signed_properties = _only_child(properties, f"{_XD}SignedProperties") if properties is not None else None
    own = tuple((reference, _own_target(reference, key_info, objects, signed_properties)) for reference in references)
    signed = [target for _, target in own]
    if len({id(target) for target in signed}) != len(signed):
        raise _markup("the same element is signed twice")
    package_object = _package_object(root, objects)
    if not any(target is package_object for target in signed):
        raise Finding("ooxml-package-not-signed")
    _check_all_signed(objects, properties, own, signed_properties)
    unsigned = _only_child(properties, f"{_XD}UnsignedProperties") if properties is not None else None
    return SignatureMarkup(
        signed_info=signed_info,
        canonicalization=canonicalization,
        scheme=scheme,
        value_element=value_element,
        value=_octets(value_element),
        certificates=_certificates(key_info),
        own=own,
        manifest=_manifest(package_object),
        signer=_signer(signed_properties),
        claimed_time=_claimed_time(signed_properties, package_object),
        stamps=tuple(_stamps(unsigned)),
        evidence=_evidence(unsigned),
    )


def _markup(detail: str) -> Finding:
    return Finding("ooxml-signature-markup", detail=detail)


def _check_nodes(root: Element) -> None:
    """No comment or instruction anywhere, no second signature, no doubled Id, no ``xml:`` attribute."""
    if root.tag != f"{_DS}Signature":
        raise _markup("root element")
    if root.getprevious() is not None or root.getnext() is not None:
        raise Finding("ooxml-comment")
    identifiers: set[str] = set()
    for node in root.iter():
        if not is_element(node):
            raise Finding("ooxml-comment")
        if node is not root and node.tag == f"{_DS}Signature":
            raise _markup("a signature inside the signature")
        for attribute, value in node.attrib.items():
            if attribute.startswith(_XML):
                raise _markup(f"attribute xml:{attribute[len(_XML) :]}")
            if attribute in _ID_ATTRIBUTES:
                if value in identifiers:
                    raise Finding("ooxml-duplicate-id", id=value[:80])
                identifiers.add(value)


def _top_level(root: Element) -> tuple[Element, Element, Element, list[Element]]:
    children = list(root)
    tags = [child.tag.removeprefix(_DS) for child in children]
    if tags[:3] != ["SignedInfo", "SignatureValue", "KeyInfo"] or set(tags[3:]) != {"Object"}:
        raise _markup("children of Signature")
    if len(children) > 3 + _OBJECTS_LIMIT:
        raise _markup("too many objects")
    return children[0], children[1], children[2], children[3:]


def _signed_info(element: Element) -> tuple[str, SignatureScheme, list[Reference]]:
    children = list(element)
    tags = [child.tag.removeprefix(_DS) for child in children]
    if tags[:2] != ["CanonicalizationMethod", "SignatureMethod"] or set(tags[2:]) != {"Reference"}:
        raise _markup("children of SignedInfo")
    canonicalization = children[0].get("Algorithm", "")
    if canonicalization not in CANONICALIZATIONS or len(children[0]):
        raise Finding("ooxml-canonicalization", supported=False, algorithm=canonicalization[:120])
    method = children[1].get("Algorithm", "")
    if method not in SIGNATURES or len(children[1]):
        raise Finding("ooxml-signature-algorithm", supported=False, algorithm=method[:120])
    if len(children) > 2 + _OBJECTS_LIMIT:
        raise _markup("too many references")
    return canonicalization, SIGNATURES[method], [_reference(child) for child in children[2:]]


def _reference(element: Element) -> Reference:
    children = list(element)
    transforms: tuple[Transform, ...] = ()
    if children and children[0].tag == f"{_DS}Transforms":
        listed = list(children.pop(0))
        if not listed or any(transform.tag != f"{_DS}Transform" for transform in listed):
            raise _markup("children of Transforms")
        transforms = tuple(Transform(transform.get("Algorithm", ""), transform) for transform in listed)
    if [child.tag for child in children] != [f"{_DS}DigestMethod", f"{_DS}DigestValue"]:
        raise _markup("children of Reference")
    uri = element.get("URI")
    if uri is None or not set(element.attrib) <= {"URI", "Type", "Id"}:
        raise _markup("attributes of Reference")
    hash_name, digest = _digest(children[0], children[1])
    return Reference(uri, element.get("Type", ""), transforms, hash_name, digest)


def _digest(method: Element, value: Element) -> tuple[str, bytes]:
    algorithm = method.get("Algorithm", "")
    if algorithm not in DIGESTS or len(method):
        raise Finding("ooxml-digest-algorithm", supported=False, algorithm=algorithm[:120])
    return DIGESTS[algorithm], _octets(value)


def _octets(element: Element) -> bytes:
    """The base64 content of an element that has no other."""
    if len(element):
        raise _markup("elements inside base64")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _markup("base64") from error


def _qualifying_properties(root: Element, objects: Sequence[Element]) -> Element | None:
    """The XAdES properties: at most one, alone in an Object of the signature, and about this signature."""
    found = list(root.iter(f"{_XD}QualifyingProperties"))
    if not found:
        return None
    properties = found[0]
    parent = properties.getparent()
    if len(found) != 1 or not any(parent is one for one in objects) or len(parent) != 1:
        raise _markup("place of QualifyingProperties")
    if properties.get("Target") not in (f"#{root.get('Id')}", "", None):
        raise _markup("Target of QualifyingProperties")
    if any(child.tag not in (f"{_XD}SignedProperties", f"{_XD}UnsignedProperties") for child in properties):
        raise _markup("children of QualifyingProperties")
    if len(list(root.iter(f"{_XD}SignedProperties"))) != len(properties.findall(f"{_XD}SignedProperties")):
        raise _markup("place of SignedProperties")
    return properties


def _only_child(parent: Element, tag: str) -> Element | None:
    found = parent.findall(tag)
    if len(found) > 1:
        raise _markup(f"several {tag.partition('}')[2]}")
    return found[0] if found else None


def _own_target(
    reference: Reference, key_info: Element, objects: Sequence[Element], signed_properties: Element | None
) -> Element:
    """The element that a reference of SignedInfo leads to: only such as have a place of their own (M6.5, M6.6)."""
    if len(reference.transforms) > 1 or any(
        transform.algorithm not in CANONICALIZATIONS or len(transform.element) for transform in reference.transforms
    ):
        algorithms = " ".join(transform.algorithm for transform in reference.transforms)
        raise Finding("ooxml-transform", supported=False, algorithm=algorithms[:200])
    if len(reference.uri) < 2 or not reference.uri.startswith("#"):
        raise Finding("ooxml-reference", uri=reference.uri[:120])
    wanted = reference.uri[1:]
    for candidate in (*objects, key_info, signed_properties):
        if candidate is not None and candidate.get("Id") == wanted:
            if candidate is signed_properties and reference.type != vocabulary.SIGNED_PROPERTIES_TYPE:
                raise Finding("ooxml-reference", uri=reference.uri[:120])
            return candidate
    raise Finding("ooxml-reference", uri=reference.uri[:120])


def _package_object(root: Element, objects: Sequence[Element]) -> Element:
    """The one Object with the one Manifest (M6.7, M6.8)."""
    manifests = list(root.iter(f"{_DS}Manifest"))
    if len(manifests) != 1:
        raise Finding("ooxml-package-not-signed")
    parent = manifests[0].getparent()
    if (
        not any(parent is one for one in objects)
        or not parent.get("Id", "").startswith("idPackageObject")
        or sorted(child.tag for child in parent) != [f"{_DS}Manifest", f"{_DS}SignatureProperties"]
    ):
        raise _markup("package object")
    return parent


def _check_all_signed(
    objects: Sequence[Element],
    properties: Element | None,
    own: Sequence[tuple[Reference, Element]],
    signed_properties: Element | None,
) -> None:
    signed = {id(target) for _, target in own}
    if signed_properties is not None and id(signed_properties) not in signed:
        raise Finding("ooxml-object-not-signed", id=signed_properties.get("Id", "SignedProperties"))
    carrier = properties.getparent() if properties is not None else None
    for one in objects:
        if one is not carrier and id(one) not in signed:
            raise Finding("ooxml-object-not-signed", id=one.get("Id", "Object"))


def _manifest(package_object: Element) -> tuple[Reference, ...]:
    manifest = package_object.find(f"{_DS}Manifest")
    if not len(manifest):
        raise Finding("ooxml-package-not-signed")
    if len(manifest) > _REFERENCES_LIMIT:
        raise _markup("too many references")
    if any(child.tag != f"{_DS}Reference" for child in manifest):
        raise _markup("children of Manifest")
    return tuple(_reference(child) for child in manifest)


def _certificates(key_info: Element) -> tuple[bytes, ...]:
    found = [_octets(element) for element in key_info.iterfind(f"{_DS}X509Data/{_DS}X509Certificate")]
    if not found:
        raise Finding("ooxml-no-certificate")
    if len(found) > _CERTIFICATES_LIMIT:
        raise _markup("too many certificates")
    return tuple(dict.fromkeys(found))


def _signer(signed_properties: Element | None) -> CertificateDigest | None:
    if signed_properties is None:
        return None
    found = [
        element
        for name in ("SigningCertificate", "SigningCertificateV2")
        for element in signed_properties.iterfind(f"{_XD}SignedSignatureProperties/{_XD}{name}")
    ]
    if not found:
        return None
    digest = found[0].find(f"{_XD}Cert/{_XD}CertDigest")
    if len(found) != 1 or digest is None:
        raise _markup("SigningCertificate")
    method, value = digest.find(f"{_DS}DigestMethod"), digest.find(f"{_DS}DigestValue")
    if method is None or value is None or len(digest) != 2:
        raise _markup("SigningCertificate")
    return CertificateDigest(*_digest(method, value))


def _claimed_time(signed_properties: Element | None, package_object: Element) -> dt.datetime | None:
    """SigningTime of XAdES, else the SignatureTime of the package signature; both are signed."""
    text = None
    if signed_properties is not None:
        text = signed_properties.findtext(f"{_XD}SignedSignatureProperties/{_XD}SigningTime")
    if not text:
        namespace = f"{{{vocabulary.PACKAGE_SIGNATURE}}}"
        text = package_object.findtext(
            f"{_DS}SignatureProperties/{_DS}SignatureProperty/{namespace}SignatureTime/{namespace}Value"
        )
    try:
        time = dt.datetime.fromisoformat((text or "").strip())
        return time.astimezone(dt.UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _stamps(unsigned: Element | None) -> Iterator[EncapsulatedStamp]:
    if unsigned is None:
        return
    path = f"{_XD}UnsignedSignatureProperties/{_XD}SignatureTimeStamp"
    for number, stamp in enumerate(unsigned.iterfind(path)):
        if number >= _STAMPS_LIMIT:
            raise _markup("too many time stamps")
        method = stamp.find(f"{_DS}CanonicalizationMethod")
        algorithm = C14N if method is None else method.get("Algorithm", "")
        if algorithm not in CANONICALIZATIONS:
            raise Finding("ooxml-canonicalization", supported=False, algorithm=algorithm[:120])
        for token in stamp.iterfind(f"{_XD}EncapsulatedTimeStamp"):
            yield EncapsulatedStamp(_octets(token), algorithm)


def _evidence(unsigned: Element | None) -> Evidence:
    if unsigned is None:
        return Evidence()

    def values(path: str) -> tuple[bytes, ...]:
        steps = "/".join(f"{_XD}{step}" for step in path.split("/"))
        found = list(unsigned.iterfind(f"{_XD}UnsignedSignatureProperties/{steps}"))
        if len(found) > _EVIDENCE_LIMIT:
            raise _markup("too much evidence")
        return tuple(_octets(element) for element in found)

    return Evidence(
        certificates=values("CertificateValues/EncapsulatedX509Certificate"),
        crls=values("RevocationValues/CRLValues/EncapsulatedCRLValue"),
        ocsps=values("RevocationValues/OCSPValues/EncapsulatedOCSPValue"),
    )


def is_plain_canonicalization(transform: Transform) -> bool:
    """Whether a transform of a manifest reference is C14N 1.0, with or without comments."""
    return transform.algorithm in (C14N, C14N_WITH_COMMENTS) and not len(transform.element)
