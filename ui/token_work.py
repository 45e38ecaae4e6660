"""Work with a token that may ask for its PIN, seen from the main thread."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.signing.model import PinAnswer, PinRequest, PinSource
from ui.work import Job, Pool


class TokenWork(QObject):
    """One piece of work at a time: :meth:`start`, any number of ``pin_asked``, then ``done`` or ``failed``."""

    #: A :class:`PinRequest`; answer with :meth:`answer` or :meth:`give_up`.
    pin_asked = Signal(object)
    #: What the work returned.
    done = Signal(object)
    #: The exception that ended it.
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = Pool(1, self)
        self._answers: queue.Queue[PinAnswer | None] = queue.Queue()

    @property
    def running(self) -> bool:
        return self._pool.unfinished > 0

    def start(self, work: Callable[[PinSource], object]) -> None:
        """Begin.

        :param work: gets where the PIN comes from; runs off the main thread.
        """
        self._answers = queue.Queue()
        answers = self._answers

        def run(job: Job[Any]) -> object:
            def ask(request: PinRequest) -> PinAnswer | None:
                job.report(request)
                return answers.get()

            return work(ask)

        self._pool.start(run, done=self.done.emit, failed=self.failed.emit, progress=self.pin_asked.emit)

    def answer(self, answer: PinAnswer) -> None:
        """The PIN that was asked for."""
        self._answers.put(answer)

    def give_up(self) -> None:
        """No PIN will come."""
        self._answers.put(None)

    def stop(self) -> None:
        self.give_up()
        self._pool.close(milliseconds=30_000)
