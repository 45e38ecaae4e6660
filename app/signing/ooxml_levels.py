"""Raising the signatures of an Office package to level T (ETSI EN 319 132-1, section 5.3; XAdES-T).

The time stamp goes into the unsigned properties of each signature: neither that signature nor any other covers them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lxml import etree

from app.errors import AntinError
from app.ooxml import vocabulary
from app.ooxml.earlier import SIZE_LIMIT
from app.ooxml.package import Package
from app.signing.archive_copy import exchange
from app.signing.errors import LevelNotOffered
from app.signing.model import Level
from app.signing.raising import Means
from app.signing.xades_levels import add_signature_stamp
from app.xmldsig.markup import Element, parse
from app.xmldsig.unsigned_writing import encoded
from app.xmldsig.vocabulary import XADES

_DS: Final = f"{{{vocabulary.XMLDSIG}}}"
_XD: Final = f"{{{XADES}}}"


def raise_level(path: Path, means: Means) -> tuple[Level, list[Exception]]:
    """Add a time stamp to each signature of a package, or to those of one signer, that have none.

    :param path: exchanged for the stamped package; as it was where an error is told.
    :return: the level of the signature that has the least, T at most, and why it is not the one wanted.
    :raises app.documents.zip_errors.ArchiveRejected: it is no sound Office package.
    :raises AntinError: it cannot be read or written.
    """
    with Package(path) as package:
        origin = package.origin()
        parts = origin.signatures if origin is not None else ()
        replaced: dict[str, bytes] = {}
        for part in parts:
            root = parse(package.read(part, SIZE_LIMIT), part.name)
            if next(root.iter(f"{_XD}SignatureTimeStamp"), None) is not None or not _is_of(root, means.certificate):
                continue
            try:
                add_signature_stamp(root, part.name, means)
            except AntinError as error:
                return Level.B, [error]
            replaced[part.entry.name] = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
        if replaced:
            exchange(package.archive, path, replaced)
    notes: list[Exception] = (
        [] if means.wanted == Level.T else [LevelNotOffered(reached=Level.T.value, wanted=means.wanted.value)]
    )
    return Level.T, notes


def _is_of(signature: Element, certificate: bytes | None) -> bool:
    return certificate is None or encoded(certificate) in {
        "".join((one.text or "").split()) for one in signature.iter(f"{_DS}X509Certificate")
    }
