"""Characters of a PDF page put together to words and to runs of a line, with their places.

PDFium tells the text of a page at once, the place of each letter for a price: where the letters of a word stand as
usual, the first and the last tell where it stands.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass, field
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


@dataclass
class Letters:
    """Characters without a blank between them; ``position`` is that of the first on the page."""

    text: str
    left: float
    right: float
    position: int


@dataclass
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
        self._rectangle = self._pdfium.FS_RECTF()
        self._reference = ctypes.byref(self._rectangle)
        self._runs: list[Run] = []

    def runs(self) -> list[Run]:
        text = self._text()
        run: Run | None = None
        end = 0
        for found in _WORD.finditer(text):
            start, before, end = found.start(), text[end : found.start()], found.end()
            parted = before.strip("\r\n\0") != ""
            if "\n" in before or "\r" in before:
                run = None
            elif parted and run is not None:
                run.text += " "
            run = self._add_word(run, found[0], start, parted)
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

    def _box(self, position: int) -> Box | None:
        if not self._pdfium.FPDFText_GetLooseCharBox(self._handle, position, self._reference):
            return None
        box = self._rectangle
        edges = box.left, box.bottom, box.right, box.top
        return edges if self._sheet is None else self._sheet.upright(edges)

    def _add_word(self, run: Run | None, word: str, start: int, parted: bool) -> Run | None:
        """Letters that follow one another in the text.

        :param run: where they may go on. :param parted: there was a blank before them.
        :return: the run that the last of them is in.
        """
        first = self._box(start)
        last = self._box(start + len(word) - 1) if len(word) > 1 and not _DOTTED.search(word) else None
        if first is not None and last is not None and _is_plain(first, last, len(word)):
            run = self._add_letter(run, word[0], first, start, parted)
            run.extend(word[1:], last[2])
            run.make_room(last)
            for tall in _TALL.finditer(word, 1, len(word) - 1):
                if (box := self._box(start + tall.start())) is not None:
                    run.make_room(box)
            return run
        for position, letter in enumerate(word, start):
            box = self._box(position)
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
        name = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        length = self._pdfium.FPDFText_GetFontInfo(self._handle, position, name, len(name), ctypes.byref(flags))
        if length > 1 and _BOLD_NAME.search(name.value.decode("utf-8", "replace")):
            return True
        weight = self._pdfium.FPDFText_GetFontWeight(self._handle, position)
        return bool(weight >= _BOLD_WEIGHT) if weight > 0 else (False if length > 1 else None)


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
