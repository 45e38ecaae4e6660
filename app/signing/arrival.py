"""The stamp “ĐẾN” of a document that has arrived (Decree 30/2020, article 21, clause 1.c, and appendix IV, V): a frame
of 50 by 35 millimetres with the agency's name, the number and the day of arrival, drawn as letters and lines."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Final

from app.signing import typeface
from app.signing.model import ArrivalStamp

#: Width and height in millimetres.
SIZE_MM: Final = (50.0, 35.0)
#: The ink: red, in parts of full light.
_INK: Final = b"0.75 0.06 0.10"
#: All below are parts of the stamp's height: thickness of the lines, space beside words, type sizes.
_LINE, _SPACE, _LARGE, _SMALL = 0.012, 0.05, 0.17, 0.105
#: Lower edges of the agency's row and of the rows beside the large word, from above.
_HEAD, _ROWS = 0.28, (0.52, 0.76)
#: The large word's part of the width.
_WORD: Final = 0.32
#: Letters of a name that stand on one line.
_ONE_LINE: Final = 24

#: The words of the decree's own form, in the language of the document whatever that of the screen.
_ARRIVED, _NUMBER, _DAY, _PASSED_TO = "ĐẾN", "Số:", "Ngày:", "Chuyển:"


def content(stamp: ArrivalStamp, width: float, height: float) -> tuple[bytes, str]:
    """Operators that draw the stamp, and the letters its font ``/T`` must have.

    :param width, height: of the stamp, in units of user space.
    :raises app.signing.pdf_errors.MarkTextUnprintable: the font lacks a letter of a name.
    """
    agency = unicodedata.normalize("NFC", stamp.agency).upper()
    number, date = f"{_NUMBER} {stamp.number}", f"{_DAY} {stamp.date}"
    thickness, space = _LINE * height, _SPACE * height
    column = _WORD * width
    head, first, second = (height * (1 - edge) for edge in (_HEAD, *_ROWS))
    lines = [
        b"%.3f %.3f %.3f %.3f re" % (thickness / 2, thickness / 2, width - thickness, height - thickness),
        b"0 %.3f m %.3f %.3f l" % (head, width, head),
        b"0 %.3f m %.3f %.3f l" % (second, width, second),
        b"%.3f %.3f m %.3f %.3f l" % (column, second, column, head),
        b"%.3f %.3f m %.3f %.3f l" % (column, first, width, first),
    ]

    def words(
        text: str, size: float, left: float, low: float, right: float, top: float, at: typeface.Alignment
    ) -> bytes:
        line = typeface.line(text, size * height, right - left - 2 * space, top - low, at, ink=_INK + b" rg")
        return b"q 1 0 0 1 %.3f %.3f cm %s Q" % (left + space, low, line)

    parts = _halves(agency)
    size = _SMALL if len(parts) == 1 else _SMALL * 0.9
    rows = [head + index * (height - head) / len(parts) for index in range(len(parts) + 1)]
    drawn = [
        b"q %s RG %.3f w" % (_INK, thickness),
        *lines,
        b"S",
        *(
            words(part, size, 0, low, width, top, "centre")
            for part, (low, top) in zip(reversed(parts), pairwise(rows), strict=True)
        ),
        words(_ARRIVED, _LARGE, 0, second, column, head, "centre"),
        words(number, _SMALL, column, first, width, head, "left"),
        words(date, _SMALL, column, second, width, first, "left"),
        words(_PASSED_TO, _SMALL, 0, 0, width, second, "left"),
        b"Q",
    ]
    return b"\n".join(drawn), "".join((agency, _ARRIVED, number, date, _PASSED_TO))


def _halves(text: str) -> list[str]:
    """A long name on two lines of about the same length."""
    if len(text) <= _ONE_LINE or " " not in text:
        return [text]
    blanks = [position for position, letter in enumerate(text) if letter == " "]
    middle = min(blanks, key=lambda position: abs(2 * position - len(text)))
    return [text[:middle], text[middle + 1 :]]
