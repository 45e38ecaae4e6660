"""Pictures of marks, as far as their headers tell (ISO/IEC 15948)."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

from app.i18n import _
from app.signing.errors import MarkImageInvalid

_OPENING: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#: Colour types with an alpha channel of their own (11.2.2); others may have a ``tRNS`` chunk before their pixels.
_WITH_ALPHA: Final = (4, 6)
_MOST_CHUNKS: Final = 100
#: Pixels across or down; a picture that has more costs memory that no print shows.
MAX_PIXELS: Final = 4000


def size(image: Path) -> tuple[int, int]:
    """Columns and rows (11.2.2).

    :raises MarkImageInvalid: it cannot be opened, is no PNG, or is too large.
    """
    with _opened(image) as stream:
        head = stream.read(24)
    columns, rows = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if not head.startswith(_OPENING) or not columns or not rows:
        raise MarkImageInvalid(path=image, why=_("it is not a PNG"))
    if max(columns, rows) > MAX_PIXELS:
        raise MarkImageInvalid(path=image, why=_("it is too large"))
    return columns, rows


def has_transparency(image: Path) -> bool:
    """Whether the picture can let the page show through.

    :raises MarkImageInvalid: it cannot be opened.
    """
    with _opened(image) as stream:
        if stream.read(26)[25:26] in map(bytes, zip(_WITH_ALPHA, strict=True)):
            return True
        stream.seek(8)
        for _chunk in range(_MOST_CHUNKS):
            length, kind = int.from_bytes(stream.read(4)), stream.read(4)
            if kind in (b"tRNS", b"IDAT", b"IEND", b""):
                return kind == b"tRNS"
            stream.seek(length + 4, 1)
    return False


def _opened(image: Path) -> IO[bytes]:
    try:
        return image.open("rb")
    except OSError as error:
        raise MarkImageInvalid(path=image, why=_("it cannot be opened")) from error
