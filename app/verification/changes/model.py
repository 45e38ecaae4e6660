"""What a comparison of the signed revision of a PDF with the document as it is now found."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class PageKind(StrEnum):
    """What became of a page."""

    ADDED = "page-added"
    REMOVED = "page-removed"
    CHANGED = "page-changed"
    MOVED = "page-moved"
    #: It looks as before, but searching, copying and reading aloud find other words.
    HIDDEN_TEXT = "page-text-changed"


class Box(msgspec.Struct, frozen=True):
    """A place on a page as parts (0 to 1) of its width and height as shown, from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Region(msgspec.Struct, frozen=True):
    """A place where a page differs.

    :ivar points: left, bottom, right, top in PDF points of the page's default user space (of the signed revision).
    :ivar before: the words there when it was signed, without what stayed; empty for pictures and lines.
    :ivar after: the words there now.
    :ivar field: the signature field whose picture alone differs here; empty where anything else does.
    :ivar words_before, words_after: where these words stand on the one page and on the other, a box a line.
    """

    box: Box
    points: tuple[float, float, float, float]
    before: str = ""
    after: str = ""
    words_before: tuple[Box, ...] = ()
    words_after: tuple[Box, ...] = ()
    field: str = ""


class PageChange(msgspec.Struct, frozen=True):
    """What became of one page.

    :ivar before: zero-based number in the signed revision, None for an added page.
    :ivar after: zero-based number now, None for a removed page.
    :ivar regions: in reading order; empty where the whole page is concerned.
    :ivar resized: the page has another size or is turned.
    """

    kind: PageKind
    before: int | None
    after: int | None
    regions: tuple[Region, ...] = ()
    resized: bool = False


class PagePair(msgspec.Struct, frozen=True):
    """A page when signed and the same page now, zero-based; None where there is none."""

    before: int | None
    after: int | None


class GaveUp(StrEnum):
    """Why not all pages were compared."""

    PAGES = "pages"
    TIME = "time"
    CANCELLED = "cancelled"
    NOT_SHOWN = "not-shown"


class Comparison(msgspec.Struct, frozen=True):
    """What was found.

    :ivar pages_before, pages_after: how many pages the revisions have.
    :ivar pairs: the pages that were compared, in the order of the document as it is now.
    :ivar changes: in the same order.
    :ivar gave_up: why some pages were not compared; None where all were.
    """

    pages_before: int
    pages_after: int
    pairs: tuple[PagePair, ...] = ()
    changes: tuple[PageChange, ...] = ()
    gave_up: GaveUp | None = None
