"""Kiểm tra: drop files, see of each whether to accept it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import times
from app.documents.model import DocumentInfo
from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.office import Office
from app.verification.model import Conclusion, FileReport, SignatureReport
from ui import choosing, opening, report_text, wording
from ui.checking import Checked, Checking
from ui.pages.page import Kept, Page
from ui.theme import UNIT
from ui.unpacked import Unpacked
from ui.widgets.basic import EmptyState, Header, Notice, button, label, row
from ui.widgets.card_pane import CardPane
from ui.widgets.changes_view import ChangesView
from ui.widgets.preview import Preview
from ui.widgets.refusal_panel import RefusalPanel
from ui.widgets.report_card import ReportCard
from ui.widgets.result_filter import ResultFilter
from ui.widgets.result_list import Order, Result, ResultList
from ui.widgets.told import Told
from ui.work import Pool

#: Reasons that tell of a signature without its document.
_DETACHED = frozenset({"cms-content-not-found", "cms-content-beside", "cms-content-differs"})

#: What the dialog shows first; any file may be chosen.
_PATTERNS = "*.pdf *.docx *.docm *.xlsx *.xlsm *.pptx *.pptm *.odt *.ods *.odp *.asice *.asics *.p7m *.p7s *.xml *.zip"


class VerifyPage(Page):
    """Checks whatever is dropped. One file: the document beside its card; several: the list of files beside it."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.checking = Checking(office, self)
        self.unpacked = Unpacked(self)
        self.checking.arrived.connect(self._arrived)
        self.checking.changed.connect(self._show_progress)
        self.checking.not_entered.connect(self._tell_not_entered)
        self._saving = Pool(1, self)
        self._reading = Pool(1, self)
        self._several_known = False
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
        self._empty.chosen.connect(self.choose)

        self.told = Told()
        self._progress_text = label(role="soft", wrap=False)
        self._progress_text.setObjectName("verifyProgress")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(_("Files checked"))
        self._stop = button(_("S&top"), "x", clicked=self.cancel)
        self._stop.setObjectName("verifyStop")
        self._progress_row = QWidget()
        self._progress_row.setLayout(row(self._progress_text, self._progress, self._stop, spacing=UNIT * 2))

        self.list = ResultList()
        self.list.chosen.connect(self._show_result)
        self.list.activated.connect(lambda _index: self._show_document())
        self.filter = ResultFilter()
        self.filter.chosen.connect(self._show_only)
        self.preview = Preview()
        self.pane = CardPane()
        self.refusal = RefusalPanel()
        self.refusal.closed.connect(self._show_card_again)
        self.refusal.saved.connect(lambda path: self._tell_saved(path, _("The note was saved.")))

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
        self.files_dropped.connect(self.add)
        self.hovering.connect(self._empty.highlight)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self, self.check_again)
        self._show_state()

    def _lay_out_results(self, results: QWidget) -> None:
        self.words = QLineEdit()
        self.words.setObjectName("verifyWords")
        self.words.setPlaceholderText(_("File name or signer; accents may be left out"))
        self.words.setAccessibleName(_("Show files whose name or signer contains"))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self.list.found.find)
        self.order = QComboBox()
        self.order.setObjectName("verifyOrder")
        self.order.setAccessibleName(_("Order of the files"))
        for order, text in (
            (Order.VERDICT, _("Gravest first")),
            (Order.PLACE, _("By folder")),
            (Order.NAME, _("By name")),
            (Order.SIGNER, _("By signer")),
            (Order.TIME, _("Newest signature first")),
        ):
            self.order.addItem(text, order)
        self.order.activated.connect(lambda _row: self.list.found.sort_by(self.order.currentData()))
        self._nothing = Notice(_("No file has these words."), tone="neutral", icon="search")

        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        sides.setHandleWidth(UNIT * 2)
        self._left, self._right = QStackedWidget(), QStackedWidget()
        self._left.setMinimumWidth(UNIT * 36)
        self._right.setMinimumWidth(UNIT * 46)
        whole = QVBoxLayout(results)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(UNIT * 2)
        whole.addWidget(self._progress_row)
        whole.addWidget(self.filter)
        whole.addWidget(sides, 1)
        sides.addWidget(self._left)
        sides.addWidget(self._right)
        sides.setStretchFactor(0, 3)
        sides.setStretchFactor(1, 2)

        search = row(self.words, self.order)
        search.setStretch(0, 1)
        several = QWidget()
        inner = QVBoxLayout(several)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(UNIT)
        inner.addLayout(search)
        inner.addWidget(self._nothing)
        inner.addWidget(self.list, 1)

        self.to_list = button(_("Back to the &list"), "arrow-left", role="quiet", clicked=self._show_list)
        one = QWidget()
        beside = QVBoxLayout(one)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(UNIT)
        beside.addLayout(row(self.to_list, stretch=True))
        beside.addWidget(self.preview, 1)

        self._several, self._one = several, one
        for part in (several, one):
            self._left.addWidget(part)
        for part in (self.pane, self.refusal):
            self._right.addWidget(part)

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
        self.unpacked.forget(result.member)
        self.checking.start_again(result.member)

    def cancel(self) -> None:
        """Stop checking; what is already known stays."""
        self.checking.cancel()

    def clear(self) -> None:
        """Begin anew with an empty list."""
        self.cancel()
        self._close_changes()
        self.words.clear()
        self.told.hide()
        self.unpacked.clear()
        self.list.clear()
        self._show_result(None)
        self._show_state()
        self._empty.button.setFocus()

    def first_focus(self) -> QWidget | None:
        return self._empty.button if self._stack.currentWidget() is self._empty else None

    def stop(self) -> None:
        self.checking.stop()
        self.unpacked.stop()
        self._close_changes()
        self.preview.stop()
        self.refusal.stop()
        self._saving.close()
        self._reading.close()

    def save_report(self, path: Path) -> None:
        """Write a report on the files shown."""
        reports = [result.report for result in self.list.found.shown]
        occasion = self.office.occasion()
        self.save.setEnabled(False)

        def write(_job: object) -> None:
            from app.verification.report import save

            save(path, reports, occasion)

        def end() -> None:
            self.save.setEnabled(True)

        def done(_nothing: object) -> None:
            end()
            self._tell_saved(path, _("The report was saved."))

        def failed(error: Exception) -> None:
            end()
            self.told.tell_error(describe(error))

        self.told.tell_working(_("Writing the report…"))
        self._saving.start(write, done=done, failed=failed)

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
        if self._several_known:
            self.list.setFocus()
        elif self.card is not None:
            self.card.take_keyboard()

    def _choose_path(self, path: str) -> None:
        for result in self.list.found.shown:
            if result.report.path == path:
                self.list.choose(result)

    def _show_state(self) -> None:
        """One file: its document is beside the card; several: the list is."""
        results = self.list.found.results
        counts = self.list.found.counts()
        if (conclusion := self.list.found.conclusion) is not None and not counts[conclusion]:
            self._show_only(None)
        several = len(results) > 1
        if several != self._several_known:
            self._several_known = several
            self._left.setCurrentWidget(self._several if several else self._one)
        self.filter.setVisible(several)
        self.filter.show_counts(counts, self.list.found.conclusion)
        self.to_list.setVisible(several)
        if not several:
            self._show_document()
        if self.card is not None and self.list.current is not None:
            self.card.show_document_button(several)
        self._nothing.setVisible(bool(results) and not self.list.found.shown)
        self._show_progress()

    def _show_progress(self) -> None:
        busy, known = self.checking.busy, bool(self.list.found.results)
        done, total = self.checking.done, self.checking.total
        if self.changes is not None:
            self._stack.setCurrentWidget(self.changes)
        else:
            self._stack.setCurrentIndex(1 if known or (busy and total != 1) else 0)
        for control in (self._choose, self._clear, self.save):
            control.setVisible(known)
        self._progress_row.setVisible(busy and total != 1)
        self._progress.setRange(0, total or 0)
        self._progress.setValue(done)
        parts = [
            _("Looking for files…") if total is None else _("Checked: {done} of {total}").format(done=done, total=total)
        ]
        if (left := self.checking.seconds_left) is not None:
            parts.append(_("{time} left").format(time=wording.duration(left)))
        self._progress_text.setText(" · ".join(parts))
        self.busy_changed.emit()

    def _show_only(self, conclusion: Conclusion | None) -> None:
        self.list.found.show_only(conclusion)
        self.filter.show_counts(self.list.found.counts(), conclusion)

    def _show_result(self, result: Result | None) -> None:
        self._right.setCurrentWidget(self.pane)
        self._nothing.setVisible(result is None and bool(self.list.found.results))
        if result is None:
            self.pane.show_card(None)
            self.preview.show_file(None, None)
            return
        card = ReportCard(result.report, result.path, packed=result.member is not None)
        card.note_asked.connect(partial(self._write_note, result))
        card.again_asked.connect(self.check_again)
        card.content_asked.connect(partial(self._choose_content, result))
        card.document_asked.connect(self._show_document)
        card.open_asked.connect(partial(self._use_file, result, opening.open_file))
        card.changes_asked.connect(partial(self._show_changes, result))
        card.trust_asked.connect(lambda: self.handed_over.emit("trust", []))
        card.show_document_button(self._several_known)
        self.pane.show_card(card)
        if self._left.currentWidget() is self._one:
            self._show_document()

    def _show_document(self) -> None:
        if (result := self.list.current) is None:
            return
        self._left.setCurrentWidget(self._one)
        if (sentence := _nothing_to_see(result.report)) is not None:
            self.preview.show_nothing_of(Path(result.report.path), sentence)
        else:
            self._use_file(result, partial(self._show_file, result))

    def _use_file(self, result: Result, action: Callable[[Path], object]) -> None:
        """Do something with a file on the disk; one of a ZIP is unpacked first."""
        if result.member is None:
            action(result.path)
        else:
            self.unpacked.use(result.member, action, lambda error: self.told.tell_error(describe(error)))

    def _show_file(self, result: Result, path: Path) -> None:
        if self.list.current is not result:
            return
        drawn = result.report.format == "pdf"
        self.preview.show_file(path, None, pages=drawn)
        if not drawn:
            self._read(result, path)

    def _read(self, result: Result, path: Path) -> None:
        """Number, date and summary of a document whose pages are not shown; without them its kind is enough."""

        def show(info: DocumentInfo) -> None:
            if self.list.current is result:
                self.preview.show_file(path, info, pages=False)

        self._reading.cancel_all()
        self._reading.start(lambda _job: self.office.read(path), done=show, failed=lambda _error: None)

    def _show_list(self) -> None:
        self._left.setCurrentWidget(self._several)
        self.list.setFocus()

    def _choose_content(self, result: Result) -> None:
        content = choosing.one_to_open(self, _("Document that {file} signs").format(file=result.path.name), [])
        if content is not None:
            self.checking.start_with(result.path, content)

    def _show_changes(self, result: Result, signature: SignatureReport) -> None:
        self._use_file(result, partial(self._compare, signature))

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
        self._right.setCurrentWidget(self.refusal)
        self.refusal.text.setFocus()

    def _show_card_again(self) -> None:
        self._right.setCurrentWidget(self.pane)
        if self.card is not None:
            self.card.take_keyboard()

    def _choose_report(self) -> None:
        shown = self.list.found.shown
        if not shown:
            return
        name = _("Report of checking {day}").format(day=f"{times.now():%Y-%m-%d %H.%M}")
        if len(shown) == 1:
            name = _("Report on {file}").format(file=Path(report_text.file_name(shown[0].report)).stem)
        filters = [
            _("Report to print (*.pdf)"),
            _("Spreadsheet (*.xlsx)"),
            _("Data (*.json)"),
            _("Validation report of ETSI TS 119 102-2 (*.xml)"),
        ]
        path = choosing.to_save(self, _("Save the report"), shown[0].path.with_name(f"{name}.pdf"), filters)
        if path is not None:
            self.save_report(path)

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
