"""Ký số: choose documents, look at them, sign them, see where they went."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app import times
from app.documents.model import DocumentInfo
from app.documents.reading import read_with_places
from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.office import Office
from app.preflight.model import Preflight, Severity
from app.signing.acts import Subject, mark
from app.signing.control import ScreenLocked
from app.signing.desk import DeskEvent
from app.signing.errors import PinNotGiven
from app.signing.model import Act, Level, Mark, PinRequest, SignOptions, SignResult, Status
from pkcs11_bridge.errors import PinIncorrect
from ui import wording
from ui.pages.page import Page
from ui.screen_lock import ScreenLock
from ui.signing_run import Left, SigningRun
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.basic import EmptyState, Header, button, icon_button, label, row
from ui.widgets.file_list import Entry, FileList
from ui.widgets.left_run import LeftRun
from ui.widgets.pin_panel import PinPanel
from ui.widgets.preview import Preview
from ui.widgets.questions_panel import Question, QuestionsPanel, office_questions
from ui.widgets.sign_progress import SignProgress
from ui.widgets.sign_results import SignResults
from ui.widgets.sign_setup import Choice, SignSetup
from ui.work import Job, Pool

_CORRECTABLE = {"type": "document_type", "number": "number", "symbol": "symbol", "date": "date", "summary": "summary"}

#: Of the column beside the document, in pixels.
PANEL_WIDTH = 344

_SIGNABLE = frozenset({".pdf", ".docx", ".xlsx", ".pptx"})


class SignPage(Page):
    """Three steps on one page: documents with their setup, the PIN and the progress, the results."""

    def __init__(self, office: Office, tokens: TokenWatch) -> None:
        super().__init__(office)
        self._tokens = tokens
        self._reading = Pool(1, self)
        self._proposing = Pool(1, self)
        self._proposal: Job[Mark | None] | None = None
        self._mark_kind: tuple[str, Act, bool] | None = None
        self._run = SigningRun(office, self)
        self._choice: Choice | None = None
        self._review = False
        self._in_run: list[Entry] = []
        self._pin_error: ErrorInfo | None = None

        self._add = button(_("&Add documents…"), "file-plus", clicked=self.choose)
        self._add.setObjectName("signAdd")
        self._empty = EmptyState(
            "file-pen-line",
            _("Drop the documents to sign here, or choose them."),
            _("PDF, Word, Excel and PowerPoint. The originals stay as they are; signed copies are filed."),
            _("Choose &documents…"),
            "folder-open",
        )
        self._empty.button.setObjectName("signChoose")
        self._empty.chosen.connect(self.choose)

        self.list = FileList()
        self._count = label(role="strong", wrap=False)
        self._remove = icon_button(_("Take the document out of the list"), "circle-minus", self._remove_current)
        self.preview = Preview()
        self.setup = SignSetup(office.settings)
        self.pin = PinPanel()
        self.asking = QuestionsPanel()
        self.progress = SignProgress()
        self.results = SignResults()

        self._panel = QStackedWidget()
        self._panel.setFixedWidth(PANEL_WIDTH)
        for part in (self.setup, self.pin, self.progress, self.asking):
            self._panel.addWidget(part)

        left = QWidget()
        left.setMinimumWidth(232)
        left.setMaximumWidth(352)
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 0, 0, 0)
        left_layout.setSpacing(UNIT // 2)
        left_head = row(self._count, self._remove)
        left_head.setStretch(0, 1)
        left_layout.addLayout(left_head)
        left_layout.addWidget(self.list, 1)

        body = QWidget()
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(UNIT * 2)
        columns.addWidget(left, 1)
        columns.addWidget(self.preview, 2)
        columns.addWidget(self._panel)

        self._left = LeftRun()
        self._lock: ScreenLock | None = None
        self._stack = QStackedWidget()
        for step in (self._empty, body, self.results):
            self._stack.addWidget(step)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Sign documents"), buttons=(self._add,)))
        layout.addWidget(self._left)
        layout.addWidget(self._stack, 1)

        self.files_dropped.connect(self.add)
        self.hovering.connect(self._empty.highlight)
        self.list.row_chosen.connect(self._show_row)
        self.list.removal_asked.connect(self._remove_row)
        self.setup.fields.corrected.connect(self._corrected)
        self.list.menu_asked.connect(self._show_menu)
        self.list.files.numbered.connect(self._entry_changed)
        self.setup.submitted.connect(lambda: self._submit(review=False))
        self.setup.review_wanted.connect(lambda: self._submit(review=True))
        self.setup.findings.repair_wanted.connect(self._repair_current)
        self.setup.findings.accepted.connect(self._accept_current)
        self.asking.agreed.connect(self._agreed)
        self.asking.given_up.connect(self._end_run)
        self.setup.changed.connect(self._act_changed)
        self.setup.mark_wanted.connect(self.preview.go_to_mark)
        self.preview.mark_moved.connect(self._mark_moved)
        self.preview.shown.connect(self._show_mark_page)
        self.pin.answered.connect(self._pin_given)
        self.pin.given_up.connect(self._run.give_up)
        self.progress.cancelled.connect(self._run.cancel)
        self.progress.paused.connect(self._pause)
        self.progress.approved.connect(lambda index: self._run.control.approve(index))
        self.progress.skipped.connect(lambda index: self._run.control.skip(index))
        self.progress.rest_approved.connect(lambda: self._run.control.approve_rest())
        self.results.raise_wanted.connect(self._raise_level)
        self._left.wanted.connect(self._take_left)
        self._left.given_up.connect(lambda: self._run.forget_left(self._told))
        self.results.again.connect(self._sign_rest)
        self.results.anew.connect(self._sign_others)
        self._run.pin_asked.connect(self._ask_pin)
        self._run.stepped.connect(self._stepped)
        self._run.finished.connect(self._finished)
        self._run.failed.connect(self._failed)
        tokens.changed.connect(self._show_tokens)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._escape)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._show_tokens()
        self._refresh()
        self._run.find_left(self._left.show_left, self._told)

    @property
    def busy(self) -> str:
        if self._run.running and self._panel.currentWidget() is not self.pin:
            return _("Documents are being signed.")
        return ""

    def files(self) -> list[Path]:
        return [entry.path for entry in self.list.files.entries]

    def choose(self) -> None:
        """Ask for documents to sign."""
        if self._run.running:
            return
        names, _filter = QFileDialog.getOpenFileNames(
            self, _("Documents to sign"), "", _("Documents (*.pdf *.docx *.xlsx *.pptx);;All files (*)")
        )
        if names:
            self.add([Path(name) for name in names])

    def add(self, paths: list[Path]) -> None:
        if self._run.running:
            return
        if any(path.is_dir() for path in paths):
            self._reading.start(
                lambda job: _documents_in(paths),
                done=self.add,
                failed=lambda error: self.setup.notice.tell_error(describe(error)),
            )
            return
        if self._stack.currentWidget() is self.results:
            self._sign_others()
        for entry in self.list.files.add(paths):
            self._start_reading(entry)
        if self.list.current is None and self.list.files.entries:
            self.list.choose_row(0)
        self._refresh()
        self.list.setFocus()

    def cancel(self) -> None:
        self._run.cancel()

    def first_focus(self) -> QWidget | None:
        return self._empty.button if self._stack.currentWidget() is self._empty else None

    def stop(self) -> None:
        self._tokens.changed.disconnect(self._show_tokens)
        if self._lock is not None:
            self._lock.stop()
        self._reading.close()
        self._proposing.close()
        self.preview.stop()
        self._run.stop()

    # The documents

    def _start_reading(self, entry: Entry) -> None:
        """Read what it says of itself, then look it through."""
        self._reading.start(
            lambda job: self.office.read(entry.path),
            done=lambda info: self._read(entry, info),
            failed=lambda error: self._not_read(entry, error),
        )

    def _read(self, entry: Entry, info: DocumentInfo) -> None:
        entry.read = entry.info = info
        if entry.before is not None:
            entry.info = _corrected_as(info, entry.before)
            entry.mark = entry.before.mark
            entry.accepts = frozenset(entry.before.accepts)
        self._entry_changed(entry)
        self._reading.start(
            lambda job: self.office.preflight(entry.path),
            done=lambda looked: self._looked_through(entry, looked),
            failed=lambda error: self._not_read(entry, error),
        )

    def _looked_through(self, entry: Entry, looked: Preflight) -> None:
        entry.findings = looked.findings
        self.list.files.touch(entry)
        if entry is self.list.current:
            self._show_findings(entry)

    def _show_findings(self, entry: Entry | None) -> None:
        asks = {one.code for one in entry.findings if one.severity is Severity.ASK} if entry else set()
        accepted = entry is not None and asks <= entry.accepts
        self.setup.findings.show_findings(entry.findings if entry else (), accepted=accepted)

    def _accept_current(self, accepted: bool) -> None:
        if (entry := self.list.current) is not None:
            asks = {one.code for one in entry.findings if one.severity is Severity.ASK}
            entry.accepts = entry.accepts | asks if accepted else entry.accepts - asks
            self.list.files.touch(entry)

    def _repair_current(self) -> None:
        """Sign a mended copy in the place of the document shown."""
        entry = self.list.current
        if entry is None or self._run.running:
            return
        self.setup.findings.repair.setEnabled(False)
        self._reading.start(
            lambda job: self.office.repair(entry.path, entry.path.absolute().parent),
            done=lambda mended: self._repaired(entry, mended),
            failed=self._not_repaired,
        )

    def _repaired(self, entry: Entry, mended: Preflight) -> None:
        self.setup.findings.repair.setEnabled(True)
        entry.path, entry.findings, entry.accepts = mended.path, mended.findings, frozenset()
        entry.mark = entry.place = None
        self._entry_changed(entry)

    def _not_repaired(self, error: Exception) -> None:
        self.setup.findings.repair.setEnabled(True)
        self._told(error)

    def _told(self, error: Exception) -> None:
        self.setup.notice.tell_error(describe(error))

    def _show_menu(self, rows: list[int], at: QPoint) -> None:
        """Act, order and removal of the documents chosen; while a run is under way, what of it is left out."""
        files = self.list.files
        entries = [files.entries[row] for row in rows]
        menu = QMenu(self)
        if self._run.running:
            menu.addAction(_("Leave out"), lambda: self._leave_out(entries))
        else:
            acts = menu.addMenu(_("Act of the office"))
            acts.addAction(_("As the others"), lambda: self._set_act(entries, None))
            for place in range(self.setup.act.count()):
                act = Act(self.setup.act.itemData(place))
                acts.addAction(wording.act_name(act), lambda act=act: self._set_act(entries, act))  # type: ignore[misc]
            menu.addAction(_("Type the number…"), lambda: self.list.edit(files.index(rows[0])))
            menu.addAction(_("Move up"), lambda: files.move(rows[0], rows[0] - 1))
            menu.addAction(_("Move down"), lambda: files.move(rows[0], rows[0] + 2))
            menu.addSeparator()
            menu.addAction(_("Take out of the list"), lambda: self._remove_rows(rows))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _set_act(self, entries: list[Entry], act: Act | None) -> None:
        for entry in entries:
            entry.act, entry.mark, entry.place = act, None, None
            self.list.files.touch(entry)
        self._propose()

    def _leave_out(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry in self._in_run and entry.result is None:
                self._run.control.skip(self._in_run.index(entry))

    def _not_read(self, entry: Entry, error: Exception) -> None:
        entry.problem = describe(error)
        self._entry_changed(entry)

    def _entry_changed(self, entry: Entry) -> None:
        self.list.files.touch(entry)
        if entry is self.list.current:
            self.preview.show_file(entry.path, entry.info)
            self.setup.fields.show_info(entry.info)
            self._show_findings(entry)
            self._propose()
        self._refresh()

    def _show_row(self, _row: int) -> None:
        entry = self.list.current
        self.preview.show_file(entry.path if entry else None, entry.info if entry else None)
        self.setup.fields.show_info(entry.info if entry else None)
        self._show_findings(entry)
        self._propose()

    def _act_changed(self) -> None:
        """Another act or key has another mark: places chosen for the one before are void."""
        choice = self.setup.choice()
        self.list.files.show_act(self.setup.chosen_act)
        kind = (choice.key.sha256, choice.options.act, choice.options.visible) if choice is not None else None
        if kind != self._mark_kind:
            self._mark_kind = kind
            for entry in self.list.files.entries:
                entry.mark = entry.place = None
        self._propose()

    def _propose(self) -> None:
        """Find out where the mark of the document shown will stand."""
        if self._proposal is not None:
            self._proposal.cancel()
            self._proposal = None
        entry, choice = self.list.current, self.setup.choice()
        if entry is None or choice is None or entry.path.suffix.lower() != ".pdf" or entry.mark is not None:
            self._show_mark(entry.mark if entry is not None else None)
            return
        wanted = choice.options.visible
        options = dataclasses.replace(choice.options, act=entry.act or choice.options.act)
        path, info, agency, places = entry.path, entry.info, self.office.settings.agency, self.office.places

        def propose(job: Job[Mark | None]) -> Mark | None:
            reading = read_with_places(path)
            reading = dataclasses.replace(reading, info=info or reading.info)
            return mark(Subject(path, options, choice.key, reading, agency, times.now(), places))

        self._proposal = self._proposing.start(
            propose,
            done=lambda shown: self._proposed(entry, shown, left_out=wanted and shown is None),
            failed=lambda _error: self._show_mark(None),
        )

    def _proposed(self, entry: Entry, shown: Mark | None, *, left_out: bool) -> None:
        entry.place = None if shown is None else shown.page
        self.list.files.touch(entry)
        self._show_mark(shown, left_out=left_out)

    def _show_mark(self, shown: Mark | None, *, left_out: bool = False) -> None:
        self.preview.show_mark(shown)
        self.setup.show_proposal(shown, left_out=left_out)
        self._show_mark_page()

    def _show_mark_page(self) -> None:
        self.setup.show_mark_page(self.preview.mark_page)

    def _mark_moved(self, moved: Mark) -> None:
        if (entry := self.list.current) is not None and not self._run.running:
            entry.mark = moved

    def _corrected(self, info: DocumentInfo) -> None:
        if (entry := self.list.current) is not None:
            entry.info = info
            self.list.files.touch(entry)
            self._propose()

    def _remove_current(self) -> None:
        if self.list.currentIndex().isValid():
            self._remove_row(self.list.currentIndex().row())

    def _remove_row(self, row_: int) -> None:
        if self._run.running:
            self._leave_out([self.list.files.entries[row_]])
            return
        self.list.files.remove(row_)
        self._show_row(-1)
        self._refresh()

    def _remove_rows(self, rows: list[int]) -> None:
        for row_ in reversed(rows):
            self._remove_row(row_)

    def _to_sign(self) -> list[Entry]:
        """Those that would be signed: all but the secret ones (Decree 30/2020; the desk refuses them too)."""
        return [entry for entry in self.list.files.entries if not (entry.info is not None and entry.info.secrecy)]

    def _refresh(self) -> None:
        entries = self.list.files.entries
        working = self.list.files.locked = self._run.running
        self._count.setText(ngettext("{n} document", "{n} documents", len(entries)).format(n=len(entries)))
        self._remove.setEnabled(bool(entries) and not working)
        to_sign = self._to_sign()
        self.setup.show_count(len(to_sign))
        if not working:
            named = (entry.info.signer_name for entry in to_sign if entry.info is not None)
            self.setup.show_signers([name for name in named if name])
        if self._stack.currentWidget() is not self.results:
            self._stack.setCurrentIndex(1 if entries else 0)
        self._add.setVisible(self._stack.currentIndex() == 1 and not working)
        self.setAcceptDrops(not working)
        self.busy_changed.emit()

    def _show_tokens(self) -> None:
        self.setup.show_tokens(self._tokens.plugged)

    # The run

    def _submit(self, *, review: bool) -> None:
        """Ask what has to be asked about the documents, then sign them.

        :param review: each is shown and waits to be signed.
        """
        choice, entries = self.setup.choice(), self._to_sign()
        if choice is None or not entries or self._run.running:
            return
        self._review = review
        self.setup.notice.hide()
        unnumbered = next((entry for entry in entries if entry.lacks_number(choice.options.act)), None)
        if unnumbered is not None:
            self.list.choose_row(self.list.files.entries.index(unnumbered))
            self.setup.notice.tell(
                _("{file} has no number yet.").format(file=unnumbered.path.name),
                _("A document gets its number before it is issued: type it in its row or above."),
                "caution",
                "triangle-alert",
            )
            self.list.edit(self.list.currentIndex())
            return
        self.setup.submit.setEnabled(False)
        office = self.office

        def questions(job: Job[list[Question]]) -> list[Question]:
            return [
                Question(entry, question)
                for entry in entries
                for question in office_questions(office, entry, _own_options(entry, choice.options), choice.key)
            ]

        self._reading.start(questions, done=self._asked, failed=self._not_asked)

    def _asked(self, questions: list[Question]) -> None:
        self._refresh()
        if not questions:
            self._begin()
            return
        self.asking.ask(questions, self.setup.action)
        self._panel.setCurrentWidget(self.asking)

    def _not_asked(self, error: Exception) -> None:
        self._refresh()
        self._told(error)

    def _agreed(self, questions: list[Question]) -> None:
        for question in questions:
            question.entry.accepts |= {question.error.code}
            self.list.files.touch(question.entry)
        self._begin()

    def _begin(self) -> None:
        choice = self.setup.choice()
        entries = self._to_sign()
        if choice is None or not entries or self._run.running:
            return
        if self._lock is None:
            self._lock = ScreenLock(self)
            self._lock.locked.connect(self._screen_locked)
        self._choice = choice
        self._in_run = entries
        self.setup.notice.hide()
        self._left.hide()
        for entry in entries:
            entry.result = None
            entry.stage = "waiting"
            self.list.files.touch(entry)
        corrected = {entry.path: _own_options(entry, choice.options) for entry in entries if entry.corrected}
        self.progress.begin(len(entries), review=self._review)
        self._panel.setCurrentWidget(self.progress)
        paths = [entry.path for entry in entries]
        self._run.start(paths, choice.options, corrected, choice.key, review=self._review)
        self._refresh()

    def _pause(self, paused: bool) -> None:
        if paused:
            self._run.control.pause()
        else:
            self._run.control.go_on()

    def _screen_locked(self) -> None:
        if self._run.running:
            self._run.end_session(ScreenLocked())

    def _take_left(self, left: Left) -> None:
        """Put what an earlier run left into the list, as it was asked for."""
        remaining = left.remaining
        self.setup.take_options(remaining.options)
        known = {entry.path for entry in self.list.files.entries}
        self.add([Path(name) for name in remaining.files])
        by_path = {entry.path: entry for entry in self.list.files.entries}
        for at, name in enumerate(remaining.files):
            own = remaining.own.get(at, remaining.options)
            entry = by_path[Path(name)]
            if entry.path not in known:
                entry.before = own
                entry.act = own.act if own.act is not remaining.options.act else None

    def _raise_level(self, result: SignResult, level: Level) -> None:
        """Raise the level of a copy that was signed."""
        path = Path(result.output or "")
        self._reading.start(
            lambda job: self.office.upgrader().upgrade(path, level),
            done=lambda raised: self.results.show_raised(result, raised),
            failed=self._told,
        )

    def _ask_pin(self, request: PinRequest) -> None:
        self._panel.setCurrentWidget(self.pin)
        self.pin.ask(request, self.setup.action, self._pin_error)
        self._pin_error = None

    def _pin_given(self, answer: object) -> None:
        self._panel.setCurrentWidget(self.progress)
        self.progress.cancel.setFocus()
        self._run.answer(answer)  # type: ignore[arg-type]

    def _stepped(self, event: DeskEvent) -> None:
        self.progress.show_event(event)
        entry = next((entry for entry in self.list.files.entries if entry.path == event.file), None)
        if entry is None:
            return
        if event.result is not None:
            entry.result, entry.stage = event.result, ""
        else:
            entry.stage = event.stage
        self.list.files.touch(entry)
        if event.stage == "asking" and self._review:
            self.list.choose_row(self.list.files.entries.index(entry))
            self.preview.go_to_mark()

    def _finished(self, results: list[SignResult]) -> None:
        self._end_run()
        by_path = {result.input: result for result in results}
        for entry in self.list.files.entries:
            entry.result = by_path.get(str(entry.path), entry.result)
            entry.stage = ""
        self.results.show_results(results)
        self._stack.setCurrentWidget(self.results)
        self._tokens.look()
        self._refresh()

    def _failed(self, error: Exception) -> None:
        self._end_run()
        for entry in self.list.files.entries:
            entry.stage = ""
            self.list.files.touch(entry)
        if isinstance(error, PinIncorrect):
            self._pin_error = describe(error)
            self._begin()
            return
        if not isinstance(error, PinNotGiven):
            self.setup.notice.tell_error(describe(error))
        self._tokens.look()
        self._refresh()
        self.setup.submit.setFocus()

    def _end_run(self) -> None:
        self.pin.forget()
        self._in_run = []
        self._panel.setCurrentWidget(self.setup)

    def _sign_rest(self) -> None:
        """Back to the documents that were not signed."""
        rest = [
            entry
            for entry in self.list.files.entries
            if entry.result is None or entry.result.status is not Status.SIGNED
        ]
        for entry in rest:
            entry.result = None
        self._keep(rest)
        self.setup.submit.setFocus()

    def _sign_others(self) -> None:
        self._keep([])
        self._empty.button.setFocus()

    def _keep(self, entries: list[Entry]) -> None:
        self.list.files.replace(entries)
        self._stack.setCurrentIndex(1 if entries else 0)
        if entries:
            self.list.choose_row(0)
        else:
            self._show_row(-1)
        self._refresh()

    def _escape(self) -> None:
        if self._panel.currentWidget() is self.pin and self._run.running:
            self._run.give_up()
        elif self._run.running and self.progress.cancel.isEnabled():
            self.progress.cancel.click()


def _documents_in(paths: list[Path]) -> list[Path]:
    """The files among ``paths``, and the documents directly in the folders among them."""
    files = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in _SIGNABLE and file.is_file())
            files += [file for file in inside if not file.name.startswith((".", "~$"))]
        else:
            files.append(path)
    return files


def _own_options(entry: Entry, options: SignOptions) -> SignOptions:
    """The options of one document, with what was corrected by hand."""
    corrections = {
        option: getattr(entry.info, name)
        for name, option in _CORRECTABLE.items()
        if getattr(entry.info, name) != getattr(entry.read, name)
    }
    return dataclasses.replace(
        options,
        act=entry.act or options.act,
        mark=entry.mark,
        accepts=tuple(sorted(entry.accepts)),
        **corrections,
    )


def _corrected_as(info: DocumentInfo, options: SignOptions) -> DocumentInfo:
    """What was read, with the corrections of an earlier run."""
    given = {name: getattr(options, option) for name, option in _CORRECTABLE.items()}
    return dataclasses.replace(info, **{name: value for name, value in given.items() if value is not None})
