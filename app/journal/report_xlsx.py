"""The usage report as a workbook: a sheet of the main figures, one for the yearly report, one for each table with its
chart."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from app.documents.letterhead import Letterhead
from app.documents.printable import plain
from app.i18n import _, pgettext
from app.journal import report_words as words
from app.journal.usage import UsageFigures

_FONT: Final = "Times New Roman"
_HEAD = PatternFill("solid", fgColor="E7EAEC")
_LINE = Border(bottom=Side("thin", color="C9CED3"))
_ACCENT: Final = "0F6B66"
#: What a sheet's name may not hold, and how long it may be.
_NOT_IN_NAMES: Final = re.compile(r"[\\/*?:\[\]']")
_LONGEST_NAME: Final = 31
#: Rows that a chart draws; the table has them all.
_DRAWN: Final = 20


def render(found: UsageFigures, head: Letterhead) -> bytes:
    """The workbook of a report. No cell is a formula, whatever a unit or signer is named."""
    book = Workbook()
    sheet = book.active
    sheet.title = _name(_("Summary"))
    _titled(sheet, found, head, words.title())
    rows = [*words.summary(found)]
    _fill(sheet, (_("Figure"), pgettext("count", "Number")), rows)
    yearly = book.create_sheet(_name(_("Yearly report")))
    _titled(yearly, found, head, _("Figures for the yearly report"))
    _fill(yearly, (_("Figure"), pgettext("count", "Number")), words.yearly_rows(found))
    for figures in words.tables(found):
        _table(book.create_sheet(_name(figures.title)), found, head, figures)
    book.properties.title = words.title()
    book.properties.creator = plain(head.office)
    book.properties.created = book.properties.modified = found.made_at.astimezone(dt.UTC).replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _table(sheet: Any, found: UsageFigures, head: Letterhead, figures: words.Figures) -> None:
    _titled(sheet, found, head, figures.title)
    first = _fill(sheet, (figures.heading, pgettext("count", "Number")), figures.rows)
    drawn = min(len(figures.rows), _DRAWN)
    chart = BarChart()
    chart.type = "col" if figures.drawing == "columns" else "bar"
    chart.style = 10
    chart.title = figures.title
    chart.legend = None
    chart.add_data(Reference(sheet, min_col=2, min_row=first, max_row=first + drawn - 1))
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=first + drawn - 1))
    chart.series[0].graphicalProperties.solidFill = _ACCENT
    chart.gapWidth = 60
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.numFmt, chart.y_axis.majorGridlines = "0", None
    if figures.drawing == "bars":
        chart.x_axis.scaling.orientation = "maxMin"
    chart.width, chart.height = 18, max(7.5, 0.75 * drawn + 3)
    sheet.add_chart(chart, f"D{first - 1}")


def _titled(sheet: Any, found: UsageFigures, head: Letterhead, title: str) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 52, 18
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.7, bottom=0.6)
    sheet.oddFooter.right.text = "&P/&N"
    for text, font in (
        (head.office, Font(name=_FONT, size=11, bold=True)),
        (title, Font(name=_FONT, size=14, bold=True)),
        (f"{words.period(found)}. {words.made(found)}", Font(name=_FONT, size=11, italic=True)),
    ):
        if text:
            _put(sheet, sheet.max_row + (sheet["A1"].value is not None), 1, plain(text), font)


def _fill(sheet: Any, head: tuple[str, str], rows: Sequence[tuple[str, int | float | str | None]]) -> int:
    """Write a table beneath what is there; the number of its first row."""
    at: int = sheet.max_row + 2
    for column, text in enumerate(head, start=1):
        cell = _put(sheet, at, column, text, Font(name=_FONT, size=11, bold=True))
        cell.fill = _HEAD
    for row, (name, value) in enumerate(rows, start=at + 1):
        for column, content in enumerate((plain(name), value), start=1):
            cell = _put(sheet, row, column, content, Font(name=_FONT, size=11))
            cell.border = _LINE
            cell.alignment = Alignment(
                wrap_text=column == 1, vertical="top", horizontal="left" if column == 1 else "right"
            )
    sheet.print_title_rows = f"{at}:{at}"
    return at + 1


def _put(sheet: Any, row: int, column: int, value: int | float | str | None, font: Font) -> Any:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value, cell.data_type = value, "s"
    elif value is not None:
        cell.value = value
        cell.number_format = "0.0%" if isinstance(value, float) else "#,##0"
    cell.font = font
    return cell


def _name(text: str) -> str:
    return _NOT_IN_NAMES.sub(" ", text)[:_LONGEST_NAME]
