"""A register as a workbook: its ten columns, and a sheet of what is wrong with the numbers."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from app.archive import register_words as words
from app.archive.registers import Register
from app.documents.letterhead import Letterhead
from app.documents.printable import plain
from app.i18n import _

_FONT: Final = "Times New Roman"
_HEAD = PatternFill("solid", fgColor="E7EAEC")
_LINE = Border(*[Side("thin", color="9AA3AA")] * 4)
#: Characters a hundredth of the page holds, about.
_WIDTH = 1.5


def render(register: Register, head: Letterhead, made_at: dt.datetime) -> bytes:
    """The workbook of a register. No cell is a formula, whatever a document says."""
    book = Workbook()
    sheet = book.active
    sheet.title = str(register.year)
    _paper(sheet)
    sheet.append([])
    _heading(sheet, 1, head.office, Font(name=_FONT, size=12, bold=True))
    _heading(sheet, 2, words.title(register).upper(), Font(name=_FONT, size=15, bold=True))
    _heading(sheet, 3, " · ".join(words.period(register)), Font(name=_FONT, size=11, italic=True))
    columns = words.columns(register)
    for at, (name, width) in enumerate(columns, start=1):
        sheet.column_dimensions[sheet.cell(5, at).column_letter].width = max(8.0, width * _WIDTH)
        for row, text in ((5, name), (6, f"({at})")):
            cell = _put(sheet, row, at, text, Font(name=_FONT, size=11, bold=row == 5))
            cell.fill, cell.border = _HEAD, _LINE
            cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    for row, entry in enumerate(register.entries, start=7):
        _line(sheet, row, words.cells(register, entry))
    sheet.freeze_panes = "A7"
    sheet.print_title_rows = "5:6"
    if register.irregularities:
        wrong = book.create_sheet(_("Numbers"))
        wrong.column_dimensions["A"].width = 100
        _put(wrong, 1, 1, _("Irregularities of numbers"), Font(name=_FONT, size=12, bold=True))
        for row, found in enumerate(register.irregularities, start=2):
            _put(wrong, row, 1, words.irregularity(found, register), Font(name=_FONT, size=11))
    book.properties.title = words.title(register)
    book.properties.creator = plain(head.office)
    book.properties.created = book.properties.modified = made_at.astimezone(dt.UTC).replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _paper(sheet: Any) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.6, right=0.4, top=0.6, bottom=0.6)
    sheet.oddFooter.right.text = "&P/&N"


def _heading(sheet: Any, row: int, text: str, font: Font) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=10)
    _put(sheet, row, 1, text, font).alignment = Alignment(horizontal="center")


def _line(sheet: Any, row: int, cells: Sequence[str]) -> None:
    for column, text in enumerate(cells, start=1):
        cell = _put(sheet, row, column, text, Font(name=_FONT, size=11))
        cell.border = _LINE
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _put(sheet: Any, row: int, column: int, text: str, font: Font) -> Any:
    cell = sheet.cell(row, column)
    if text:
        cell.value, cell.data_type = plain(text), "s"
    cell.font = font
    return cell
