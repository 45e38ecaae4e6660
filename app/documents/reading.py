"""Read what a document says of itself: type, number, date, summary, signer, secrecy."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.documents.fields import Line, SignatureBlock, read_fields
from app.documents.formats import Format, detect
from app.documents.model import DocumentInfo


@dataclass(frozen=True)
class Reading:
    """What was read.

    :ivar signature: where title and name of the signer stand, None where not found; only lines of a PDF have boxes.
    """

    info: DocumentInfo
    signature: SignatureBlock | None = None


def read(path: Path) -> DocumentInfo:
    """The fields of a PDF or Office document, each None where not found.

    A scan without text, an encrypted or a damaged file gives None throughout.

    :raises FileMissing: there is no such file.
    :raises FileNotReadable: it cannot be opened, or is no regular file.
    """
    return read_with_places(path).info


def read_with_places(path: Path) -> Reading:
    """As :func:`read`, with the lines between which the signature's picture belongs."""
    format = detect(path)
    if format is Format.PDF:
        return _read_pdf(path)
    if format is Format.OOXML:
        return _read_office(path)
    return Reading(DocumentInfo())


def _read_pdf(path: Path) -> Reading:
    from app.documents.pdf_lines import read_lines

    lines: list[Line] = []
    reading = Reading(DocumentInfo())
    with closing(read_lines(path)) as pages:
        for page in pages:
            lines += page
            if not lines:
                break
            reading = Reading(*read_fields(lines))
            if reading.signature is not None and reading.signature.name is not None:
                break
    return reading


def _read_office(path: Path) -> Reading:
    from app.documents.office_lines import read_office

    text = read_office(path)
    info, block = read_fields(text.lines)
    if info.summary is None and info.type is None and text.title:
        info = dataclasses.replace(info, summary=text.title)
    return Reading(info, block)
