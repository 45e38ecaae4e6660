"""The process that compares pages of two revisions: ``python -m app.verification.changes.page_comparer``.

PDFium unpacks whatever a page asks for and ends the process when memory runs out; here that costs nobody anything.
Questions are MessagePack of :class:`Look`, :class:`Compare` or :class:`Forget`, answers of :class:`Seen`,
:class:`Difference` or :class:`app.documents.page_painter.Refusal`. No picture leaves the process.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from app.documents.packing import unpacked
from app.documents.page_painter import Refusal
from app.documents.page_words import Word, read_words, to_page
from app.documents.pipe import serve
from app.documents.revision_file import RevisionFile
from app.verification.changes.model import Box, PageKind, Region
from app.verification.changes.signature_fields import SignatureField, signature_fields

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels a point at which pages are compared; the picture has no more than so many pixels.
_SCALE, _MAX_PIXELS = 1.5, 6_000_000

#: Memory of the process in bytes, what the program itself takes included.
MAX_MEMORY = 1 << 30

#: Numbers in the sketch of a page's words.
_SKETCH = 128

#: Documents kept open.
_OPEN = 2

#: ``FPDFBitmap_BGR`` of PDFium: three octets a pixel.
_BGR = 2

_Found = TypeVar("_Found")


class Revision(msgspec.Struct, frozen=True):
    """A file up to ``size`` octets from its start; 0: all of it.

    :ivar state: differs where the file was written since.
    """

    path: Path
    size: int = 0
    state: str = ""


class Look(msgspec.Struct, frozen=True, tag=True):
    """How a page looks. :ivar page: zero-based."""

    revision: Revision
    page: int


class Seen(msgspec.Struct, frozen=True, tag=True):
    """:ivar pages: how many the document has. :ivar picture, words: digests.
    :ivar sketch: numbers that pages have in common as far as they have words in common (the least of a hash)."""

    pages: int
    picture: bytes = b""
    words: bytes = b""
    sketch: frozenset[int] = frozenset()


class Compare(msgspec.Struct, frozen=True, tag=True):
    """Where two pages differ. :ivar before, after: zero-based pages of the two revisions."""

    signed: Revision
    before: int
    now: Revision
    after: int


class Forget(msgspec.Struct, frozen=True, tag=True):
    """Close all documents: nobody asks about them any more. The answer is a :class:`Difference` without content."""


class Difference(msgspec.Struct, frozen=True, tag=True):
    """:ivar kind: None where the pages are the same. :ivar resized: they have other sizes; then there is no region."""

    kind: PageKind | None
    regions: tuple[Region, ...] = ()
    resized: bool = False


def main() -> None:
    """Serve questions until the input ends. What they need is loaded before the first, whose time is counted."""
    import pypdfium2  # noqa: F401

    import app.verification.changes.regions  # noqa: F401

    serve(Comparer().answer, MAX_MEMORY)


class Comparer:
    """Answers questions on pages; keeps the last documents open."""

    def __init__(self) -> None:
        self._open: OrderedDict[Revision, Any] = OrderedDict()

    def answer(self, question: bytes) -> bytes:
        import pypdfium2

        asked = unpacked(question, Look | Compare | Forget)
        found: Seen | Difference | Refusal
        try:
            match asked:
                case Look():
                    found = self._seen(asked)
                case Compare():
                    found = self._difference(asked)
                case Forget():
                    self._keep(0)
                    found = Difference(None)
        except (pypdfium2.PdfiumError, OSError, IndexError, ValueError, MemoryError) as error:
            found = Refusal(str(error) or type(error).__name__)
        return msgspec.msgpack.encode(found)

    def _seen(self, asked: Look) -> Seen:
        document = self._document(asked.revision)
        if asked.page >= len(document):
            return Seen(len(document))

        def look(page: Any) -> Seen:
            picture = hashlib.sha256(repr(page.get_size()).encode())
            picture.update(_drawn(page).tobytes())
            words = [word.text for word in read_words(page)]
            digest = hashlib.sha256(" ".join(words).encode()).digest()
            sketch = sorted({zlib.crc32(word.encode()) for word in words})[:_SKETCH]
            return Seen(len(document), picture.digest(), digest, frozenset(sketch))

        return self._on_page(document, asked.page, look)

    def _difference(self, asked: Compare) -> Difference:
        def look(page: Any) -> tuple[tuple[float, float], Image, list[Word]]:
            return page.get_size(), _drawn(page), read_words(page)

        signed = self._document(asked.signed)
        size, picture, words = self._on_page(signed, asked.before, look)
        size_now, picture_now, words_now = self._on_page(self._document(asked.now), asked.after, look)
        if size != size_now or picture.size != picture_now.size:
            return Difference(PageKind.CHANGED, resized=True)
        from app.verification.changes.regions import different, differing, words_in

        boxes = differing(picture, picture_now)
        texts = [different(words_in(words, box), words_in(words_now, box)) for box in boxes]
        kind: PageKind | None = PageKind.CHANGED
        if not boxes:
            hidden = different(words, words_now)
            kind = PageKind.HIDDEN_TEXT if any(hidden) else None
            boxes, texts = ([Box(0, 0, 1, 1)], [hidden]) if any(hidden) else ([], [])
        points = self._on_page(signed, asked.before, lambda page: [_points(page, box) for box in boxes])
        now = self._document(asked.now)
        fields = self._on_page(now, asked.after, lambda page: signature_fields(now, page)) if boxes else []
        return Difference(kind, tuple(_region(*place, fields) for place in zip(boxes, points, texts, strict=True)))

    def _document(self, revision: Revision) -> Any:
        import pypdfium2

        document = self._open.get(revision)
        if document is None:
            self._keep(_OPEN - 1)
            document = pypdfium2.PdfDocument(RevisionFile(revision.path, revision.size), autoclose=True)
            document.init_forms()
            self._open[revision] = document
        self._open.move_to_end(revision)
        return document

    def _keep(self, most: int) -> None:
        while len(self._open) > most:
            self._open.popitem(last=False)[1].close()

    @staticmethod
    def _on_page(document: Any, number: int, look: Callable[[Any], _Found]) -> _Found:
        page = document[number]
        try:
            return look(page)
        finally:
            page.close()


def _region(
    box: Box,
    points: tuple[float, float, float, float],
    texts: tuple[Sequence[Word], Sequence[Word]],
    fields: Sequence[SignatureField],
) -> Region:
    from app.verification.changes.regions import lines_of, text_of

    before, after = texts
    inside = [] if before or after else [field.name for field in fields if field.holds(points)]
    words = text_of(before), text_of(after), lines_of(before), lines_of(after)
    return Region(box, points, *words, field=inside[0] if inside else "")


def _drawn(page: Any) -> Image:
    """The page with what its form fields and annotations show, in RGB."""
    from PIL import Image

    width, height = page.get_size()
    scale = min(_SCALE, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, rev_byteorder=True, force_bitmap_format=_BGR)
    return Image.frombytes("RGB", (bitmap.width, bitmap.height), bytes(bitmap.buffer), "raw", "RGB", bitmap.stride)


def _points(page: Any, box: Box) -> tuple[float, float, float, float]:
    corners = to_page(page, box.left, box.top), to_page(page, box.right, box.bottom)
    across, up = zip(*corners, strict=True)
    return round(min(across), 1), round(min(up), 1), round(max(across), 1), round(max(up), 1)


if __name__ == "__main__":
    main()
