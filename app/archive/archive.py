"""The archive: signed and received copies in folders by year and type, and an index to find them.

The files are the archive; the index can be lost. A copy gets its final name in one step, after it is whole on the
disk, and no name is ever given to a second file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.archive import names
from app.archive.errors import CopyDiffers, NoFreeName, NumberAlreadyFiled, OutsideArchive
from app.archive.model import FiledCopy as FiledCopy
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.documents.text import clean, fold
from app.errors import from_os_error
from app.storage.files import flush_file, flush_folder, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.archive.index import Index
    from app.storage.store import Store

_CHUNK = 1 << 20
_MAX_NAMES = 9999


class Archive:
    """The filed copies of an office. Threads and processes may share it.

    :param root: folder of the tree; made with the first copy.
    :param store: opens the database of the index; called when it is first needed.
    """

    def __init__(self, root: Path, store: Callable[[], Store]) -> None:
        self.root = root.absolute()
        self._open_store = store
        self._opened: Store | None = None
        self._index: Index | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        """Close the index; it opens again when needed."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
            self._opened = self._index = None

    def staging(
        self,
        info: DocumentInfo,
        *,
        year: int | None = None,
        suffix: str,
        source: Path | None = None,
        incoming: bool = False,
    ) -> Path:
        """A path for a copy to be written to, not yet existing, in the folder where it will stay.

        :param year: the document's year where not given, else this year.
        :param suffix: extension with dot.
        :param source: the file that the copy is made from; with it, a number taken by another document is told before
            any work is done.
        :raises NumberAlreadyFiled: see :meth:`take`.
        :raises TargetNotWritable, DiskFull: the folder cannot be made.
        """
        year = _year(info, year)
        if source is not None and not incoming:
            index, store = self._indexed()
            with store.read() as connection:
                self._check_number(index, connection, info, year, source, None)
        return staging_path(names.folder(self.root, info.type, year), suffix)

    def take(
        self,
        staged: Path,
        info: DocumentInfo,
        *,
        year: int | None = None,
        sha256: str,
        source: Path,
        signers: Sequence[str],
        format: str,
        incoming: bool = False,
    ) -> FiledCopy:
        """Give a finished file its final name and enter it in the index.

        :param staged: a path of :meth:`staging`, now a file.
        :param year: as given to :meth:`staging`.
        :param sha256: hexadecimal, of the staged file.
        :param source: the file it was made from.
        :return: the copy filed before, marked as duplicate, where it has the same octets; ``staged`` is then gone.
        :raises NumberAlreadyFiled: an issued document of that number, symbol and year differs in date or summary, and
            is not what this one was made from. Its other formats and later signatures are the same document.
        :raises NoFreeName: thousands of files of that name.
        :raises OutsideArchive: ``staged`` is not of this archive.
        :raises TargetNotWritable, DiskFull: nothing was filed; ``staged`` is still there.
        """
        year = _year(info, year)
        folder = names.folder(self.root, info.type, year)
        if staged.absolute().parent != folder:
            raise OutsideArchive(path=str(staged), root=str(self.root))
        index, store = self._indexed()
        placed: Path | None = None
        try:
            flush_file(staged)
            size = staged.stat().st_size
            with store.write() as connection:
                known = self._same_octets(index, connection, sha256)
                if known is not None:
                    staged.unlink()
                    return msgspec.structs.replace(known, duplicate=True)
                if not incoming:
                    self._check_number(index, connection, info, year, source, sha256)
                path, duplicate = _named(staged, names.stem(info, source, folder, staged.suffix), sha256, size)
                placed = None if duplicate else path
                flush_folder(folder)
                copy = FiledCopy(
                    id=0,
                    path=str(path),
                    year=year,
                    type=folder.name,
                    number=info.number,
                    symbol=info.symbol,
                    date=info.date,
                    summary=info.summary,
                    signers=list(signers),
                    sha256=sha256,
                    filed_at=dt.datetime.now().astimezone(),
                    incoming=incoming,
                    duplicate=duplicate,
                )
                return index.add(connection, copy, issuer=info.issuer, format=format, size=size)
        except BaseException as error:
            if placed is not None:
                with suppress(OSError):
                    rename_new(placed, staged)
            if isinstance(error, OSError):
                raise writing_error(error, staged) from error
            raise

    def add(
        self,
        source: Path,
        info: DocumentInfo | None = None,
        *,
        year: int | None = None,
        incoming: bool = False,
        signers: Sequence[str] = (),
    ) -> FiledCopy:
        """File a copy of a file; the file itself stays as it is.

        :param info: what it says of itself; read from it where not given.
        :param year: the document's year where not given, else this year.
        :raises FileMissing, FileNotReadable: the file cannot be read.
        :raises CopyDiffers: the copy, read back, is not what was written.
        :raises AntinError: as :meth:`take`; the half-made copy is removed.
        """
        from app.documents.formats import detect

        format = detect(source)
        if info is None:
            from app.documents.reading import read

            info = read(source)
        year = _year(info, year)
        staged = self.staging(info, year=year, suffix=source.suffix, source=source, incoming=incoming)
        try:
            sha256 = _copy(source, staged)
            if sha256_file(staged) != sha256:
                raise CopyDiffers(path=str(source))
            return self.take(
                staged,
                info,
                year=year,
                sha256=sha256,
                source=source,
                signers=signers,
                format=str(format),
                incoming=incoming,
            )
        except OSError as error:
            raise writing_error(error, staged) from error
        finally:
            with suppress(FileNotFoundError):
                staged.unlink()

    def search(
        self,
        query: str = "",
        *,
        year: int | None = None,
        type: str | None = None,
        signer: str | None = None,
        date_from: dt.date | None = None,
        date_to: dt.date | None = None,
        limit: int = 50,
    ) -> list[FiledCopy]:
        """Filed copies that have all words of the query in number, symbol, type, summary, agency, signers or file name.

        :param query: accents, case and ``đ`` do not count; parts of words do. Empty: everything.
        :param date_from, date_to: first and last date of the document.
        :return: a document of exactly that number first, then the newest first.
        """
        index, store = self._indexed()
        with store.read() as connection:
            return index.search(
                connection,
                query,
                year=year,
                type=type,
                signer=signer,
                date_from=date_from,
                date_to=date_to,
                limit=limit,
            )

    def find_hash(self, sha256: str) -> FiledCopy | None:
        """The copy with these octets, as the index knows it."""
        index, store = self._indexed()
        with store.read() as connection:
            return index.with_hash(connection, sha256)

    def number_taken(self, year: int, type: str | None, number: str, symbol: str | None) -> FiledCopy | None:
        """The issued copy that bears a number.

        :param type: None: of any type.
        :param number: leading zeros do not count.
        """
        index, store = self._indexed()
        with store.read() as connection:
            found = index.with_number(connection, year, number, symbol)
            return next((copy for copy in found if type is None or copy.type == type), None)

    def _indexed(self) -> tuple[Index, Store]:
        from app.archive.index import Index

        with self._opening:
            if self._opened is None:
                self._opened = self._open_store()
            if self._index is None:
                self._index = Index(self.root)
            return self._index, self._opened

    def _check_number(
        self,
        index: Index,
        connection: Connection,
        info: DocumentInfo,
        year: int,
        source: Path,
        sha256: str | None,
    ) -> None:
        if not info.number:
            return
        others = [
            copy for copy in index.with_number(connection, year, info.number, info.symbol) if not _same(copy, info)
        ]
        if not others:
            return
        made_from = sha256_file(source) if source.is_file() else None
        if any(copy.sha256 in (made_from, sha256) for copy in others):
            return
        raise NumberAlreadyFiled(number=info.number, symbol=info.symbol or "", year=year, path=others[0].path)

    def _same_octets(self, index: Index, connection: Connection, sha256: str) -> FiledCopy | None:
        known = index.with_hash(connection, sha256)
        if known is None or not Path(known.path).is_file() or sha256_file(Path(known.path)) != sha256:
            return None
        return known


