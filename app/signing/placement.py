"""Where the visible mark of an act belongs (Decree 30/2020, appendix I).

What is proposed here is shown to the person before signing and can be moved. Lengths are millimetres of paper or, where
a size of the decree's type is meant, points of 1/72 inch; a place is a box in units of the page's user space, whatever
way the page is turned, cropped or scaled (:class:`app.documents.sheet.Sheet`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.documents.fields import SignatureBlock
from app.documents.reading import Reading, read_with_places
from app.documents.sheet import Box, Sheet
from app.documents.text import clean, spelling_key
from app.signing import free_room
from app.signing.model import Act

#: A leader's signature is drawn no wider and no lower than this where the blank in the block allows it, in points.
LEADER_WIDTH = 150.0
LEADER_HEIGHT = 48.0
#: Annotations of a page that are looked at.
_MAX_ANNOTATIONS = 500
#: Columns and rows of a signature image where none is at hand.
_USUAL_IMAGE = (300, 120)
#: Part I, II.8: the seal covers about a third of the leader's signature, at its left.
SEAL_OVERLAP = 1 / 3
#: Up to three lines at 10 points of "number and symbol; time of signing" (part I, II.8.b; part II, I), in millimetres.
TEXT_MM: Final = (70.0, 12.7)
#: Distance of words in the corner from the right and the upper edge, in millimetres: within the margins of 15 and 20
#: that the decree prescribes; and the left margin that they may grow to.
_RIGHT_EDGE, _UPPER_EDGE, _LEFT_EDGE = 15.0, 6.0, 20.0
#: Distance from the right and the lower edge of the last page of what has no place of its own, in millimetres.
_ASIDE: Final = (30.0, 40.0)
#: Where the stamp of arrival is wanted: under number and symbol, at the left; how much smaller it may be.
_ARRIVAL_MM: Final = (20.0, 45.0)
_ARRIVAL_SIZES: Final = (1.0, 0.8, 0.65, 0.5)
#: White kept around it, in millimetres; and what is kept where the page has room for it.
_AIR: Final = 2.0
_AMPLE_AIR: Final = 5.0


@dataclass(frozen=True)
class Place:
    """A proposed place.

    :ivar page: zero-based.
    :ivar box: left, bottom, right, top.
    """

    page: int
    box: Box


@dataclass(frozen=True)
class _Page:
    sheet: Sheet
    signatures: tuple[Box, ...]


def propose(
    source: Path,
    act: Act,
    image_size: tuple[int, int] | None = None,
    seal_diameter_mm: float = 36.0,
    certificate_name: str | None = None,
    reading: Reading | None = None,
) -> Place | None:
    """The place of the mark that the act wants, or None where the document gives no hint or the act wants no mark.

    :param image_size: columns and rows of the image; None for one of usual shape.
    :param seal_diameter_mm: real width of the seal.
    :param certificate_name: of the person signing; where no block names that person, nothing is proposed.
    :param reading: what was read of the document before, to spare reading it again.
    """
    if act in (Act.ATTACHMENT, Act.COPY):
        return in_corner(source, TEXT_MM)
    if act not in (Act.APPROVE, Act.ISSUE):
        return None
    reading = reading or read_with_places(source)
    block = _block(reading, certificate_name if act == Act.APPROVE else None)
    return None if block is None else _in_block(source, act, image_size, seal_diameter_mm, block)


def in_corner(source: Path, size_mm: tuple[float, float]) -> Place | None:
    """At the right of the upper edge of page one, left of marks that stand there already.

    :param size_mm: width and height wanted; the width shrinks to what lies between the page's margins.
    """
    page = _page(source, 0)
    if page is None:
        return None
    wide, _high = page.sheet.size_mm
    room = max(wide - _RIGHT_EDGE - _LEFT_EDGE, wide / 2)
    width = min(size_mm[0], room)
    least = (wide - room) / 2 if wide < 2 * _RIGHT_EDGE + _LEFT_EDGE else _LEFT_EDGE
    left = max(least, wide - _RIGHT_EDGE - width)
    others = [page.sheet.in_mm(box) for box in page.signatures]
    for other in sorted(others, key=lambda box: -box[0]):
        beside = other[0] - width - _AIR
        if _overlap((left, _UPPER_EDGE, width, size_mm[1]), other) and beside >= least:
            left = beside
    return Place(0, page.sheet.at_mm(left, _UPPER_EDGE, width, size_mm[1]))


def of_arrival(source: Path, size_mm: tuple[float, float]) -> Place | None:
    """Where page one is free for the stamp of arrival, as near to the place under number and symbol as can be; closer
    to what stands there, and smaller, where it has to be; over it where nothing is free."""
    page = _page(source, 0)
    if page is None:
        return None
    wide, high = page.sheet.size_mm
    for scale, air in ((1.0, _AMPLE_AIR), *((scale, _AIR) for scale in _ARRIVAL_SIZES)):
        width, height = size_mm[0] * scale, size_mm[1] * scale
        room = width + 2 * air, height + 2 * air
        found = free_room.find(source, 0, (wide, high), room, _ARRIVAL_MM)
        if found is not None:
            return Place(0, page.sheet.at_mm(found[0] + air, found[1] + air, width, height))
    scale = min(_ARRIVAL_SIZES[-1], wide / size_mm[0], high / size_mm[1])
    return Place(0, page.sheet.at_mm(_AIR, _AIR, size_mm[0] * scale, size_mm[1] * scale))


def aside(source: Path, size_mm: tuple[float, float]) -> Place | None:
    """Near the lower right corner of the last page, where nothing stands if there is such a place, and no larger than
    the page allows; None where there is no page."""
    page = _page(source, -1)
    if page is None:
        return None
    wide, high = page.sheet.size_mm
    scale = min(1.0, wide / size_mm[0], high / size_mm[1])
    width, height = size_mm[0] * scale, size_mm[1] * scale
    left, top = max(0.0, wide - _ASIDE[0] - width), max(0.0, high - _ASIDE[1] - height)
    last = pages_of(source) - 1
    left, top = free_room.find(source, last, (wide, high), (width, height), (left, top)) or (left, top)
    return Place(-1, page.sheet.at_mm(left, top, width, height))


def sheet_of(source: Path, page: int) -> Sheet | None:
    """A page as it is shown; None where it cannot be read.

    :param page: zero-based; negative counts from the end.
    """
    found = _page(source, page)
    return None if found is None else found.sheet


def pages_of(source: Path) -> int:
    """How many pages a document says that it has; 1 where it does not."""
    from app.documents.pdf_form import entry
    from app.documents.pdf_reader import FAULTS, PasswordNeeded, open_reader

    try:
        with source.open("rb") as stream:
            count = entry(entry(open_reader(stream).root, "/Pages"), "/Count")
    except FAULTS:
        return 1
    except (PasswordNeeded, OSError):
        return 1
    return max(1, int(count)) if isinstance(count, int) else 1


def seal_beside(leader: Box, width: float, height: float) -> Box:
    """The place of a seal that covers the left third of a leader's signature (part I, II.8.a), on an upright page."""
    right = leader[0] + (leader[2] - leader[0]) * SEAL_OVERLAP
    middle = (leader[1] + leader[3]) / 2
    return right - width, middle - height / 2, right, middle + height / 2


