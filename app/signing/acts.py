"""What an act leaves on the page (Decree 30/2020, appendix I, part I, II.3, II.4, II.7 and II.8, part II, I)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.documents.reading import Reading
from app.documents.text import spelling_key
from app.settings import AgencySettings
from app.signing import open_fields
from app.signing.errors import MarkImageInvalid, NumberMissing
from app.signing.keys import SigningKey
from app.signing.model import Act, Mark, OpenFields, OpenText, Piece, SignOptions
from app.signing.pdf_errors import SealTooLarge
from app.signing.placement import POINTS_PER_MM, Box, Place, propose, seal_beside

#: Where a document gives no hint: this far from the right and lower edge of the last A4 page, in points.
_ASIDE = (30 * POINTS_PER_MM, 40 * POINTS_PER_MM)
_A4_WIDTH = 595.276
#: Width of an image that is neither a leader's signature nor a seal, in points.
_USUAL_WIDTH = 45 * POINTS_PER_MM
#: Room left for a seal whose size the leader's workstation need not know: the largest in use have 42 mm.
_SEAL_ROOM_MM = 45.0
#: Two measures of a box that differ by less are the same, in points.
_NEAR = 0.5
#: Type size of what stands beside no image (appendix I, part I, II.8.b).
_SIZE = 10.0


@dataclass(frozen=True)
class Marking:
    """All that an act writes into a PDF.

    :ivar mark: of the signature; None where it leaves none.
    :ivar leaves_open, fills, open_field: see :class:`app.signing.model.SignatureRequest`.
    :ivar before: marks that are signed as fields of their own before it.
    """

    mark: Mark | None
    leaves_open: OpenFields | None = None
    fills: Mapping[str, str] = field(default_factory=dict)
    open_field: str = ""
    before: Sequence[Mark] = ()


def marking(
    source: Path,
    options: SignOptions,
    key: SigningKey,
    reading: Reading,
    agency: AgencySettings,
    signing_time: dt.datetime,
) -> Marking:
    """What the act writes into a PDF, number and date included; parameters as of :func:`mark`.

    :raises NumberMissing: the document is to be issued and has no number.
    :raises MarkImageInvalid, SealTooLarge: see :func:`mark`.
    """
    if options.act == Act.APPROVE:
        shown = mark(source, options, key, reading, agency, signing_time)
        return Marking(shown, leaves_open=_left_open(source, shown, reading, agency))
    if options.act != Act.ISSUE:
        return Marking(mark(source, options, key, reading, agency, signing_time))
    found = open_fields.find(source)
    shown = _mark(source, options, key, reading, agency, signing_time, found)
    date = reading.info.date or signing_time.date()
    number = reading.info.number or ""
    wanted = found.texts if found is not None else {text.name: text for text in open_fields.texts_of(reading.blanks)}
    if open_fields.NUMBER in wanted and not number:
        raise NumberMissing(path=source)
    sealed = open_fields.SEAL if found is not None and (shown is None or _inside(shown, found.seal)) else ""
    if found is not None and found.fillable:
        texts = {name: open_fields.filling(name, number, date) for name in wanted}
        return Marking(shown, fills=texts, open_field=sealed)
    before = tuple(_numbering(wanted, number, date)) if options.visible else ()
    return Marking(shown, open_field=sealed, before=before)


def numbered(reading: Reading, options: SignOptions, today: dt.date) -> Reading:
    """The reading with the number and date that issuing the document puts into its blanks."""
    info = reading.info
    if options.act != Act.ISSUE or not reading.blanks:
        return reading
    number = open_fields.two_digits(info.number) if info.number and reading.blanks.number else info.number
    return replace(reading, info=replace(info, number=number, date=info.date or today))


def mark(
    source: Path,
    options: SignOptions,
    key: SigningKey,
    reading: Reading,
    agency: AgencySettings,
    signing_time: dt.datetime,
) -> Mark | None:
    """The visible mark of a PDF signature, None where the act leaves none.

    :param reading: what the document says of itself, with the person's corrections.
    :raises MarkImageInvalid: the picture named is no PNG.
    :raises SealTooLarge: the seal does not fit into the field that the leader left for it.
    """
    found = open_fields.find(source) if options.act == Act.ISSUE and options.visible and options.mark is None else None
    return _mark(source, options, key, reading, agency, signing_time, found)


def _mark(
    source: Path,
    options: SignOptions,
    key: SigningKey,
    reading: Reading,
    agency: AgencySettings,
    signing_time: dt.datetime,
    found: open_fields.Found | None,
) -> Mark | None:
    """:param found: the fields left open for the seal."""
    if not options.visible:
        return None
    if options.mark is not None:
        return options.mark
    if options.act in (Act.ATTACHMENT, Act.COPY):
        place = propose(source, options.act, reading=reading)
        text = _words(options.act, reading, agency, key, signing_time)
        return None if place is None else Mark(place.page, place.box, text=text, size=_SIZE)
    image = options.mark_image or _own_image(options.act, key, reading, agency)
    if image is None:
        return None
    size = _png_size(image)
    if found is not None:
        return Mark(found.seal[0], _real_size(source, found.seal[1], size, agency), image=image)
    name = key.holder if options.act == Act.APPROVE else None
    place = propose(source, options.act, size, agency.seal_diameter_mm, name, reading)
    if place is None:
        width = agency.seal_diameter_mm * POINTS_PER_MM if options.act == Act.ISSUE else _USUAL_WIDTH
        place = _aside(width, width * size[1] / size[0])
    return Mark(place.page, place.box, image=image)


def _left_open(source: Path, shown: Mark | None, reading: Reading, agency: AgencySettings) -> OpenFields | None:
    """The fields for the agency: the seal's beside the leader's mark, or where the block says it belongs."""
    room = max(_SEAL_ROOM_MM, agency.seal_diameter_mm)
    side = room * POINTS_PER_MM
    if shown is not None:
        seal = shown.page, seal_beside(shown.box, side, side)
    elif (place := propose(source, Act.ISSUE, None, room, None, reading)) is not None:
        seal = place.page, place.box
    else:
        return None
    return OpenFields(seal, tuple(open_fields.texts_of(reading.blanks)))


def _real_size(source: Path, room: Box, image: tuple[int, int], agency: AgencySettings) -> Box:
    """The seal as large as it is, at the right edge and in the middle of its field, over the leader's signature."""
    width = agency.seal_diameter_mm * POINTS_PER_MM
    height = width * image[1] / image[0]
    if width > room[2] - room[0] + _NEAR or height > room[3] - room[1] + _NEAR:
        raise SealTooLarge(path=source, diameter_mm=f"{agency.seal_diameter_mm:g}")
    middle = (room[1] + room[3]) / 2
    return room[2] - width, middle - height / 2, room[2], middle + height / 2


