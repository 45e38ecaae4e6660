"""The ledger: what the program did, one hash-chained entry a line, only ever appended.

Each line of ``ledger.jsonl`` is a JSON object whose last member is ``hash``: the SHA-256, in hexadecimal, of the same
line without that member. ``previous`` is the hash of the line before, so a changed, removed, inserted or moved line
breaks the chain; ``ledger.head`` says where the ledger ends, so a cut tail is seen too (decision 0006).

An entry is on disk before :meth:`Ledger.append` returns. A process killed in the middle leaves either a complete
entry, which the next append keeps, or an unfinished last line, which it sets aside in a file of its own.
"""

from __future__ import annotations

import datetime as dt
import errno
import functools
import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from app.errors import from_os_error
from app.i18n import N_, _
from app.journal.errors import LedgerEntryTooLarge
from app.journal.head import EMPTY, Head, read_head, write_head
from app.journal.lock import held
from app.storage.files import flush_folder, writing_error

#: The longest line, in bytes.
MAX_ENTRY = 256 * 1024

_PATIENCE = 30.0
_HASH_MEMBER = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
_HASH_LENGTH = len(b',"hash":""}') + 64


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger.

    :ivar seq: 1 for the first entry.
    :ivar kind: ``sign``, ``verify``, ``file``…; ``head-lost`` where the head file was missing when an entry was
        appended; ``damaged`` stands for a line that is no entry, its number in ``data["line"]``.
    :ivar actor: the user of the operating system.
    :ivar previous: hash of the entry before.
    """

    seq: int
    time: dt.datetime
    kind: str
    actor: str
    machine: str
    data: dict[str, Any]
    previous: str
    hash: str = ""


class LedgerCheck(msgspec.Struct, frozen=True):
    """What :meth:`Ledger.verify` found.

    :ivar entries: sound entries read, up to the first bad one.
    :ivar first_bad: number that the first bad entry has or should have.
    :ivar code: ``changed``, ``missing``, ``inserted``, ``unreadable``, ``cut``, ``head``; None where all is well.
    :ivar what: the same as a sentence in the current language.
    :ivar unfinished: the last line was being written when the program ended; no fault, the next append clears it away.
    """

    ok: bool
    entries: int
    first_bad: int | None = None
    what: str | None = None
    code: str | None = None
    unfinished: bool = False


_FINDINGS = {
    "changed": N_("this entry was changed after it was written"),
    "missing": N_("entries were removed before this one"),
    "inserted": N_("this entry does not belong here: it was inserted or moved"),
    "unreadable": N_("this line is no entry of the ledger"),
    "cut": N_("the end of the ledger was cut off"),
    "head": N_("the file that says where the ledger ends was removed or changed"),
}


@dataclass(frozen=True)
class _Line:
    """:ivar finished: ends with a line feed."""

    content: bytes
    finished: bool
    end: int


class Ledger:
    """The ledger of a data folder. Safe for several threads and processes at once.

    :param folder: where ``ledger.jsonl`` and its companions are; made with the first entry.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self._head_path = folder / "ledger.head"
        self._lock_path = folder / "ledger.lock"

    def append(self, kind: str, /, **data: object) -> Entry:
        """Add an entry; when this returns it is on the disk.

        :param data: anything msgspec can encode; other values are written as their text.
        :raises LedgerEntryTooLarge: the line would exceed :data:`MAX_ENTRY`.
        :raises LedgerBusy: another process holds the ledger for half a minute.
        :raises TargetNotWritable, DiskFull: nothing was entered.
        """
        (entry,) = self.append_all(kind, [data])
        return entry

    def append_all(self, kind: str, /, data: Sequence[Mapping[str, object]]) -> list[Entry]:
        """Add entries of one kind, one after the other and nothing between them, brought to the disk together. A
        process killed in the middle may leave only the first of them.

        :param data: of each, as for :meth:`append`.
        :raises AntinError: as :meth:`append`; none was entered.
        """
        plain = [{key: _plain(value) for key, value in sorted(each.items())} for each in data]
        if not plain:
            return []
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with held(self._lock_path, patience=_PATIENCE):
                return self._append(kind, plain)
        except OSError as error:
            raise writing_error(error, self.path) from error

    def entries(self, start: dt.datetime | None = None, end: dt.datetime | None = None) -> Iterator[Entry]:
        """The entries in order.

        :param start: leave out entries before this aware time.
        :param end: leave out entries from this aware time on.
        :return: lines that are no entries come as entries of kind ``damaged``; the chain is not checked here.
        :raises FileNotReadable: the file cannot be opened.
        """
        moment = dt.datetime.fromtimestamp(0, dt.UTC)
        for number, line in enumerate(self._lines(self._snapshot()[1]), 1):
            entry = _decode(line.content)
            if entry is None:
                if line.finished:
                    yield Entry(number, moment, "damaged", "", "", {"line": number}, "")
                continue
            moment = entry.time
            if (start is None or moment >= start) and (end is None or moment < end):
                yield entry

    def verify(self) -> LedgerCheck:
        """Check every line, the chain, and the end.

        :raises FileNotReadable: the files cannot be read.
        """
        head, length = self._snapshot()
        if head is None:
            if length == 0:
                return LedgerCheck(True, 0)
            return _finding("head", 0, 1)
        last = EMPTY
        unfinished = False
        for line in self._lines(length):
            if line.end > head.length and _is_torn(line):
                unfinished = True
                break
            entry = _following(line, last)
            if isinstance(entry, str):
                return _finding(entry, last.seq, last.seq + 1)
            last = Head(entry.seq, entry.hash, line.end)
            if (last.seq == head.seq and last != head) or entry.kind == "head-lost":
                return _finding("head", last.seq, last.seq)
        if last.seq < head.seq:
            return _finding("cut", last.seq, last.seq + 1)
        return LedgerCheck(True, last.seq, unfinished=unfinished)

    def _append(self, kind: str, data: list[dict[str, Any]]) -> list[Entry]:
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            length = os.fstat(descriptor).st_size
            head = read_head(self._head_path)
            if head is None:
                head = self._first_head(file, length)
                length = os.fstat(descriptor).st_size
            if length > head.length:
                head, length = self._settle(file, head, length)
            entries, lines = [], b"\n" if length and not _ends_with_newline(file, length) else b""
            for each in data:
                entry, line = _encode(head, kind, each)
                lines += line
                head = Head(entry.seq, entry.hash, length + len(lines))
                entries.append(entry)
            self._write(file, lines, length)
            if new:
                flush_folder(self.folder)
            write_head(self._head_path, head)
        return entries

    def _write(self, file: BinaryIO, line: bytes, length: int) -> None:
        try:
            if os.write(file.fileno(), line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            getattr(os, "fdatasync", os.fsync)(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), length)
            raise

    def _first_head(self, file: BinaryIO, length: int) -> Head:
        """A head for a new ledger; for an old one whose head is gone, an entry that says so."""
        if length == 0:
            write_head(self._head_path, EMPTY)
            flush_folder(self.folder)
            return EMPTY
        last = EMPTY
        for line in self._lines(length):
            entry = _decode(line.content) if line.finished else None
            if entry is not None:
                last = Head(entry.seq, entry.hash, line.end)
        entry, record = _encode(last, "head-lost", {})
        if not _ends_with_newline(file, length):
            record = b"\n" + record
        self._write(file, record, length)
        head = Head(entry.seq, entry.hash, length + len(record))
        write_head(self._head_path, head)
        return head

    def _settle(self, file: BinaryIO, head: Head, length: int) -> tuple[Head, int]:
        """What stands beyond the head: keep complete entries of the chain, set an unfinished line aside."""
        for line in self._lines(length, start=head.length):
            if _is_torn(line):
                self._set_aside(line.content, head.seq + 1)
                os.ftruncate(file.fileno(), head.length)
                return head, head.length
            entry = _following(line, head)
            if isinstance(entry, str):
                return head, length
            end = line.end
            if not line.finished:
                os.write(file.fileno(), b"\n")
                end += 1
            head = Head(entry.seq, entry.hash, end)
            length = max(length, end)
        return head, length

    def _set_aside(self, content: bytes, seq: int) -> None:
        name = f"ledger-unfinished-{seq}-{time.time_ns()}.jsonl"
        (self.folder / name).write_bytes(content)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """The lock where the folder can be written; an auditor's read-only copy needs none."""
        try:
            guard = held(self._lock_path, patience=_PATIENCE)
            guard.__enter__()
        except OSError:
            yield
            return
        try:
            yield
        finally:
            guard.__exit__(None, None, None)

    def _snapshot(self) -> tuple[Head | None, int]:
        """Head and length of the ledger at one moment."""
        if not self.folder.is_dir():
            return None, 0
        with self._reading():
            try:
                length = self.path.stat().st_size
            except FileNotFoundError:
                length = 0
            except OSError as error:
                raise from_os_error(error, self.path) from error
            try:
                return read_head(self._head_path), length
            except OSError as error:
                raise from_os_error(error, self._head_path) from error

    def _lines(self, length: int, start: int = 0) -> Iterator[_Line]:
        """The lines of the first ``length`` bytes from ``start`` on."""
        if length <= start:
            return
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                at = start
                while at < length:
                    raw = file.readline(min(MAX_ENTRY + 1, length - at))
                    if not raw:
                        return
                    at += len(raw)
                    yield _Line(raw.removesuffix(b"\n"), raw.endswith(b"\n"), at)
        except OSError as error:
            raise from_os_error(error, self.path) from error


