"""Begins the log and the watch for crashes, once in each process of the program."""

from __future__ import annotations

from pathlib import Path

from app import __version__, errors
from app.support import crashes, log

_started = False


def start(data_dir: Path, process: str) -> None:
    """Keep the log of a data folder and let crashes leave reports there, from now on; the first call of a process
    counts. Where the folder is not there, or cannot be written to, the program works without.

    :param process: one of :data:`app.support.log.PROCESSES`.
    """
    global _started
    if _started:
        return
    _started = True
    log.start(data_dir, process)
    crashes.watch(data_dir, process)
    errors.on_described = _described
    log.note("started", version=__version__)


def end(command: str, code: int, seconds: float) -> None:
    """Note that a command ends; nothing where none was begun to be observed.

    :param command: its first word.
    """
    log.note("ended", command=command, code=code, seconds=round(seconds, 3))


def _described(code: str, error: BaseException) -> None:
    if isinstance(error, Exception) and code == errors.InternalError.code:
        crashes.record(error)
    log.note("error", error=code)
