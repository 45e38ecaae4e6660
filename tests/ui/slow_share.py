"""A folder on a share that does not answer until it is let."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: Seconds after which it answers all the same, so that a test that fails ends.
_AT_MOST = 60.0


class SlowShare:
    """Whoever asks the disk for something in the folder waits; but the main thread, of which it is noted instead.

    :ivar asked: set once some other thread waits.
    :ivar asked_by_window: what the main thread asked: the function and the path.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.asked, self._answers = threading.Event(), threading.Event()
        self.asked_by_window: list[str] = []
        for module, names in ((os, ("stat", "lstat", "scandir", "listdir", "open", "mkdir")), (io, ("open",))):
            for name in names:
                patch.setattr(module, name, self._slow(name, getattr(module, name)))

    def answer(self) -> None:
        """From now on it answers at once."""
        self._answers.set()

    def _slow(self, name: str, usual: Callable[..., Any]) -> Callable[..., Any]:
        def slow(*given: Any, **more: Any) -> Any:
            if given and isinstance(given[0], str | os.PathLike) and os.fspath(given[0]).startswith(str(self.folder)):
                self._wait(f"{name} {os.fspath(given[0])}")
            return usual(*given, **more)

        return slow

    def _wait(self, what: str) -> None:
        if self._answers.is_set():
            return
        if threading.current_thread() is threading.main_thread():
            self.asked_by_window.append(what)
            return
        self.asked.set()
        self._answers.wait(_AT_MOST)
