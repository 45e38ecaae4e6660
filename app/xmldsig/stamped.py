"""What the time stamps of an XML signature stamp (ETSI EN 319 132-1, sections 5.3 and 5.5.2.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from app.xmldsig.canonical import Canonicalization, canonical_subset
from app.xmldsig.signature import Reference, XmlSignature
from app.xmldsig.xades import EncapsulatedStamp

#: The octets that a reference out of a signature digests, in pieces; the canonicalization is the stamp's own, for what
#: the reference itself gives no canonical form.
ContentOf = Callable[[Reference, Canonicalization], Iterable[bytes | memoryview]]


def stamped_digest(
    stamp: EncapsulatedStamp, signature: XmlSignature, content_of: ContentOf | None, hash_name: str
) -> bytes:
    """The digest of what a time stamp of a signature stamps.

    :param content_of: needed for archive time stamps of signatures with references out of them.
    :raises app.xmldsig.fault.SignatureFault: something has no canonical form.
    """
    state = hashlib.new(hash_name, usedforsecurity=False)
    for reference, target in signature.entries if stamp.archival else ():
        if target is not None:
            state.update(canonical_subset(target, reference.canonicalization or stamp.canonicalization))
        elif content_of is not None:
            for piece in content_of(reference, stamp.canonicalization):
                state.update(piece)
    for element in stamp.over:
        state.update(canonical_subset(element, stamp.canonicalization))
    return state.digest()
