"""At the start after a crash: what may be done with its report."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _
from app.office import Office
from app.support import crashes
from app.support.crashes import Kept
from ui.theme import UNIT
from ui.widgets.told import Told
from ui.work import Job, Pool


class CrashOffer(QWidget):
    """Hidden unless a report is at hand that nobody has seen."""

    #: The reports should go into the file for support.
    bundle_wanted = Signal()

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._folder = office.settings.data_dir
        self._pool = Pool(1, self)
        self._new: list[Kept] = []
        self.told = Told()
        self.told.setObjectName("crashOffer")
        self.told.closed.connect(self._seen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT, UNIT * 3, 0)
        layout.addWidget(self.told)
        self.hide()

    def look(self) -> None:
        """Look for reports, off the main thread."""

        def read(_job: Job[list[Kept]]) -> list[Kept]:
            return [kept for kept in crashes.reports(self._folder) if not kept.told]

        self._pool.start(read, done=self._offer, failed=self._fail)

    def stop(self) -> None:
        self._pool.close()

    def _offer(self, new: list[Kept]) -> None:
        self._new = new
        if not new:
            return
        stopped = any(kept.report.kind == "stopped" for kept in new)
        self.told.tell_attention(
            _("The program stopped unexpectedly the last time.")
            if stopped
            else _("The program met with an unexpected error the last time."),
            _("A report of it was kept. It holds nothing of documents, no names and no PIN."),
            [
                (_("See the &report"), "file-text", self._show),
                (_("&Put it into the file for support"), "save", self._bundle),
                (_("&Delete it"), "trash-2", self._delete),
            ],
        )
        self.show()

    def _show(self) -> None:
        from app.support.bundle import Part, report_lines
        from ui.widgets.bundle_preview import BundlePreview

        text = "\n\n".join("\n".join(report_lines(crashes.shown(kept.report))) for kept in self._new)
        lead = _("This is all that was kept.")
        BundlePreview(self, _("Report of a crash"), lead, [Part("crashes.txt", text)], may_save=False).open()

    def _bundle(self) -> None:
        self._seen()
        self.bundle_wanted.emit()

    def _delete(self) -> None:
        self._settle(lambda: crashes.remove(self._new))

    def _seen(self) -> None:
        self._settle(lambda: crashes.mark_told(self._new))

    def _settle(self, change: Callable[[], None]) -> None:
        self.hide()
        self._pool.start(lambda _job: change(), done=lambda _nothing: None, failed=self._fail)

    def _fail(self, error: Exception) -> None:
        self.told.tell_error(describe(error))
        self.show()
