"""Lines of text of a PDF with their places, from PDFium's characters.

Content order does not count: a number that was stamped into a blank later is read where it stands.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.documents.blanks import NO_BLANKS, Blank, Blanks, Word, any_opens, find, line_of, printed
from app.documents.fields import Line, Side
from app.documents.pdf_content import content_of
from app.documents.pdf_runs import COLUMN_GAP, WORD_GAP, Letters, Run, read_runs
from app.documents.pdf_signatures import SignatureValue, read_signatures
from app.documents.sheet import Box, Sheet, box_of
from app.documents.text import clean

_MAX_NOTES = 200
#: Words of a mark that are looked for one by one: day, month and year.
_MAX_PARTS = 3
#: Octets of UTF-16 of an annotation's text.
_MAX_NOTE = 512
_OPEN_NUMBER = re.compile(r"^\s*Số\s*:?[\s.…_]*\d*\s*$", re.IGNORECASE)
#: :func:`clean` of words, most of which come again and again.
_clean_word = lru_cache(maxsize=4096)(clean)
_NUMBER_TAIL = re.compile(r"^\s*(?:\d+\s*)?[/\-]|^\s*\d+\s*$")


@dataclass(frozen=True)
class Page:
    """What was read of a page.

    :ivar lines: empty for a page without text.
    :ivar blanks: those of page one.
    :ivar of: how many pages the document has.
    :ivar index: zero-based.
    :ivar text: in the order of its content, where it was asked for.
    """

    lines: list[Line]
    blanks: Blanks = NO_BLANKS
    of: int | None = None
    index: int = 0
    text: str = ""


def read_pages(path: Path, *, extra_pages: int = 4) -> Iterator[Page]:
    """Page one, then further pages as long as the caller asks: the next ones and the last.

    PDFium serves one thread at a time, and a hostile page can exhaust the memory: to be called in a process of its own
    (:mod:`app.documents.page_reader`).

    :param extra_pages: at most so many after the first.
    :return: nothing for a file that PDFium cannot open.
    """
    with _opened(path) as (document, _content):
        if document is not None:
            yield from _pages(document, extra_pages, 0)


def read_text(path: Path, pages: int, characters: int) -> str:
    """The text of a PDF in the order of its content, blanks as single spaces; to be called in a process of its own.

    :param pages, characters: read at most.
    :return: nothing for a file that PDFium cannot open.
    """
    with _opened(path) as (document, _content):
        return _text(document, {}, pages, characters) if document is not None else ""


def read_all(
    path: Path, pages: int, characters: int, *, extra_pages: int = 4, signatures: bool = True
) -> tuple[list[Page], str, tuple[SignatureValue, ...] | None]:
    """:func:`read_pages`, further pages only where the first has text, :func:`read_text`, and
    :func:`app.documents.pdf_signatures.read_signatures`, in one reading.

    :param signatures: False: those are not read, for which the whole file is gone through; None in their place.
    """
    found: list[Page] = []
    with _opened(path) as (document, content):
        if document is None:
            return [], "", None
        for page in _pages(document, extra_pages, characters):
            found.append(page)
            if not found[0].lines:
                break
        text = _text(document, {page.index: page.text for page in found}, pages, characters)
        return found, text, read_signatures(document, path, content) if signatures else None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, bytes | None]]:
    """A document of PDFium's, None where it cannot open the file; and its octets, unless they are many."""
    import pypdfium2

    library: Any = pypdfium2
    content: bytes | None = None
    try:
        content = content_of(path)
        document = library.PdfDocument(path if content is None else content)
    except (library.PdfiumError, OSError, ValueError):
        yield None, None
        return
    try:
        yield document, content
    finally:
        document.close()


def _pages(document: Any, extra_pages: int, characters: int) -> Iterator[Page]:
    import pypdfium2

    library: Any = pypdfium2
    count = len(document)
    later = list(range(1, min(count, extra_pages)))
    if count > extra_pages:
        later.append(count - 1)
    for index in [0, *later] if count else []:
        try:
            yield replace(_read_page(document, index, characters), of=count)
        except library.PdfiumError:
            yield Page([], of=count, index=index)


