"""The process that draws pages of PDFs: ``python -m app.documents.page_painter``.

PDFium unpacks whatever a page asks for and ends the process when memory runs out; here that costs nobody anything.
Requests are MessagePack of :class:`PictureRequest`, replies of :class:`PagePicture` or :class:`Refusal`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from app.documents.packing import unpacked
from app.documents.pipe import serve
from app.documents.revision_file import RevisionFile
from app.documents.sheet import box_of

#: The largest picture made, in pixels; a larger one is reduced to it.
MAX_PIXELS = 24_000_000

#: Memory of the process in bytes; a page of scanned paper needs a few hundred megabytes.
MAX_MEMORY = 2 << 30

#: ``FPDFBitmap_BGR`` of PDFium: three octets a pixel.
_BGR = 2


class PictureRequest(msgspec.Struct, frozen=True):
    """:ivar page: zero-based. :ivar width: wanted width in pixels. :ivar scale: pixels a point instead, where not 0.
    :ivar size: octets from the file's start that are drawn as the document, as for a signed revision; 0: all."""

    path: Path
    page: int
    width: int = 0
    scale: float = 0.0
    size: int = 0


class PagePicture(msgspec.Struct, frozen=True, tag=True):
    """A page as a picture.

    :ivar pages: how many the document has.
    :ivar crop: left, bottom, right, top of what is shown, in PDF points of the page's default user space.
    :ivar rotation: degrees clockwise by which the page is turned when shown.
    :ivar data: RGB octets, row by row without padding.
    """

    width: int
    height: int
    pages: int
    data: bytes
    crop: tuple[float, float, float, float]
    rotation: int


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """:ivar detail: why there is no picture, in PDFium's words."""

    detail: str


def main() -> None:
    """Serve requests until the input ends."""
    serve(_answer, MAX_MEMORY)


def _answer(question: bytes) -> bytes:
    return msgspec.msgpack.encode(paint(unpacked(question, PictureRequest)))


def paint(request: PictureRequest) -> PagePicture | Refusal:
    """Draw one page with what its form fields and annotations show."""
    import pypdfium2

    document: Any = None
    try:
        source = RevisionFile(request.path, request.size) if request.size else request.path
        document = pypdfium2.PdfDocument(source, autoclose=True)
        document.init_forms()
        sheet = document[request.page]
        width, height = sheet.get_size()
        wanted = request.scale or request.width / max(1.0, width)
        largest = (MAX_PIXELS / max(1.0, width * height)) ** 0.5
        bitmap = sheet.render(scale=min(wanted, largest), rev_byteorder=True, force_bitmap_format=_BGR)
        row = bitmap.width * 3
        data = bytes(bitmap.buffer)
        if bitmap.stride != row:
            data = b"".join(data[at : at + row] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))
        crop = box_of(sheet.get_cropbox())
        return PagePicture(bitmap.width, bitmap.height, len(document), data, crop, sheet.get_rotation())
    except (pypdfium2.PdfiumError, OSError, IndexError, ValueError, MemoryError) as error:
        return Refusal(str(error) or type(error).__name__)
    finally:
        if document is not None:
            document.close()


if __name__ == "__main__":
    main()
