"""Whether the filed copies are still there, as they were, and provable; and what to do where they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QTableView, QVBoxLayout, QWidget

from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.office import Office
from ui import keeping_text, wording
from ui.opening import open_folder
from ui.theme import UNIT
from ui.widgets.basic import Header, Notice, button, label, row
from ui.widgets.flow import Flow
from ui.widgets.table import Rows, table
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.health import Checkup, Standing

#: Copies between two words of how far a look has come.
_STEP = 5
#: Reasons shown of files that could not be done.
_SHOWN = 5


class HealthView(QWidget):
    """The last look at the archive, and a new one."""

    closed = Signal()
    busy_changed = Signal()
    #: Id of the document whose copy is chosen.
    document_wanted = Signal(int)
    #: Something was entered in the index.
    changed = Signal()

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._pool = Pool(1, self)
        self._opening = Pool(1, self)
        self._job: Job[int] | None = None
        back = button(_("&Back to the archive"), "arrow-left", role="quiet", clicked=self.closed.emit)
        back.setObjectName("healthBack")
        self.lead = label(role="strong")
        self.more = label(role="soft")
        self.check = button(_("Look at &every copy now"), "activity", role="primary", clicked=self.look)
        self.check.setObjectName("healthCheck")
        self.take_in = button(_("&Take in files put there by hand"), "file-input", clicked=self.take_in_files)
        self.take_in.setObjectName("healthTakeIn")
        self.stop_button = button(_("&Stop"), "x", clicked=self.cancel)
        self.stop_button.setObjectName("healthStop")
        self.progress = QProgressBar()
        self.progress.setAccessibleName(_("Copies looked at"))
        self.progress.setTextVisible(False)
        self.notice = Notice()
        self.notice.hide()
        self.rows = Rows((_("Document"), _("What was found"), _("Provable until"), _("File")))
        self.table: QTableView = table(self.rows, _("Copies with something to be done"), (200, 264, 176, 0))
        self.table.setObjectName("healthTable")
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.activated.connect(lambda index: self._show_document())
        self.table.selectionModel().currentChanged.connect(lambda *_indexes: self._allow())
        self.renew = button("", "rotate-ccw", clicked=self.renew_ending)
        self.renew.setAccessibleName(_("Renew to LTA"))
        self.renew.setObjectName("healthRenew")
        self.mend = button(_("&Enter where moved copies lie now"), "file-symlink", clicked=self.mend_moved)
        self.mend.setObjectName("healthMend")
        self.show_it = button(_("S&how the document"), "arrow-right", clicked=self._show_document)
        self.show_it.setObjectName("healthShow")
        self.folder = button(_("Open the &folder"), "folder-open", clicked=self._open_folder)
        self.folder.setObjectName("healthFolder")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("State of the archive"), buttons=(back,)))
        layout.addWidget(self.lead)
        layout.addWidget(self.more)
        layout.addLayout(Flow(self.check, self.take_in, self.stop_button))
        layout.addWidget(self.progress)
        layout.addWidget(self.notice)
        self._rest = QWidget()
        layout.addWidget(self.table, 1)
        layout.addWidget(self._rest, 1)
        layout.addLayout(row(self.renew, self.mend, self.show_it, self.folder, stretch=True))
        self._found: list[Checkup] = []
        self._refused: list[ErrorInfo] = []
        self._working(False)

    @property
    def busy(self) -> bool:
        return self._pool.unfinished > 0 and self._job is not None

    def refresh(self) -> None:
        """Show what the last looks have found."""

        def read() -> tuple[Standing, list[Checkup]]:
            health = self._office.keeper.health()
            return health.standing(), health.last()

        self._pool.start(lambda _job: read(), done=lambda known: self._show(*known), failed=self._failed)

    def look(self) -> None:
        """Re-read and re-verify every copy."""
        self._look(mend=False)

    def mend_moved(self) -> None:
        """The same, entering in the index where moved copies lie now."""
        self._look(mend=True)

    def take_in_files(self) -> None:
        """Enter in the index the files of the tree that it does not know."""

        def work(job: Job[int]) -> int:
            count = 0
            for taken in self._office.keeper.take_in():
                if taken.error is not None:
                    job.report(taken.error)
                elif taken.taking in ("entered", "moved"):
                    count += 1
                    job.report(count)
                if job.cancelled.is_set():
                    break
            return count

        def done(count: int) -> None:
            told = ngettext("{n} file was taken in.", "{n} files were taken in.", count).format(n=count)
            self._ended(told if count or self._refused else _("Every file of the tree is in the index already."))

        self._start(work, done)

    def renew_ending(self) -> None:
        """Raise the copies that cannot be proven for long to level LTA."""
        copies = [one.copy for one in self._found if one.renewable]

        def work(job: Job[int]) -> int:
            raised = 0
            for _copy, result in self._office.keeper.renew(copies):
                if result.error is not None:
                    job.report(result.error)
                else:
                    raised += 1
                if job.cancelled.is_set():
                    break
            return raised

        def done(count: int) -> None:
            told = ngettext("{n} copy was raised to LTA.", "{n} copies were raised to LTA.", count)
            self._ended(told.format(n=count))

        self._start(work, done)

    def cancel(self) -> None:
        """Stop after the copy that is being looked at; what was looked at counts."""
        if self._job is not None:
            self._job.cancelled.set()
        self._working(False)
        self.refresh()

    def stop(self) -> None:
        self._opening.leave()
        self._pool.close()

    def _look(self, *, mend: bool) -> None:
        def work(job: Job[int]) -> int:
            count = 0
            for _one in self._office.keeper.health().check(mend=mend):
                count += 1
                if count % _STEP == 0:
                    job.report(count)
                if job.cancelled.is_set():
                    break
            return count

        def done(count: int) -> None:
            told = ngettext("{n} copy was looked at.", "{n} copies were looked at.", count).format(n=count)
            self._ended(told)

        self._start(work, done)

    def _start(self, work: Callable[[Job[int]], int], done: Callable[[int], None]) -> None:
        self.notice.hide()
        self._refused.clear()
        self.progress.setValue(0)
        self._job = self._pool.start(work, done=done, failed=self._failed, progress=self._step)
        self._working(True)
        self.stop_button.setFocus()

    def _ended(self, sentence: str) -> None:
        self._working(False)
        self.check.setFocus()
        if self._refused:
            told = ngettext("{n} file could not be done:", "{n} files could not be done:", len(self._refused))
            why = [f"{error.message} {error.hint}" for error in self._refused[:_SHOWN]]
            rest = ["…"] if len(self._refused) > _SHOWN else []
            hint = "\n".join([told.format(n=len(self._refused)), *why, *rest])
            self.notice.tell(sentence, hint, "caution", "triangle-alert", copy=True)
        else:
            self.notice.tell(sentence, "", "good", "circle-check")
        self.notice.show()
        self.refresh()
        self.changed.emit()

    def _step(self, step: object) -> None:
        if isinstance(step, int):
            self.progress.setValue(step)
        elif isinstance(step, ErrorInfo):
            self._refused.append(step)

    def _failed(self, error: Exception) -> None:
        self._working(False)
        self.notice.tell_error(describe(error))

    def _working(self, on: bool) -> None:
        if not on:
            self._job = None
        for part in (self.progress, self.stop_button):
            part.setVisible(on)
        for tool in (self.check, self.take_in):
            tool.setVisible(not on)
        self._allow()
        self.busy_changed.emit()

    def _show(self, standing: Standing, found: list[Checkup]) -> None:
        self._found = found
        self.progress.setMaximum(max(1, standing.copies))
        copies = ngettext("{n} filed copy", "{n} filed copies", standing.copies).format(n=standing.copies)
        if not standing.copies:
            self.lead.setText(_("Nothing is filed yet."))
        elif standing.unchecked == standing.copies:
            self.lead.setText(_("{copies}; nobody has looked at them yet.").format(copies=copies))
        elif not found:
            self.lead.setText(_("{copies}, all there, unchanged and provable.").format(copies=copies))
        else:
            self.lead.setText(_("{copies}, {n} with something to be done.").format(copies=copies, n=len(found)))
        told = []
        if standing.oldest is not None:
            told.append(_("The look that is longest ago: {day}.").format(day=wording.day(standing.oldest)))
        if 0 < standing.unchecked < standing.copies:
            told.append(_("{n} have never been looked at.").format(n=standing.unchecked))
        self.more.setText(" ".join(told))
        self.more.setVisible(bool(told))
        root = self._office.settings.archive_dir
        self.rows.show([(_texts(one, root), one) for one in found])
        self.table.setVisible(bool(found))
        self._rest.setVisible(not found)
        if found:
            self.table.selectRow(0)
        self._allow()

    def _allow(self) -> None:
        ending = sum(one.renewable for one in self._found)
        text = ngettext("&Renew {n} copy to LTA", "&Renew {n} copies to LTA", ending).format(n=ending)
        self.renew.setText(text)
        self.renew.setAccessibleName(text.replace("&", ""))
        idle = self._job is None
        self.renew.setVisible(bool(ending))
        self.renew.setEnabled(idle)
        self.mend.setVisible(any(one.state == "moved" for one in self._found))
        self.mend.setEnabled(idle)
        for tool in (self.show_it, self.folder):
            tool.setVisible(bool(self._found))
            tool.setEnabled(self._chosen is not None)

    @property
    def _chosen(self) -> Checkup | None:
        at = self.table.currentIndex().row()
        return self._found[at] if 0 <= at < len(self._found) else None

    def _show_document(self) -> None:
        if (chosen := self._chosen) is not None:
            self.document_wanted.emit(chosen.copy.document)

    def _open_folder(self) -> None:
        if (chosen := self._chosen) is not None:
            path = Path(chosen.found_at or chosen.copy.path)
            self._opening.cancel_all()
            self._opening.start(lambda _job: _nearest_folder(path), done=open_folder, failed=self._failed)


def _nearest_folder(path: Path) -> Path:
    """The nearest folder above a file that is there."""
    return next((folder for folder in path.parents if folder.exists()), path.parent)


def _texts(found: Checkup, root: Path) -> tuple[str, ...]:
    copy = found.copy
    number = "/".join(filter(None, (copy.number, copy.symbol)))
    until = wording.day(found.provable_until) if found.provable_until is not None else ""
    lies = Path(found.found_at or copy.path)
    where = str(lies.relative_to(root) if lies.is_relative_to(root) else lies)
    return " ".join(filter(None, (copy.type, number))), keeping_text.trouble(found).word, until, where
