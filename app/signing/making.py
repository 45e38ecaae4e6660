"""Which signature a kind of file gets, and what the file that bears it is called.

PDF, Office and OpenDocument files and ASiC containers bear their signatures themselves. Any other file is put into an
ASiC-E container, or gets a signature file beside it (docs/decisions/0013-any-file.md). A signature file gets a further
signer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.documents.formats import Format, detect, extension_lies
from app.ooxml.errors import OfficeEncrypted
from app.signing.errors import UnsupportedFormat
from app.signing.model import Container, Preparation, SignatureRequest

#: Formats whose files can always be signed, as far as their kind goes.
_BEARING: Final = frozenset({Format.PDF, Format.OOXML, Format.ODF, Format.ASICE})


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
    :raises OfficeEncrypted, UnsupportedFormat, SignatureFileUnfit, SignedContentMissing: it is not signed at all.
    """
    if found is Format.ENCRYPTED_OFFICE:
        raise OfficeEncrypted()
    if found is Format.CMS:
        return _further(source)
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


def check_signable(source: Path) -> None:
    """Whether a file can be signed at all, whatever act, key and container are chosen.

    :raises OfficeEncrypted, UnsupportedFormat, SignatureFileUnfit, SignedContentMissing: it cannot.
    :raises app.signing.pdf_errors.PdfDamaged, app.signing.pdf_errors.PdfEncrypted,
        app.signing.pdf_errors.PdfForbidsSigning, app.signing.pdf_errors.PdfDynamicForm: it cannot.
    :raises AntinError: it cannot be read.
    """
    found = detect(source)
    if found is Format.PDF:
        from app.signing import pdf

        pdf.check(source)
    elif found not in _BEARING:
        making_of(source, found, Container.ASICE)


def signed_document(source: Path, found: Format, folder: Callable[[], Path]) -> Path:
    """The document that a signature is about: the file itself, or what a signature file signs.

    :param folder: where that is put if the signature file holds it.
    :raises SignatureFileUnfit, SignedContentMissing: a signature file without it.
    :raises AntinError: a file cannot be read or written.
    """
    if found is not Format.CMS:
        return source
    from app.signing import cades

    content = cades.read(source).content
    if content is None:
        return cades.document_of(source)
    path = folder() / source.stem
    path.write_bytes(content)
    return path


def _further(source: Path) -> Making:
    from app.signing import cades

    if cades.read(source).content is not None:
        return Making(Format.CMS, cades.prepare_further, source.suffix)
    return Making(Format.CMS, cades.prepare_further, cades.document_of(source).suffix, beside=cades.SUFFIX)


def _around(source: Path, found: Format, container: Container) -> Making:
    if extension_lies(source, found):
        raise UnsupportedFormat(path=source)
    if container is Container.P7S:
        from app.signing import cades

        return Making(Format.CMS, cades.prepare, source.suffix, beside=cades.SUFFIX)
    from app.signing import asice

    return Making(Format.ASICE, asice.prepare, asice.SUFFIX)
