"""Reports of what stopped the program: an error nobody foresaw, a crash of a process, a vendor's driver that died.

A report says what kind of error it was and through which lines of the program it went. It holds no message of the
error, no variable and no file name of a document: those may be anything.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import faulthandler
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

import msgspec

from app import __version__
from app.decoding import decodable
from app.support import harmless, log
from app.support.helper import VARIABLE

#: So many reports are kept, the newest; so many octets of a trace are read.
_KEPT, _MAX_TRACE = 20, 256 * 1024

#: ``error``: the program went on after it.
Kind = Literal["stopped", "error", "module"]

_FATAL = re.compile(r"^(?:Fatal Python error: |Windows fatal exception: )(.{1,60})$", re.MULTILINE)
_FRAME = re.compile(r'^  File "(.{1,500})", line (\d{1,6}) in ', re.MULTILINE)
#: What the interpreter calls the ends that it sees coming (``faulthandler.c``).
FATAL = (
    "Segmentation fault",
    "Aborted",
    "Bus error",
    "Floating point exception",
    "Illegal instruction",
    "access violation",
    "stack overflow",
)
_SIGNALS = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGKILL", "SIGTERM")


class Report(msgspec.Struct, frozen=True):
    """What is known of one crash or error.

    :ivar error: class of the error, or how the process ended.
    :ivar places: lines of the program it went through, the innermost last.
    :ivar driver: file name of the vendor's module, where it died. :ivar call: what was asked of it.
    """

    time: dt.datetime
    kind: Kind
    version: str
    process: str = ""
    error: str = ""
    places: tuple[str, ...] = ()
    driver: str = ""
    call: str = ""


class Kept(msgspec.Struct, frozen=True):
    """A report in the data folder.

    :ivar told: a person has seen it.
    """

    path: Path
    report: Report
    told: bool


@dataclass
class _Watched:
    """What this process writes to. ``folder`` is None until :func:`watch`, or where nothing can be written."""

    folder: Path | None = None
    process: str = ""
    trace: IO[bytes] | None = None
    seen: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)


_watched = _Watched()
_writing = threading.Lock()


def folder(data_dir: Path) -> Path:
    """Where the reports of a data folder are."""
    return data_dir / "crashes"


def watch(data_dir: Path, process: str) -> None:
    """Let what stops this process, and those it starts, leave a report. Where nothing can be written there, or the data
    folder does not exist, the program works all the same.

    :param process: one of :data:`app.support.log.PROCESSES`.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    _watched.process = process
    if not data_dir.is_dir():
        return
    place = folder(data_dir)
    try:
        place.mkdir(exist_ok=True)
        _gather(place)
        path = place / f"running-{process}-{os.getpid()}.trace"
        trace = path.open("ab", buffering=0)
        _lock(trace, otherwise=True)
    except OSError:
        return
    _watched.folder, _watched.trace = place, trace
    faulthandler.enable(trace)
    os.environ[VARIABLE] = str(path)
    atexit.register(_ended, os.getpid())


def record(error: BaseException, kind: Kind = "error") -> None:
    """Keep a report of an error that nobody foresaw; the same one once a run.

    :param kind: ``stopped`` where the process ends over it.
    """
    places = tuple(harmless.place(file, line) for file, line in _frames(error))[-40:]
    name = type(error).__name__
    log.note("crash", places=places[-3:])
    if (name, places) not in _watched.seen:
        _watched.seen.add((name, places))
        _keep(Report(_now(), kind, __version__, _watched.process, name, places))


def record_driver(module: str, how: str, call: str) -> None:
    """Keep a report of a vendor's module that died.

    :param module: path of its file. :param how: it ended, in the bridge's words. :param call: name of the request.
    """
    log.note("module", error="module-crashed")
    signal = next((name for name in _SIGNALS if name in how), "")
    _keep(Report(_now(), "module", __version__, _watched.process, signal, driver=harmless.driver(module), call=call))


def reports(data_dir: Path) -> list[Kept]:
    """All reports at hand, the newest first. What cannot be read as one is left out."""
    place = folder(data_dir)
    with contextlib.suppress(OSError):
        _gather(place)
    return sorted(_kept_in(place), key=lambda kept: kept.report.time, reverse=True)


def mark_told(kept: list[Kept]) -> None:
    """Let reports not be offered again.

    :raises OSError: the system refused.
    """
    for item in kept:
        if not item.told:
            item.path.replace(item.path.with_suffix(".told"))


