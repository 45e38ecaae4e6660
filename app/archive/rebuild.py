"""The index made from the files alone, and files dropped into the tree by hand taken in. No file is touched."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from app.archive.entering import Entry
from app.archive.health import strays
from app.archive.model import FiledCopy
from app.archive.placing import check_secrecy
from app.archive.tree import comparable
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.errors import AntinError, ErrorInfo, describe, from_os_error
from app.times import VIETNAM

if TYPE_CHECKING:
    import sqlalchemy as sa

    from app.archive.archive import Archive
    from app.archive.index import Index
    from app.archive.layout import Slot
    from app.documents.reading import Reading


#: Seconds that the clock of another computer may be ahead.
_CLOCKS_DIFFER = 86_400.0


class Taking(StrEnum):
    """What became of a file that the index did not know: entered; a copy that had another name; octets that are filed
    under another name still; not to be read, and entered by its place alone, or not at all."""

    ENTERED = "entered"
    MOVED = "moved"
    DOUBLE = "double"
    FAILED = "failed"


class Taken(msgspec.Struct, frozen=True):
    """A file of the tree that the index did not know.

    :ivar path: absolute. :ivar copy: as the index has it now; of a double, the other one.
    :ivar error: why it was not entered.
    """

    path: str
    taking: Taking
    copy: FiledCopy | None = None
    error: ErrorInfo | None = None


def take_in(archive: Archive, signers: Callable[[Path], Sequence[str]]) -> Iterator[Taken]:
    """Enter every document in the tree that the index does not know, where it lies; of an empty index, all. Received
    ones are entered last, in the order in which they were written there, which is that of their numbers of arrival.

    :param signers: whose signatures a file bears.
    :raises ArchiveAway: the folder of the archive is not there.
    :raises AntinError: the store cannot be read or written.
    """
    received: list[tuple[float, Path]] = []
    for path in strays(archive):
        slot = _slot(archive, path)
        if slot is not None and slot.incoming:
            received.append((_modified(path), path))
        else:
            yield _take(archive, path, signers)
    for _written, path in sorted(received):
        yield _take(archive, path, signers)


def _slot(archive: Archive, path: Path) -> Slot | None:
    return archive.layout.slot(PurePosixPath(path.relative_to(archive.root).as_posix()))


def _modified(path: Path) -> float:
    """When a file was last written; the end of times where that is not told, as of one that is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _take(archive: Archive, path: Path, signers: Callable[[Path], Sequence[str]]) -> Taken:
    index, store = archive.indexed()
    try:
        sha256 = sha256_file(path)
        with store.read() as connection:
            known = index.with_hash(connection, sha256)
        if known is not None and Path(known.path).is_file() and not _is_respelled(path, Path(known.path)):
            return Taken(str(path), Taking.DOUBLE, known)
        copy, entry = (None, None) if known is not None else read_as_it_lies(archive, path, sha256, signers)
        if entry is not None:
            check_secrecy(entry.info, path)
    except (AntinError, OSError) as error:
        return Taken(str(path), Taking.FAILED, error=describe(error))

    def enter(connection: sa.Connection) -> Taken:
        there = index.at(connection, path)
        if there is not None:  # another workstation was first
            return Taken(str(path), Taking.ENTERED, there)
        if copy is None or entry is None:
            return _moved(index, connection, path, sha256)
        return Taken(str(path), Taking.ENTERED, entry.enter(index, connection, copy, path))

    return store.transact(enter)


def _is_respelled(path: Path, known: Path) -> bool:
    """Whether two names lead to one file and differ in what some file systems do not tell apart: case, composition."""
    return comparable(str(path)).casefold() == comparable(str(known)).casefold() and path.samefile(known)


def _moved(index: Index, connection: sa.Connection, path: Path, sha256: str) -> Taken:
    known = index.with_hash(connection, sha256)
    if known is None:
        return Taken(str(path), Taking.FAILED)
    index.moved(connection, known.id, path)
    return Taken(str(path), Taking.MOVED, index.copy(connection, known.id))


def read_as_it_lies(
    archive: Archive, path: Path, sha256: str, signers: Callable[[Path], Sequence[str]]
) -> tuple[FiledCopy, Entry]:
    """What a file and its place say of it; a file that cannot be read is entered by its place and name."""
    from app.documents.formats import detect
    from app.documents.full_text import read_text

    slot = _slot(archive, path)
    state = path.stat()
    filed_at = _time(state.st_mtime)
    reading = _reading(path)
    info = reading.info if reading is not None else DocumentInfo()
    if slot is not None:
        info = dataclasses.replace(info, type=slot.type)
    year = slot.year if slot is not None else (info.date or filed_at.date()).year
    incoming = slot is not None and slot.incoming
    doubts = reading.doubts(archive.layout.settings.doubtful_below) if reading is not None else {}
    copy = FiledCopy(
        id=0,
        path=str(path),
        year=year,
        type=info.type or "",
        number=info.number,
        symbol=info.symbol,
        date=info.date,
        summary=info.summary,
        signers=_named(path, signers),
        sha256=sha256,
        filed_at=filed_at,
        incoming=incoming,
        format=str(detect(path)),
        size=state.st_size,
    )
    return copy, Entry(info, year, incoming, None, doubts, read_text(path) if reading is not None else "")


def _time(modified: float) -> dt.datetime:
    """When a file was last written; now, where its system says what no calendar has (a dead clock, a broken share)."""
    now = dt.datetime.now(VIETNAM)
    if not 0 <= modified <= now.timestamp() + _CLOCKS_DIFFER:
        return now
    return dt.datetime.fromtimestamp(modified, VIETNAM)


def _reading(path: Path) -> Reading | None:
    from app.documents.reading import read_with_places

    try:
        return read_with_places(path)
    except AntinError:
        return None
    except OSError as error:
        raise from_os_error(error, path) from error


def _named(path: Path, signers: Callable[[Path], Sequence[str]]) -> list[str]:
    try:
        return list(signers(path))
    except AntinError:
        return []
