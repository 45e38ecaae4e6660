"""A process of this program that works on hostile files: a question, an answer, ended when it takes too long.

Requests on its standard input and replies on its standard output are messages of :mod:`app.documents.pipe`. A process
that is lost costs the one answer; the next question starts another.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable
from itertools import islice
from typing import Final

from app.documents.patience import watch
from app.documents.pipe import READY, receive, send
from app.errors import AntinError
from app.i18n import N_

#: Questions that a process is given before it has answered the first: their pipe holds no more for certain.
_ON_THE_WAY: Final = 2


class ReadingProcessMissing(AntinError):
    code = "reading-process-missing"
    message_id = N_("The part of the program that reads documents does not start.")
    hint_id = N_("Install the program again. The document is untouched.")


class ChildProcess:
    """The process and the way to it. Threads may share it; they are served one after another.

    :param module: run as ``python -m``, in an installed program as its first argument ``--run=MODULE``.
    :param patience: seconds after which a question is given up and the process ended.
    """

    def __init__(self, module: str, patience: float) -> None:
        self._module = module
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: bytes, patience: float | None = None) -> bytes | None:
        """The answer; None where the process took too long or ended over it.

        :param patience: seconds for this question, where it is other than for all.
        :raises ReadingProcessMissing: it cannot be started at all.
        """
        (answer,) = self.ask_each([question], patience)
        return answer

    def ask_each(
        self, questions: Iterable[bytes], patience: float | None = None
    ) -> Generator[bytes | None, None, None]:
        """The answers to several questions, in their order, as :meth:`ask` gives them: the process has the next one
        already when it has answered one. A question that costs the process costs no other one its answer. Nobody else
        is served until the end; closed before, the process is ended.

        :param patience: seconds for each question, where it is other than for all.
        :raises ReadingProcessMissing: it cannot be started at all.
        """
        left, sent = deque(questions), 0
        with self._lock:
            try:
                while left:
                    if not sent:
                        process = self._running()
                    coming = list(islice(left, sent, _ON_THE_WAY))
                    sent += len(coming)
                    answer = self._ask(process, coming, patience or self._patience)
                    left.popleft()
                    sent -= 1
                    if answer is None:
                        self._end(process)
                        sent = 0
                    yield answer
            finally:
                if sent:
                    self._end(process)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process where it is not running, so that the first question need not.

        :raises ReadingProcessMissing: it cannot be started.
        """
        with self._lock:
            self._running()

    def give_up(self) -> None:
        """End the process over the question it works on, whose answer is None then; never waits."""
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the process; a later question starts another."""
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end(self._process)
        if self._process is None:
            self._process = self._start()
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(
                command_of(self._module),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ReadingProcessMissing from error
        if self._ask(process, (), self._patience) != READY:
            self._end(process)
            raise ReadingProcessMissing
        return process

    def _ask(self, process: subprocess.Popen[bytes], questions: Iterable[bytes], patience: float) -> bytes | None:
        """The next message, after questions are sent."""
        assert process.stdin is not None and process.stdout is not None
        with watch.over_after(patience, process.kill):
            try:
                for question in questions:
                    send(process.stdin, question)
                return receive(process.stdout)
            except OSError:
                return None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()


def command_of(module: str) -> list[str]:
    """The command line that runs a module of this program in a process of its own."""
    if getattr(sys, "frozen", False):
        return [sys.executable, f"--run={module}"]
    return [sys.executable, "-I", "-m", module]