def remove(kept: list[Kept]) -> None:
    """Delete reports.

    :raises OSError: the system refused.
    """
    for item in kept:
        item.path.unlink(missing_ok=True)


def shown(report: Report) -> Report:
    """The report with nothing in it but what is known to be harmless, whoever wrote its file."""
    from pkcs11_bridge import protocol

    errors = {*harmless.error_names(), *FATAL, *_SIGNALS, ""}
    return Report(
        report.time,
        report.kind,
        harmless.version(report.version),
        harmless.word(report.process, (*log.PROCESSES, "")),
        harmless.word(report.error, errors),
        tuple(harmless.placed(place) for place in report.places[:60]),
        harmless.driver(report.driver) if report.driver else "",
        harmless.word(report.call, ("", *vars(protocol))),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    """Files and lines of an error, those of the one behind it first."""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for trace in (behind.__traceback__ if behind else None, error.__traceback__):
        for frame, line in traceback.walk_tb(trace):
            yield frame.f_code.co_filename, line


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, Exception):
        record(error, "stopped")
    sys.__excepthook__(kind, error, trace)


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if isinstance(given.exc_value, Exception):
        record(given.exc_value)
    threading.__excepthook__(given)


def _keep(report: Report) -> None:
    """Write a report; a folder that cannot be written to keeps nobody from working."""
    if _watched.folder is not None:
        with contextlib.suppress(OSError):
            _write(_watched.folder, report)


def _write(place: Path, report: Report) -> None:
    with _writing:
        for old in sorted(place.glob("*.json"))[: -_KEPT + 1] + sorted(place.glob("*.told"))[:-_KEPT]:
            old.unlink(missing_ok=True)
        name = f"{report.time:%Y%m%dT%H%M%S}-{os.urandom(4).hex()}"
        part = place / f".{name}.part"
        part.write_bytes(msgspec.json.encode(report))
        part.replace(place / f"{name}.json")


def _kept_in(place: Path) -> Iterator[Kept]:
    for ending in ("*.json", "*.told"):
        for path in place.glob(ending):
            try:
                with path.open("rb") as file:
                    report = msgspec.json.decode(file.read(_MAX_TRACE), type=decodable(Report))
                report.time.astimezone(dt.UTC)
            except (OSError, msgspec.DecodeError, ValueError, OverflowError, RecursionError):
                continue
            if report.time.tzinfo is not None:
                yield Kept(path, report, path.suffix == ".told")


def _gather(place: Path) -> None:
    """Make reports of what processes that have ended left behind.

    :raises OSError: the folder cannot be read or written.
    """
    for path in place.glob("running-*.trace"):
        with path.open("ab", buffering=0) as trace:
            if not _lock(trace, otherwise=False):
                continue
            _report_traces(place, path, "stopped")
        path.unlink(missing_ok=True)


def _report_traces(place: Path, path: Path, kind: Kind) -> None:
    """Reports of the traces in a file that faulthandler wrote; nothing where it is empty."""
    with path.open("rb") as file:
        written = file.read(_MAX_TRACE).decode("utf-8", "replace")
    time = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).replace(microsecond=0)
    process = harmless.word(path.name.split("-")[1], log.PROCESSES)
    starts = [found.start() for found in _FATAL.finditer(written)]
    for start, end in zip(starts, [*starts[1:], len(written)], strict=False):
        said = _FATAL.match(written, start)
        assert said is not None
        error = next((name for name in FATAL if name in said.group(1)), harmless.BLACK)
        current = written[start:end].partition("Current thread")[2].partition("\n\n")[0]
        places = tuple(harmless.place(found[1], int(found[2])) for found in _FRAME.finditer(current))
        _write(place, Report(time, kind, __version__, process, error, places[39::-1]))


def _lock(file: IO[bytes], *, otherwise: bool) -> bool:
    """Whether this process has the file now.

    :param otherwise: the answer of a file system without locks.
    """
    from app.storage.locks import try_lock

    try:
        return try_lock(file.fileno())
    except OSError:
        return otherwise


def _ended(pid: int) -> None:
    """The process ends by itself: what a helper of it wrote becomes a report, and its file goes."""
    trace, place = _watched.trace, _watched.folder
    if trace is None or place is None or pid != os.getpid():
        return
    faulthandler.disable()
    with contextlib.suppress(OSError):
        path = Path(trace.name)
        _report_traces(place, path, "error")
        trace.close()
        path.unlink(missing_ok=True)
