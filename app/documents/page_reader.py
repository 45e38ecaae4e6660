"""The process that reads pages of PDFs: ``python -m app.documents.page_reader``.

PDFium unpacks whatever a page asks for and ends the process when memory runs out; here that costs nobody anything.
Requests on standard input and replies on standard output are messages of :mod:`app.documents.pipe`, the requests as
:mod:`app.documents.page_questions` says. The process ends when its input does.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from app.documents import pdf_lines
from app.documents.blanks import NO_BLANKS
from app.documents.fields import Line
from app.documents.full_text import MAX_PAGES, MAX_TEXT
from app.documents.page_questions import BOTH, TEXT, UNSIGNED
from app.documents.pipe import serve
from app.documents.reading import Reading
from app.documents.text import fold

#: Memory of the process in bytes; PDFium needs a few dozen megabytes for an honest page.
MAX_MEMORY = 1 << 30
#: Of mallopt(3): trim threshold, top pad and mmap threshold, in octets.
_KEPT: Final = {-1: 1 << 26, -2: 1 << 22, -3: 1 << 24}


def main() -> None:
    """Serve requests until the input ends."""
    _keep_memory()
    serve(_answer, MAX_MEMORY)


def _keep_memory() -> None:
    """Let glibc keep the memory that one document gave back for the next one; other systems go on as they do."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            for option, octets in _KEPT.items():
                mallopt(option, octets)


def _answer(question: bytes) -> bytes:
    path = Path(os.fsdecode(question[1:]))
    if question[:1] == TEXT:
        return _text(path)
    if question[:1] in (BOTH, UNSIGNED):
        signed = question[:1] == BOTH
        pages, text, signatures = pdf_lines.read_all(path, MAX_PAGES, MAX_TEXT, signatures=signed)
        return msgspec.msgpack.encode((_reading(pages), fold(text).encode("utf-8", "replace"), signatures))
    return msgspec.msgpack.encode(read_pages(path))


def _text(path: Path) -> bytes:
    return pdf_lines.read_text(path, MAX_PAGES, MAX_TEXT).encode("utf-8", "replace")


def read_pages(path: Path) -> Reading:
    """Read page one and further ones, on which signature blocks may stand."""
    return _reading(pdf_lines.read_pages(path))


def _reading(pages: Iterable[pdf_lines.Page]) -> Reading:
    lines: list[Line] = []
    blanks, of = NO_BLANKS, None
    for page in pages:
        lines += page.lines
        blanks = blanks or page.blanks
        of = page.of
        if not lines:
            break
    return Reading.of(lines, blanks, of)


if __name__ == "__main__":
    main()
