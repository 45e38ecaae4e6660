"""All the text of a document, for search and for passages; no layout, no order of columns promised."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.documents.formats import Format, detect

#: Pages read of a PDF, and characters of any document.
MAX_PAGES, MAX_TEXT = 60, 200_000


def read_text(path: Path) -> str:
    """The text of a PDF, Office or OpenDocument file, blanks as single spaces; empty where there is none to read: of a
    scan, an encrypted or damaged file, another format, or one that wants more time or memory than an honest one.

    :raises FileMissing, FileNotReadable: it cannot be opened.
    """
    format = detect(path)
    if format is Format.PDF:
        from app.documents.page_client import shared

        return shared.text(path)
    if format is Format.OOXML:
        from app.documents.office_lines import read_office

        return joined(line.text for line in read_office(path).lines)
    if format is Format.ODF:
        from app.documents.odf_lines import read_odf

        return joined(line.text for line in read_odf(path))
    return ""


def joined(texts: Iterable[str]) -> str:
    """Pieces of text as one, as long as is read at most."""
    return " ".join(text for text in texts if text)[:MAX_TEXT]
