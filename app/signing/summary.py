"""The results of a run as a table to keep: a spreadsheet, or CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.i18n import N_, _
from app.signing.model import SignResult, Status
from app.storage.files import flush_file, writing_error
from app.storage.staging import staging_path

_WORDS: Final = {Status.SIGNED: N_("signed"), Status.SKIPPED: N_("skipped"), Status.FAILED: N_("failed")}

#: What XML cannot carry (XML 1.0, section 2.2), as names of files may.
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: With which a spreadsheet takes a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

#: Heading, width in letters, value.
_COLUMNS: Final[Sequence[tuple[str, int, Callable[[SignResult], object]]]] = (
    (N_("File"), 48, lambda result: result.input),
    (N_("Result"), 14, lambda result: _(_WORDS[result.status])),
    (N_("Act"), 12, lambda result: result.act),
    (N_("Signer"), 28, lambda result: result.signer),
    (N_("Level"), 8, lambda result: result.level_reached or ""),
    (N_("Signed copy"), 60, lambda result: result.output or ""),
    (N_("Filed under"), 22, lambda result: f"{result.filed.year} › {result.filed.type}" if result.filed else ""),
    (N_("Why not"), 48, lambda result: result.error.message if result.error else ""),
    (N_("What to do"), 48, lambda result: result.error.hint if result.error else ""),
    (N_("Notes"), 48, lambda result: "\n".join(warning.message for warning in result.warnings)),
    (N_("SHA-256 of the copy"), 66, lambda result: result.sha256 or ""),
)


def write_summary(results: Sequence[SignResult], path: Path) -> None:
    """Write the table; the ending of the name says its kind: ``.csv``, else a spreadsheet. An existing file is replaced
    in one step, as the person was asked by the dialog that named it.

    :raises TargetNotWritable, DiskFull: nothing was written.
    """
    content = _csv(results) if path.suffix.lower() == ".csv" else _xlsx(results)
    staged = staging_path(path.parent, path.suffix)
    try:
        staged.write_bytes(content)
        flush_file(staged)
        staged.replace(path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise writing_error(error, path) from error


def _rows(results: Sequence[SignResult]) -> list[list[str]]:
    return [
        [_UNPRINTABLE.sub("\ufffd", str(value(result))) for _heading, _width, value in _COLUMNS] for result in results
    ]


def _csv(results: Sequence[SignResult]) -> bytes:
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow([_(heading) for heading, _width, _value in _COLUMNS])
    for row in _rows(results):
        table.writerow([f"'{text}" if text.startswith(_FORMULA) else text for text in row])
    return written.getvalue().encode("utf-8-sig")


def _xlsx(results: Sequence[SignResult]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Signed documents"))
    sheet.freeze_panes = "A2"
    for at, (_heading, width, _value) in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width

    def cell(text: str, *, bold: bool = False) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value=text)
        made.data_type = "s"
        made.font = Font(name="Times New Roman", size=11, bold=bold)
        made.alignment = Alignment(vertical="top", wrap_text=True)
        return made

    sheet.append([cell(_(heading), bold=True) for heading, _width, _value in _COLUMNS])
    for row in _rows(results):
        sheet.append([cell(text) for text in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
