"""A command on a terminal of its own, as a person sits in front of it."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence
from types import TracebackType

_PATIENCE = 120.0


class Terminal:
    """The running command; ended when the block is left.

    :ivar said: everything it wrote so far.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.said = ""
        self._pid, self._end = os.forkpty()
        if self._pid == 0:
            try:
                os.execvp(command[0], list(command))
            finally:
                os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._end)

    def wait_for(self, words: str) -> None:
        """Read until it has said some words.

        :raises AssertionError: it ended, or nothing came for long.
        """
        deadline = time.monotonic() + _PATIENCE
        while words not in self.said:
            assert self._read(deadline), f"ended before it said “{words}”:\n{self.said}"

    def type(self, line: str) -> None:
        os.write(self._end, f"{line}\n".encode())

    def wait(self) -> int:
        """Read until it ends; its exit code."""
        deadline = time.monotonic() + _PATIENCE
        while self._read(deadline):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self, deadline: float) -> bool:
        """Read what comes next; False where nothing will."""
        ready, _, _ = select.select([self._end], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more came:\n{self.said}"
        try:
            octets = os.read(self._end, 65536)
        except OSError:
            return False
        self.said += octets.decode("utf-8", "replace")
        return bool(octets)
