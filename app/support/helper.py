"""Processes that the program starts for one kind of work leave their crashes to the one that started them."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from pathlib import Path

#: Names the file into which crashes are written (:mod:`app.support.crashes`).
VARIABLE = "ANTIN_CRASH_FILE"


def report_crashes() -> None:
    """Let a crash of this process be written to the file of the process that started it, if it keeps one."""
    if name := os.environ.get(VARIABLE):
        with contextlib.suppress(OSError):
            # Stays open as long as the process lives.
            faulthandler.enable(Path(name).open("ab", buffering=0))  # noqa: SIM115