def seal_on(sheet: Sheet, leader: Box, width_mm: float, height_mm: float) -> Box:
    """As :func:`seal_beside`, for boxes of user space and a seal in millimetres."""
    size = width_mm * sheet.per_mm, height_mm * sheet.per_mm
    return sheet.on_page(seal_beside(sheet.upright(leader), *size))


def _overlap(first: Box, second: Box) -> bool:
    """:param first, second: left, top, width, height."""
    across = first[0] < second[0] + second[2] and second[0] < first[0] + first[2]
    return across and first[1] < second[1] + second[3] and second[1] < first[1] + first[3]


def _block(reading: Reading, name: str | None) -> SignatureBlock | None:
    """The block that names the person, else one that names nobody; the first where nobody is asked for."""
    blocks: Sequence[SignatureBlock] = reading.blocks or ([reading.signature] if reading.signature else [])
    placed = [block for block in blocks if block.title and block.title[-1].box is not None]
    if name is None:
        return placed[0] if placed else None
    own = [block for block in placed if block.name is not None and is_named(block.name.text, name)]
    return next(iter([*own, *(block for block in placed if block.name is None)]), None)


def is_named(written: str, certified: str) -> bool:
    """Whether the name under a block and that of a certificate are one person's; either may bear a title before it."""
    first, second = ([spelling_key(word) for word in clean(name).split(" ") if word] for name in (written, certified))
    shorter = min(len(first), len(second))
    return shorter > 0 and first[-shorter:] == second[-shorter:]


