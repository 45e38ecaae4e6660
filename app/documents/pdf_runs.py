"""Characters of a PDF page put together to words and to runs of a line, with their places.

PDFium tells the text of a page at once, the place of each letter for a price: where the letters of a word stand as
usual, the first and the last tell where it stands.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, compress, repeat
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
_DOTTED: Final = re.compile(f"[{re.escape(_DOTS)}]")
_BOLD_WEIGHT: Final = 600
#: Octets of the name of a font.
_MAX_NAME: Final = 128
_BOLD_NAME: Final = re.compile(r"bold|black|heavy", re.IGNORECASE)
#: NUL is what PDFium says of a character that is none.
_WORD: Final = re.compile(r"[^\s\0]+")
#: What the text of a page has in the place of a character that may be another one: a hyphen at the end of a line.
_UNSURE: Final = re.compile("[\u0001-\u0008\u000e-\u001b\ufffe\uffff]")
#: Letters that reach further up or down than others: capitals with a mark, a mark upon a mark, a tail, a dot below.
_TALL: Final = re.compile(
    "[À-ÖØ-ÞĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸấầẩẫắằẳẵếềểễốồổỗgjpqyạặậẹệịọộợụựỵ]"
)
#: Width of a letter, in parts of the line's height; a wider word has letters elsewhere.
_WIDEST: Final = 1.5
#: Height of the marks of a letter, in the same parts.
_MARK: Final = 0.2

_Edges = tuple[list[float], list[float], list[float], list[float]]


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


class _Places(NamedTuple):
    """Where some letters of a page are.

    :ivar before: how many of them come before each position of the page, and before its end.
    :ivar lefts, bottoms, rights, tops: edges of each.
    """

    before: list[int]
    lefts: list[float]
    bottoms: list[float]
    rights: list[float]
    tops: list[float]

    def boxes(self, start: int, stop: int) -> list[Box]:
        """Of those of the letters that stand between two positions."""
        part = slice(self.before[start], self.before[stop])
        return list(zip(self.lefts[part], self.bottoms[part], self.rights[part], self.tops[part], strict=True))


class _Page:
    def __init__(self, text_page: Any, sheet: Sheet | None) -> None:
        import pypdfium2.raw

        self._pdfium: Any = pypdfium2.raw
        self._handle, self._sheet = text_page.raw, sheet
        self._count = min(text_page.count_chars(), _MAX_CHARACTERS)
        self._name, self._flags = ctypes.create_string_buffer(_MAX_NAME), ctypes.c_int()
        self._runs: list[Run] = []

    def runs(self) -> list[Run]:
        text = self._text()
        words = [found.span() for found in _WORD.finditer(text)]
        starts = [start for start, _ in words]
        dotted = {bisect(starts, dot.start()) - 1 for dot in _DOTTED.finditer(text)}
        places = self._places_of(_asked(text, words, dotted))
        usual = _usual(words, dotted, places)
        run: Run | None = None
        index, end = 0, 0
        while index < len(words):
            start, stop = words[index]
            between, parted = text[end:start], False
            if between == " ":
                parted = True
            elif between:
                parted = between.strip("\r\n\0") != ""
                if "\n" in between or "\r" in between:
                    run = None
            if parted and run is not None:
                run.text += " "
            if usual[index] and stop - start > 1:
                run = self._add_word(run, text[start:stop], start, parted, places)
            else:
                run = self._add_letters(run, text[start:stop], start, parted, places)
            index += 1
            if run is not None:
                index = _take(run, text, words, usual, index, places)
            end = words[index - 1][1]
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

    def _places_of(self, asked: bytearray) -> _Places:
        """The places of some letters; of none where PDFium does not know all of them.

        :param asked: 1 for each of these letters, by their position.
        """
        edges = self._edges_of(list(compress(range(len(asked)), asked)))
        if edges is None:
            asked, edges = bytearray(len(asked)), ([], [], [], [])
        return _Places(list(accumulate(asked, initial=0)), *edges)

    def _edges_of(self, positions: Sequence[int]) -> _Edges | None:
        """Left, lower, right and upper edges of letters: PDFium is asked for each, the answers are read all at once.

        :return: None where it does not know one of them.
        """
        answers = (ctypes.c_float * (4 * len(positions)))()
        begin = ctypes.addressof(answers)
        places = range(begin, begin + 16 * len(positions), 16)
        handle = ctypes.cast(self._handle, ctypes.c_void_p).value
        if not all(map(_loose_box(), repeat(handle), positions, places)):
            return None
        edges: list[float] = list(memoryview(answers).cast("B").cast("f"))
        # An FS_RECTF is left, top, right, bottom.
        found = edges[0::4], edges[3::4], edges[2::4], edges[1::4]
        if self._sheet is None or not positions:
            return found
        left, bottom, right, top = zip(*map(self._sheet.upright, zip(*found, strict=True)), strict=True)
        return list(left), list(bottom), list(right), list(top)

    def _boxes_of(self, positions: Sequence[int]) -> list[Box | None]:
        """The place of each of some letters; None of one that PDFium does not know."""
        edges = self._edges_of(positions)
        if edges is not None:
            return list(zip(*edges, strict=True))
        return [None if (own := self._edges_of([one])) is None else next(zip(*own, strict=True)) for one in positions]

    def _add_word(self, run: Run | None, word: str, start: int, parted: bool, places: _Places) -> Run:
        """Letters that follow one another in the text and stand as usual.

        :param run: where they may go on. :param parted: there was a blank before them.
        :return: the run that the last of them is in.
        """
        first, *others = places.boxes(start, start + len(word))
        run = self._add_letter(run, word[0], first, start, parted)
        run.extend(word[1:], others[-1][2])
        for box in others:
            run.make_room(box)
        return run

    def _add_letters(self, run: Run | None, word: str, start: int, parted: bool, places: _Places) -> Run | None:
        """:meth:`_add_word` of one whose letters do not stand as usual, or are parted by dots."""
        letters = range(start, start + len(word))
        boxes: Sequence[Box | None] = places.boxes(letters.start, letters.stop)
        if len(boxes) < len(letters):
            boxes = self._boxes_of(letters)
        for position, letter, box in zip(letters, word, boxes, strict=True):
            if box is not None:
                run = self._add_letter(run, letter, box, position, parted)
                parted = False
        return run

    def _add_letter(self, run: Run | None, letter: str, box: Box, position: int, parted: bool) -> Run:
        left, bottom, right, top = box
        if run is not None and not parted and run.goes_on(letter, box):
            return run
        if run is not None and (size := run.joins(left, bottom, top)):
            run.add(letter, box, position, apart=parted or left - run.words[-1].right > size)
            return run
        run = Run(letter, left, bottom, right, top, self._is_bold(position), [Letters(letter, left, right, position)])
        self._runs.append(run)
        return run

    def _is_bold(self, position: int) -> bool | None:
        length = self._pdfium.FPDFText_GetFontInfo(self._handle, position, self._name, _MAX_NAME, self._flags)
        if length > 1 and _is_bold_name(self._name.value):
            return True
        weight = self._pdfium.FPDFText_GetFontWeight(self._handle, position)
        return bool(weight >= _BOLD_WEIGHT) if weight > 0 else (False if length > 1 else None)


@lru_cache(maxsize=1)
def _loose_box() -> Callable[[int | None, int, int], int]:
    """``FPDFText_GetLooseCharBox`` as a function of plain numbers: it is asked for most letters of a page, and making
    objects of C for each took longer than the answer.

    :return: of handle, position and address of an ``FS_RECTF``.
    """
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    return prototype(ctypes.cast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0)


@lru_cache(maxsize=256)
def _is_bold_name(name: bytes) -> bool:
    return _BOLD_NAME.search(name.decode("utf-8", "replace")) is not None


def _asked(text: str, words: Sequence[tuple[int, int]], dotted: Iterable[int]) -> bytearray:
    """Which letters' places are needed, by position: of a word the first, the last and those that reach further up or
    down.

    :param words: where they begin and end. :param dotted: which of them have dots; of these all letters.
    """
    asked = bytearray(len(text))
    for start, stop in words:
        asked[start] = asked[stop - 1] = 1
    for found in _TALL.finditer(text):
        asked[found.start()] = 1
    for index in dotted:
        start, stop = words[index]
        asked[start:stop] = b"\1" * (stop - start)
    return asked


def _usual(words: Sequence[tuple[int, int]], dotted: Iterable[int], places: _Places) -> list[bool]:
    """Whether the first and the last letter of each word stand on one line, not further apart than letters are. Those
    of one font and size differ by their marks. A letter alone always does, a word with dots never.

    :param words: where they begin and end. :param dotted: which of them have dots.
    """
    before, lefts, bottoms, rights, tops = places
    if not lefts:
        return [False] * len(words)
    found = [
        stop - start == 1
        or (
            (size := tops[first := before[start]] - bottoms[first]) >= 1.0
            and abs(bottoms[first] - bottoms[last := before[stop] - 1]) < size * _MARK
            and abs(tops[first] - tops[last]) < size * _MARK
            and lefts[first] <= lefts[last]
            and rights[last] - lefts[first] <= (stop - start) * size * _WIDEST
        )
        for start, stop in words
    ]
    for index in dotted:
        found[index] = False
    return found


def _take(
    run: Run, text: str, words: Sequence[tuple[int, int]], usual: Sequence[bool], index: int, places: _Places
) -> int:
    """Let a run take the words that follow, each after one blank, as long as they stand as usual and go on with it.

    It comes to what :meth:`Run.joins`, :meth:`Run.add` and :meth:`Run.make_room` do of each letter, but most words of a
    page come here.

    :param text: of the page. :param words: where all its words begin and end. :param usual: see :func:`_usual`.
    :param index: of the first word that may follow.
    :return: of the first that was not taken.
    """
    before, lefts, bottoms, rights, tops = places
    right, bottom, top = run.right, run.bottom, run.top
    begin = end = words[index - 1][1]
    while index < len(words) and usual[index]:
        start, stop = words[index]
        first, beyond = before[start], before[stop]
        left, low, high = lefts[first], bottoms[first], tops[first]
        size = top - bottom
        if high - low > size:
            size = high - low
        if size < 1.0:
            size = 1.0
        if (
            text[end:start] != " "
            or not -size * _OFF <= (high + low - top - bottom) / 2 <= size * _OFF
            or not -size < left - right < size * COLUMN_GAP
        ):
            break
        reach = rights[beyond - 1] if rights[beyond - 1] > rights[first] else rights[first]
        run.words.append(Letters(text[start:stop], left, reach, start))
        if reach > right:
            right = reach
        if beyond - first > 1:
            low, high = min(bottoms[first:beyond]), max(tops[first:beyond])
        if high > top:
            top = high
        if low < bottom:
            bottom = low
        index, end = index + 1, stop
    run.text += text[begin:end]
    run.right, run.bottom, run.top = right, bottom, top
    return index
