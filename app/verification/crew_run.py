"""One run of a crew: its targets, its reports, and how long each file may take."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from app.verification.crew_process import CheckerProcess
from app.verification.model import FileReport
from app.verification.walk import Target

#: Reports that may wait to be taken, for each thread, before no further file is begun.
_AHEAD: Final = 32
#: Seconds for which reports that are ready wait for more, so that they are entered in the ledger by one flush.
_GATHERING: Final = 0.04


@dataclass(eq=False)
class Watch:
    """A process at work.

    :ivar deadline: on the monotonic clock.
    :ivar late: it was killed for having passed it.
    """

    process: CheckerProcess
    deadline: float
    late: bool = False


class Run:
    """What the threads of a run and the one that takes its reports share."""

    def __init__(self, targets: Iterable[Target], at: dt.datetime | None, *, threads: int) -> None:
        self.at = at
        self._stopped = False
        self._targets = iter(targets)
        self._taking = threading.Lock()
        self._changed = threading.Condition()
        self._reports: list[FileReport] = []
        self._watched: set[Watch] = set()
        self._error: Exception | None = None
        self._threads = threads
        self._room = threads * _AHEAD

    def is_stopped(self) -> bool:
        """Whether nothing is to be begun any more."""
        return self._stopped

    def next_target(self) -> Target | None:
        """The next one; None where there are no more, or the run is stopped."""
        with self._taking:
            return None if self._stopped else next(self._targets, None)

    @contextmanager
    def guarded(self, process: CheckerProcess, seconds: float) -> Iterator[Watch]:
        """Kill the process where the block takes longer than that, or the run is stopped in it."""
        watch = Watch(process, time.monotonic() + seconds)
        with self._changed:
            if self._stopped:
                process.kill()
            self._watched.add(watch)
        try:
            yield watch
        finally:
            with self._changed:
                self._watched.discard(watch)

    def put(self, report: FileReport) -> bool:
        """Hand over a report; waits while too many are waiting. False where the run was stopped."""
        with self._changed:
            while len(self._reports) >= self._room and not self._stopped:
                self._changed.wait()
            if self._stopped:
                return False
            self._reports.append(report)
            self._changed.notify_all()
            return True

    def fail(self, error: Exception) -> None:
        """End the run with an error; the first one counts."""
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    def thread_ended(self) -> None:
        with self._changed:
            self._threads -= 1
            self._changed.notify_all()

    def ready(self, patience: float) -> list[FileReport] | None:
        """The reports that wait, perhaps none after ``patience`` seconds; None once there will be no more.

        Kills processes that are past their time.

        :raises Exception: what ended the run.
        """
        with self._changed:
            if not self._reports and self._threads and self._error is None:
                self._changed.wait(patience)
            if self._reports and not self._stopped:
                self._changed.wait_for(self._gathered, _GATHERING)
            now = time.monotonic()
            for watch in self._watched:
                if watch.deadline < now and not watch.late:
                    watch.late = True
                    watch.process.kill()
            reports, self._reports = self._reports, []
            if reports:
                self._changed.notify_all()
                return reports
            if self._error is not None:
                raise self._error
            return [] if self._threads else None

    def _gathered(self) -> bool:
        """Whether waiting longer brings no more reports."""
        return not self._threads or self._error is not None or self._stopped or len(self._reports) >= self._room

    def stop(self) -> None:
        """Begin nothing more and kill what runs."""
        with self._changed:
            self._stopped = True
            for watch in self._watched:
                watch.process.kill()
            self._changed.notify_all()