def _in_block(
    source: Path, act: Act, image_size: tuple[int, int] | None, seal_diameter_mm: float, block: SignatureBlock
) -> Place | None:
    title, number = block.title[-1].box, block.title[-1].page
    page = _page(source, number)
    if page is None or title is None:
        return None
    sheet = page.sheet
    name = block.name.box if block.name is not None and block.name.page == number else None
    columns, rows = image_size or _USUAL_IMAGE
    if act == Act.APPROVE:
        return Place(number, sheet.on_page(_leader(title, name, columns / rows, sheet.unit)))
    signatures = tuple(map(sheet.upright, page.signatures))
    usual = _leader(title, name, _USUAL_IMAGE[0] / _USUAL_IMAGE[1], sheet.unit)
    leader = _nearest(signatures, title, name, sheet.unit) or usual
    width = seal_diameter_mm * sheet.per_mm
    height = width * rows / columns if image_size else width
    return Place(number, sheet.on_page(seal_beside(leader, width, height)))


def _leader(title: Box, name: Box | None, ratio: float, unit: float) -> Box:
    """Centred between title and full name (part I, II.7.d), on the upright page.

    :param ratio: width to height of the image.
    :param unit: points in a unit of the boxes.
    """
    widest, usual = LEADER_WIDTH / unit, LEADER_HEIGHT / unit
    if name is not None:
        centre, gap = (name[0] + name[2]) / 2, title[1] - name[3]
        middle = (title[1] + name[3]) / 2
    else:
        centre, gap = (title[0] + title[2]) / 2, usual
        middle = title[1] - gap / 2 - 4 / unit
    height = min(usual, max(gap, usual / 2))
    width = height * ratio
    if width > widest:
        width, height = widest, widest / ratio
    return (centre - width / 2, middle - height / 2, centre + width / 2, middle + height / 2)


def _nearest(signatures: tuple[Box, ...], title: Box, name: Box | None, unit: float) -> Box | None:
    """The visible signature that stands in the block: its middle lies beside title and name or between them."""
    bottom = name[1] if name is not None else title[1] - 2 * LEADER_HEIGHT / unit
    left = min(title[0], name[0]) if name is not None else title[0]
    right = max(title[2], name[2]) if name is not None else title[2]
    inside = [
        box
        for box in signatures
        if left <= (box[0] + box[2]) / 2 <= right and bottom <= (box[1] + box[3]) / 2 <= title[3]
    ]
    return inside[-1] if inside else None


def _page(source: Path, index: int) -> _Page | None:
    from pyhanko.pdf_utils import generic

    from app.documents.pdf_form import elements, entry
    from app.documents.pdf_reader import FAULTS, PasswordNeeded, open_reader
    from app.signing.marks import sheet

    try:
        with source.open("rb") as stream:
            reader: Any = open_reader(stream)
            page = reader.find_page_for_modification(index)[0].get_object()
            if not isinstance(page, generic.DictionaryObject):
                return None
            annotations = list(itertools.islice(elements(entry(page, "/Annots")), _MAX_ANNOTATIONS))
            boxes = [_signature_box(annotation) for annotation in annotations]
            return _Page(sheet(page), tuple(box for box in boxes if box is not None))
    except FAULTS:
        return None
    except (PasswordNeeded, OSError):
        return None


def _signature_box(annotation: object) -> Box | None:
    """The place of a visible signature, None for anything else, a field not signed yet too."""
    from app.documents.pdf_form import entry
    from app.signing.marks import rectangle

    parent = entry(annotation, "/Parent")
    kind = entry(annotation, "/FT") or entry(parent, "/FT")
    signed = entry(annotation, "/V") or entry(parent, "/V")
    box = rectangle(entry(annotation, "/Rect")) if kind == "/Sig" and signed is not None else None
    return box if box is not None and box[2] - box[0] > 1 and box[3] - box[1] > 1 else None