def _encode(head: Head, kind: str, data: dict[str, Any]) -> tuple[Entry, bytes]:
    entry = Entry(head.seq + 1, dt.datetime.now().astimezone(), kind, _actor(), _machine(), data, head.hash)
    raw = msgspec.json.encode(entry)
    body = raw[: raw.rindex(b',"hash":""}')] + b"}"
    digest = hashlib.sha256(body).hexdigest()
    line = body[:-1] + b',"hash":"' + digest.encode() + b'"}\n'
    if len(line) > MAX_ENTRY:
        raise LedgerEntryTooLarge(size=len(line))
    return msgspec.structs.replace(entry, hash=digest), line


def _decode(content: bytes) -> Entry | None:
    if not _HASH_MEMBER.fullmatch(content[-_HASH_LENGTH:]):
        return None
    try:
        return msgspec.json.decode(content, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _following(line: _Line, last: Head) -> Entry | str:
    """The entry of a line that continues the chain after ``last``; else the code of what is wrong with it."""
    entry = _decode(line.content)
    if entry is None:
        return "unreadable"
    if hashlib.sha256(line.content[:-_HASH_LENGTH] + b"}").hexdigest() != entry.hash:
        return "changed"
    if entry.seq > last.seq + 1:
        return "missing"
    if entry.seq != last.seq + 1 or entry.previous != last.hash:
        return "inserted"
    return entry


def _is_torn(line: _Line) -> bool:
    """An unfinished last line: no line feed and no whole entry, or blocks that a power cut left as zeros."""
    if line.finished:
        return bool(line.content) and not line.content.strip(b"\0")
    return _decode(line.content) is None


def _ends_with_newline(file: BinaryIO, length: int) -> bool:
    file.seek(length - 1)
    return file.read(1) == b"\n"


def _finding(code: str, entries: int, first_bad: int) -> LedgerCheck:
    return LedgerCheck(False, entries, first_bad, _(_FINDINGS[code]), code)


def _plain(value: object) -> Any:
    builtin = msgspec.to_builtins(value, enc_hook=str, str_keys=True)
    return _writable(builtin)


def _writable(value: Any) -> Any:
    """File names that are no Unicode come as lone surrogates, which JSON cannot carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_writable(key): _writable(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    return value


@functools.cache
def _actor() -> str:
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


@functools.cache
def _machine() -> str:
    import socket

    return socket.gethostname()
