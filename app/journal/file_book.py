"""The ledger of one workstation: a file of lines, only ever appended (decision 0006).

An entry is on disk before :meth:`FileBook.append` returns. A process killed in the middle leaves either a complete
entry, which the next append keeps, or an unfinished last line, which it sets aside in a file of its own.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.errors import from_os_error
from app.journal.book import Line, Snapshot
from app.journal.entry import MAX_ENTRY, Draft, Entry, decode, draft, encode, following, may_be_of
from app.journal.errors import LedgerBusy
from app.journal.head import EMPTY, Head, read_head, write_head
from app.storage.files import flush_folder, writing_error
from app.storage.locks import held

_PATIENCE = 30.0


class FileBook:
    """``ledger.jsonl`` of a folder and its companions, made with the first entry; see :class:`app.journal.book.Book`.

    :ivar path: of the file of lines.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self._head_path = folder / "ledger.head"
        self._lock_path = folder / "ledger.lock"

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Add entries, brought to the disk together. A process killed in the middle may leave only the first of them.

        :raises LedgerEntryTooLarge, TargetNotWritable, DiskFull: none was entered.
        :raises LedgerBusy: another process holds the ledger for half a minute.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with held(self._lock_path, patience=_PATIENCE, busy=LedgerBusy):
                return self._append(drafts)
        except OSError as error:
            raise writing_error(error, self.path) from error

    def snapshot(self) -> Snapshot:
        """Head and length of the ledger at one moment.

        :raises FileNotReadable: the files cannot be read.
        """
        if not self.folder.is_dir():
            return Snapshot(None, 0, exact=False)
        with self._reading():
            try:
                length = self.path.stat().st_size
            except FileNotFoundError:
                length = 0
            except OSError as error:
                raise from_os_error(error, self.path) from error
            try:
                return Snapshot(read_head(self._head_path), length, exact=False)
            except OSError as error:
                raise from_os_error(error, self._head_path) from error

    def lines(self, until: int, start: int = 0, *, kinds: Sequence[str] = ()) -> Iterator[Line]:
        """The lines of the first ``until`` bytes from ``start`` on.

        :param kinds: see :meth:`app.journal.book.Book.lines`.
        :raises FileNotReadable: the file cannot be read.
        """
        if until <= start:
            return
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                at = start
                while at < until:
                    raw = file.readline(min(MAX_ENTRY + 1, until - at))
                    if not raw:
                        return
                    if not kinds or may_be_of(raw, kinds):
                        yield Line(raw.removesuffix(b"\n"), raw.endswith(b"\n"), at, at + len(raw))
                    at += len(raw)
        except OSError as error:
            raise from_os_error(error, self.path) from error

    def at(self, places: Sequence[int]) -> list[bytes]:
        """The lines that begin at these offsets.

        :raises FileNotReadable: the file cannot be read.
        """
        if not places:
            return []
        try:
            with self.path.open("rb") as file:
                found = []
                for place in places:
                    file.seek(place)
                    found.append(file.readline(MAX_ENTRY + 1).removesuffix(b"\n"))
                return found
        except OSError as error:
            raise from_os_error(error, self.path) from error

    def _append(self, drafts: Sequence[Draft]) -> list[Entry]:
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
            for each in drafts:
                entry, line = encode(head.seq + 1, head.hash, each)
                lines += line + b"\n"
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
        for line in self.lines(length):
            entry = decode(line.content) if line.finished else None
            if entry is not None:
                last = Head(entry.seq, entry.hash, line.end)
        entry, record = encode(last.seq + 1, last.hash, draft("head-lost", {}))
        record += b"\n"
        if not _ends_with_newline(file, length):
            record = b"\n" + record
        self._write(file, record, length)
        head = Head(entry.seq, entry.hash, length + len(record))
        write_head(self._head_path, head)
        return head

    def _settle(self, file: BinaryIO, head: Head, length: int) -> tuple[Head, int]:
        """What stands beyond the head: keep complete entries of the chain, set an unfinished line aside."""
        for line in self.lines(length, start=head.length):
            if is_torn(line):
                self._set_aside(line.content, head.seq + 1)
                os.ftruncate(file.fileno(), head.length)
                return head, head.length
            entry = following(line.content, head.seq, head.hash)
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
            guard = held(self._lock_path, patience=_PATIENCE, busy=LedgerBusy)
            guard.__enter__()
        except OSError:
            yield
            return
        try:
            yield
        finally:
            guard.__exit__(None, None, None)


def is_torn(line: Line) -> bool:
    """An unfinished last line: no line feed and no whole entry, or blocks that a power cut left as zeros."""
    if line.finished:
        return bool(line.content) and not line.content.strip(b"\0")
    return decode(line.content) is None


def _ends_with_newline(file: BinaryIO, length: int) -> bool:
    file.seek(length - 1)
    return file.read(1) == b"\n"
