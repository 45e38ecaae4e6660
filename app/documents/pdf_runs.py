"""Characters of a PDF page put together to words and to runs of a line, with their places.

PDFium tells the text of a page at once, the place of each letter for a price: where the letters of a word stand as
usual, the first and the last tell where it stands.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate, repeat
from math import inf
from typing import Any, Final, NamedTuple

import msgspec

from app.documents.sheet import Box, Sheet

#: Characters read of a page; a dense A4 page has 6000.
_MAX_CHARACTERS: Final = 12_000
#: Blank between words of one line, in parts of the line's height; more parts two columns.
COLUMN_GAP: Final = 1.6
WORD_GAP: Final = 0.18
#: Middles of letters of one line lie no further apart, in the same parts.
_OFF: Final = 0.45
#: What fills a blank to be written on; words end there.
_DOTS: Final = ".…_"
_BOLD_WEIGHT: Final = 600
#: Octets of the name of a font.
_MAX_NAME: Final = 128
_BOLD_NAME: Final = re.compile(r"bold|black|heavy", re.IGNORECASE)
#: NUL is what PDFium says of a character that is none.
_WORD: Final = re.compile(rf"([^\s\0{_DOTS}]+|[{_DOTS}])")
#: What the text of a page has in the place of a character that may be another one: a hyphen at the end of a line.
_UNSURE: Final = re.compile("[\u0001-\u0008\u000e-\u001b\ufffe\uffff]")
#: Letters within words that reach further up or down than others: capitals with a mark, a mark upon a mark, a tail, a
#: dot below.
_TALL_INSIDE: Final = re.compile(
    "[À-ÖØ-ÞĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸấầẩẫắằẳẵếềểễốồổỗgjpqyạặậẹệịọộợụựỵ]"
    r"(?<![\s\0].)(?![\s\0])"
)
#: Width of a letter, in parts of the line's height; a wider word has letters elsewhere.
_WIDEST: Final = 1.5
#: Height of the marks of a letter, in the same parts.
_MARK: Final = 0.2
#: Words put together at once; a line has fewer.
_AT_ONCE: Final = 50


class _Edges(NamedTuple):
    """Of some letters or words."""

    lefts: list[float]
    bottoms: list[float]
    rights: list[float]
    tops: list[float]

    def of(self, part: slice) -> _Edges:
        return _Edges(self.lefts[part], self.bottoms[part], self.rights[part], self.tops[part])


class Letters(msgspec.Struct, gc=False):
    """Characters without a blank between them; ``position`` is that of the first on the page."""

    text: str
    left: float
    right: float
    position: int


@dataclass(slots=True)
class Run:
    """Characters that follow one another on a line.

    :ivar bold: None where the font does not tell.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    bold: bool | None
    words: list[Letters] = field(default_factory=list)

    def goes_on(self, letter: str, box: Box) -> bool:
        """Take the usual next letter, as high as the run and close to the word before it; False for any other."""
        left, bottom, right, top = box
        word, size = self.words[-1], top - bottom
        if (
            top != self.top
            or bottom != self.bottom
            or left - word.right > size * WORD_GAP
            or left - self.right <= -size
            or size < 1.0
            or letter in _DOTS
            or word.text[-1] in _DOTS
        ):
            return False
        self.extend(letter, right)
        return True

    def joins(self, left: float, bottom: float, top: float) -> float:
        """The blank that parts words here, where a letter that begins there goes on with this run; else 0."""
        height, own = self.top - self.bottom, top - bottom
        size = height if height > own else own
        size = size if size > 1.0 else 1.0
        off = (top + bottom - self.top - self.bottom) / 2
        near = -size * _OFF <= off <= size * _OFF and -size < left - self.right < size * COLUMN_GAP
        return size * WORD_GAP if near else 0.0

    def add(self, letter: str, box: Box, at: int, *, apart: bool) -> None:
        """A letter that goes on with this run.

        :param at: its position on the page. :param apart: it begins another word.
        """
        left, _bottom, right, _top = box
        word = self.words[-1]
        if apart or (letter in _DOTS) != (word.text[-1] in _DOTS):
            self.words.append(Letters("", left, right, at))
        self.extend(letter, right)
        self.make_room(box)

    def extend(self, letters: str, right: float) -> None:
        """More letters of the last word, which reach to there."""
        word = self.words[-1]
        word.text += letters
        self.text += letters
        if right > word.right:
            word.right = right
        if right > self.right:
            self.right = right

    def make_room(self, box: Box) -> None:
        """Be as high as a letter."""
        if box[3] > self.top:
            self.top = box[3]
        if box[1] < self.bottom:
            self.bottom = box[1]

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def read_runs(text_page: Any, sheet: Sheet | None) -> list[Run]:
    """The runs of a page in the order of its content.

    :param text_page: a ``pypdfium2.PdfTextPage``.
    :param sheet: a turned page, so that its lines are upright.
    """
    return _Page(text_page, sheet).runs()


