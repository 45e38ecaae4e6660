"""What the signatures already in a package allow."""

from __future__ import annotations

from typing import Final

from app.documents.zip_errors import ArchiveRejected
from app.ooxml import names, relationships, vocabulary
from app.xmldsig.markup import parse

#: Largest signature part read, in bytes.
SIZE_LIMIT: Final = 8 << 20

_DS: Final = f"{{{vocabulary.XMLDSIG}}}"
_MDSSI: Final = f"{{{vocabulary.PACKAGE_SIGNATURE}}}"


def closes(signature: bytes, leading: str) -> bool:
    """Whether a signature covers the list of signatures so that none can be added to it.

    A signature that cannot be read is broken already and closes nothing.

    :param signature: content of the signature part.
    :param leading: name of the relationships part of the signature origin.
    """
    try:
        root = parse(signature, "signature")
    except ArchiveRejected:
        return False
    for reference in root.iter(f"{_DS}Reference"):
        name = names.from_uri((reference.get("URI") or "").partition("?")[0])
        if name is None or names.key(name) != names.key(leading):
            continue
        algorithms = [transform.get("Algorithm") for transform in reference.iter(f"{_DS}Transform")]
        if relationships.TRANSFORM not in algorithms:
            return True
        for group in reference.iter(f"{_MDSSI}RelationshipsGroupReference"):
            if group.get("SourceType") == vocabulary.SIGNATURE_RELATIONSHIP:
                return True
    return False
