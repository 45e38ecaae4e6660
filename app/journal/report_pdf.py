"""The usage report as PDF/A-2a, set by Typst from ``resources/templates/usage.typ``.

The template holds the layout and no words: all it prints comes from here, in the current language.
"""

from __future__ import annotations

from typing import Any

from app.documents.letterhead import Letterhead
from app.documents.printable import printable, wrapped
from app.documents.typesetting import TEMPLATES, typeset
from app.i18n import _, current_language, pgettext
from app.journal import report_words as words
from app.journal.usage import UsageFigures
from app.times import local

#: Rows of a table at most; what is left is told as one.
_MOST = 40


def render(found: UsageFigures, head: Letterhead) -> bytes:
    """The PDF of a report."""
    return typeset(TEMPLATES / "usage.typ", _document(found, head), found.made_at).pdf


def _document(found: UsageFigures, head: Letterhead) -> dict[str, Any]:
    return {
        "language": current_language(),
        "parent": printable(head.parent).upper(),
        "office": printable(head.office).upper(),
        "place_and_date": _place_and_date(found, head),
        "title": words.title(),
        "period": words.period(found),
        "made": words.made(found),
        "page": _("Page {page} of {pages}"),
        "summary": list(words.summary(found)),
        "tables": [_table(each) for each in words.tables(found)],
        "count": pgettext("count", "Number"),
        "share": _("Share"),
        "yearly_title": _("Figures for the yearly report"),
        "yearly_head": [_("No."), _("Figure"), pgettext("count", "Number")],
        "yearly": [(name, _figure(value)) for name, value in words.yearly_rows(found)],
        "empty": "" if found.signed or found.checked else _("Nothing was signed or checked in this period."),
    }


def _table(figures: words.Figures) -> dict[str, Any]:
    total = sum(count for _name, count in figures.rows)
    rows = figures.rows
    if len(rows) > _MOST:
        rows = [*rows[: _MOST - 1], (_("all others"), sum(count for _name, count in rows[_MOST - 1 :]))]
    shared = figures.code != "expiring"
    return {
        "title": figures.title,
        "heading": figures.heading,
        "drawing": figures.drawing,
        "rows": [
            {
                "name": wrapped(name),
                "count": words.number(count),
                "value": count,
                "share": words.share(count / total) if shared and total else "",
            }
            for name, count in rows
        ],
        "total": words.number(total) if shared else "",
        "total_name": _("Total"),
        "most": max(count for _name, count in rows),
    }


def _figure(value: int | float | None) -> str:
    if value is None:
        return "…"
    return words.share(value) if isinstance(value, float) else words.number(value)


def _place_and_date(found: UsageFigures, head: Letterhead) -> str:
    """As the rules ask: days below 10 and months below 3 with a zero (Decree 30/2020, appendix I, part I, II.4)."""
    at = local(found.made_at)
    date = _("day {day} month {month} year {year}").format(
        day=f"{at.day:02d}", month=f"{at.month:02d}" if at.month < 3 else at.month, year=at.year
    )
    return f"{printable(head.place)}, {date}" if head.place else date[:1].upper() + date[1:]
