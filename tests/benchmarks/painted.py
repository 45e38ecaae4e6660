"""``python -m tests.benchmarks.painted STARTED WORDS…`` is ``antin WORDS…`` that prints the seconds since STARTED, by
the system's monotonic clock, when the window is first painted, and ends. Imports nothing that the program does not."""

from __future__ import annotations

import os
import sys
import time


def _open(started: float, words: list[str]) -> int:
    from PySide6.QtGui import QPaintEvent

    from app.cli import entry
    from ui import app, window

    class Painted(window.MainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            print(time.monotonic() - started, flush=True)
            os._exit(0)

    app.MainWindow = Painted  # type: ignore[misc]
    sys.argv[1:] = words
    return entry.main()


if __name__ == "__main__":
    sys.exit(_open(float(sys.argv[1]), sys.argv[2:]))