def _text(document: Any, known: Mapping[int, str], pages: int, characters: int) -> str:
    """:param known: texts of pages that were read already, by index."""
    import pypdfium2

    library: Any = pypdfium2
    found: list[str] = []
    left = characters
    for index in range(min(len(document), pages)):
        if left <= 0:
            break
        text = known.get(index)
        if text is None:
            try:
                page = document[index]
                text_page = page.get_textpage()
                text = _text_of(text_page, left)
                text_page.close()
                page.close()
            except library.PdfiumError:
                continue
        found.append(text[:left])
        left -= len(text)
    return " ".join(found)


def _text_of(text_page: Any, characters: int) -> str:
    return clean(text_page.get_text_range(0, min(text_page.count_chars(), characters), errors="replace"))


def _read_page(document: Any, index: int, characters: int) -> Page:
    """:param characters: of its text, at most; 0 for none."""
    page = document[index]
    blanks, text = NO_BLANKS, ""
    try:
        width, height = page.get_size()
        media, turn = box_of(page.get_mediabox()), page.get_rotation()
        medium = Sheet(media, media, turn)
        sheet = medium if turn else None
        left, bottom = (0.0, 0.0) if turn else media[:2]
        text_page = page.get_textpage()
        try:
            runs = read_runs(text_page, sheet) + _entries(page, sheet)
            if index == 0:
                blanks = _blanks(text_page, runs, bottom + height / 2, medium, left)
            if characters:
                text = _text_of(text_page, characters)
        finally:
            text_page.close()
        notes = _notes(page, index)
    finally:
        page.close()
    return Page(_placed(_joined_runs(runs), index, left, bottom, width) + notes, blanks, index=index, text=text)


def _blanks(text_page: Any, runs: list[Run], above: float, medium: Sheet, left: float) -> Blanks:
    """The blanks of page one, with the baselines of the words beside them.

    :param above: where the upper half of the page begins; ``left``: where the runs count from.
    """
    upper = [run for run in runs if run.middle > above]
    lines = {line_of(run.middle, run.height) for run in upper if any_opens([word.text for word in run.words])}
    words = [
        Word(_clean_word(word.text), word.left, word.right, run.middle, run.height, word.position)
        for run in upper
        if any(low < run.middle < high for low, high in lines)
        for word in run.words
    ]
    x, y = ctypes.c_double(), ctypes.c_double()
    found = {}
    gaps = find(words)
    for name, gap in gaps.items():
        if _raw().FPDFText_GetCharOrigin(text_page.raw, gap.beside, ctypes.byref(x), ctypes.byref(y)):
            baseline = medium.upright((x.value, y.value, x.value, y.value))[1]
            found[name] = Blank(0, gap.left - left, gap.right - left, baseline)
    number, day, month, year = (found.get(name) for name in ("number", "day", "month", "year"))
    beside = printed(words) if gaps.keys() & {"day", "month", "year"} else (None, None)
    return Blanks(number, day, month, year, *beside)


def _raw() -> Any:
    import pypdfium2.raw

    return pypdfium2.raw


def _notes(page: Any, index: int) -> list[Line]:
    """Texts and stamps laid over the page as annotations, where a mark of secrecy may stand."""
    pdfium = _raw()
    found: list[Line] = []
    for position in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, position)
        if not note:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(note) in (pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP):
                text = clean(_string(note, b"Contents"))
                if text:
                    found.append(Line(text, page=index))
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return found


def _seen(sheet: Sheet | None, box: Any) -> Box:
    edges = box.left, box.bottom, box.right, box.top
    return edges if sheet is None else sheet.upright(edges)


def _entries(page: Any, sheet: Sheet | None) -> list[Run]:
    """What was filled into the form fields of a page, where it stands."""
    pdfium = _raw()
    found: list[Run] = []
    box = pdfium.FS_RECTF()
    for position in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, position)
        if not note:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET:
                value = clean(_string(note, b"V"))
                text = value or clean(_string(note, b"Contents"))
                if text and pdfium.FPDFAnnot_GetRect(note, ctypes.byref(box)):
                    left, bottom, right, top = _seen(sheet, box)
                    parts = [(text, 0.0, right - left)] if value else _parts(note, text, right - left)
                    found += [
                        Run(part, left + start, bottom, left + end, top, None, [Letters(part, left, right, 0)])
                        for part, start, end in parts
                    ]
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return found