class _Words(NamedTuple):
    """The words of a page in the order of its content; each list has an entry for each of them.

    :ivar starts, stops: positions of the first letter, and of what is behind the last.
    :ivar before: what stands between the word and the one before.
    :ivar usual: whether the first and the last letter stand on one line, not further apart than letters are. Those of
        one font and size differ by their marks. A letter alone always does; each dot is a word of its own.
    :ivar follows: whether a usual word comes after one blank, close to the word before it and not reaching less far;
        False at the end.
    :ivar letters: of each word, with how far it reaches. :ivar bottoms, tops: edges of the first letter.
    :ivar lows, highs: how far down and up the word reaches. These five are of use for a usual word only.
    """

    starts: list[int]
    stops: list[int]
    before: list[str]
    usual: list[bool]
    follows: list[bool]
    letters: list[Letters]
    bottoms: list[float]
    tops: list[float]
    lows: list[float]
    highs: list[float]


class _Page:
    def __init__(self, text_page: Any, sheet: Sheet | None) -> None:
        import pypdfium2.raw

        self._pdfium: Any = pypdfium2.raw
        self._handle, self._sheet = text_page.raw, sheet
        self._argument = ctypes.byref(self._handle.contents)
        self._count = min(text_page.count_chars(), _MAX_CHARACTERS)
        self._name, self._name_size = ctypes.create_string_buffer(_MAX_NAME), ctypes.c_ulong(_MAX_NAME)
        self._runs: list[Run] = []

    def runs(self) -> list[Run]:
        text = self._text()
        words = self._words_of(text)
        run: Run | None = None
        index = 0
        while index < len(words.starts):
            start, stop = words.starts[index], words.stops[index]
            between, parted = words.before[index], False
            if between == " ":
                parted = True
            elif between:
                parted = between.strip("\r\n\0") != ""
                if "\n" in between or "\r" in between:
                    run = None
            if parted and run is not None:
                run.text += " "
            if words.usual[index]:
                run = self._add_word(run, words, index, parted)
            else:
                run = self._add_one_by_one(run, text[start:stop], start, parted)
            index += 1
            if run is not None:
                index = _take(run, text, words, index)
        return self._runs

    def _text(self) -> str:
        """The characters by their position; NUL where there is none."""
        count = self._count
        content = ctypes.create_string_buffer(2 * (count + 1))
        units = ctypes.cast(content, ctypes.POINTER(ctypes.c_ushort))
        written = self._pdfium.FPDFText_GetText(self._handle, 0, count, units)
        text = content.raw[: 2 * max(0, written - 1)].decode("utf-16-le", "surrogatepass")
        if len(text) == count and not _UNSURE.search(text):
            return text
        codes = (self._pdfium.FPDFText_GetUnicode(self._handle, position) for position in range(count))
        return "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)

    def _words_of(self, text: str) -> _Words:
        """The words with their places: of each the first and the last letter's, and of those that reach further up or
        down; of words beside dots, where something is to be written in, each letter's."""
        pieces = _WORD.split(text)
        ends = list(accumulate(map(len, pieces)))
        starts, stops = ends[:-1:2], ends[1::2]
        before, parts = pieces[:-1:2], pieces[1::2]
        inner = [found.start() for found in _TALL_INSIDE.finditer(text)]
        for index, between in enumerate(before):
            if index and not between and stops[index] - starts[index - 1] > 2:
                inner += range(starts[index - 1], stops[index])
        count = len(parts)
        edges = self._edges_of([*starts, *(stop - 1 for stop in stops), *inner])
        if edges is None:
            return _Words(starts, stops, before, [False] * count, [False] * (count + 1), [], [], [], [], [])
        first, last, others = (edges.of(slice(*part)) for part in ((0, count), (count, 2 * count), (2 * count, None)))
        usual = _usual(parts, first, last)
        reached = first._replace(rights=_greater(first.rights, last.rights))
        lows, highs = _lesser(first.bottoms, last.bottoms), _greater(first.tops, last.tops)
        for position, low, high in zip(inner, others.bottoms, others.tops, strict=True):
            index = bisect(starts, position) - 1
            if low < lows[index]:
                lows[index] = low
            if high > highs[index]:
                highs[index] = high
        return _Words(
            starts,
            stops,
            before,
            usual,
            [*_follows(usual, before, reached), False],
            list(map(Letters, parts, reached.lefts, reached.rights, starts)),
            first.bottoms,
            first.tops,
            lows,
            highs,
        )

    def _edges_of(self, positions: Sequence[int]) -> _Edges | None:
        """Left, lower, right and upper edges of letters: PDFium is asked for each, the answers are read all at once.

        :return: None where it does not know one of them.
        """
        count = len(positions)
        answers, places = _room_for(1 << count.bit_length())
        ask = _plain("FPDFText_GetLooseCharBox")
        if not all(map(ask, repeat(self._argument), positions, places)):
            return None
        # An FS_RECTF is left, top, right, bottom.
        left, top, right, bottom = (answers[at : 4 * count : 4].tolist() for at in range(4))
        if self._sheet is None or not positions:
            return _Edges(left, bottom, right, top)
        turned = map(self._sheet.upright, zip(left, bottom, right, top, strict=True))
        return _Edges(*map(list, zip(*turned, strict=True)))

    def _boxes_of(self, positions: Sequence[int]) -> list[Box | None]:
        """The place of each of some letters; None of one that PDFium does not know."""
        edges = self._edges_of(positions)
        if edges is not None:
            return list(zip(*edges, strict=True))
        return [None if (own := self._edges_of([one])) is None else next(zip(*own, strict=True)) for one in positions]

    def _add_word(self, run: Run | None, words: _Words, index: int, parted: bool) -> Run:
        """A usual word.

        :param run: where it may go on. :param parted: there was a blank before it.
        :return: the run that it is in.
        """
        word, low, high = words.letters[index], words.lows[index], words.highs[index]
        first = word.left, words.bottoms[index], word.right, words.tops[index]
        run = self._add_letters(run, word.text, first, word.position, parted)
        run.make_room((word.left, low, word.right, high))
        return run

    def _add_one_by_one(self, run: Run | None, word: str, start: int, parted: bool) -> Run | None:
        """:meth:`_add_word` of one whose letters do not stand as usual."""
        letters = range(start, start + len(word))
        for position, letter, box in zip(letters, word, self._boxes_of(letters), strict=True):
            if box is not None:
                run = self._add_letters(run, letter, box, position, parted)
                parted = False
        return run

    def _add_letters(self, run: Run | None, letters: str, box: Box, position: int, parted: bool) -> Run:
        left, bottom, right, top = box
        if run is not None and not parted and run.goes_on(letters, box):
            return run
        if run is not None and (size := run.joins(left, bottom, top)):
            run.add(letters, box, position, apart=parted or left - run.words[-1].right > size)
            return run
        run = Run(letters, left, bottom, right, top, self._is_bold(position), [Letters(letters, left, right, position)])
        self._runs.append(run)
        return run

    def _is_bold(self, position: int) -> bool | None:
        length = _plain("FPDFText_GetFontInfo")(self._argument, position, self._name, self._name_size, None)
        if length > 1 and _is_bold_name(self._name.value):
            return True
        weight = _plain("FPDFText_GetFontWeight")(self._argument, position)
        return bool(weight >= _BOLD_WEIGHT) if weight > 0 else (False if length > 1 else None)


