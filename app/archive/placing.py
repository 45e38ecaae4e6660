"""Giving finished files their names and entering them, inside a transaction of the caller's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from app.archive import names
from app.archive.entering import Entry
from app.archive.errors import NoFreeName, NumberAlreadyFiled, SecretNotFiled
from app.archive.index import Index
from app.archive.layout import type_folder
from app.archive.model import FiledCopy
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.documents.text import clean, fold
from app.storage.files import rename_new
from app.times import VIETNAM

_MAX_NAMES = 9999


@dataclass(frozen=True)
class Finished:
    """A file that is whole on the disk, under a staging name in the folder where it will stay.

    :ivar stem: the name it is to have, without extension.
    :ivar sha256: hexadecimal, of the file. :ivar size: in octets.
    :ivar source: the file it was made from.
    """

    staged: Path
    stem: str
    sha256: str
    size: int
    source: Path
    signers: Sequence[str]
    format: str
    entry: Entry


@dataclass(frozen=True)
class Placed:
    """:ivar path: where the staged file is now; None where it is gone, since its octets are filed already."""

    copy: FiledCopy
    path: Path | None


def place(index: Index, connection: Connection, file: Finished) -> Placed:
    """Name a file and enter it. The caller flushes its folder, and names it back where the transaction fails.

    :raises NumberAlreadyFiled, NoFreeName: nothing was done.
    :raises OSError: the system refused.
    """
    known = _same_octets(index, connection, file.sha256)
    if known is not None:
        file.staged.unlink()
        return Placed(msgspec.structs.replace(known, duplicate=True), None)
    entry, info = file.entry, file.entry.info
    if not entry.incoming:
        check_number(index, connection, info, entry.year, file.source, file.sha256)
    path, duplicate = named(file)
    copy = copy_of(file, path, duplicate=duplicate)
    try:
        return Placed(entry.enter(index, connection, copy, file.source), None if duplicate else path)
    except BaseException:
        if not duplicate:
            rename_new(path, file.staged)
        raise


def copy_of(file: Finished, path: Path, *, duplicate: bool) -> FiledCopy:
    """A file under its final name, not in the index yet.

    :param duplicate: the name was that of a file with the same octets.
    """
    entry, info = file.entry, file.entry.info
    return FiledCopy(
        id=0,
        path=str(path),
        year=entry.year,
        type=type_folder(info.type),
        number=info.number,
        symbol=info.symbol,
        date=info.date,
        summary=info.summary,
        signers=list(file.signers),
        sha256=file.sha256,
        filed_at=dt.datetime.now(VIETNAM),
        incoming=entry.incoming,
        duplicate=duplicate,
        format=file.format,
        size=file.size,
    )


def check_secrecy(info: DocumentInfo, source: Path) -> None:
    """See that a document bears no mark of secrecy.

    :param source: the file, as it is to be named.
    :raises SecretNotFiled: it bears one.
    """
    if info.secrecy:
        raise SecretNotFiled(path=str(source), secrecy=info.secrecy)


def check_number(
    index: Index, connection: Connection, info: DocumentInfo, year: int, source: Path, sha256: str | None
) -> None:
    """See that an issued document's number belongs to no other document.

    :param source: the file it was made from. :param sha256: of the finished file, where there is one.
    :raises NumberAlreadyFiled: see :meth:`app.archive.archive.Archive.take`.
    """
    if not info.number:
        return
    others = [copy for copy in index.with_number(connection, year, info.number, info.symbol) if not same(copy, info)]
    if not others:
        return
    made_from = sha256_file(source) if source.is_file() else None
    if any(copy.sha256 in (made_from, sha256) for copy in others):
        return
    raise NumberAlreadyFiled(number=info.number, symbol=info.symbol or "", year=year, path=others[0].path)


def same(copy: FiledCopy, info: DocumentInfo) -> bool:
    """Whether a filed copy of the same number is the same document in another format or state."""
    summary = fold(info.summary or "")
    return bool(summary) and summary == fold(copy.summary or "") and copy.date == info.date


def _same_octets(index: Index, connection: Connection, sha256: str) -> FiledCopy | None:
    known = index.with_hash(connection, sha256)
    if known is None or not Path(known.path).is_file() or sha256_file(Path(known.path)) != sha256:
        return None
    return known


def named(file: Finished) -> tuple[Path, bool]:
    """Rename to the first free name; a file of that name with the same octets is taken instead."""
    staged, suffix = file.staged, file.staged.suffix
    for count in range(1, _MAX_NAMES):
        target = staged.with_name(names.numbered(file.stem, count, suffix))
        try:
            rename_new(staged, target)
        except FileExistsError:
            if target.is_file() and target.stat().st_size == file.size and sha256_file(target) == file.sha256:
                staged.unlink()
                return target, True
            continue
        return target, False
    raise NoFreeName(name=clean(file.stem))
