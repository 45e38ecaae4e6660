"""A register as PDF/A-2a, set by Typst from ``resources/templates/register.typ``, to be printed and bound (Decree
30/2020, article 16). The template holds the layout and no words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.archive import register_words as words
from app.archive.registers import Register
from app.documents.letterhead import Letterhead
from app.documents.printable import printable, wrapped
from app.documents.typesetting import TEMPLATES, typeset
from app.i18n import _, current_language


def render(register: Register, head: Letterhead, made_at: dt.datetime) -> bytes:
    """The PDF of a register."""
    return typeset(TEMPLATES / "register.typ", _document(register, head), made_at).pdf


def _document(register: Register, head: Letterhead) -> dict[str, Any]:
    columns = words.columns(register)
    return {
        "language": current_language(),
        "parent": printable(head.parent).upper(),
        "office": printable(head.office).upper(),
        "title": words.title(register),
        "period": words.period(register),
        "columns": [name for name, _width in columns],
        "widths": [width for _name, width in columns],
        "rows": [[wrapped(cell) for cell in words.cells(register, entry)] for entry in register.entries],
        "empty": "" if register.entries else _("No document was entered in this year."),
        "irregular_title": _("Irregularities of numbers"),
        "irregular": [wrapped(words.irregularity(found, register)) for found in register.irregularities],
        "page": _("Page {page} of {pages}"),
    }
