"""Words of a PDF page with the places where they are shown.

PDFium serves one thread at a time, and a hostile page can exhaust the memory: to be called in a process of its own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import msgspec

from app.documents.text import clean

#: Characters read of a page; a dense A4 page has 6000.
_MAX_CHARACTERS = 20_000

_MAX_NOTES = 200
#: Octets of UTF-16 of an annotation's text.
_MAX_NOTE = 2048

#: What PDFium counts in when it turns places of the page into places of its picture.
_DEVICE = 100_000


class Word(msgspec.Struct, frozen=True):
    """:ivar box: left, top, right, bottom as parts of the page's width and height as shown, from its upper left."""

    text: str
    box: tuple[float, float, float, float]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def read_words(page: Any) -> list[Word]:
    """The words in the order of the page's content, then what fields and annotations say, each as one word.

    :param page: a ``pypdfium2.PdfPage``.
    """
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    text_page = page.get_textpage()
    try:
        handle = text_page.raw
        rectangle = pdfium.FS_RECTF()
        reference = ctypes.byref(rectangle)
        words: list[Word] = []
        letters: list[str] = []
        box: tuple[float, float, float, float] | None = None
        for position in range(min(text_page.count_chars(), _MAX_CHARACTERS)):
            code = pdfium.FPDFText_GetUnicode(handle, position)
            letter = chr(code) if 0 < code < 0x110000 else "\ufffd"
            if letter.isspace() or not pdfium.FPDFText_GetLooseCharBox(handle, position, reference):
                _add(words, page, letters, box)
                letters, box = [], None
                continue
            own = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
            if box is not None and _is_elsewhere(box, own):
                _add(words, page, letters, box)
                letters, box = [], None
            letters.append(letter)
            box = own if box is None else (*map(min, box[:2], own[:2]), *map(max, box[2:], own[2:]))
        _add(words, page, letters, box)
    finally:
        text_page.close()
    for text, own in _notes(page):
        _add(words, page, [text], own)
    return words


def _notes(page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Values of form fields and texts of annotations with their rectangles, in points."""
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    for position in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, position)
        if not note:
            continue
        try:
            key = b"V" if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET else b"Contents"
            rectangle = pdfium.FS_RECTF()
            content = ctypes.create_string_buffer(_MAX_NOTE)
            value = ctypes.cast(content, ctypes.POINTER(pdfium.FPDF_WCHAR))
            size = min(pdfium.FPDFAnnot_GetStringValue(note, key, value, _MAX_NOTE), _MAX_NOTE)
            if size > 2 and pdfium.FPDFAnnot_GetRect(note, ctypes.byref(rectangle)):
                text = content.raw[: size - 2].decode("utf-16-le", "replace")
                yield text, (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)


def to_page(page: Any, left: float, top: float) -> tuple[float, float]:
    """A place of the picture, as parts of its width and height, in points of the page's default user space."""
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    across, up = ctypes.c_double(), ctypes.c_double()
    place = round(left * _DEVICE), round(top * _DEVICE)
    pdfium.FPDF_DeviceToPage(page.raw, 0, 0, _DEVICE, _DEVICE, 0, *place, ctypes.byref(across), ctypes.byref(up))
    return across.value, up.value


def _is_elsewhere(word: tuple[float, ...], letter: tuple[float, ...]) -> bool:
    """Whether a letter stands on another line than the word before it, or far from it."""
    height = max(word[3] - word[1], letter[3] - letter[1], 0.1)
    return abs((word[1] + word[3]) - (letter[1] + letter[3])) > height or letter[0] - word[2] > height


def _add(words: list[Word], page: Any, letters: list[str], box: tuple[float, ...] | None) -> None:
    text = clean("".join(letters))
    if not text or box is None:
        return
    corners = _to_device(page, box[0], box[1]), _to_device(page, box[2], box[3])
    across, down = zip(*corners, strict=True)
    words.append(Word(text, (min(across), min(down), max(across), max(down))))


def _to_device(page: Any, across: float, up: float) -> tuple[float, float]:
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    left, top = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, _DEVICE, _DEVICE, 0, across, up, ctypes.byref(left), ctypes.byref(top))
    return left.value / _DEVICE, top.value / _DEVICE
