"""What an act leaves on the page (Decree 30/2020, appendix I, part I, II.3, II.4, II.7 and II.8, part II, I)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.documents.hashing import sha256_file
from app.documents.reading import Reading
from app.documents.sheet import POINTS_PER_MM, Box
from app.documents.text import spelling_key
from app.settings import AgencySettings
from app.signing import arrival, mark_image, mark_text, open_fields, placement, typeface
from app.signing.agency_names import signing_agency
from app.signing.corrections import belongs_to
from app.signing.errors import DateNotAsPrinted, MainNumberMissing, MarkImageOpaque, NumberMissing, NumberUnfit
from app.signing.keys import SigningKey
from app.signing.model import Act, ArrivalStamp, Mark, OpenFields, OpenText, Piece, SignOptions
from app.signing.pdf_errors import SealTooLarge
from app.signing.placement import Place
from app.signing.places import Places, Remembered
from app.times import day

#: What a mark or a blank takes for the number of a document.
_NUMBER: Final = re.compile(r"[0-9]{1,9}[^\W\d_]?")
#: Width of an image that is neither a leader's signature nor a seal, in millimetres.
_USUAL_WIDTH: Final = 45.0
#: Room left for a seal whose size the leader's workstation need not know: the largest in use have 42 mm.
_SEAL_ROOM_MM: Final = 45.0
#: Side of the QR code in millimetres: modules of half a millimetre, which telephones read off a screen and off paper.
_QR_MM: Final = 20.0
#: White between the QR code and what stands beside it, in millimetres.
_QR_GAP_MM: Final = 2.0
#: Two measures of a box that differ by less are the same, in points.
_NEAR: Final = 0.5
#: Type size of what stands beside no image (appendix I, part I, II.8.b).
_SIZE: Final = 10.0
#: Room beside words, so that rounding never makes them smaller, in millimetres.
_ROUNDING: Final = 0.1


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


@dataclass(frozen=True)
class Subject:
    """What is to be marked, by whom and when.

    :ivar reading: what the document says of itself, with the person's corrections.
    :ivar places: where marks stood last; None where nothing is remembered.
    """

    source: Path
    options: SignOptions
    key: SigningKey
    reading: Reading
    agency: AgencySettings
    signing_time: dt.datetime
    places: Places | None = None


@dataclass(frozen=True)
class _Content:
    """What a mark shows, and how large it is on paper; its place is still to be found."""

    mark: Mark
    size_mm: tuple[float, float]


def marking(subject: Subject) -> Marking:
    """What the act writes into a PDF, number and date included.

    :raises NumberMissing, NumberUnfit: the document is to be issued and has no number, or what is none.
    :raises DateNotAsPrinted: its date would not go with the month or the year that it prints.
    :raises MainNumberMissing: it is an attachment, and nobody said of what.
    :raises MarkImageInvalid, MarkImageOpaque, SealTooLarge: see :func:`mark`.
    """
    options, reading = subject.options, subject.reading
    if options.act == Act.APPROVE:
        shown = mark(subject)
        return Marking(shown, leaves_open=_left_open(subject, shown))
    if options.act != Act.ISSUE:
        return Marking(mark(subject))
    found = open_fields.find(subject.source)
    shown = _mark(subject, found)
    date = reading.info.date or subject.signing_time.date()
    number = reading.info.number or ""
    wanted = _wanted(subject, found)
    if open_fields.NUMBER in wanted and not number:
        raise NumberMissing(path=subject.source)
    if open_fields.NUMBER in wanted:
        _check_number(number)
    writes = (found is not None and found.fillable) or options.visible
    if writes and wanted.keys() & {open_fields.DAY, open_fields.MONTH} and not _as_printed(reading, date):
        raise DateNotAsPrinted(path=subject.source, date=day(date))
    sealed = open_fields.SEAL if found is not None and (shown is None or _inside(shown, found.seal)) else ""
    if found is not None and found.fillable:
        texts = {name: open_fields.filling(name, number, date) for name in wanted}
        return Marking(shown, fills=texts, open_field=sealed)
    before = tuple(_numbering(subject.source, wanted, number, date)) if options.visible else ()
    return Marking(shown, open_field=sealed, before=before)


def _check_number(number: str) -> None:
    if not _NUMBER.fullmatch(number):
        raise NumberUnfit(number=number)


def _as_printed(reading: Reading, date: dt.date) -> bool:
    """Whether a date goes with what the document prints of it beside its blanks."""
    month, year = reading.blanks.printed_month, reading.blanks.printed_year
    return month in (None, date.month) and year in (None, date.year)


def numbered(reading: Reading, options: SignOptions, today: dt.date) -> Reading:
    """The reading with the number and date that issuing the document puts into its blanks."""
    info = reading.info
    if options.act != Act.ISSUE or not reading.blanks:
        return reading
    number = open_fields.two_digits(info.number) if info.number and reading.blanks.number else info.number
    return replace(reading, info=replace(info, number=number, date=info.date or today))


def mark(subject: Subject) -> Mark | None:
    """The visible mark of a PDF signature, None where the act leaves none.

    :raises MainNumberMissing: it is an attachment, and nobody said of what.
    :raises MarkImageInvalid: the picture named is no PNG.
    :raises MarkImageOpaque: the picture of a signature or a seal has no transparent background.
    :raises SealTooLarge: the seal does not fit into the field that the leader left for it.
    :raises app.signing.mark_text.MarkTemplateInvalid, app.signing.mark_text.MarkClaimsValidity: the template of the
        mark cannot be used.
    """
    options = subject.options
    sealing = options.act == Act.ISSUE and options.visible and options.mark is None
    return _mark(subject, open_fields.find(subject.source) if sealing else None)


def inscriptions(subject: Subject) -> Sequence[Mark]:
    """Number and date as issuing the document will write them into its blanks, for looking at before it is signed; the
    number once it is known."""
    if subject.options.act != Act.ISSUE:
        return ()
    found = open_fields.find(subject.source)
    if not (subject.options.visible or (found is not None and found.fillable)):
        return ()
    info = subject.reading.info
    wanted = {name: text for name, text in _wanted(subject, found).items() if info.number or name != open_fields.NUMBER}
    date = info.date or subject.signing_time.date()
    return tuple(_numbering(subject.source, wanted, info.number or "", date))


def keep_place(subject: Subject, shown: Mark) -> None:
    """Remember where the mark stands: always where a person chose the place, else only where none is known yet.

    :raises app.errors.AntinError: the data folder takes nothing.
    """
    options, key, places = subject.options, subject.key, subject.places
    if places is None or options.act == Act.INCOMING:
        return
    by_hand = options.mark is not None
    if not by_hand and places.last(options.act, key.sha256) is not None:
        return
    sheet, pages = placement.sheet_of(subject.source, shown.page), placement.pages_of(subject.source)
    if sheet is None:
        return
    left, top, *_size = sheet.in_mm(shown.box)
    moved = (0.0, 0.0)
    proposed = mark(replace(subject, options=replace(options, mark=None), places=None)) if by_hand else None
    if proposed is not None and proposed.page % pages == shown.page % pages:
        before = sheet.in_mm(proposed.box)
        moved = left - before[0], top - before[1]
    page = -1 if shown.page % pages == pages - 1 else shown.page
    place = Remembered(page, left, top, moved, by_hand)
    places.remember(options.act, key.sha256, subject.reading.info.type, place)


def _mark(subject: Subject, found: open_fields.Found | None) -> Mark | None:
    """:param found: the fields left open for the seal."""
    options = subject.options
    if not options.visible:
        return None
    content = _content(subject)
    if content is None:
        return None
    if options.mark is not None:
        return _by_hand(subject.source, content, options.mark)
    if found is not None:
        return replace(content.mark, page=found.seal[0], box=_real_size(subject.source, found.seal, content.size_mm))
    place = _remembered(subject, content, _proposed(subject, content))
    return replace(content.mark, page=place.page, box=place.box) if place is not None else None


def _by_hand(source: Path, content: _Content, chosen: Mark) -> Mark:
    """What the act shows now, where a person moved it: what it said then, the time of signing too, counts no more. It
    is as large as it was unless it has become larger or smaller."""
    box = chosen.box
    sheet = placement.sheet_of(source, chosen.page) if _extent(content.mark) != _extent(chosen) else None
    if sheet is not None:
        left, top, *_size = sheet.in_mm(box)
        again = _again(source, Remembered(chosen.page, left, top), content.size_mm)
        box = box if again is None else again.box
    return replace(content.mark, page=chosen.page, box=box)


def _extent(mark: Mark) -> tuple[object, ...]:
    """What makes two marks equally large."""
    widths = [round(width, 1) for width in typeface.widths(mark.text.splitlines(), _SIZE)]
    return mark.image, bool(mark.qr), widths


def _content(subject: Subject) -> _Content | None:
    """What the act shows; None where it shows nothing."""
    options, key, agency = subject.options, subject.key, subject.agency
    info, now = subject.reading.info, subject.signing_time
    match options.act:
        case Act.ATTACHMENT:
            if not all(belongs_to(info)):
                raise MainNumberMissing(path=subject.source)
            _check_number(belongs_to(info)[0])
            return _worded(mark_text.of_attachment(info, now))
        case Act.COPY:
            return _worded(mark_text.of_copy(options.copy_form, agency, key, now))
        case Act.INCOMING if options.arrival_number:
            date = day(options.arrival_date or now.date())
            stamp = ArrivalStamp(signing_agency(agency, key), options.arrival_number, date)
            return _Content(Mark(0, _NOWHERE, stamp=stamp), arrival.SIZE_MM)
        case Act.APPROVE | Act.ISSUE:
            image = options.mark_image or _own_image(options.act, key, subject.reading, agency)
            return None if image is None else _pictured(options.act, image, agency)
        case _:
            return _plain(subject)


#: The box of a mark whose place is not known yet.
_NOWHERE: Final = (0.0, 0.0, 0.0, 0.0)


def _worded(text: str) -> _Content:
    lines = text.splitlines()
    width, height = _text_mm(lines)
    return _Content(Mark(0, _NOWHERE, text=text, size=_SIZE), (width, height))


def _text_mm(lines: Sequence[str]) -> tuple[float, float]:
    widest = max(typeface.widths(lines, _SIZE), default=0.0)
    high = len(lines) * typeface.LEADING * _SIZE
    return widest / POINTS_PER_MM + _ROUNDING, high / POINTS_PER_MM + _ROUNDING


def _pictured(act: Act, image: Path, agency: AgencySettings) -> _Content:
    columns, rows = mark_image.size(image)
    if act in (Act.APPROVE, Act.ISSUE) and not mark_image.has_transparency(image):
        raise MarkImageOpaque(path=image)
    width = agency.seal_diameter_mm if act == Act.ISSUE else _USUAL_WIDTH
    return _Content(Mark(0, _NOWHERE, image=image), (width, width * rows / columns))


def _plain(subject: Subject) -> _Content | None:
    """Image above words, a QR code at their left, each where it is asked for."""
    options = subject.options
    width = height = 0.0
    text = ""
    if options.mark_template:
        text = mark_text.of_template(
            options.mark_template, subject.key, subject.reading.info, options.reason, subject.signing_time
        )
        width, height = _text_mm(text.splitlines())
    if options.mark_image is not None:
        columns, rows = mark_image.size(options.mark_image)
        width = max(width, _USUAL_WIDTH)
        picture = _USUAL_WIDTH * rows / columns
        # of a box with both, the words take half at most
        height = max(picture + height, 2 * height) if text else picture
    code = f"SHA256:{sha256_file(subject.source).upper()}" if options.qr else ""
    if code:
        height = max(height, _QR_MM)
        width = height + (width + _QR_GAP_MM if width else 0.0)
    if not (text or options.mark_image or code):
        return None
    alignment: typeface.Alignment = "left" if code and not options.mark_image else "centre"
    shown = Mark(0, _NOWHERE, options.mark_image, text, _SIZE, alignment=alignment, qr=code)
    return _Content(shown, (width, height))


def _proposed(subject: Subject, content: _Content) -> Place | None:
    """The place that the document itself calls for."""
    options, key = subject.options, subject.key
    match options.act:
        case Act.ATTACHMENT | Act.COPY:
            return placement.in_corner(subject.source, content.size_mm)
        case Act.INCOMING if content.mark.stamp is not None:
            return placement.of_arrival(subject.source, content.size_mm)
        case Act.APPROVE | Act.ISSUE:
            assert content.mark.image is not None
            size, diameter = mark_image.size(content.mark.image), subject.agency.seal_diameter_mm
            name = key.holder if options.act == Act.APPROVE else None
            return placement.propose(subject.source, options.act, size, diameter, name, subject.reading)
        case _:
            return None


def _remembered(subject: Subject, content: _Content, proposed: Place | None) -> Place | None:
    """The proposed place, moved as the last one of that kind was; without a proposal the last place itself, else a
    place at the foot of the last page."""
    options, key, places = subject.options, subject.key, subject.places
    if places is None or options.act == Act.INCOMING:
        return proposed or placement.aside(subject.source, content.size_mm)
    own = places.of_kind(options.act, key.sha256, subject.reading.info.type)
    if proposed is not None:
        return proposed if own is None else _moved(subject.source, proposed, own.moved)
    known = own or places.last(options.act, key.sha256)
    again = None if known is None else _again(subject.source, known, content.size_mm)
    return again or placement.aside(subject.source, content.size_mm)


def _moved(source: Path, place: Place, by: tuple[float, float]) -> Place:
    sheet = placement.sheet_of(source, place.page) if by != (0.0, 0.0) else None
    if sheet is None:
        return place
    left, top, width, height = sheet.in_mm(place.box)
    wide, high = sheet.size_mm
    left = min(max(0.0, left + by[0]), max(0.0, wide - width))
    top = min(max(0.0, top + by[1]), max(0.0, high - height))
    return Place(place.page, sheet.at_mm(left, top, width, height))


def _again(source: Path, known: Remembered, size_mm: tuple[float, float]) -> Place | None:
    page = known.page if known.page < placement.pages_of(source) else -1
    sheet = placement.sheet_of(source, page)
    if sheet is None:
        return None
    wide, high = sheet.size_mm
    scale = min(1.0, wide / size_mm[0], high / size_mm[1])
    width, height = size_mm[0] * scale, size_mm[1] * scale
    left, top = max(0.0, min(known.left, wide - width)), max(0.0, min(known.top, high - height))
    return Place(page, sheet.at_mm(left, top, width, height))


def _left_open(subject: Subject, shown: Mark | None) -> OpenFields | None:
    """The fields for the agency: the seal's beside the leader's mark, or where the block says it belongs."""
    source, reading = subject.source, subject.reading
    room = max(_SEAL_ROOM_MM, subject.agency.seal_diameter_mm)
    sheet = placement.sheet_of(source, shown.page) if shown is not None else None
    if shown is not None and sheet is not None:
        seal = shown.page, placement.seal_on(sheet, shown.box, room, room)
    elif (place := placement.propose(source, Act.ISSUE, None, room, None, reading)) is not None:
        seal = place.page, place.box
    else:
        return None
    return OpenFields(seal, tuple(_open_texts(subject)))


def _real_size(source: Path, field: tuple[int, Box], size_mm: tuple[float, float]) -> Box:
    """The seal as large as it is, at the right edge and in the middle of its field, over the leader's signature."""
    sheet = placement.sheet_of(source, field[0])
    if sheet is None:
        return field[1]
    left, top, width, height = sheet.in_mm(field[1])
    near = _NEAR / POINTS_PER_MM
    if size_mm[0] > width + near or size_mm[1] > height + near:
        raise SealTooLarge(path=source, diameter_mm=f"{size_mm[0]:g}")
    return sheet.at_mm(left + width - size_mm[0], top + (height - size_mm[1]) / 2, *size_mm)


