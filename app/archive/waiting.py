"""Copies that wait on this workstation because the folder of the archive, or its database, is away.

Each has a folder with its files and, written last, ``copy.json`` (:class:`Waiting`): from then on it is waiting,
whatever happens to the program. It is filed as any other copy when the archive is back, in the order in which it came,
and removed here after that; filed twice it would be found to have the same octets.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.archive.model import Corrections, FiledCopy
from app.archive.names import component, numbered
from app.archive.tree import OWN_FOLDER
from app.decoding import decodable
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.errors import AntinError, CopyDiffers, ErrorInfo, describe, from_os_error
from app.storage import writing
from app.storage.files import flush_file, rename_first_free, writing_error
from app.storage.locks import try_lock
from app.storage.staging import staging_path
from app.times import local

if TYPE_CHECKING:
    from app.archive.archive import Archive

_RECORD = "copy.json"
_LONGEST_STEM = 120
_MAX_NAMES = 100


class Waiting(msgspec.Struct, frozen=True):
    """A copy that waits.

    :ivar name: of its file in the folder; ``beside`` that of a signature file which belongs beside it.
    :ivar more: metadata beside ``info``. :ivar doubts: see :class:`app.archive.model.Document`.
    :ivar sha256: of the file. :ivar since: aware. :ivar source: the file that it was made from.
    """

    name: str
    sha256: str
    info: DocumentInfo
    source: str
    signers: list[str]
    format: str
    since: dt.datetime
    incoming: bool = False
    year: int | None = None
    beside: str | None = None
    more: Corrections | None = None
    doubts: dict[str, float] = {}


class Outcome(msgspec.Struct, frozen=True):
    """What became of a copy that waited.

    :ivar copy: as filed; None where ``error`` says why it waits on.
    """

    path: str
    copy: FiledCopy | None = None
    error: ErrorInfo | None = None


class WaitingRoom:
    """The copies of one workstation that wait. Several processes may share it.

    :param folder: of this workstation's data.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def staging(self, suffix: str) -> Path:
        """A path for a copy to be written to, in a folder of its own.

        :raises TargetNotWritable, DiskFull: the folder cannot be made.
        """
        folder = self.folder / f"{self._last() + 1:08d}-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise writing_error(error, folder) from error
        return staging_path(folder, suffix)

    def holds(self, path: Path) -> bool:
        """Whether a path is one of :meth:`staging`."""
        return path.parent.parent == self.folder

    def name(self, finished: Path, staged: Path, source: Path) -> Path:
        """Give a finished file a name that a person knows again, in the folder of ``staged``.

        :param staged: of :meth:`staging`. :param source: the file that it was made from.
        :raises AntinError: the system refused; it has its name still.
        """
        stem = component(source.stem, _LONGEST_STEM) or "van-ban"
        names = (staged.with_name(numbered(stem, count, finished.suffix)) for count in range(1, _MAX_NAMES))
        return rename_first_free(finished, names)

    def keep(self, staged: Path, waiting: Waiting) -> None:
        """Let a finished file wait; on the disk when this returns. Done again after a crash, it waits once.

        :param staged: the file, by its name in a folder of :meth:`staging`.
        :raises TargetNotWritable, DiskFull: it does not wait; the file is still there.
        """
        try:
            flush_file(staged)
            if waiting.beside is not None:
                flush_file(staged.with_name(waiting.beside))
            writing.replace(staged.with_name(_RECORD), msgspec.json.encode(waiting))
        except OSError as error:
            raise writing_error(error, staged) from error

    def copies(self) -> list[tuple[Path, Waiting]]:
        """What waits, in the order in which it came; a folder whose record cannot be read is left alone.

        :return: the file with its record.
        """
        found = []
        for folder in self._folders():
            with suppress(OSError, msgspec.DecodeError):
                waiting = msgspec.json.decode((folder / _RECORD).read_bytes(), type=decodable(Waiting))
                found.append((folder / waiting.name, waiting))
        return found

    def file(self, archive: Archive, place_beside: Callable[[Path, Path], Path]) -> Iterator[Outcome]:
        """File what waits, where nobody else does so now. Ends at once where the archive is away still; what cannot be
        filed for a reason of its own waits on.

        :param place_beside: gives a signature file its name beside a document.
        """
        with self._alone() as alone:
            for path, waiting in self.copies() if alone else ():
                if is_away(archive):
                    return
                try:
                    copy = _file(archive, path, waiting, place_beside)
                except AntinError as error:
                    yield Outcome(str(path), error=describe(error))
                    continue
                shutil.rmtree(path.parent, ignore_errors=True)
                yield Outcome(str(path), copy)

    def _folders(self) -> Sequence[Path]:
        with suppress(FileNotFoundError):
            return sorted(folder for folder in self.folder.iterdir() if (folder / _RECORD).is_file())
        return ()

    def _last(self) -> int:
        """The number of the newest folder: the order does not hang on the clock."""
        with suppress(FileNotFoundError):
            numbers = (folder.name.partition("-")[0] for folder in self.folder.iterdir())
            return max((int(number) for number in numbers if number.isdecimal()), default=0)
        return 0

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        if not self.folder.is_dir():
            yield False
            return
        descriptor = os.open(self.folder / "filing.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield try_lock(descriptor)
        finally:
            os.close(descriptor)


def is_away(archive: Archive) -> bool:
    """Whether the archive cannot be filed into now: its folder is gone, or nothing but an empty mount point, although
    the index knows of copies or cannot be asked. A folder that may not be written to is not away."""
    from app.storage.errors import StoreUnreachable

    try:
        with os.scandir(archive.root) as entries:
            filled = any(entry.name != OWN_FOLDER for entry in entries)
    except FileNotFoundError:
        filled = False
    except (PermissionError, NotADirectoryError):
        return False
    except OSError:
        return True
    try:
        return not filled and _knows_copies(archive)
    except StoreUnreachable:
        return True


def _knows_copies(archive: Archive) -> bool:
    import sqlalchemy as sa

    from app.storage.schema.archive import filed_copies

    _index, store = archive.indexed()
    with store.read() as connection:
        return connection.execute(sa.select(filed_copies.c.id).limit(1)).first() is not None


def _file(archive: Archive, path: Path, waiting: Waiting, place_beside: Callable[[Path, Path], Path]) -> FiledCopy:
    source = Path(waiting.source)
    more = _with_arrival(waiting)
    year = archive.year(waiting.info, waiting.year, waiting.incoming, more)
    staged = archive.staging(waiting.info, year=year, suffix=path.suffix, source=source, incoming=waiting.incoming)
    try:
        _copy(path, staged, waiting.sha256)
        copy = archive.take(
            staged,
            waiting.info,
            year=year,
            sha256=waiting.sha256,
            source=source,
            signers=waiting.signers,
            format=waiting.format,
            incoming=waiting.incoming,
            more=more,
            doubts=waiting.doubts,
        )
        if waiting.beside is not None:
            signature = path.with_name(waiting.beside)
            beside = staged.with_name(f"{staged.stem}-beside{signature.suffix}")
            _copy(signature, beside, sha256_file(signature))
            place_beside(beside, Path(copy.path))
        return copy
    finally:
        with suppress(OSError):
            staged.unlink(missing_ok=True)


def _with_arrival(waiting: Waiting) -> Corrections | None:
    """Its metadata, with the day of arrival of a document received: it came when it began to wait."""
    more = waiting.more or Corrections()
    if not waiting.incoming or more.arrived_on is not msgspec.UNSET:
        return waiting.more
    return msgspec.structs.replace(more, arrived_on=local(waiting.since).date())


def _copy(source: Path, target: Path, sha256: str) -> None:
    try:
        reading = source.open("rb")
    except OSError as error:
        raise from_os_error(error, source) from error
    try:
        with reading, target.open("xb") as file:
            shutil.copyfileobj(reading, file)
        flush_file(target)
        if sha256_file(target) != sha256:
            raise CopyDiffers(path=str(source))
    except OSError as error:
        raise writing_error(error, target) from error


def let_wait(room: WaitingRoom, source: Path, waiting: Waiting) -> Path:
    """Let a copy of a file wait; the file itself stays as it is.

    :param waiting: its ``name`` and ``sha256`` are filled in.
    :return: the copy.
    :raises FileMissing, FileNotReadable: the file cannot be read.
    :raises TargetNotWritable, DiskFull: it does not wait.
    """
    staged = room.staging(source.suffix)
    sha256 = sha256_file(source)
    _copy(source, staged, sha256)
    path = room.name(staged, staged, source)
    room.keep(path, msgspec.structs.replace(waiting, name=path.name, sha256=sha256))
    return path
