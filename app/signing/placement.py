"""Where the visible mark of an act belongs (Decree 30/2020, appendix I).

What is proposed here is shown to the person before signing and can be moved. All measures are PDF points (1/72 inch)
in the page's default user space; seals and images come with their sizes in millimetres and pixels.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.documents.reading import Reading, read_with_places
from app.documents.text import spelling_key
from app.signing.model import Act

Box = tuple[float, float, float, float]

POINTS_PER_MM = 72 / 25.4
#: A leader's signature is drawn no wider and no lower than this where the blank in the block allows it.
LEADER_WIDTH = 150.0
LEADER_HEIGHT = 48.0
#: Annotations of a page that are looked at.
_MAX_ANNOTATIONS = 500
#: Columns and rows of a signature image where none is at hand.
_USUAL_IMAGE = (300, 120)
#: Part I, II.8: the seal covers about a third of the leader's signature, at its left.
SEAL_OVERLAP = 1 / 3
#: Up to three lines at 10 points of "number and symbol; time of signing" (part I, II.8.b; part II, I).
TEXT_WIDTH, TEXT_HEIGHT = 200.0, 36.0
#: Distance from the right and the upper edge: within the margins of 15 and 20 mm that the decree prescribes.
_RIGHT_EDGE, _UPPER_EDGE = 15 * POINTS_PER_MM, 6 * POINTS_PER_MM


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
    media: Box
    crop: Box
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
    :param certificate_name: of the person signing; where the block names somebody else, nothing is proposed.
    :param reading: what was read of the document before, to spare reading it again.
    """
    if act in (Act.ATTACHMENT, Act.COPY):
        page = _page(source, 0)
        if page is None:
            return None
        right, top = page.crop[2] - _RIGHT_EDGE, page.crop[3] - _UPPER_EDGE
        return Place(0, (right - TEXT_WIDTH, top - TEXT_HEIGHT, right, top))
    if act not in (Act.APPROVE, Act.ISSUE):
        return None
    reading = reading or read_with_places(source)
    return _in_block(source, act, image_size, seal_diameter_mm, certificate_name, reading)


def seal_beside(leader: Box, width: float, height: float) -> Box:
    """The place of a seal that covers the left third of a leader's signature (part I, II.8.a)."""
    right = leader[0] + (leader[2] - leader[0]) * SEAL_OVERLAP
    middle = (leader[1] + leader[3]) / 2
    return right - width, middle - height / 2, right, middle + height / 2


def _in_block(
    source: Path,
    act: Act,
    image_size: tuple[int, int] | None,
    seal_diameter_mm: float,
    certificate_name: str | None,
    reading: Reading,
) -> Place | None:
    block = reading.signature
    if block is None or not block.title or block.title[-1].box is None:
        return None
    if act == Act.APPROVE and certificate_name and block.name is not None:
        written, certified = spelling_key(block.name.text), spelling_key(certificate_name)
        if not (written.endswith(certified) or certified.endswith(written)):
            return None
    number = block.title[-1].page
    page = _page(source, number)
    if page is None:
        return None
    title = _shifted(block.title[-1].box, page.media)
    name_line = block.name if block.name is not None and block.name.page == number else None
    name = _shifted(name_line.box, page.media) if name_line is not None and name_line.box is not None else None
    columns, rows = image_size or _USUAL_IMAGE
    if act == Act.APPROVE:
        return Place(number, _leader(title, name, columns / rows))
    leader = _nearest(page.signatures, title, name) or _leader(title, name, _USUAL_IMAGE[0] / _USUAL_IMAGE[1])
    width = seal_diameter_mm * POINTS_PER_MM
    height = width * rows / columns if image_size else width
    return Place(number, seal_beside(leader, width, height))


def _leader(title: Box, name: Box | None, ratio: float) -> Box:
    """Centred between title and full name (part I, II.7.d).

    :param ratio: width to height of the image.
    """
    if name is not None:
        centre, gap = (name[0] + name[2]) / 2, title[1] - name[3]
        middle = (title[1] + name[3]) / 2
    else:
        centre, gap = (title[0] + title[2]) / 2, LEADER_HEIGHT
        middle = title[1] - gap / 2 - 4
    height = min(LEADER_HEIGHT, max(gap, LEADER_HEIGHT / 2))
    width = height * ratio
    if width > LEADER_WIDTH:
        width, height = LEADER_WIDTH, LEADER_WIDTH / ratio
    return (centre - width / 2, middle - height / 2, centre + width / 2, middle + height / 2)


def _nearest(signatures: tuple[Box, ...], title: Box, name: Box | None) -> Box | None:
    """The visible signature that stands in the block: its middle lies beside title and name or between them."""
    bottom = name[1] if name is not None else title[1] - 2 * LEADER_HEIGHT
    left = min(title[0], name[0]) if name is not None else title[0]
    right = max(title[2], name[2]) if name is not None else title[2]
    inside = [
        box
        for box in signatures
        if left <= (box[0] + box[2]) / 2 <= right and bottom <= (box[1] + box[3]) / 2 <= title[3]
    ]
    return inside[-1] if inside else None


def _shifted(box: Box, media: Box) -> Box:
    """From the lower left corner of the page to user space."""
    return box[0] + media[0], box[1] + media[1], box[2] + media[0], box[3] + media[1]


def _page(source: Path, index: int) -> _Page | None:
    from pyhanko.pdf_utils import generic

    from app.documents.pdf_form import elements, entry
    from app.documents.pdf_reader import FAULTS, PasswordNeeded, open_reader
    from app.signing.marks import media_box, visible_box

    try:
        with source.open("rb") as stream:
            reader: Any = open_reader(stream)
            page = reader.find_page_for_modification(index)[0].get_object()
            if not isinstance(page, generic.DictionaryObject):
                return None
            annotations = list(itertools.islice(elements(entry(page, "/Annots")), _MAX_ANNOTATIONS))
            boxes = [_signature_box(annotation) for annotation in annotations]
            return _Page(media_box(page), visible_box(page), tuple(box for box in boxes if box is not None))
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