@cache
def _plain(name: str) -> Callable[..., int]:
    """A function of PDFium's that takes its arguments as they are: to check and make objects of C for each took longer
    than the answers, which are asked for most letters of a page.

    :return: of whole numbers of C's ``int``, ``None`` for no address, and objects of :mod:`ctypes`.
    """
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    return ctypes.PYFUNCTYPE(ctypes.c_int)(ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value or 0)


@lru_cache(maxsize=16)
def _room_for(count: int) -> tuple[Any, list[Any]]:
    """A :class:`memoryview` of the numbers of so many ``FS_RECTF``, and each of these as an argument."""
    answers = (ctypes.c_float * (4 * count))()
    size = 4 * ctypes.sizeof(ctypes.c_float)
    return memoryview(answers).cast("B").cast("f"), [ctypes.byref(answers, size * at) for at in range(count)]


@lru_cache(maxsize=256)
def _is_bold_name(name: bytes) -> bool:
    return _BOLD_NAME.search(name.decode("utf-8", "replace")) is not None


def _lesser(some: Sequence[float], others: Sequence[float]) -> list[float]:
    return [one if one < other else other for one, other in zip(some, others, strict=True)]


def _greater(some: Sequence[float], others: Sequence[float]) -> list[float]:
    return [one if one > other else other for one, other in zip(some, others, strict=True)]