def _inside(shown: Mark, field: tuple[int, Box]) -> bool:
    page, (left, bottom, right, top) = field
    box = shown.box
    across = left - _NEAR <= box[0] and box[2] <= right + _NEAR
    return shown.page == page and across and bottom - _NEAR <= box[1] and box[3] <= top + _NEAR


def _wanted(subject: Subject, found: open_fields.Found | None) -> Mapping[str, OpenText]:
    """Where number and date go, by the names of their fields.

    :param found: the fields left open for them.
    """
    return found.texts if found is not None else {text.name: text for text in _open_texts(subject)}


def _open_texts(subject: Subject) -> Iterator[OpenText]:
    """The places of number and date that the document leaves open."""
    blanks = subject.reading.blanks
    sheet = placement.sheet_of(subject.source, 0) if blanks else None
    if sheet is not None:
        yield from open_fields.texts_of(blanks, sheet)


def _numbering(source: Path, texts: Mapping[str, OpenText], number: str, date: dt.date) -> Iterator[Mark]:
    """Number and date as marks of their own, for documents that were signed without fields for them."""
    for names in ((open_fields.NUMBER,), (open_fields.DAY, open_fields.MONTH, open_fields.YEAR)):
        found = [texts[name] for name in names if name in texts]
        sheet = placement.sheet_of(source, found[0].page) if found else None
        if sheet is None:
            continue
        boxes = [sheet.upright(one.box) for one in found]
        first, last = boxes[0], boxes[-1]
        pieces = tuple(
            Piece(
                open_fields.filling(one.name, number, date),
                *(left - first[0], right - first[0]),
                open_fields.ALIGNMENTS[one.name],
                italic=one.name != open_fields.NUMBER,
            )
            for one, (left, _bottom, right, _top) in zip(found, boxes, strict=True)
        )
        box = sheet.on_page((first[0], first[1], last[2], first[3]))
        yield Mark(found[0].page, box, size=open_fields.SIZE, pieces=pieces)


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
