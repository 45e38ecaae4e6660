"""A QR code (ISO/IEC 18004) as squares of a page's content: sharp at every size, and it needs no picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

#: Modules left white around the code (ISO/IEC 18004, 9.1).
QUIET: Final = 4


@lru_cache(maxsize=64)
def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """The modules, row by row from above, without the white around them; error correction M or better."""
    import segno

    code = segno.make_qr(text, error="m")
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def content(text: str, left: float, bottom: float, side: float) -> bytes:
    """Operators that paint the code, quiet zone included, black on white.

    :param left, bottom, side: of the square, in units of user space.
    """
    rows = matrix(text)
    module = side / (len(rows) + 2 * QUIET)
    squares = [b"q 1 g %.3f %.3f %.3f %.3f re f 0 g" % (left, bottom, side, side)]
    for number, row in enumerate(rows):
        low = bottom + side - (number + QUIET + 1) * module
        for first, length in _runs(row):
            across = left + (first + QUIET) * module
            squares.append(b"%.4f %.4f %.4f %.4f re" % (across, low, length * module, module))
    return b"\n".join([*squares, b"f Q"])


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """First and length of each run of dark modules."""
    found: list[tuple[int, int]] = []
    for position, dark in enumerate(row):
        if dark and found and sum(found[-1]) == position:
            found[-1] = found[-1][0], found[-1][1] + 1
        elif dark:
            found.append((position, 1))
    return found
