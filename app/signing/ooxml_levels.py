"""Raising the signatures of an Office package to level T (ETSI EN 319 132-1, section 5.3; XAdES-T).

The time stamp goes into the unsigned properties of each signature: neither that signature nor any other covers them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from lxml import etree

from app.documents.zip_writer import copy_archive
from app.errors import AntinError
from app.ooxml import vocabulary
from app.ooxml.earlier import SIZE_LIMIT
from app.ooxml.package import Package
from app.signing.errors import SignatureWithoutProperties, TimestamperMissing
from app.signing.model import Level, Timestamper
from app.xmldsig.draft import add_timestamp
from app.xmldsig.markup import Element, canonical, parse
from app.xmldsig.vocabulary import XADES

_DS: Final = f"{{{vocabulary.XMLDSIG}}}"
_XD: Final = f"{{{XADES}}}"
_HASH: Final = "sha256"


def raise_level(path: Path, timestamper: Timestamper | None) -> tuple[Level, list[Exception]]:
    """Add a time stamp to each signature of a package that has none.

    :param path: exchanged for the stamped package; as it was where an error is told.
    :return: the level of the signature that has the least, and why it is not T.
    :raises app.documents.zip_errors.ArchiveRejected: it is no sound Office package.
    :raises AntinError: it cannot be read or written.
    """
    with Package(path) as package:
        origin = package.origin()
        parts = origin.signatures if origin is not None else ()
        replaced: dict[str, bytes] = {}
        for part in parts:
            root = parse(package.read(part, SIZE_LIMIT), part.name)
            if next(root.iter(f"{_XD}SignatureTimeStamp"), None) is not None:
                continue
            try:
                _stamp(root, part.name, timestamper)
            except AntinError as error:
                return Level.B, [error]
            replaced[part.entry.name] = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
        if not replaced:
            return Level.T, []
        stamped = path.with_name(f"{path.stem}.stamped{path.suffix}")
        copy_archive(package.archive, stamped, replaced=replaced, added={})
    stamped.replace(path)
    return Level.T, []


def _stamp(signature: Element, name: str, timestamper: Timestamper | None) -> None:
    """
    :raises TimestamperMissing, SignatureWithoutProperties: no time stamp can be had, or has no place.
    :raises app.trust.errors.TimestampUnavailable: no usable token came.
    """
    value = signature.find(f"{_DS}SignatureValue")
    if value is None or signature.find(f"{_DS}Object/{_XD}QualifyingProperties") is None:
        raise SignatureWithoutProperties(name=name)
    if timestamper is None:
        raise TimestamperMissing()
    imprint = hashlib.new(_HASH, canonical(value)).digest()
    add_timestamp(signature, timestamper.token(imprint, _HASH))