def _year(info: DocumentInfo, year: int | None) -> int:
    if year is not None:
        return year
    return info.date.year if info.date is not None else dt.date.today().year


def _same(copy: FiledCopy, info: DocumentInfo) -> bool:
    """Whether a filed copy of the same number is the same document in another format or state."""
    summary = fold(info.summary or "")
    return bool(summary) and summary == fold(copy.summary or "") and copy.date == info.date


def _named(staged: Path, stem: str, sha256: str, size: int) -> tuple[Path, bool]:
    """Rename to the first free name; a file of that name with the same octets is taken instead."""
    suffix = staged.suffix
    for count in range(1, _MAX_NAMES):
        target = staged.with_name(names.numbered(stem, count, suffix))
        try:
            rename_new(staged, target)
        except FileExistsError:
            if target.is_file() and target.stat().st_size == size and sha256_file(target) == sha256:
                staged.unlink()
                return target, True
            continue
        return target, False
    raise NoFreeName(name=clean(stem))


def _copy(source: Path, target: Path) -> str:
    """Copy into a new file, flushed; the SHA-256 of what was read."""
    digest = hashlib.sha256()
    try:
        reading = source.open("rb")
    except OSError as error:
        raise from_os_error(error, source) from error
    with reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    flush_file(target)
    return digest.hexdigest()