def _inside(shown: Mark, field: tuple[int, Box]) -> bool:
    page, (left, bottom, right, top) = field
    box = shown.box
    across = left - _NEAR <= box[0] and box[2] <= right + _NEAR
    return shown.page == page and across and bottom - _NEAR <= box[1] and box[3] <= top + _NEAR


def _numbering(texts: Mapping[str, OpenText], number: str, date: dt.date) -> Iterator[Mark]:
    """Number and date as marks of their own, for documents that were signed without fields for them."""
    for names in ((open_fields.NUMBER,), (open_fields.DAY, open_fields.MONTH, open_fields.YEAR)):
        boxes = [texts[name] for name in names if name in texts]
        if not boxes:
            continue
        pieces = tuple(
            Piece(
                open_fields.filling(one.name, number, date),
                *(one.box[0], one.box[2]),
                open_fields.ALIGNMENTS[one.name],
                italic=one.name != open_fields.NUMBER,
            )
            for one in boxes
        )
        first, last = boxes[0].box, boxes[-1].box
        box = first[0], first[1], last[2], first[3]
        yield Mark(boxes[0].page, box, size=open_fields.SIZE, pieces=pieces)


def _own_image(act: Act, key: SigningKey, reading: Reading, agency: AgencySettings) -> Path | None:
    """The picture of the settings that the act calls for: the seal, or the leader's own signature.

    The document may put an academic title before the leader's name.
    """
    if act == Act.ISSUE:
        return Path(agency.seal_image) if agency.seal_image else None
    if act == Act.APPROVE and agency.signature_image:
        named = agency.signature_holder or reading.info.signer_name or ""
        if spelling_key(named).endswith(spelling_key(key.holder)):
            return Path(agency.signature_image)
    return None


def _words(act: Act, reading: Reading, agency: AgencySettings, key: SigningKey, signing_time: dt.datetime) -> str:
    """Number and symbol, or form of copy and agency; then the time (ISO 8601 with the offset)."""
    time = signing_time.isoformat(timespec="seconds")
    if act == Act.COPY:
        return "\n".join(("SAO Y", agency.name or key.organization or key.holder, time))
    number = "/".join(filter(None, (reading.info.number, reading.info.symbol)))
    return "\n".join(filter(None, (number, time)))


def _png_size(image: Path) -> tuple[int, int]:
    """Columns and rows, from the header (ISO/IEC 15948, section 11.2.2)."""
    with image.open("rb") as stream:
        head = stream.read(24)
    columns, rows = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if not head.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") or not columns or not rows:
        raise MarkImageInvalid(path=image, why="PNG")
    return columns, rows


def _aside(width: float, height: float) -> Place:
    right = _A4_WIDTH - _ASIDE[0]
    return Place(-1, (right - width, _ASIDE[1], right, _ASIDE[1] + height))
