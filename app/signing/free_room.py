"""Where on a page nothing stands yet, found on its picture, so that scans count as well as text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.documents.pages import PageNotShown, shared

if TYPE_CHECKING:
    from PIL.Image import Image

#: Side of the squares that a page is parted into, in millimetres, and pixels of the picture across one.
_SQUARE_MM: Final = 2.0
_PIXELS: Final = 4
#: Squares along the longer edge, at most; those of larger pages than A2 are larger.
_MOST_SQUARES: Final = 300
#: Brightness (of 255) below which a pixel is no paper; scanned paper is not quite white.
_PAPER: Final = 215


def find(
    source: Path, page: int, size_mm: tuple[float, float], room_mm: tuple[float, float], beside_mm: tuple[float, float]
) -> tuple[float, float] | None:
    """The free place nearest to a wanted one.

    :param page: zero-based.
    :param size_mm: width and height of the page as shown.
    :param room_mm: width and height that are to be free.
    :param beside_mm: wanted distance from the left and upper edges.
    :return: distance from the left and upper edges in millimetres; None where nothing so large is free, or the page
        cannot be drawn.
    """
    from PIL import Image

    from app.documents.page_painter import PictureRequest

    side = max(_SQUARE_MM, max(size_mm) / _MOST_SQUARES)
    columns, rows = (int(edge / side) for edge in size_mm)
    wide, high = (math.ceil(edge / side) for edge in room_mm)
    if columns < wide or rows < high:
        return None
    try:
        drawn = shared.paint(PictureRequest(source.absolute(), page, width=round(size_mm[0] / side * _PIXELS)))
    except PageNotShown:
        return None
    image = Image.frombytes("RGB", (drawn.width, drawn.height), drawn.data)
    inked = _sums(_squares(image, columns, rows))
    best: tuple[float, float, float] | None = None
    for left, top in _places(columns - wide, rows - high):
        right, low = left + wide, top + high
        if inked[low][right] - inked[top][right] - inked[low][left] + inked[top][left] == 0:
            across, down = left * side, top * side
            far = (across - beside_mm[0]) ** 2 + (down - beside_mm[1]) ** 2
            if best is None or far < best[0]:
                best = far, across, down
    return None if best is None else best[1:]


def _places(columns: int, rows: int) -> Iterator[tuple[int, int]]:
    return ((left, top) for top in range(rows + 1) for left in range(columns + 1))


def _squares(image: Image, columns: int, rows: int) -> list[list[int]]:
    """For each square, row by row, whether anything stands in it."""
    from PIL import Image as Images
    from PIL import ImageFilter

    inked = image.convert("L").point([255 if level < _PAPER else 0 for level in range(256)])
    inked = inked.resize((columns * _PIXELS, rows * _PIXELS), Images.Resampling.NEAREST)
    spread = inked.filter(ImageFilter.MaxFilter(3)).reduce(_PIXELS)
    levels = spread.tobytes()
    return [[int(level > 0) for level in levels[row * columns : (row + 1) * columns]] for row in range(rows)]


def _sums(squares: list[list[int]]) -> list[list[int]]:
    """How many squares above and left of each corner have something in them."""
    sums = [[0] * (len(squares[0]) + 1)]
    for row in squares:
        sums.append([above + own for above, own in zip(sums[-1], [0, *accumulate(row)], strict=True)])
    return sums
