"""The blanks that a document leaves for its number and date (Decree 30/2020, appendix I, part I, II.3 and II.4).

Both stand in the head of page one: ``Số:      /QĐ-UBND`` at its left, ``…, ngày      tháng      năm …`` at its right.
The person who signs leaves them open; whoever issues the document fills them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from app.documents.text import clean, spelling_key


class Word(msgspec.Struct, frozen=True, gc=False):
    """Letters without a blank between them.

    :ivar left, right, middle: in units of user space, as the page is shown (:meth:`app.documents.sheet.Sheet.upright`).
    :ivar height: of its line.
    :ivar position: of its first letter among the page's.
    """

    text: str
    left: float
    right: float
    middle: float
    height: float
    position: int


@dataclass(frozen=True)
class Blank:
    """Room left for a few digits.

    :ivar page: zero-based.
    :ivar left, right, baseline: in units of user space from the lower left corner of the medium, as the page is shown
        (:meth:`app.documents.sheet.Sheet.upright`).
    """

    page: int
    left: float
    right: float
    baseline: float


@dataclass(frozen=True)
class Blanks:
    """What a document leaves open; None where it does not, or has no room for it.

    :ivar printed_month, printed_year: what of a date that is left open in part stands there already; None where it is
        open as well.
    """

    number: Blank | None = None
    day: Blank | None = None
    month: Blank | None = None
    year: Blank | None = None
    printed_month: int | None = None
    printed_year: int | None = None

    def __bool__(self) -> bool:
        return any((self.number, self.day, self.month, self.year))


NO_BLANKS: Final = Blanks()


@dataclass(frozen=True)
class Gap:
    """A blank whose baseline is still to be measured.

    :ivar beside: position of a letter on the same line.
    """

    left: float
    right: float
    beside: int


#: Two digits of the words beside: what has less room was never meant to be filled. All in heights of the line.
_LEAST = 1.06
#: Room for four digits where nothing follows on the line.
_YEAR = 2.45
#: Distance kept from the words beside a blank.
_AIR = 0.08
_DOTS = re.compile(r"^[.…_]+$")
_NUMBER = re.compile(r"^Số:?[.…_]*$", re.IGNORECASE)
_FIRST = frozenset("SsNn")
_AROUND = ",.…_"
_WORDS = tuple(map(spelling_key, ("ngày", "tháng", "năm")))


def any_opens(texts: Iterable[str]) -> bool:
    """Whether a blank may follow one of some words; only the lines of such words are of use to :func:`find`.

    :param texts: of the words, as the document has them.
    """
    return any((text[:1] in _FIRST or not text.isprintable()) and _opens(text) for text in texts)


@lru_cache(maxsize=4096)
def _opens(text: str) -> bool:
    word = clean(text)
    return _NUMBER.match(word) is not None or _key(word) == _WORDS[0]


def line_of(middle: float, height: float) -> tuple[float, float]:
    """Between which heights the middles of the words are that stand on the line of one."""
    return middle - height * 0.4, middle + height * 0.4


def find(words: Sequence[Word]) -> dict[str, Gap]:
    """The blanks of page one by the names of :class:`Blanks`.

    :param words: of the upper half of the page, in any order; at least those on the lines of words that open a blank.
    """
    head = _head(words)
    gaps: dict[str, Gap] = {}
    for word in [word for word in head if word.text[:1] in _FIRST]:
        if word.text[:1] in "Ss" and "number" not in gaps and _NUMBER.match(word.text):
            following = _beside(head, word)
            if following and following[0].text == ":":
                word, following = following[0], following[1:]
            if following and re.match(r"^[/\-–]\s*[^\W\d_]", following[0].text):
                _put(gaps, "number", word, following[0])
        if word.text[:1] in "Nn" and not {"day", "month", "year"} & gaps.keys() and _key(word.text) == _WORDS[0]:
            _date(gaps, word, _beside(head, word))
    return gaps


def printed(words: Sequence[Word]) -> tuple[int | None, int | None]:
    """Month and year that stand beside the blanks of a date; None where there are none, or a blank.

    :param words: as those of :func:`find`.
    """
    head = _head(words)
    for word in head:
        if word.text[:1] not in "Nn" or _key(word.text) != _WORDS[0]:
            continue
        following, left_open = _beside(head, word), dict[str, Gap]()
        _date(left_open, word, following)
        places = _month_and_year(following)
        if left_open and places is not None:
            at, then = places
            return _value(following[at + 1 : then]), _value(following[then + 1 :])
    return None, None


def _value(words: Sequence[Word]) -> int | None:
    """The number that words begin with."""
    text = words[0].text.strip(_AROUND) if words else ""
    return int(text) if text.isdecimal() and len(text) <= 4 else None


def _head(words: Sequence[Word]) -> list[Word]:
    """The words without rows of dots, line by line."""
    head = [word for word in words if not _DOTS.match(word.text)]
    head.sort(key=lambda word: (-word.middle, word.left))
    return head


def _month_and_year(following: Sequence[Word]) -> tuple[int, int] | None:
    """Where the words ``tháng`` and ``năm`` stand among those after ``ngày``; None where they do not follow it."""
    keys = [_key(word.text) for word in following]
    if _WORDS[1] not in keys or _WORDS[2] not in keys[keys.index(_WORDS[1]) :]:
        return None
    at = keys.index(_WORDS[1])
    return at, keys.index(_WORDS[2], at)


def _date(gaps: dict[str, Gap], day: Word, following: Sequence[Word]) -> None:
    """The blanks of a date; none where the words of one do not follow one another."""
    places = _month_and_year(following)
    if places is None:
        return
    at, then = places
    month, year = following[at], following[then]
    if at == 0:
        _put(gaps, "day", day, month)
    if then == at + 1:
        _put(gaps, "month", month, year)
    if then == len(following) - 1:
        left = year.right + _AIR * year.height
        gaps["year"] = Gap(left, left + _YEAR * year.height, year.position)


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return spelling_key(text.strip(_AROUND))


def _beside(words: Sequence[Word], word: Word) -> list[Word]:
    """The words that follow on the same line, from left to right, up to the edge of a column.

    :param words: from the top.
    """
    low, high = line_of(word.middle, word.height)
    begin, end = bisect_right(words, -high, key=_depth), bisect_left(words, -low, key=_depth)
    line = [other for other in words[begin:end] if other.left >= word.right - 1]
    found: list[Word] = []
    right = word.right
    for other in sorted(line, key=lambda other: other.left):
        if other.left - right > word.height * 6:
            break
        found.append(other)
        right = other.right
    return found


def _depth(word: Word) -> float:
    return -word.middle


def _put(gaps: dict[str, Gap], name: str, before: Word, after: Word) -> None:
    air = _AIR * before.height
    if after.left - before.right >= _LEAST * before.height + 2 * air:
        gaps[name] = Gap(before.right + air, after.left - air, before.position)