def _usual(parts: Sequence[str], first: _Edges, last: _Edges) -> list[bool]:
    """See :class:`_Words`.

    :param parts: the words. :param first, last: the edges of the first and of the last letter of each.
    """
    return [
        len(part) == 1
        or (
            (size := top - bottom) >= 1.0
            and -(mark := size * _MARK) < bottom - last_bottom < mark
            and -mark < top - last_top < mark
            and left <= last_left
            and last_right - left <= len(part) * size * _WIDEST
        )
        for part, left, bottom, top, last_left, last_bottom, last_right, last_top in zip(
            parts, first.lefts, first.bottoms, first.tops, *last, strict=True
        )
    ]


def _follows(usual: Sequence[bool], before: Sequence[str], edges: _Edges) -> list[bool]:
    """See :class:`_Words`.

    :param edges: those of the first letter of each word, but on the right how far it reaches.
    """
    lefts, bottoms, rights, tops = edges
    return [
        own and between == " " and reached <= right and -(size := top - bottom) < left - reached < size * COLUMN_GAP
        for own, between, reached, left, bottom, right, top in zip(
            usual, before, [inf, *rights], lefts, bottoms, rights, tops, strict=False
        )
    ]


def _take(run: Run, text: str, words: _Words, index: int) -> int:
    """Let a run take the words that follow as usual, all of a line at once.

    It comes to what :meth:`Run.joins`, :meth:`Run.add` and :meth:`Run.make_room` do of each, but most words of a page
    come here. Where it is not plain that all of them go on with the run, none is taken.

    :param text: of the page. :param index: of the first word that may follow.
    :return: of the first that was not taken.
    """
    stop = min(words.follows.index(False, index), index + _AT_ONCE)
    if stop == index or run.right != words.letters[index - 1].right:
        return index
    part = slice(index, stop)
    bottom, top = min(run.bottom, *words.lows[part]), max(run.top, *words.highs[part])
    off = top - min(run.top, *words.tops[part]) + max(run.bottom, *words.bottoms[part]) - bottom
    if off > 2 * _OFF * run.height:
        return index
    run.words += words.letters[part]
    run.text += text[words.stops[index - 1] : words.stops[stop - 1]]
    run.right, run.bottom, run.top = run.words[-1].right, bottom, top
    return stop
