"""Reports on files that were checked, written where a person says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import times
from app.i18n import _
from app.office import Office
from app.verification.model import FileReport
from ui import choosing, report_text
from ui.work import Pool


def ask_where(parent: QWidget, reports: Sequence[FileReport], beside: Path) -> Path | None:
    """A name for a report; None where the person thought better of it.

    :param reports: at least one. :param beside: the file in whose folder it is proposed.
    """
    name = _("Report of checking {day}").format(day=f"{times.now():%Y-%m-%d %H.%M}")
    if len(reports) == 1:
        name = _("Report on {file}").format(file=Path(report_text.file_name(reports[0])).stem)
    filters = [
        _("Report to print (*.pdf)"),
        _("Spreadsheet (*.xlsx)"),
        _("Data (*.json)"),
        _("Validation report of ETSI TS 119 102-2 (*.xml)"),
    ]
    return choosing.to_save(parent, _("Save the report"), beside.with_name(f"{name}.pdf"), filters)


class ReportSaving(QObject):
    """Writes reports in a thread of its own, one at a time."""

    #: The path of a report that is on the disk.
    saved = Signal(object)
    #: The exception that kept one from being written.
    failed = Signal(object)

    def __init__(self, office: Office, parent: QObject) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(1, self)

    def save(self, path: Path, reports: Sequence[FileReport]) -> None:
        """Write one; the ending of its name decides the kind."""
        occasion = self._office.occasion()

        def write(_job: object) -> None:
            from app.verification.report import save

            save(path, reports, occasion)

        self._pool.start(write, done=lambda _nothing: self.saved.emit(path), failed=self.failed.emit)

    def stop(self) -> None:
        """Wait until no thread writes any more."""
        self._pool.close()