def _parts(note: Any, text: str, width: float) -> list[tuple[str, float, float]]:
    """The words of a mark, each with where it begins and ends from the mark's left edge: a date is written into the
    blanks between the page's own words. The whole as one where its words are not drawn one by one.

    :param width: of the mark.
    """
    pdfium = _raw()
    words = text.split()
    whole = [(text, 0.0, width)]
    if not 1 < len(words) <= _MAX_PARTS or pdfium.FPDFAnnot_GetObjectCount(note) != len(words):
        return whole
    edges = [ctypes.c_float() for _ in range(4)]
    found: list[tuple[str, float, float]] = []
    for position, word in enumerate(words):
        drawn = pdfium.FPDFAnnot_GetObject(note, position)
        is_text = pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_TEXT
        if not is_text or not pdfium.FPDFPageObj_GetBounds(drawn, *map(ctypes.byref, edges)):
            return whole
        found.append((word, edges[0].value, edges[2].value))
    ordered = all(one[2] <= other[1] for one, other in pairwise(found))
    return found if ordered and found[0][1] >= 0 and found[-1][2] <= width else whole


def _string(note: Any, key: bytes) -> str:
    """A string of an annotation, as far as it is looked at."""
    pdfium = _raw()
    content = ctypes.create_string_buffer(_MAX_NOTE)
    value = ctypes.cast(content, ctypes.POINTER(pdfium.FPDF_WCHAR))
    size = pdfium.FPDFAnnot_GetStringValue(note, key, value, _MAX_NOTE)
    return content.raw[: max(0, min(size, _MAX_NOTE) - 2)].decode("utf-16-le", "replace")


def _joined_runs(runs: list[Run]) -> list[Run]:
    """Runs of one visual line that stand close together become one, whatever order they were drawn in."""
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: -run.middle):
        if lines and abs(lines[-1][0].middle - run.middle) < max(lines[-1][0].height, run.height) * 0.35:
            lines[-1].append(run)
        else:
            lines.append([run])
    joined: list[Run] = []
    for line in lines:
        line.sort(key=lambda run: run.left)
        current = line[0]
        for run in line[1:]:
            gap = run.left - current.right
            size = max(current.height, run.height, 1.0)
            if gap < size * COLUMN_GAP or (_OPEN_NUMBER.match(current.text) and _NUMBER_TAIL.match(run.text)):
                current = replace(
                    current,
                    text=current.text + (" " if gap > size * WORD_GAP else "") + run.text,
                    right=max(current.right, run.right),
                    top=max(current.top, run.top),
                    bottom=min(current.bottom, run.bottom),
                )
            else:
                joined.append(current)
                current = run
        joined.append(current)
    return joined


def _side(run: Run, middle: float, off: float, width: float) -> Side:
    """A line that crosses the middle and is not far off it stands across the page."""
    if run.right - run.left > width * 0.55:
        return Side.ACROSS
    if run.left > middle - width * 0.01:
        return Side.RIGHT
    if run.right < middle + width * 0.01:
        return Side.LEFT
    return Side.ACROSS if abs(off) < 0.08 else Side.LEFT if off < 0 else Side.RIGHT


def _placed(runs: list[Run], page: int, left: float, bottom: float, width: float) -> list[Line]:
    """Sides from the middle of each run; the text area is taken as what page one's text fills."""
    if not runs:
        return []
    area_left, area_right = min(run.left for run in runs), max(run.right for run in runs)
    middle = (area_left + area_right) / 2 if area_right - area_left > width * 0.5 else left + width / 2
    lines: list[Line] = []
    previous: dict[Side, Run] = {}
    for run in runs:
        text = clean(run.text)
        if not text:
            continue
        off = ((run.left + run.right) / 2 - middle) / width
        side = _side(run, middle, off, width)
        above = previous.get(side)
        size = min(run.height, above.height) if above is not None else run.height
        lines.append(
            Line(
                text,
                side,
                bold=run.bold,
                centred=None if side is not Side.ACROSS else abs(off) < 0.025,
                page=page,
                box=(run.left - left, run.bottom - bottom, run.right - left, run.top - bottom),
                spaced=above is not None and above.bottom - run.top > size * 1.1,
            )
        )
        previous[side] = run
    return lines
