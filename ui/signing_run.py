"""One run of the signing desk, seen from the main thread."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import AntinError
from app.office import Office
from app.signing.control import RunControl, SessionIdle
from app.signing.desk import DeskEvent
from app.signing.errors import PinNotGiven
from app.signing.keys import SigningKey
from app.signing.model import PinAnswer, PinRequest, SignOptions, SignResult
from app.signing.resume import Remaining, begin, take
from ui.work import Job, Pool


@dataclass(frozen=True)
class Left:
    """What an earlier run left.

    :ivar remaining: still to be signed.
    :ivar ended: signed before the interruption, and filed now.
    """

    remaining: Remaining
    ended: Sequence[SignResult]


class SigningRun(QObject):
    """Starts the desk in a worker and brings its questions and events to the main thread.

    After :meth:`start` come any number of ``pin_asked`` and ``stepped``, then one of ``finished`` and ``failed``.
    """

    #: A :class:`PinRequest`; answer with :meth:`answer` or :meth:`give_up`.
    pin_asked = Signal(object)
    #: A :class:`DeskEvent`.
    stepped = Signal(object)
    #: A list of :class:`SignResult`.
    finished = Signal(list)
    #: The exception that kept the run from beginning; nothing was signed.
    failed = Signal(object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(1, self)
        self._looking = Pool(1, self)
        self._idle_seconds = office.settings.tokens.idle_minutes * 60
        self.control = RunControl()
        self._answers: queue.Queue[PinAnswer | None] = queue.Queue()
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._nobody_there)

    @property
    def running(self) -> bool:
        return self._pool.unfinished > 0

    def start(
        self,
        files: Sequence[Path],
        options: SignOptions,
        corrected: Mapping[Path, SignOptions],
        key: SigningKey,
        *,
        review: bool = False,
    ) -> None:
        """Sign ``files``; what is left of them when the program ends is kept.

        :param corrected: the options of files that have their own.
        :param review: each file waits for ``control.approve`` or ``control.skip``.
        """
        self.control = RunControl(review=review, idle_seconds=self._idle_seconds)
        self._answers = queue.Queue()
        control, answers = self.control, self._answers
        own = {at: corrected[path] for at, path in enumerate(files) if path in corrected}
        asked_for = Remaining(list(map(str, files)), options, key.token.serial, key.sha256, own=own)

        def sign(job: Job[list[SignResult]]) -> list[SignResult]:
            def ask(request: PinRequest) -> PinAnswer | None:
                job.report(request)
                return answers.get()

            refused = self._office.refusals(files, options, key, corrected)
            if refused:
                return refused
            kept = begin(self._office.settings.data_dir, asked_for)
            try:
                return self._office.desk.sign(
                    files,
                    options,
                    key,
                    corrected=corrected,
                    pin_source=ask,
                    on_event=job.report,
                    control=control,
                    notes=kept,
                )
            except PinNotGiven:
                for index in range(len(files)):
                    kept.done(index)
                raise
            finally:
                kept.close()

        self._pool.start(sign, done=self._done, failed=self._failed, progress=self._report)

    def find_left(self, found: Callable[[Left], None], failed: Callable[[Exception], None]) -> None:
        """Look for what an earlier run left, file what of it is signed already, and tell of the rest."""

        def look(job: Job[Left | None]) -> Left | None:
            kept = take(self._office.settings.data_dir)
            if kept is None:
                return None
            try:
                ended = {}
                if kept.filings:
                    ended = self._office.desk.end_filings(kept.filings, kept.remaining.options, kept)
                    kept.leave_out(ended)
                return Left(kept.remaining, list(ended.values()))
            finally:
                kept.close()

        self._looking.start(look, done=lambda left: None if left is None else found(left), failed=failed)

    def forget_left(self, failed: Callable[[Exception], None]) -> None:
        """Give up what an earlier run left."""

        def forget(job: Job[None]) -> None:
            kept = take(self._office.settings.data_dir)
            if kept is not None:
                for index in range(len(kept.remaining.files)):
                    kept.done(index)
                kept.close()

        self._looking.start(forget, done=lambda nothing: None, failed=failed)

    def answer(self, answer: PinAnswer) -> None:
        """The PIN that was asked for."""
        self._idle.stop()
        self._answers.put(answer)

    def give_up(self) -> None:
        """No PIN will come."""
        self._idle.stop()
        self._answers.put(None)

    def cancel(self) -> None:
        """Stop before the next file; what is signed is kept."""
        self.control.cancel()
        self.give_up()

    def end_session(self, reason: AntinError) -> None:
        """Log out before the next file; the rest is kept."""
        self.control.end_session(reason)
        self.give_up()

    def stop(self) -> None:
        """End a run that is under way after its present file and hear no more of it."""
        self.cancel()
        self._looking.close()
        self._pool.close(milliseconds=30_000)

    def _nobody_there(self) -> None:
        self.end_session(SessionIdle(minutes=f"{self._idle_seconds / 60:g}"))

    def _done(self, results: list[SignResult]) -> None:
        self._idle.stop()
        self.finished.emit(results)

    def _failed(self, error: Exception) -> None:
        self._idle.stop()
        self.failed.emit(error)

    def _report(self, step: PinRequest | DeskEvent) -> None:
        if isinstance(step, PinRequest):
            if self._idle_seconds:
                self._idle.start(int(self._idle_seconds * 1000))
            self.pin_asked.emit(step)
        else:
            self.stepped.emit(step)
