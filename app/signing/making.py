"""Which signature a kind of file gets, and what the file that bears it is called.

PDF, Office and OpenDocument files and ASiC containers bear their signatures themselves. Any other file is put into an
ASiC-E container, or gets a signature file beside it (docs/decisions/0013-any-file.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.documents.formats import Format, extension_lies
from app.ooxml.errors import OfficeEncrypted
from app.signing.errors import SignatureFileGiven, UnsupportedFormat
from app.signing.model import Container, Preparation, SignatureRequest


@dataclass(frozen=True)
class Making:
    """A way of signing.

    :ivar format: of what comes out; one of the formats of the command contract.
    :ivar suffix: ending of the signed file, or of the document that a signature file stands beside.
    :ivar beside: what is added to the name of the document for its signature file; empty where it bears it itself.
    """

    format: Format
    prepare: Callable[[SignatureRequest], Preparation]
    suffix: str
    beside: str = ""


def making_of(source: Path, found: Format, container: Container) -> Making:
    """The way in which a file is signed; its modules are loaded only now.

    :param found: the format of its content.
    :raises OfficeEncrypted, SignatureFileGiven, UnsupportedFormat: it is not signed at all.
    """
    if found is Format.ENCRYPTED_OFFICE:
        raise OfficeEncrypted()
    if found is Format.CMS:
        raise SignatureFileGiven(path=source)
    prepare: Callable[[SignatureRequest], Preparation]
    match found:
        case Format.PDF:
            from app.signing.pdf import prepare
        case Format.OOXML:
            from app.signing.ooxml import prepare
        case Format.ODF:
            from app.signing.odf import prepare
        case Format.ASICE if container is Container.ASICE:
            from app.signing.asice import prepare
        case _:
            return _around(source, found, container)
    return Making(found, prepare, source.suffix)


def _around(source: Path, found: Format, container: Container) -> Making:
    if extension_lies(source, found):
        raise UnsupportedFormat(path=source)
    if container is Container.P7S:
        from app.signing import cades

        return Making(Format.CMS, cades.prepare, source.suffix, beside=cades.SUFFIX)
    from app.signing import asice

    return Making(Format.ASICE, asice.prepare, asice.SUFFIX)
