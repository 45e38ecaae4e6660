"""One process of a crew, seen from outside; inside it runs :mod:`app.checking_process`."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from typing import Final

import msgspec

from app.decoding import decodable
from app.documents.child import command_of
from app.documents.pipe import READY, receive, send
from app.errors import AntinError, ErrorInfo
from app.i18n import N_
from app.verification.model import FileReport

_MODULE: Final = "app.checking_process"
#: Seconds that a killed process may take to be gone.
_END_PATIENCE: Final = 5.0


class CheckerNotStarted(AntinError):
    """Carries ``detail``: what the process said of itself, in the current language."""

    code = "checker-not-started"
    message_id = N_("The part of the program that checks files does not start. {detail}")
    hint_id = N_("Check one file alone to see what is wrong, or install the program again.")


class CheckerProcess:
    """A process that checks one file after the other, for one thread at a time; any thread may :meth:`kill` it.

    It has a folder of its own for temporary files, so that nothing of it is left when it is killed.

    :ivar lost: it cannot be asked again.
    """

    def __init__(self) -> None:
        self.lost = False
        self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)
        try:
            self._process = subprocess.Popen(
                command_of(_MODULE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._folder.name)},
                # Ctrl+C is for the command itself.
                start_new_session=os.name != "nt",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            self._folder.cleanup()
            raise CheckerNotStarted(detail=error) from error

    @property
    def alive(self) -> bool:
        return not self.lost and self._process.poll() is None

    def start(self, orders: bytes) -> None:
        """Give it its orders and wait until it is ready.

        :raises CheckerNotStarted: it cannot follow them, or is gone.
        """
        answer = self._exchange(orders)
        if answer == READY:
            return
        self.lost = True
        detail = msgspec.msgpack.decode(answer, type=decodable(ErrorInfo)).message if answer else ""
        raise CheckerNotStarted(detail=detail)

    def ask(self, question: bytes) -> FileReport | None:
        """The report, its path empty; None where the process ended over it."""
        answer = self._exchange(question)
        try:
            return None if answer is None else msgspec.msgpack.decode(answer, type=decodable(FileReport))
        except msgspec.DecodeError:
            self.lost = True
            return None

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.lost = True
        self._process.kill()

    def close(self) -> None:
        """End it and clear away what it leaves."""
        self.lost = True
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # on a network drive that does not answer
            self._process.wait(_END_PATIENCE)
        self._folder.cleanup()

    def _exchange(self, message: bytes) -> bytes | None:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            send(self._process.stdin, message)
            answer = receive(self._process.stdout)
        except OSError:
            answer = None
        if answer is None:
            self.lost = True
        return answer
