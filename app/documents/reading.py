"""Read what a document says of itself: type, number, date, summary, signer, secrecy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.blanks import NO_BLANKS, Blanks
from app.documents.confidence import FIELDS, confidence
from app.documents.fields import Line, SignatureBlock, columns_apart, head_of, headings, read_fields
from app.documents.formats import Format, detect
from app.documents.model import DocumentInfo
from app.documents.text import fold

if TYPE_CHECKING:
    from app.documents.office_lines import OfficeText
    from app.documents.page_client import PageReader
    from app.documents.pdf_signatures import SignatureValue


@dataclass(frozen=True)
class Reading:
    """What was read.

    :ivar signature: where title and name of the signer stand, None where not found; only lines of a PDF have boxes.
    :ivar blocks: all signature blocks that were found, ``signature`` among them.
    :ivar headings: what stands in capitals in the head of page one.
    :ivar confidence: field of the document → how sure its value, or that there is none, is: 0 to 1.
    :ivar blanks: what a PDF leaves open for number and date.
    :ivar gave_up: reading took too long or too much memory, so what the document says, its secrecy too, is not known.
    """

    info: DocumentInfo
    signature: SignatureBlock | None = None
    gave_up: bool = False
    blanks: Blanks = NO_BLANKS
    blocks: tuple[SignatureBlock, ...] = ()
    headings: tuple[str, ...] = ()
    confidence: Mapping[str, float] = field(default_factory=dict)

    def doubts(self, below: float) -> dict[str, float]:
        """Fields that a person should look at → confidence.

        :param below: the confidence (0 to 1) that is enough.
        """
        return {name: found for name, found in self.confidence.items() if found < below}

    @classmethod
    def of(cls, lines: Sequence[Line], blanks: Blanks = NO_BLANKS, pages: int | None = None) -> Reading:
        """What the lines of a document say.

        :param pages: how many it has, where that is known.
        """
        lines = columns_apart(lines)
        info, blocks = read_fields(lines)
        return cls(
            dataclasses.replace(info, pages=pages),
            blocks[0] if blocks else None,
            blanks=blanks,
            blocks=blocks,
            headings=tuple(headings(lines)),
            confidence=confidence(lines, head_of(lines), info, blocks),
        )


@dataclass(frozen=True)
class Whole:
    """A document read once.

    :ivar text: of it, folded for search (:func:`app.documents.text.fold`).
    :ivar signatures: of a PDF, unverified; None where they are to be looked for by those who verify.
    """

    reading: Reading
    text: str
    signatures: tuple[SignatureValue, ...] | None = None


#: Of a file that says nothing.
NOTHING = Reading(DocumentInfo(), confidence=dict.fromkeys(FIELDS, 0.0))


def read(path: Path) -> DocumentInfo:
    """The fields of a PDF, Office or OpenDocument file, each None where not found.

    A scan without text, an encrypted or a damaged file gives None throughout, and so does one whose pages want more
    memory or time than any honest page. Pages of a PDF are read in a process of its own, see
    :mod:`app.documents.page_reader`.

    :raises FileMissing: there is no such file.
    :raises FileNotReadable: it cannot be opened, or is no regular file.
    """
    return read_with_places(path).info


def read_all(path: Path) -> tuple[Reading, str]:
    """As :func:`read_with_places`, and the text of the document, as :func:`app.documents.full_text.read_text`,
    folded (:func:`app.documents.text.fold`)."""
    whole = read_whole(path, signatures=False)
    return whole.reading, whole.text


def read_whole(
    path: Path, reader: PageReader | None = None, *, signatures: bool = True, format: Format | None = None
) -> Whole:
    """All that filing asks of a document, in one reading.

    :param format: of the file, where it is known.
    :param signatures: False: those of a PDF are not read, for which the whole file is gone through.
    :param reader: the process that reads pages of PDFs; the program's own without it.
    :raises FileMissing, FileNotReadable: see :func:`read`.
    """
    from app.documents.full_text import joined

    format = format or detect(path)
    if format is Format.PDF:
        from app.documents.page_client import shared

        return (reader or shared).read_whole(path, signatures=signatures)
    if format is Format.OOXML:
        from app.documents.office_lines import read_office

        office = read_office(path)
        return Whole(_of_office(office), fold(joined(line.text for line in office.lines)))
    if format is Format.ODF:
        from app.documents.odf_lines import read_odf

        lines = read_odf(path)
        return Whole(Reading.of(lines), fold(joined(line.text for line in lines)))
    return Whole(NOTHING, "")


def read_with_places(path: Path) -> Reading:
    """As :func:`read`, with the lines between which the signature's picture belongs."""
    format = detect(path)
    if format is Format.PDF:
        from app.documents.page_client import shared

        return shared.read(path)
    if format is Format.OOXML:
        return _read_office(path)
    if format is Format.ODF:
        from app.documents.odf_lines import read_odf

        return Reading.of(read_odf(path))
    return NOTHING


def _read_office(path: Path) -> Reading:
    from app.documents.office_lines import read_office

    return _of_office(read_office(path))


def _of_office(text: OfficeText) -> Reading:
    reading = Reading.of(text.lines)
    if reading.info.summary is None and reading.info.type is None and text.title:
        return dataclasses.replace(reading, info=dataclasses.replace(reading.info, summary=text.title))
    return reading
