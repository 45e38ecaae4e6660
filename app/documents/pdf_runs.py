"""Characters of a PDF page put together to words and to runs of a line, with their places.

PDFium tells the text of a page at once, the place of each letter for a price: where the letters of a word stand as
usual, the first and the last tell where it stands.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress, repeat
from typing import Any, Final

from app.documents.sheet import Box, Sheet

#: Characters read of a page; a dense A4 page has 6000.
_MAX_CHARACTERS: Final = 12_000
#: Blank between words of one line, in parts of the line's height; more parts two columns.
COLUMN_GAP: Final = 1.6
WORD_GAP: Final = 0.18
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


@dataclass(slots=True)
class Letters:
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
        near = -size * 0.45 <= off <= size * 0.45 and -size < left - self.right < size * COLUMN_GAP
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

    def takes(self, word: str, first: Box, last: Box, at: int) -> bool:
        """Take a further word, after a blank, that stands as usual; False where it is another column's or line's.

        :param first, last: where its first and last letters are. :param at: position of the first on the page.
        """
        if not self.joins(first[0], first[1], first[3]):
            return False
        right = last[2] if last[2] > first[2] else first[2]
        self.words.append(Letters(word, first[0], right, at))
        self.text += word
        if right > self.right:
            self.right = right
        top, bottom = (first if first[3] > last[3] else last)[3], (first if first[1] < last[1] else last)[1]
        if top > self.top:
            self.top = top
        if bottom < self.bottom:
            self.bottom = bottom
        return True

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


class _Page:
    def __init__(self, text_page: Any, sheet: Sheet | None) -> None:
        import pypdfium2.raw

        self._pdfium: Any = pypdfium2.raw
        self._handle, self._sheet = text_page.raw, sheet
        self._count = min(text_page.count_chars(), _MAX_CHARACTERS)
        self._name, self._flags = ctypes.create_string_buffer(_MAX_NAME), ctypes.c_int()
        self._runs: list[Run] = []
        self._boxes: dict[int, Box] = {}

    def runs(self) -> list[Run]:
        text = self._text()
        words = [found.span() for found in _WORD.finditer(text)]
        tall = [found.start() for found in _TALL.finditer(text)]
        starts = [start for start, _ in words]
        dotted = {bisect(starts, dot.start()) - 1 for dot in _DOTTED.finditer(text)}
        self._boxes = self._boxes_of(_asked(text, words, tall, dotted))
        run: Run | None = None
        at, end = 0, 0
        for index, (start, stop) in enumerate(words):
            between, parted = text[end:start], False
            if between == " ":
                parted = True
            elif between:
                parted = between.strip("\r\n\0") != ""
                if "\n" in between or "\r" in between:
                    run = None
            if parted and run is not None:
                run.text += " "
            end = stop
            while at < len(tall) and tall[at] <= start:
                at += 1
            first = at
            while at < len(tall) and tall[at] < stop - 1:
                at += 1
            word = text[start:stop]
            if index in dotted:
                run = self._add_letters(run, word, start, parted)
            else:
                run = self._add_word(run, word, start, parted, tall[first:at])
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

    def _boxes_of(self, positions: Sequence[int]) -> dict[int, Box]:
        """The places of characters that have one: PDFium is asked for each, the answers are read all at once."""
        answers = (ctypes.c_float * (4 * len(positions)))()
        begin = ctypes.addressof(answers)
        places = range(begin, begin + 16 * len(positions), 16)
        known = list(map(_loose_box(), repeat(ctypes.cast(self._handle, ctypes.c_void_p).value), positions, places))
        edges = memoryview(answers).cast("B").cast("f").tolist()
        # An FS_RECTF is left, top, right, bottom.
        boxes: Iterator[tuple[int, Box]] = zip(
            positions, zip(edges[0::4], edges[3::4], edges[2::4], edges[1::4], strict=True), strict=True
        )
        if not all(known):
            boxes = compress(boxes, known)
        if self._sheet is not None:
            upright = self._sheet.upright
            return {position: upright(box) for position, box in boxes}
        return dict(boxes)

    def _add_word(self, run: Run | None, word: str, start: int, parted: bool, tall: Sequence[int]) -> Run | None:
        """Letters that follow one another in the text.

        :param run: where they may go on. :param parted: there was a blank before them.
        :param tall: positions of the inner ones that reach further up or down.
        :return: the run that the last of them is in.
        """
        letters, boxes = len(word), self._boxes
        first = boxes.get(start)
        last = boxes.get(start + letters - 1) if letters > 1 else None
        if first is None or last is None or not _is_plain(first, last, letters):
            return self._add_letters(run, word, start, parted)
        if run is None or not parted or not run.takes(word, first, last, start):
            run = self._add_letter(run, word[0], first, start, parted)
            run.extend(word[1:], last[2])
            run.make_room(last)
        for position in tall:
            if (box := boxes.get(position)) is not None:
                run.make_room(box)
        return run

    def _add_letters(self, run: Run | None, word: str, start: int, parted: bool) -> Run | None:
        """:meth:`_add_word` of one whose letters do not stand as usual, or are parted by dots."""
        boxes, letters = self._boxes, range(start, start + len(word))
        if any(position not in boxes for position in letters):
            boxes = self._boxes_of(letters)
        for position, letter in enumerate(word, start):
            if (box := boxes.get(position)) is not None:
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


def _asked(text: str, words: Sequence[tuple[int, int]], tall: Sequence[int], dotted: Iterable[int]) -> list[int]:
    """Positions of the letters whose places are needed, in order: of a word the first, the last and the tall ones.

    :param words: where they begin and end. :param dotted: which of them have dots; of these all letters.
    """
    asked = bytearray(len(text))
    for start, stop in words:
        asked[start] = asked[stop - 1] = 1
    for position in tall:
        asked[position] = 1
    for index in dotted:
        start, stop = words[index]
        asked[start:stop] = b"\1" * (stop - start)
    return list(compress(range(len(text)), asked))


def _is_plain(first: Box, last: Box, letters: int) -> bool:
    """Whether the first and the last letter of a word stand on one line, not further apart than letters are. Those of
    one font and size differ by their marks."""
    size = first[3] - first[1]
    return (
        size >= 1.0
        and abs(first[1] - last[1]) < size * _MARK
        and abs(first[3] - last[3]) < size * _MARK
        and first[0] <= last[0]
        and last[2] - first[0] <= letters * size * _WIDEST
    )
