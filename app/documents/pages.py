"""Pages of a PDF as pictures, for looking at before signing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.documents import pdfium
from app.errors import AntinError, from_os_error
from app.i18n import N_

#: The largest picture made, in pixels; a larger scale is reduced to it, so that no page of absurd size eats the memory.
MAX_PIXELS = 24_000_000


class PageNotShown(AntinError):
    code = "page-not-shown"
    message_id = N_("Page {page} of {path} cannot be shown: {detail}")
    hint_id = N_("Open the file in another program to look at it before you sign.")


def count(path: Path) -> int:
    """How many pages a PDF has.

    :raises PageNotShown: damaged, encrypted or no PDF.
    """
    with _opened(path, 0) as document:
        return len(document)


def size(path: Path, page: int) -> tuple[float, float]:
    """Width and height of a page as shown, in PDF points (1/72 inch).

    :param page: zero-based.
    :raises PageNotShown: damaged, encrypted, no PDF, or no such page.
    """
    with _opened(path, page) as document:
        width, height = document[page].get_size()
        return float(width), float(height)


def render(path: Path, page: int, scale: float) -> tuple[int, int, bytes]:
    """A page as a picture, with what its form fields and annotations show.

    :param page: zero-based.
    :param scale: pixels a PDF point (1/72 inch).
    :return: width and height in pixels, and RGB octets, row by row without padding.
    :raises PageNotShown: damaged, encrypted, no PDF, or no such page.
    """
    with _opened(path, page) as document:
        document.init_forms()
        sheet = document[page]
        width, height = sheet.get_size()
        largest = (MAX_PIXELS / max(1.0, width * height)) ** 0.5
        bitmap = sheet.render(scale=min(scale, largest), rev_byteorder=True, force_bitmap_format=_BGR)
        row = bitmap.width * 3
        data = bytes(bitmap.buffer)
        if bitmap.stride != row:
            data = b"".join(data[at : at + row] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))
        return bitmap.width, bitmap.height, data


@contextmanager
def _opened(path: Path, page: int) -> Iterator[Any]:
    """The document, with PDFium to itself: it serves one thread at a time."""
    import pypdfium2

    with pdfium.LOCK:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise PageNotShown(page=page + 1, path=path.name, detail=str(error)) from error
        except OSError as error:
            raise from_os_error(error, path) from error
        try:
            yield document
        except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
            raise PageNotShown(page=page + 1, path=path.name, detail=str(error)) from error
        finally:
            document.close()


#: ``FPDFBitmap_BGR`` of PDFium: three octets a pixel.
_BGR = 2
