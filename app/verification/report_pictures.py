"""Pictures for the report of a verification: the pages that were signed, and those that were altered since."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from app.documents.hashing import sha256_file
from app.documents.page_painter import PagePicture, PictureRequest
from app.documents.pages import PageNotShown, PagePainter
from app.errors import AntinError
from app.i18n import _
from app.verification.changes.compare import Limits, RevisionComparer, drawing_process
from app.verification.changes.model import Box, PageChange
from app.verification.model import Coverage, FileReport, SignatureReport

if TYPE_CHECKING:
    from PIL.Image import Image

#: Files of one report that have pictures, and seconds that these may take together.
_FILES: Final = 20
_SECONDS: Final = 30.0
#: Seconds for one page.
_PATIENCE: Final = 5.0
#: Pages shown of what was signed, and pairs of what was altered; their widths in pixels.
_THUMBNAILS, _PAIRS = 4, 3
_THUMBNAIL_WIDTH, _PAIR_WIDTH = 400, 700
_COMPARED: Final = Limits(pages=20, seconds=8.0, patience=_PATIENCE)
_QUALITY: Final = 82
#: Of the boxes around differences: colour, width in pixels, room in pixels.
_INK, _PEN, _ROOM = "#0b6166", 3, 4
_MARKER = "#ffd966"


@dataclass(frozen=True)
class Picture:
    """:ivar jpeg: without transparency, as PDF/A-2 asks of what is not to be blended. :ivar caption: which page."""

    jpeg: bytes
    caption: str


@dataclass(frozen=True)
class Pictures:
    """:ivar signed: the first pages as they were signed.
    :ivar further: how many pages there are beyond these.
    :ivar altered: pages as signed and as they are now; None where there is no such page."""

    signed: tuple[Picture, ...] = ()
    further: int = 0
    altered: tuple[tuple[Picture | None, Picture | None], ...] = ()


class Illustrator:
    """Draws pictures for one report, in processes of its own, within its limits; a context manager."""

    def __init__(self) -> None:
        self._painter = PagePainter(_PATIENCE)
        self._child = drawing_process()
        self._until = time.monotonic() + _SECONDS
        self._left = _FILES

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._painter.close()
        self._child.close()

    def pictures(self, report: FileReport) -> Pictures:
        """The pictures of one file; none where it is no signed PDF, is not the file that was checked any more, cannot
        be drawn, or comes after the limits of the report are reached."""
        signature = _last_signed(report.signatures)
        if signature is None or self._left <= 0 or time.monotonic() > self._until:
            return Pictures()
        self._left -= 1
        path = Path(report.path)
        try:
            if not path.is_file() or sha256_file(path) != report.sha256:
                return Pictures()
            size = signature.signed_size or 0
            signed, pages = self._signed(path, size)
            altered = tuple(self._altered(path, size)) if _is_altered(signature) else ()
        except (AntinError, OSError):
            return Pictures()
        return Pictures(signed, max(0, pages - len(signed)), altered)

    def _signed(self, path: Path, size: int) -> tuple[tuple[Picture, ...], int]:
        pages = 1
        drawn: list[Picture] = []
        while len(drawn) < min(pages, _THUMBNAILS) and time.monotonic() < self._until:
            found = self._page(path, len(drawn), _THUMBNAIL_WIDTH, size)
            pages = found.pages
            drawn.append(Picture(_jpeg(_image(found)), _("Page {n}").format(n=len(drawn) + 1)))
        return tuple(drawn), pages

    def _altered(self, path: Path, size: int) -> Iterator[tuple[Picture | None, Picture | None]]:
        with RevisionComparer(path, size, _COMPARED, self._child) as comparer:
            found = comparer.compare()
        for change in found.changes[:_PAIRS]:
            if time.monotonic() > self._until:
                return
            try:
                yield self._side(path, size, change, change.before), self._side(path, 0, change, change.after)
            except PageNotShown:
                continue

    def _side(self, path: Path, size: int, change: PageChange, page: int | None) -> Picture | None:
        """One page of a pair, the differences boxed.

        :param size: of the signed revision; 0 for the document as it is now.
        """
        if page is None:
            return None
        image = _image(self._page(path, page, _PAIR_WIDTH, size))
        for region in change.regions:
            _mark(image, region.words_before if size else region.words_after)
            _frame(image, region.box)
        caption = _("Page {n} when signed") if size else _("Page {n} now")
        return Picture(_jpeg(image), caption.format(n=page + 1))

    def _page(self, path: Path, page: int, width: int, size: int) -> PagePicture:
        return self._painter.paint(PictureRequest(path.absolute(), page, width=width, size=size))


def _last_signed(signatures: Sequence[SignatureReport]) -> SignatureReport | None:
    """The signature that covers most of the file."""
    known = [signature for signature in signatures if signature.signed_size]
    return max(known, key=lambda signature: signature.signed_size or 0, default=None)


def _is_altered(signature: SignatureReport) -> bool:
    return signature.coverage is Coverage.EARLIER_REVISION and bool(signature.changes)


def _image(drawn: PagePicture) -> Image:
    from PIL import Image

    return Image.frombytes("RGB", (drawn.width, drawn.height), drawn.data)


def _mark(image: Image, words: Sequence[Box]) -> None:
    """Mark words as with a marker pen."""
    from PIL import Image, ImageChops

    for word in words:
        place = _place(image, word, 1)
        part = image.crop(place)
        image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, _MARKER)), place)


def _frame(image: Image, box: Box) -> None:
    from PIL import ImageDraw

    ImageDraw.Draw(image).rectangle(_place(image, box, _ROOM), None, _INK, _PEN)


def _place(image: Image, box: Box, room: int) -> tuple[int, int, int, int]:
    """A place of the page in pixels of its picture, within it."""
    return (
        max(0, round(box.left * image.width) - room),
        max(0, round(box.top * image.height) - room),
        min(image.width, round(box.right * image.width) + room),
        min(image.height, round(box.bottom * image.height) + room),
    )


def _jpeg(image: Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
