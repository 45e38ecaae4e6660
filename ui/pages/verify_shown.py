"""The document of the file chosen among those checked; a file of a ZIP is unpacked for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.documents.model import DocumentInfo
from app.i18n import _
from app.office import Office
from app.verification.model import Conclusion, FileReport
from ui.unpacked import Unpacked
from ui.widgets.result_desk import ResultDesk
from ui.widgets.result_list import Result
from ui.work import Pool

if TYPE_CHECKING:
    from app.verification.bundle import Member

#: Reasons that tell of a signature without its document.
_DETACHED = frozenset({"cms-content-not-found", "cms-content-beside", "cms-content-differs"})


class VerifyShown(QObject):
    """Puts the document chosen on the desk, and gives its file to whoever does something else with it."""

    #: The exception of a file that could not be unpacked.
    failed = Signal(object)

    def __init__(self, office: Office, desk: ResultDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._office, self._desk = office, desk
        self._unpacked = Unpacked(self)
        self._reading = Pool(1, self)

    def show(self) -> None:
        """Show the document of the file chosen, in the place of the list."""
        if (result := self._desk.list.current) is None:
            return
        self._desk.show_document()
        if (sentence := _nothing_to_see(result.report)) is not None:
            self._desk.preview.show_nothing_of(Path(result.report.path), sentence)
        else:
            self.use(result, partial(self._show_file, result))

    def use(self, result: Result, action: Callable[[Path], object]) -> None:
        """Do something with a file on the disk; one of a ZIP is unpacked first."""
        if result.member is None:
            action(result.path)
        else:
            self._unpacked.use(result.member, action, self.failed.emit)

    def forget(self, member: Member) -> None:
        """Unpack a file anew when it is next used."""
        self._unpacked.forget(member)

    def clear(self) -> None:
        """Forget all that was unpacked."""
        self._unpacked.clear()

    def stop(self) -> None:
        """Wait until no thread works any more, and delete what was unpacked."""
        self._unpacked.stop()
        self._reading.close()

    def _show_file(self, result: Result, path: Path) -> None:
        if self._desk.list.current is not result:
            return
        drawn = result.report.format == "pdf"
        self._desk.preview.show_file(path, None, pages=drawn)
        if not drawn:
            self._read(result, path)

    def _read(self, result: Result, path: Path) -> None:
        """Number, date and summary of a document whose pages are not shown; without them its kind is enough."""

        def show(info: DocumentInfo) -> None:
            if self._desk.list.current is result:
                self._desk.preview.show_file(path, info, pages=False)

        self._reading.cancel_all()
        self._reading.start(lambda _job: self._office.read(path), done=show, failed=lambda _error: None)


def _nothing_to_see(report: FileReport) -> str | None:
    """Why there is nothing to look at in a file; None where there is."""
    if report.conclusion is Conclusion.UNREADABLE:
        return _("The file cannot be read, so it is not shown.")
    if report.format == "cms":
        codes = {reason.code for signature in report.signatures for reason in signature.reasons}
        if codes & _DETACHED:
            return _("This file holds only the signature; the document is another file.")
        return _("The document is wrapped in its signature; common programs do not open it.")
    return None
