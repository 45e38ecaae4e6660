"""A report as a spreadsheet: a register of one row a signature, a file without signatures being one row too."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from app.documents.printable import plain
from app.i18n import N_, _
from app.times import local
from app.verification import words
from app.verification.model import CertificateReport, Conclusion, FileReport, SignatureReport
from app.verification.report import Occasion


@dataclass(frozen=True)
class _Row:
    """:ivar position: of the signature in its file, one-based."""

    number: int
    report: FileReport
    signature: SignatureReport | None
    position: int
    at: dt.datetime

    @property
    def reasons(self) -> str:
        """One a line, those of the signature first."""
        found = [*(self.signature.reasons if self.signature else ()), *self.report.reasons]
        return "\n".join(reason.message for reason in found)


@dataclass(frozen=True)
class _Column:
    """:ivar width: in letters.
    :ivar value: what stands in a row; None leaves the cell empty."""

    heading: str
    width: int
    value: Callable[[_Row], Any]


def _of(value: Callable[[SignatureReport], Any]) -> Callable[[_Row], Any]:
    return lambda row: value(row.signature) if row.signature else None


def _certified(value: Callable[[CertificateReport], Any]) -> Callable[[_Row], Any]:
    return _of(lambda signature: value(signature.certificate) if signature.certificate else None)


def _day(moment: dt.datetime) -> dt.date:
    return local(moment).date()


#: What a printed page holds.
_PRINTED: Final = (
    _Column(N_("No."), 6, lambda row: row.number),
    _Column(N_("File"), 36, lambda row: row.report.path),
    _Column(N_("Conclusion on the file"), 18, lambda row: row.report.conclusion),
    _Column(N_("Conclusion in a sentence"), 44, lambda row: row.report.summary),
    _Column(N_("Signature"), 8, lambda row: row.position if row.signature else None),
    _Column(N_("Signer"), 22, _of(lambda signature: signature.signer)),
    _Column(N_("Organization"), 24, _of(lambda signature: signature.organization)),
    _Column(N_("Conclusion on the signature"), 18, _of(lambda signature: signature.conclusion)),
    _Column(N_("Signing time as stated"), 18, _of(lambda signature: signature.claimed_time)),
    _Column(N_("Time stamp"), 18, _of(lambda signature: signature.timestamp_time)),
    _Column(N_("Reasons"), 36, lambda row: row.reasons),
    _Column(N_("What to do"), 36, lambda row: row.report.next_step),
)

_COLUMNS: Final = (
    *_PRINTED,
    _Column(N_("Format"), 18, lambda row: words.format_name(row.report.format)),
    _Column(N_("Certificate issued by"), 32, _of(lambda signature: signature.issuer)),
    _Column(N_("Certificate number"), 24, _certified(lambda certificate: certificate.serial)),
    _Column(N_("Certificate valid from"), 14, _certified(lambda certificate: _day(certificate.not_before))),
    _Column(N_("Certificate valid to"), 14, _certified(lambda certificate: _day(certificate.not_after))),
    _Column(N_("Path of trust"), 44, _of(lambda signature: " → ".join(signature.path))),
    _Column(N_("Level"), 8, _of(lambda signature: signature.level)),
    _Column(N_("Protects"), 36, _of(words.protects)),
    _Column(N_("Not protected"), 36, _of(lambda signature: "; ".join(words.unprotected(signature)))),
    _Column(N_("Changed since"), 36, _of(lambda signature: "; ".join(words.changed(signature)))),
    _Column(N_("Revocation"), 18, _of(lambda signature: words.revocation_status(signature.revocation))),
    _Column(N_("Source of the evidence"), 34, _of(lambda signature: words.revocation_source(signature.revocation))),
    _Column(N_("Evidence of"), 20, _of(lambda signature: signature.revocation.as_of)),
    _Column(
        N_("Age when checked"),
        14,
        lambda row: words.age(row.signature.revocation, row.at) if row.signature else None,
    ),
    _Column("EN 319 102-1", 30, _of(words.indication)),
    _Column("SHA-256", 68, lambda row: row.report.sha256),
    _Column(N_("Checked"), 20, lambda row: row.at),
)

_COLOURS: Final = {
    Conclusion.VALID: "17653A",
    Conclusion.WARNING: "8A5A00",
    Conclusion.INDETERMINATE: "8A5A00",
    Conclusion.INVALID: "B3261E",
    Conclusion.UNSIGNED: "565C63",
    Conclusion.UNREADABLE: "565C63",
}

#: What a cell can hold is 32,767 letters.
_LONGEST = 32_000

#: Paper size code of A3 (ECMA-376, part 1, 18.3.1.63).
_A3 = 8

#: Height of a line in points; a row is at most 409 points high.
_LINE, _MOST_LINES = 15, 27

_TIME, _DAY = "dd/mm/yyyy hh:mm:ss", "dd/mm/yyyy"
_FONT, _INK = "Times New Roman", "1C1F22"


def render(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    """The workbook of a report. No cell is a formula, whatever a file or certificate is named."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Register of checks"))
    sheet.freeze_panes = "C2"
    for number, column in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    _set_page(sheet, occasion.office)
    sheet.row_dimensions[1].height = 2 * _LINE
    sheet.append([_head(sheet, _(column.heading)) for column in _COLUMNS])
    last = 1
    for last, row in enumerate(_rows(reports, occasion.at), start=2):
        cells = [_cell(sheet, column.value(row)) for column in _COLUMNS]
        sheet.row_dimensions[last].height = _LINE * max(map(_lines, cells, _PRINTED))
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_COLUMNS))}{last}"
    sheet.print_area = f"A1:{get_column_letter(len(_PRINTED))}{last}"
    sheet.print_title_rows = "1:1"
    book.properties.title = _("Result of checking digital signatures")
    book.properties.creator = plain(occasion.office)
    book.properties.created = book.properties.modified = occasion.at.astimezone(dt.UTC).replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(reports: Sequence[FileReport], at: dt.datetime) -> Iterator[_Row]:
    number = 0
    for report in reports:
        signatures: Sequence[SignatureReport | None] = report.signatures or [None]
        for position, signature in enumerate(signatures, start=1):
            number += 1
            yield _Row(number, report, signature, position, at)


