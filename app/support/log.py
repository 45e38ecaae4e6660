"""The program's log, ``logs/antin.log`` in the data folder: what was done when, how long it took, which errors it met.

A line is a JSON object of a fixed vocabulary. It holds codes, counts and times; a name, a path, a title or a PIN has no
field to stand in. Several processes may write at once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

#: A file that has grown to this many octets is put aside; so many are kept beside the one written to.
MAX_SIZE, KEPT = 512 * 1024, 3

Event = Literal["started", "ended", "error", "crash", "module", "checked", "lines-not-shown"]
#: Kinds of processes that write.
PROCESSES = ("window", "command")
#: Commands, by their first word.
COMMANDS = frozenset(
    {"open", "tokens", "pin", "sign", "upgrade", "preflight", "verify", "trust", "archive", "journal", "backup"}
    | {"database", "doctor", "custody", "settings", "bundle"}
)

_writing = threading.Lock()
_file: Path | None = None
_process = ""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the log.

    :ivar time: when it was written. :ivar pid: of the process.
    :ivar command: name of the command; of a sub-command its group's.
    :ivar error: code of an error. :ivar check: of the doctor. :ivar seconds: how long it took.
    :ivar places: of a traceback, as :func:`app.support.harmless.place` has them.
    """

    time: dt.datetime
    pid: int
    event: Event
    process: str = ""
    version: str = ""
    command: str = ""
    code: int | None = None
    seconds: float | None = None
    error: str = ""
    check: str = ""
    status: str = ""
    count: int | None = None
    places: tuple[str, ...] = ()


def folder(data_dir: Path) -> Path:
    """Where the log of a data folder is."""
    return data_dir / "logs"


def start(data_dir: Path, process: str) -> None:
    """Write to the log of a data folder from now on; nothing is written where the folder is not there.

    :param process: one of :data:`PROCESSES`.
    """
    global _file, _process
    _file, _process = folder(data_dir) / "antin.log" if data_dir.is_dir() else None, process


def note(event: Event, **facts: object) -> None:
    """Write a line; a log that cannot be written keeps nobody from working.

    :param facts: fields of :class:`Line`.
    """
    path = _file
    if path is None:
        return
    line = Line(dt.datetime.now(dt.UTC).replace(microsecond=0), os.getpid(), event, _process, **facts)  # type: ignore[arg-type]
    with _writing, contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        with path.open("ab", buffering=0) as file:
            full = file.tell() > MAX_SIZE
            file.write(msgspec.json.encode(line) + b"\n")
        if full:
            _put_aside(path)


def files(data_dir: Path) -> list[Path]:
    """The log's files, the oldest first."""
    found = [folder(data_dir) / f"antin.log.{number}" for number in range(KEPT, 0, -1)]
    return [path for path in (*found, folder(data_dir) / "antin.log") if path.is_file()]


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file of the log, the last :data:`MAX_SIZE` octets of it.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 2 * MAX_SIZE))
        yield from file.read(2 * MAX_SIZE).splitlines()


def _put_aside(path: Path) -> None:
    """Of several processes that do so at once, one may lose the oldest file."""
    for number in range(KEPT - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(f"antin.log.{number}").replace(path.with_name(f"antin.log.{number + 1}"))
    path.replace(path.with_name("antin.log.1"))
