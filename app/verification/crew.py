"""Many files checked side by side, each in a process that may be lost.

A file that crashes a library, floods the memory or never ends costs one report that says so; the process is replaced
and the other files go on. Reports come as they are ready, in no particular order.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

from app.documents.packing import packed
from app.errors import AntinError
from app.i18n import N_, current_language
from app.settings import Settings
from app.verification.bundle import Member, rejected
from app.verification.crew_messages import CheckOptions, Orders, Question
from app.verification.crew_process import CheckerNotStarted, CheckerProcess
from app.verification.crew_run import Run
from app.verification.model import FileReport
from app.verification.walk import Target

#: How often, in seconds, a run looks whether it is cancelled or a file has taken too long.
_TICK: Final = 0.05
#: Seconds that a process may take to start.
_START_PATIENCE: Final = 60.0
#: Seconds that closing waits for processes that were killed.
_CLOSE_PATIENCE: Final = 5.0


class CheckerCrashed(AntinError):
    code = "checker-crashed"
    message_id = N_("The check of {path} broke off: a part of the program stopped working over it.")
    hint_id = N_("Do not rely on this file; ask the sender for it again. The other files are not affected.")


class CheckTookTooLong(AntinError):
    code = "took-too-long"
    message_id = N_("The check of {path} was given up after {seconds} seconds.")
    hint_id = N_("Check this file alone, copied to this computer. If it takes as long there, do not rely on it.")


class Crew:
    """Processes that check files. They start with the first files and stay for the next run; close the crew when done.

    :param options: what the offices of the processes are opened with.
    :param workers: how many processes; the settings' word without it.
    :param enter: writes reports into the ledger, several at once; called before they are handed out, in the thread
        that takes them.
    """

    def __init__(
        self,
        settings: Settings,
        options: CheckOptions | None = None,
        workers: int | None = None,
        *,
        enter: Callable[[Sequence[FileReport]], None] | None = None,
    ) -> None:
        self.workers = workers or settings.verification.workers or _cores()
        self._settings, self._options, self._enter = settings, options or CheckOptions(), enter
        self._seconds = settings.verification.file_seconds
        self._changed = threading.Condition()
        self._idle: list[CheckerProcess] = []
        self._busy: set[CheckerProcess] = set()
        self._closed = False

    def verify(
        self, targets: Iterable[Target], *, at: dt.datetime | None = None, cancelled: threading.Event | None = None
    ) -> Iterator[FileReport]:
        """Check files. Several runs may go on at the same time in different threads; they share the processes.

        :param targets: taken only as fast as they are checked, in threads of the crew, one at a time.
        :param at: aware; judge as of that time instead of now.
        :param cancelled: once set, the run ends within a tenth of a second and what is being checked is dropped.
            Leaving the iterator does the same.
        :return: a report for each target, in the order in which they are ready.
        :raises CheckerNotStarted: the processes cannot do their work at all.
        :raises Exception: what ``targets`` or ``enter`` raised.
        """
        run = Run(targets, at, threads=self.workers)
        for _ in range(self.workers):
            threading.Thread(target=self._work, args=(run,), name="crew", daemon=True).start()
        try:
            while (group := run.ready(_TICK)) is not None:
                if self._enter is not None and group:
                    self._enter(group)
                yield from group
                if cancelled is not None and cancelled.is_set():
                    return
        finally:
            run.stop()
            with self._changed:
                self._changed.notify_all()

    def close(self) -> None:
        """End the processes, also under a run that goes on."""
        with self._changed:
            self._closed = True
            for process in self._busy:
                process.kill()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy, _CLOSE_PATIENCE)
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _work(self, run: Run) -> None:
        """One thread of a run: a target, a process, a report, until there are no more."""
        try:
            while (target := run.next_target()) is not None:
                report = target if isinstance(target, FileReport) else self._checked(target, run)
                if report is None or not run.put(report):
                    break
        except Exception as error:
            run.fail(error)
        finally:
            run.thread_ended()

    def _checked(self, target: Path | Member, run: Run) -> FileReport | None:
        """The report on a target; None where the run was stopped in the meantime."""
        process = self._take(run)
        if process is None:
            return None
        started = time.monotonic()
        try:
            path, inside = target.places if isinstance(target, Member) else (target, [])
            with run.guarded(process, self._seconds) as watch:
                found = process.ask(packed(Question(path, inside, run.at)))
        finally:
            self._give_back(process)
        if found is not None:
            return msgspec.structs.replace(found, path=str(target))
        if run.is_stopped():
            return None
        if self._closed:
            raise _closed()
        error = (
            CheckTookTooLong(path=target, seconds=round(self._seconds)) if watch.late else CheckerCrashed(path=target)
        )
        return msgspec.structs.replace(rejected(target, error), seconds=round(time.monotonic() - started, 4))

    def _take(self, run: Run, *, first: bool = True) -> CheckerProcess | None:
        """A process that is ready; None where the run was stopped while waiting for one.

        One that somebody ends while it starts is started once more.

        :raises CheckerNotStarted: a new one was needed and does not start.
        """
        with self._changed:
            while not self._idle and len(self._busy) >= self.workers and not (run.is_stopped() or self._closed):
                self._changed.wait()
            if self._closed:
                raise _closed()
            if run.is_stopped():
                return None
            if self._idle:
                process = self._idle.pop()
                if process.alive:
                    self._busy.add(process)
                    return process
                process.close()
            process = CheckerProcess()
            self._busy.add(process)
        try:
            with run.guarded(process, _START_PATIENCE):
                process.start(packed(Orders(self._settings, self._options, current_language())))
        except CheckerNotStarted as error:
            self._give_back(process)
            if run.is_stopped():
                return None
            if first and not error.data["detail"]:
                return self._take(run, first=False)
            raise
        except BaseException:
            self._give_back(process)
            raise
        return process

    def _give_back(self, process: CheckerProcess) -> None:
        if process.lost:
            process.close()
        with self._changed:
            self._busy.discard(process)
            if not process.lost:
                self._idle.append(process)
            self._changed.notify()


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _closed() -> RuntimeError:
    return RuntimeError("the crew was closed while files were to be checked")
