"""Work off the main thread: a function runs in a pool, what it returns comes back to the main thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

Result = TypeVar("Result")

#: Seconds for which what has come is handed over before the window has its turn again.
_HANDING_OVER = 0.01


class Job(Generic[Result]):
    """One function on its way through a pool.

    :ivar cancelled: set when nobody wants the result any more; long functions look at it between steps.
    """

    def __init__(
        self,
        pool: Pool,
        function: Callable[[Job[Result]], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
        progress: Callable[[Any], None] | None,
    ) -> None:
        self.cancelled = threading.Event()
        self._pool = pool
        self._function = function
        self._done = done
        self._failed = failed
        self._progress = progress

    def cancel(self) -> None:
        """Give up: no callback of this job is called after this returns."""
        self.cancelled.set()

    def report(self, step: object) -> None:
        """Called by the function in its thread: hand a step to ``progress`` in the main thread."""
        if self._progress is not None:
            self._pool.post(self, self._progress, step)

    def run(self) -> None:
        """Called by the pool in its own thread."""
        if self.cancelled.is_set():
            self._pool.post(self, None, None)
            return
        try:
            result = self._function(self)
        except Exception as error:
            self._pool.post(self, self._failed, error, last=True)
        else:
            self._pool.post(self, self._done, result, last=True)


#: Pools of which some thread still works though nobody waits for it.
_left: set[Pool] = set()


class Pool(QObject):
    """A few threads for one kind of work, so that quick work never waits behind slow work."""

    _arrived = Signal()
    #: Emitted in the main thread whenever the number of unfinished jobs changes.
    changed = Signal()

    def __init__(self, threads: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads = QThreadPool(self)
        self._threads.setMaxThreadCount(threads)
        self._jobs: set[Job[Any]] = set()
        self._posted: deque[tuple[Job[Any], Callable[[Any], None] | None, object, bool]] = deque()
        self._called = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def unfinished(self) -> int:
        """How many jobs wait or run and are not cancelled."""
        return sum(not job.cancelled.is_set() for job in self._jobs)

    def start(
        self,
        function: Callable[[Job[Result]], Result],
        *,
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
        progress: Callable[[Any], None] | None = None,
    ) -> Job[Result]:
        """Run ``function`` in a thread of the pool.

        :param function: gets its :class:`Job`; touches no widget.
        :param done: called in the main thread with what the function returned.
        :param failed: called in the main thread with the exception the function raised.
        :param progress: called in the main thread with each step the function reported.
        """
        job = Job(self, function, done, failed, progress)
        self._jobs.add(job)
        self._threads.start(job.run)
        self.changed.emit()
        return job

    def cancel_all(self) -> None:
        """Cancel every job; running functions end at their next look at ``cancelled``."""
        for job in self._jobs:
            job.cancel()
        self.changed.emit()

    def close(self, milliseconds: int = 5000) -> bool:
        """Cancel everything and wait for the threads.

        :return: False where a function was still running after that time.
        """
        self.cancel_all()
        return self._threads.waitForDone(milliseconds)

    def leave(self) -> None:
        """Cancel everything and wait for nothing: for functions that touch nothing but what they were given, and may
        hang on a share that does not answer. The pool lives until they have ended, whatever becomes of its parent."""
        self.cancel_all()
        if not self._threads.waitForDone(0):
            self.setParent(None)
            _left.add(self)

    def post(self, job: Job[Any], receiver: Callable[[Any], None] | None, value: object, *, last: bool = False) -> None:
        """Called by a job in its thread; ``last`` ends the job."""
        self._posted.append((job, receiver, value, last or receiver is None))
        if not self._called:  # one call brings all that has come until then
            self._called = True
            self._arrived.emit()

    def _deliver(self) -> None:
        self._called = False
        until = time.perf_counter() + _HANDING_OVER
        try:
            while self._posted and time.perf_counter() < until:
                self._hand_over(*self._posted.popleft())
        finally:  # also where a receiver failed
            if self._posted:
                self._called = True
                self._arrived.emit()

    def _hand_over(self, job: Job[Any], receiver: Callable[[Any], None] | None, value: object, last: bool) -> None:
        if last:
            self._jobs.discard(job)
        if receiver is not None and not job.cancelled.is_set():
            receiver(value)
        if last:
            self.changed.emit()
            if not self._jobs:
                _left.discard(self)
