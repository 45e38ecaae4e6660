"""From the choices over questions, PIN and progress to the end of a run: the column beside the document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from app.errors import ErrorInfo, describe
from app.office import Office
from app.signing.control import ScreenLocked
from app.signing.desk import DeskEvent
from app.signing.errors import PinNotGiven
from app.signing.model import PinAnswer, PinRequest, SignResult
from pkcs11_bridge.errors import PinIncorrect
from ui.screen_lock import ScreenLock
from ui.signing_entry import Entry
from ui.signing_run import SigningRun
from ui.widgets.file_list_model import FileListModel
from ui.widgets.pin_panel import PinPanel
from ui.widgets.questions_panel import Question, QuestionsPanel, office_questions
from ui.widgets.sign_progress import SignProgress
from ui.widgets.sign_setup import Choice, SignSetup
from ui.work import Job, Pool

#: Of the column, in pixels.
PANEL_WIDTH = 344


class SignBatch(QStackedWidget):
    """Leads one run at a time.

    :ivar run: the desk in its worker.
    """

    #: A run began or ended.
    changed = Signal()
    #: Emitted with the :class:`Entry` that waits to be looked at.
    waits_for = Signal(object)
    #: The run is over; the entries have their results.
    finished = Signal()
    #: Emitted with the exception for which nothing was signed; it stands in the setup unless a person gave up.
    not_begun = Signal(object)

    def __init__(self, office: Office, files: FileListModel) -> None:
        super().__init__()
        self._office = office
        self._files = files
        self._asking = Pool(1, self)
        self._entries: list[Entry] = []
        self._on_token: Entry | None = None
        self._choice: Choice | None = None
        self._review = False
        self._pin_error: ErrorInfo | None = None
        self._lock: ScreenLock | None = None
        self.run = SigningRun(office, self)
        self.setup = SignSetup(office.settings)
        self.questions = QuestionsPanel()
        self.pin = PinPanel()
        self.progress = SignProgress()
        self.setFixedWidth(PANEL_WIDTH)
        for part in (self.setup, self.questions, self.pin, self.progress):
            self.addWidget(part)

        self.questions.agreed.connect(self._agreed)
        self.questions.given_up.connect(self._end)
        self.pin.answered.connect(self._pin_given)
        self.pin.given_up.connect(self.run.give_up)
        self.progress.cancelled.connect(self.run.cancel)
        self.progress.paused.connect(self._pause)
        self.progress.approved.connect(lambda index: self.run.control.approve(index))
        self.progress.skipped.connect(lambda index: self.run.control.skip(index))
        self.progress.rest_approved.connect(lambda: self.run.control.approve_rest())
        self.run.pin_asked.connect(self._ask_pin)
        self.run.stepped.connect(self._stepped)
        self.run.finished.connect(self._finished)
        self.run.failed.connect(self._failed)

    @property
    def running(self) -> bool:
        return self.run.running

    @property
    def signing(self) -> bool:
        """Whether a run is past its PIN."""
        return self.running and self.currentWidget() is not self.pin

    def submit(self, entries: Sequence[Entry], *, review: bool) -> None:
        """Ask what has to be asked about the documents, then sign them.

        :param review: each is shown and waits to be signed.
        """
        choice = self.setup.choice()
        if choice is None or not entries or self.running:
            return
        self._entries, self._choice, self._review = list(entries), choice, review
        self.setup.notice.hide()
        self.setup.hold(True)
        office = self._office

        def questions(job: Job[list[Question]]) -> list[Question]:
            return [
                Question(entry, question)
                for entry in entries
                for question in office_questions(office, entry, entry.own_options(choice.options), choice.key)
            ]

        self._asking.start(questions, done=self._asked, failed=self._not_asked)

    def leave_out(self, entries: Sequence[Entry]) -> None:
        """Do not sign these of the run under way, as far as the token does not have them already."""
        for entry in entries:
            if entry in self._entries and entry.result is None:
                self.run.control.skip(self._entries.index(entry))

    def give_up_or_cancel(self) -> None:
        """What Escape does: no PIN comes, or the run stops after the present document."""
        if self.currentWidget() is self.pin and self.running:
            self.run.give_up()
        elif self.currentWidget() is self.questions:
            self.questions.given_up.emit()
        elif self.running and self.progress.cancel.isEnabled():
            self.progress.cancel.click()

    def screen_locked(self) -> None:
        """The token must not stay logged in."""
        if self.running:
            self.run.end_session(ScreenLocked())

    def stop(self) -> None:
        """End what is under way and hear no more of it."""
        if self._lock is not None:
            self._lock.stop()
        self.setup.stop()
        self._asking.close()
        self.run.stop()

    def _asked(self, questions: list[Question]) -> None:
        self.setup.hold(False)
        if not questions:
            self._begin()
            return
        self.questions.ask(questions, self.setup.words_for(len(self._entries)))
        self.setCurrentWidget(self.questions)

    def _not_asked(self, error: Exception) -> None:
        self.setup.hold(False)
        self.setup.notice.tell_error(describe(error))

    def _agreed(self, questions: list[Question]) -> None:
        for question in questions:
            question.entry.accepts |= {question.error.code}
            self._files.touch(question.entry)
        self._begin()

    def _begin(self) -> None:
        choice, entries = self._choice, self._entries
        if choice is None or self.running:
            return
        if self._lock is None:
            self._lock = ScreenLock(self)
            self._lock.locked.connect(self.screen_locked)
        for entry in entries:
            entry.result = None
            entry.stage = "waiting"
            self._files.touch(entry)
        corrected = {entry.path: entry.own_options(choice.options) for entry in entries if entry.has_options}
        self.progress.begin(len(entries), review=self._review)
        self.setCurrentWidget(self.progress)
        self.run.start([entry.path for entry in entries], choice.options, corrected, choice.key, review=self._review)
        self.changed.emit()

    def _pause(self, paused: bool) -> None:
        if paused:
            self.run.control.pause()
        else:
            self.run.control.go_on()

    def _ask_pin(self, request: PinRequest) -> None:
        self.setCurrentWidget(self.pin)
        self.pin.ask(request, self.setup.words_for(len(self._entries)), self._pin_error)
        self._pin_error = None

    def _pin_given(self, answer: PinAnswer) -> None:
        self.setCurrentWidget(self.progress)
        self.progress.cancel.setFocus()
        self.run.answer(answer)

    def _stepped(self, event: DeskEvent) -> None:
        self.progress.show_event(event)
        entry = self._entries[event.index]
        if event.result is not None:
            entry.result, entry.stage = event.result, ""
        else:
            entry.stage = event.stage
        if event.stage == "signing":
            self._comes_to_token(entry)
        self._files.touch(entry)
        if event.stage == "asking" and self._review:
            self.waits_for.emit(entry)

    def _comes_to_token(self, entry: Entry) -> None:
        """The token works on one document; the one before it waits to be checked, where that has not begun."""
        before, self._on_token = self._on_token, entry
        if before is not None and before is not entry and before.stage == "signing":
            before.stage = "verifying"
            self._files.touch(before)

    def _finished(self, results: list[SignResult]) -> None:
        for entry, result in zip(self._entries, results, strict=True):
            entry.result, entry.stage = result, ""
        self._end()
        self.finished.emit()

    def _failed(self, error: Exception) -> None:
        for entry in self._entries:
            entry.stage = ""
            self._files.touch(entry)
        if isinstance(error, PinIncorrect):
            self._pin_error = describe(error)
            self._begin()
            return
        self._end()
        if not isinstance(error, PinNotGiven):
            self.setup.notice.tell_error(describe(error))
        self.not_begun.emit(error)

    def _end(self) -> None:
        self.pin.forget()
        self._entries = []
        self._on_token = None
        self.setCurrentWidget(self.setup)
        self.changed.emit()
