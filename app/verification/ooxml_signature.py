"""What makes an XML signature one of a package: its one package object with the one manifest of its parts.

The rules are those of reference/ooxml-signatures, section 5.2, steps 3 and 4 (there after ISO/IEC 29500-2, M6.5 to
M6.8). Whatever else a signature has to be is asked of any XML signature by :mod:`app.xmldsig.signature`.
"""

from __future__ import annotations

from typing import Final

from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault, misbuilt
from app.xmldsig.markup import Element
from app.xmldsig.signature import DS, MANIFEST, SIGNATURE, Identifiers, RawReference, XmlSignature, read_reference

_REFERENCES_LIMIT: Final = 50_000


def read_part(data: bytes, name: str) -> tuple[Element, Identifiers]:
    """The Signature element that is the whole of a signature part, and the elements in it by their Ids.

    :param name: of the part.
    :raises SignatureFault: it is no XML, something else, beside something else, or an Id is borne twice.
    """
    try:
        root = parse_bounded(data, name)
    except SignatureFault as fault:
        raise SignatureFault("ooxml-signature-unreadable") from fault
    if root.tag != SIGNATURE:
        raise misbuilt("root element")
    if root.getprevious() is not None or root.getnext() is not None:
        raise SignatureFault("xmldsig-comment")
    identifiers = Identifiers(root)
    identifiers.check_unique()
    return root, identifiers


def read_manifest(signature: XmlSignature) -> tuple[RawReference, ...]:
    """The references of the package object's manifest, which SignedInfo has to sign.

    :raises SignatureFault: the manifest is missing, empty, one of several, or not signed; or a reference of SignedInfo
        leads out of the signature.
    """
    for reference in signature.references:
        raise SignatureFault("xmldsig-reference", uri=reference.uri[:120])
    manifests = list(signature.element.iter(MANIFEST))
    if len(manifests) != 1:
        raise SignatureFault("ooxml-package-not-signed")
    package_object = manifests[0].getparent()
    if (
        not any(package_object is one for one in signature.objects)
        or not package_object.get("Id", "").startswith("idPackageObject")
        or sorted(child.tag for child in package_object) != [MANIFEST, f"{DS}SignatureProperties"]
    ):
        raise misbuilt("package object")
    if not any(target is package_object for _, target in signature.own) or not len(manifests[0]):
        raise SignatureFault("ooxml-package-not-signed")
    if len(manifests[0]) > _REFERENCES_LIMIT:
        raise misbuilt("too many references")
    if any(child.tag != f"{DS}Reference" for child in manifests[0]):
        raise misbuilt("children of Manifest")
    return tuple(read_reference(child) for child in manifests[0])
