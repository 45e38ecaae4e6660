"""ASiCManifest: the list of files that a CAdES signature of an ASiC-E container covers (EN 319 162-1, annex A.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.xmldsig.fault import SignatureFault
from app.xmldsig.files import entry_name
from app.xmldsig.markup import Element, is_element
from app.xmldsig.signature import DS, Reference, read_digest

_NAMESPACES: Final = ("{http://uri.etsi.org/02918/v1.2.1#}", "{http://uri.etsi.org/2918/v1.2.1#}")
_REFERENCES_LIMIT: Final = 20_000


@dataclass(frozen=True)
class Manifest:
    """:ivar signature: name of the signature file over this list; ``references``: the files it lists."""

    signature: str
    references: tuple[Reference, ...]


def read_manifest(root: Element, name: str) -> Manifest:
    """Read a list.

    :param name: of its file.
    :raises SignatureFault: anything unknown in it, or a digest that is not checked.
    """
    namespace = next((one for one in _NAMESPACES if root.tag == f"{one}ASiCManifest"), None)
    children = list(root)
    if (
        namespace is None
        or not 1 < len(children) <= _REFERENCES_LIMIT
        or not all(is_element(node) for node in root.iter())
        or children[0].tag != f"{namespace}SigReference"
    ):
        raise SignatureFault("asic-part-unreadable", name=name)
    references = []
    for child in children[1:]:
        parts = {part.tag: part for part in child}
        method, value = parts.pop(f"{DS}DigestMethod", None), parts.pop(f"{DS}DigestValue", None)
        if child.tag != f"{namespace}DataObjectReference" or method is None or value is None or len(child) > 3:
            raise SignatureFault("asic-part-unreadable", name=name)
        if set(parts) - {f"{namespace}DataObjectReferenceExtensions"}:
            raise SignatureFault("asic-part-unreadable", name=name)
        hash_name, digest = read_digest(method, value)
        references.append(Reference(child.get("URI", ""), "", False, None, hash_name, digest))
    return Manifest(entry_name(children[0].get("URI", "")), tuple(references))
