"""Lines of text of an OpenDocument file, as far as the head and the signature block need them (ODF 1.3 part 3)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.documents.fields import Line, Side
from app.documents.office_lines import bounded_markup
from app.documents.strict_zip import StrictZip
from app.documents.text import clean
from app.documents.zip_errors import ArchiveRejected

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MAX_LINES: Final = 6000
_MAX_TEXT: Final = 2000
_PARAGRAPHS: Final = frozenset({"p", "h"})
#: What is not text of the page: removed text, remarks, notes, and pictures, whose text boxes are lines of their own.
_ASIDE: Final = frozenset({"tracked-changes", "annotation", "note-body", "frame", "custom-shape"})
_NEVER_SHOWN: Final = frozenset({"tracked-changes", "annotation", "automatic-styles", "font-face-decls", "scripts"})
_CELLS: Final = frozenset({"table-cell", "covered-table-cell"})


def read_odf(path: Path) -> tuple[Line, ...]:
    """Read a .odt, .ods or .odp; nothing at all from a package that cannot be trusted to be one.

    :raises FileMissing, FileNotReadable: the file cannot be opened.
    """
    try:
        with StrictZip(path) as package:
            head, body = (bounded_markup(package, name) for name in ("styles.xml", "content.xml"))
            found = [*_headers(head), *(() if body is None else _lines(body, Side.ACROSS))]
            return tuple(found[:_MAX_LINES])
    except ArchiveRejected:
        return ()


def _headers(styles: Element | None) -> Iterator[Line]:
    """The lines above the pages, where a mark of secrecy may stand."""
    if styles is not None:
        for header in styles.iter("{*}header", "{*}header-first"):
            yield from _lines(header, Side.ACROSS)


def _lines(element: Element, side: Side) -> Iterator[Line]:
    for child in islice(element, _MAX_LINES):
        name = _local(child)
        if name in _PARAGRAPHS:
            for text in "".join(_pieces(child))[: 4 * _MAX_TEXT].split("\n"):
                yield Line(clean(text), side)
            for frame in child.iter("{*}frame", "{*}custom-shape"):
                yield from _lines(frame, Side.ACROSS)
        elif name == "table-row":
            yield from _row(child, side)
        elif name not in _NEVER_SHOWN:
            yield from _lines(child, side)


def _row(row: Element, side: Side) -> Iterator[Line]:
    """The cells of a row; the first and last of two or three are the columns of the head and the signature block."""
    cells = [cell for cell in row if _local(cell) in _CELLS]
    for number, cell in enumerate(cells):
        place = side
        if len(cells) in (2, 3):
            place = Side.LEFT if number == 0 else Side.RIGHT if number == len(cells) - 1 else Side.ACROSS
        yield from _lines(cell, place)


def _pieces(element: Element) -> Iterator[str]:
    """The text of a paragraph with its tabs and line breaks."""
    yield element.text or ""
    for child in element:
        name = _local(child)
        if name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name == "s":
            yield " "
        elif name not in _ASIDE:
            yield from _pieces(child)
        yield child.tail or ""


def _local(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
