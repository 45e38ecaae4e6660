"""One run of the signing desk, seen from the main thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.office import Office
from app.signing.desk import DeskEvent
from app.signing.keys import SigningKey
from app.signing.model import PinAnswer, PinRequest, SignOptions, SignResult
from ui.work import Job, Pool


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
        self._cancelled = threading.Event()
        self._answers: queue.Queue[PinAnswer | None] = queue.Queue()

    @property
    def running(self) -> bool:
        return self._pool.unfinished > 0

    def start(
        self, files: Sequence[Path], options: SignOptions, corrected: Mapping[Path, SignOptions], key: SigningKey
    ) -> None:
        """Sign ``files``.

        :param corrected: the options of files of which something was corrected by hand.
        """
        self._cancelled = threading.Event()
        self._answers = queue.Queue()
        cancelled, answers = self._cancelled, self._answers

        def sign(job: Job[list[SignResult]]) -> list[SignResult]:
            def ask(request: PinRequest) -> PinAnswer | None:
                job.report(request)
                return answers.get()

            return self._office.desk.sign(
                files,
                options,
                key,
                corrected=corrected,
                pin_source=ask,
                on_event=job.report,
                cancelled=cancelled,
            )

        self._pool.start(sign, done=self.finished.emit, failed=self.failed.emit, progress=self._report)

    def answer(self, answer: PinAnswer) -> None:
        """The PIN that was asked for."""
        self._answers.put(answer)

    def give_up(self) -> None:
        """No PIN will come."""
        self._answers.put(None)

    def cancel(self) -> None:
        """Stop before the next file; what is signed is kept."""
        self._cancelled.set()
        self._answers.put(None)

    def stop(self) -> None:
        """End a run that is under way after its present file and hear no more of it."""
        self.cancel()
        self._pool.close(milliseconds=30_000)

    def _report(self, step: PinRequest | DeskEvent) -> None:
        if isinstance(step, PinRequest):
            self.pin_asked.emit(step)
        else:
            self.stepped.emit(step)
