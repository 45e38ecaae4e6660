"""The process that reads pages of PDFs: ``python -m app.documents.page_reader``.

PDFium unpacks whatever a page asks for and ends the process when memory runs out; here that costs nobody anything.
Requests on standard input are a four-octet big-endian length and a path; replies on standard output a length and
MessagePack of :class:`app.documents.reading.Reading`. The process ends when its input does.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.documents import pdf_lines
from app.documents.blanks import NO_BLANKS
from app.documents.fields import Line
from app.documents.model import DocumentInfo
from app.documents.pipe import serve
from app.documents.reading import Reading

#: Memory of the process in bytes; PDFium needs a few dozen megabytes for an honest page.
MAX_MEMORY = 1 << 30


def main() -> None:
    """Serve requests until the input ends."""
    serve(lambda path: msgspec.msgpack.encode(read_pages(Path(os.fsdecode(path)))), MAX_MEMORY)


def read_pages(path: Path) -> Reading:
    """Read page one and further ones, on which signature blocks may stand."""
    lines: list[Line] = []
    blanks = NO_BLANKS
    for page in pdf_lines.read_pages(path):
        lines += page.lines
        blanks = blanks or page.blanks
        if not lines:
            break
    return Reading.of(lines, blanks) if lines else Reading(DocumentInfo())


if __name__ == "__main__":
    main()