def _lines(cell: Any, column: _Column) -> int:
    """Lines that a cell takes, guessed on the safe side; at most as many as a row may be high."""
    if not isinstance(cell.value, str):
        return 1
    taken = sum(1 + len(line) // column.width for line in cell.value.split("\n"))
    return min(taken, _MOST_LINES)


def _set_page(sheet: Any, office: str) -> None:
    """A3 across, as wide as the printed columns. Before the first row: it stands before them in the file."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A3
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.8, bottom=0.6, header=0.3, footer=0.3)
    sheet.oddHeader.left.text = _in_header(office)
    sheet.oddHeader.center.text = _in_header(_("Result of checking digital signatures"))
    sheet.oddFooter.right.text = "&P/&N"


def _head(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(name=_FONT, size=11, bold=True)
    cell.fill = PatternFill("solid", fgColor="E7EAEC")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet)
    colour = _INK
    if isinstance(value, Conclusion):
        value, colour = words.conclusion(value), _COLOURS[value]
    if isinstance(value, str):
        cell.value = "\n".join(plain(line) for line in value[:_LONGEST].split("\n"))
        cell.data_type = "s"
    elif isinstance(value, dt.datetime):
        cell.value = local(value).replace(tzinfo=None, microsecond=0)
        cell.number_format = _TIME
    elif value is not None:
        cell.value = value
        cell.number_format = _DAY if isinstance(value, dt.date) else "General"
    cell.font = Font(name=_FONT, size=11, bold=colour != _INK, color=f"FF{colour}")
    cell.alignment = Alignment(
        wrap_text=True, vertical="top", horizontal="center" if isinstance(value, int) else "left"
    )
    cell.border = Border(bottom=Side("thin", color="C9CED3"))
    return cell


def _in_header(text: str) -> str:
    """Text of a page header, where ``&`` begins a command."""
    return plain(text).replace("&", "&&")
