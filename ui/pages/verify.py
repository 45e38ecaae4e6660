"""Kiểm tra: drop files, see of each whether to accept it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.office import Office
from app.verification.model import FileReport, SignatureReport
from ui import choosing, opening
from ui.checking import Checked, Checking
from ui.pages.page import Kept, Page
from ui.pages.verify_shown import VerifyShown
from ui.report_saving import ReportSaving, ask_where
from ui.theme import UNIT
from ui.widgets.basic import EmptyState, Header, button
from ui.widgets.changes_view import ChangesView
from ui.widgets.checking_progress import CheckingProgress
from ui.widgets.report_card import ReportCard
from ui.widgets.result_desk import ResultDesk
from ui.widgets.result_list import Result
from ui.widgets.told import Told

#: What the dialog shows first; any file may be chosen.
_PATTERNS = "*.pdf *.docx *.docm *.xlsx *.xlsm *.pptx *.pptm *.odt *.ods *.odp *.asice *.asics *.p7m *.p7s *.xml *.zip"


class VerifyPage(Page):
    """Checks whatever is dropped. One file: the document beside its card; several: the list of files beside it.

    :ivar desk: the results. :ivar changes: what was changed after a signature, in their place; None while they show.
    """

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.checking = Checking(office, self)
        self.checking.arrived.connect(self._arrived)
        self.checking.changed.connect(self._show_progress)
        self.checking.not_entered.connect(self._tell_not_entered)
        self._saving = ReportSaving(office, self)
        self._saving.saved.connect(self._report_saved)
        self._saving.failed.connect(self._report_failed)
        self.changes: ChangesView | None = None

        self.save = button(_("&Save the report…"), "save", clicked=self._choose_report)
        self.save.setObjectName("verifySave")
        self._choose = button(_("Choose &files…"), "file-plus", clicked=self.choose)
        self._choose.setObjectName("verifyChoose")
        self._clear = button(_("C&lear the list"), "x", role="quiet", clicked=self.clear)
        self._clear.setObjectName("verifyClear")
        self._header = Header(_("Check signatures"), buttons=(self._clear, self.save, self._choose))

        self._empty = EmptyState(
            "shield-check",
            _("Drop files, folders or ZIP archives here to see whether to accept them."),
            _("PDF, Office and OpenDocument files, signed containers and XML. They are only read, never changed."),
            _("Choose &files…"),
            "folder-open",
        )
        self.told = Told()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self._header)
        layout.addWidget(self.told)
        self._stack, results = QStackedWidget(), QWidget()
        layout.addWidget(self._stack, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(results)
        self._lay_out_results(results)
        self._connect()
        self._show_state()

    def _lay_out_results(self, results: QWidget) -> None:
        whole = QVBoxLayout(results)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(UNIT * 2)
        self._progress, self.desk = CheckingProgress(results), ResultDesk(results)
        whole.addWidget(self._progress)
        whole.addWidget(self.desk, 1)
        self.list, self.preview = self.desk.list, self.desk.preview
        self.pane, self.refusal = self.desk.pane, self.desk.refusal
        self._shown = VerifyShown(self.office, self.desk, self)

    def _connect(self) -> None:
        self.files_dropped.connect(self.add)
        self.hovering.connect(self._empty.highlight)
        self._empty.chosen.connect(self.choose)
        self._progress.stopped.connect(self.cancel)
        self.list.chosen.connect(self._show_result)
        self.list.activated.connect(lambda _index: self._shown.show())
        self.refusal.closed.connect(self.desk.leave_refusal)
        self.refusal.saved.connect(lambda path: self._tell_saved(path, _("The note was saved.")))
        self._shown.failed.connect(lambda error: self.told.tell_error(describe(error)))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self, self.check_again)

    @property
    def busy(self) -> str:
        if not self.checking.busy:
            return ""
        total = self.checking.total
        if total is None:
            return _("Files are still being looked for.")
        left = max(1, total - self.checking.done)
        return ngettext("{n} file is still being checked.", "{n} files are still being checked.", left).format(n=left)

    @property
    def card(self) -> ReportCard | None:
        """The card shown."""
        return self.pane.card

    @property
    def reports(self) -> list[FileReport]:
        """All that is known, oldest first."""
        return [result.report for result in self.list.found.results]

    def files(self) -> list[Path]:
        return list(dict.fromkeys(result.path for result in self.list.found.results))

    def keep(self) -> Kept:
        results = (Checked(result.report, result.path, result.member) for result in self.list.found.results)
        return Kept(tuple(self.files()), tuple(results))

    def take_over(self, kept: Kept) -> None:
        results = [result for result in kept.results if isinstance(result, Checked)]
        if results:
            self._arrived(results)
        else:
            super().take_over(kept)

    def choose(self) -> None:
        """Ask for files and check them."""
        if files := choosing.to_open(self, _("Files to check"), [f"{_('Documents')} ({_PATTERNS})"]):
            self.add(files)

    def add(self, paths: list[Path]) -> None:
        self.told.hide()
        self._close_changes()
        self.checking.start(list(dict.fromkeys(paths)))

    def check_again(self) -> None:
        """Check the file shown anew."""
        if (result := self.list.current) is None:
            return
        self.preview.show_file(None, None)
        if result.member is None:
            self.add([result.path])
            return
        self.told.hide()
        self._close_changes()
        self._shown.forget(result.member)
        self.checking.start_again(result.member)

    def cancel(self) -> None:
        """Stop checking; what is already known stays."""
        self.checking.cancel()

    def clear(self) -> None:
        """Begin anew with an empty list."""
        self.cancel()
        self._close_changes()
        self.desk.words.clear()
        self.told.hide()
        self._shown.clear()
        self.list.clear()
        self._show_result(None)
        self._show_state()
        self._empty.button.setFocus()

    def first_focus(self) -> QWidget | None:
        return self._empty.button if self._stack.currentWidget() is self._empty else None

    def stop(self) -> None:
        self.checking.stop()
        self._shown.stop()
        self._close_changes()
        self.preview.stop()
        self.refusal.stop()
        self._saving.stop()

    def save_report(self, path: Path) -> None:
        """Write a report on the files shown."""
        self._saving.save(path, [result.report for result in self.list.found.shown])
        self.save.setEnabled(False)
        self.told.tell_working(_("Writing the report…"))

    # What came

    def _arrived(self, found: list[Checked]) -> None:
        shown = self.list.current
        self.list.found.add((checked.report, checked.path, checked.member) for checked in found)
        again = shown is not None and any(checked.report.path == shown.report.path for checked in found)
        if again:
            self._choose_path(shown.report.path if shown else "")
        waiting = self._stack.currentWidget() is self._empty
        self._show_state()
        if waiting and self.isVisible():
            self._take_keyboard()

    def _take_keyboard(self) -> None:
        """The keyboard was where nothing is any more."""
        if self.desk.several:
            self.list.setFocus()
        elif self.card is not None:
            self.card.take_keyboard()

    def _choose_path(self, path: str) -> None:
        for result in self.list.found.shown:
            if result.report.path == path:
                self.list.choose(result)

    def _show_state(self) -> None:
        """One file: its document is beside the card; several: the list is."""
        self.desk.refresh()
        if not self.desk.several:
            self._shown.show()
        if self.card is not None and self.list.current is not None:
            self.card.show_document_button(self.desk.several)
        self._show_progress()

    def _show_progress(self) -> None:
        busy, known = self.checking.busy, bool(self.list.found.results)
        if self.changes is not None:
            self._stack.setCurrentWidget(self.changes)
        else:
            self._stack.setCurrentIndex(1 if known or (busy and self.checking.total != 1) else 0)
        for control in (self._choose, self._clear, self.save):
            control.setVisible(known)
        self._progress.show_state(self.checking)
        self.busy_changed.emit()

    def _show_result(self, result: Result | None) -> None:
        if result is None:
            self.desk.show_card(None)
            self.preview.show_file(None, None)
            return
        card = ReportCard(result.report, result.path, packed=result.member is not None)
        card.note_asked.connect(partial(self._write_note, result))
        card.again_asked.connect(self.check_again)
        card.content_asked.connect(partial(self._choose_content, result))
        card.document_asked.connect(self._shown.show)
        card.open_asked.connect(partial(self._shown.use, result, opening.open_file))
        card.changes_asked.connect(partial(self._show_changes, result))
        card.trust_asked.connect(lambda: self.handed_over.emit("trust", []))
        card.show_document_button(self.desk.several)
        self.desk.show_card(card)
        if self.desk.shows_document:
            self._shown.show()

    def _choose_content(self, result: Result) -> None:
        content = choosing.one_to_open(self, _("Document that {file} signs").format(file=result.path.name), [])
        if content is not None:
            self.checking.start_with(result.path, content)

    def _show_changes(self, result: Result, signature: SignatureReport) -> None:
        self._shown.use(result, partial(self._compare, signature))

    def _compare(self, signature: SignatureReport, path: Path) -> None:
        self._close_changes()
        self.changes = ChangesView(path, signature)
        self.changes.closed.connect(self._close_changes)
        self._stack.addWidget(self.changes)
        self._header.hide()
        self._show_progress()

    def _close_changes(self) -> None:
        if self.changes is None:
            return
        self.changes.stop()
        self._stack.removeWidget(self.changes)
        self.changes.deleteLater()
        self.changes = None
        self._header.show()
        self._show_progress()
        if self.card is not None:
            self.card.see_changes.setFocus()

    # Notes and reports

    def _write_note(self, result: Result) -> None:
        self.refusal.show_note(result.report, self.office.occasion(), result.path)
        self.desk.show_refusal()

    def _choose_report(self) -> None:
        shown = self.list.found.shown
        if not shown:
            return
        path = ask_where(self, [result.report for result in shown], shown[0].path)
        if path is not None:
            self.save_report(path)

    def _report_saved(self, path: Path) -> None:
        self.save.setEnabled(True)
        self._tell_saved(path, _("The report was saved."))

    def _report_failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self.told.tell_error(describe(error))

    def _tell_saved(self, path: Path, sentence: str) -> None:
        self.told.tell_done(
            sentence,
            str(path),
            (
                (_("&Open it"), "external-link", partial(opening.open_file, path)),
                (_("Open the fol&der"), "folder-open", partial(opening.open_folder_of, path)),
            ),
        )

    def _tell_not_entered(self, error: ErrorInfo) -> None:
        self.told.tell_error(error, _("The file was checked, but the result was not entered in the journal."))
