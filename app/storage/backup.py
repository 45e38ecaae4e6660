"""A backup: one ZIP with the records of an office, its files, and a list of what is in it with hashes.

``backup.json`` (:class:`Manifest`), ``antin.sqlite`` (all tables, whatever database they come from, so that they can be
put back into either), and the files below ``data/`` and ``archive/``. It can be made while everything is in use: the
tables are those of one moment, and what is only ever appended is copied after its end was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import sqlite3
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import msgspec

from app.decoding import decodable
from app.errors import from_os_error
from app.storage.backup_errors import BackupDamaged, BackupExists, BackupTooNew, NoBackup
from app.storage.copying import CopyIndexes, copy_rows
from app.storage.files import flush_file, flush_folder, rename_new, writing_error
from app.storage.staging import staging_path
from app.times import VIETNAM

if TYPE_CHECKING:
    from app.storage.store import Store

TABLES = "antin.sqlite"
_MANIFEST = "backup.json"
_SETTINGS = "settings.toml"
_FORMAT = 1
_CHUNK = 1 << 20
#: Octets of the list: so many, and so many for each member of the ZIP (its name is in both, escaped at worst).
_LIST_BEGINNING, _LIST_EACH = 1 << 16, 1 << 12
#: Of files, in seconds since 1970: what every file system takes (the year 9999).
_END_OF_TIMES = 253_402_300_800
#: Already compressed, most of them; the tables are worth the time.
_QUICK = 1


class Member(msgspec.Struct, frozen=True):
    """A file of a backup.

    :ivar name: in the ZIP: ``antin.sqlite``, or ``data/…`` or ``archive/…`` with ``/``.
    :ivar size: octets. :ivar sha256: hexadecimal.
    :ivar modified: of the file, in seconds since 1970.
    """

    name: str
    size: int
    sha256: str
    modified: float


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds.

    :ivar made: aware. :ivar program: version that made it. :ivar tables: version of the tables.
    :ivar archive: the files of the archive are in it.
    """

    format: int
    made: dt.datetime
    program: str
    tables: str
    archive: bool
    members: list[Member]

    @property
    def size(self) -> int:
        """Octets of everything, unpacked."""
        return sum(member.size for member in self.members)


@dataclass(frozen=True)
class Source:
    """A folder whose files go into a backup.

    :ivar kind: ``data`` or ``archive``.
    :ivar files: of the folder, in the order in which they are to be copied.
    """

    kind: str
    folder: Path
    files: Callable[[], Iterable[Path]]


def make(target: Path, store: Store, sources: Iterable[Source], *, program: str, copy_indexes: CopyIndexes) -> Manifest:
    """Write a backup and read it again.

    :param target: must not exist.
    :param copy_indexes: from and to connections, of what the schema does not know of.
    :raises BackupExists: there is a file of that name.
    :raises StoreDamaged: the database that was copied is not sound.
    :raises AntinError: the database cannot be read, a file cannot be read, or the backup not written; nothing is left.
    """
    if target.exists():
        raise BackupExists(path=str(target))
    staged = staging_path(target.absolute().parent, ".zip")
    try:
        with TemporaryDirectory(prefix=".antin-", dir=staged.parent) as folder:
            tables = Path(folder) / TABLES
            _copy_tables(store, tables, copy_indexes)
            manifest = _write(staged, tables, list(sources), program)
        flush_file(staged)
        with closing(Backup(staged)) as written:
            written.check()
        rename_new(staged, target)
        flush_folder(target.absolute().parent)
    except FileExistsError as error:
        raise BackupExists(path=str(target)) from error
    except OSError as error:
        raise writing_error(error, target) from error
    finally:
        staged.unlink(missing_ok=True)
    return manifest


class Backup:
    """A backup opened for reading. To be closed.

    :raises FileMissing, FileNotReadable: it cannot be opened. :raises NoBackup: it is something else.
    :raises BackupTooNew: a newer program wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise from_os_error(error, path) from error
        except zipfile.BadZipFile as error:
            raise NoBackup(path=str(path)) from error
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def check(self) -> None:
        """Read everything and compare it with the list.

        :raises BackupDamaged: something is missing, altered or too much.
        """
        names = [info.filename for info in self._zip.infolist()]
        listed = [_MANIFEST, *(member.name for member in self.manifest.members)]
        if sorted(names) != sorted(listed) or len(set(names)) != len(names):
            odd = sorted(set(names) ^ set(listed)) or names
            raise BackupDamaged(path=str(self.path), name=odd[0])
        for member in self.manifest.members:
            with self.content(member) as chunks:
                for _chunk in chunks:
                    pass

    @contextmanager
    def content(self, member: Member) -> Iterator[Iterator[bytes]]:
        """The octets of a member in pieces; its hash is compared at its end.

        :raises BackupDamaged: it is not what it was.
        """
        with self._damage(member):
            file = self._zip.open(member.name)
        with file:
            yield self._chunks(member, file)

    @contextmanager
    def _damage(self, member: Member) -> Iterator[None]:
        """What zipfile says of a damaged member, as that."""
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
            raise BackupDamaged(path=str(self.path), name=member.name) from error

    def unpack(self, member: Member, target: Path) -> None:
        """Write a member to a new file, flushed, with its time.

        :raises FileExistsError: there is a file of that name. :raises OSError: the system refused.
        :raises BackupDamaged: nothing is left.
        """
        try:
            with self.content(member) as chunks, target.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BackupDamaged:
            target.unlink(missing_ok=True)
            raise
        os.utime(target, (member.modified, member.modified))

    def _chunks(self, member: Member, file: IO[bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        while True:
            with self._damage(member):
                chunk = file.read(_CHUNK)
            size += len(chunk)
            if not chunk or size > member.size:
                break
            digest.update(chunk)
            yield chunk
        if size != member.size or digest.hexdigest() != member.sha256:
            raise BackupDamaged(path=str(self.path), name=member.name)

    def _read_manifest(self) -> Manifest:
        try:
            info = self._zip.getinfo(_MANIFEST)
            if info.file_size > _LIST_BEGINNING + _LIST_EACH * len(self._zip.infolist()):
                raise NoBackup(path=str(self.path))
            content = self._zip.read(info)
            if msgspec.json.decode(content, type=decodable(_Form)).format > _FORMAT:
                raise BackupTooNew(path=str(self.path))
            manifest = msgspec.json.decode(content, type=decodable(Manifest))
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            msgspec.DecodeError,
            UnicodeDecodeError,
            EOFError,
        ) as error:
            raise NoBackup(path=str(self.path)) from error
        if all(member.name != TABLES for member in manifest.members):
            raise BackupDamaged(path=str(self.path), name=TABLES)
        own = [spelling(member.name) for member in manifest.members if member.name.startswith("data/")]
        if len(set(own)) != len(own):
            raise BackupDamaged(path=str(self.path), name=_MANIFEST)
        for member in manifest.members:
            inside = member.name == TABLES or _is_inside(member.name)
            if not inside or not 0 <= member.modified < _END_OF_TIMES:
                raise BackupDamaged(path=str(self.path), name=member.name)
        return manifest


class _Form(msgspec.Struct):
    format: int


def _is_inside(name: str) -> bool:
    """Whether a member's name leads to a file below the folder that it is for, on every system."""
    path = PurePosixPath(name)
    parts = path.parts
    plain = all(part not in ("..", ".", "") and not set(part) & set("\\:\0") for part in parts)
    if not (len(parts) > 1 and parts[0] in ("data", "archive") and plain and path.as_posix() == name):
        return False
    return parts[0] == "archive" or not _is_own(parts[1:])


def _is_own(parts: tuple[str, ...]) -> bool:
    """Whether a name of the data folder is that of its database, or on some system leads to its settings although it is
    spelled otherwise (``Settings.toml``, ``settings.toml.``, ``SETTIN~1.TOM``)."""
    first = spelling(parts[0])
    short = re.search(r"~[0-9]", first) is not None
    return first.startswith(TABLES) or short or (first == _SETTINGS and parts != (_SETTINGS,))


def spelling(name: str) -> str:
    """What names have in common that some file system takes for one: case, composed or decomposed letters, blanks and
    dots at the end of a part do not count (HFS+, APFS, NTFS)."""
    parts = (unicodedata.normalize("NFKC", part).casefold().rstrip(". ") for part in name.split("/"))
    return "/".join(parts)


def _copy_tables(store: Store, target: Path, copy_indexes: CopyIndexes) -> None:
    """All tables of one moment in a SQLite file without companions."""
    from app.storage import sqlite
    from app.storage.store import open_store

    if store.is_server:
        copy = open_store(target)
        with copy.write() as writing, store.read(unhurried=True) as reading:
            copy_rows(reading, writing)
            copy_indexes(reading, writing)
        copy.close()
    else:
        with store.read() as reading, closing(sqlite3.connect(target)) as copy_of_file:
            connection = reading.connection.driver_connection
            assert isinstance(connection, sqlite3.Connection)
            with sqlite.named_errors(str(target)):
                connection.backup(copy_of_file)
    with sqlite.named_errors(str(target)):
        _make_sound(target)


def _make_sound(path: Path) -> None:
    from app.storage.errors import StoreDamaged

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreDamaged(path=str(path), detail=found)


def _write(target: Path, tables: Path, sources: list[Source], program: str) -> Manifest:
    from app.storage.schema import VERSION

    members = []
    with (
        os.fdopen(
            os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "w+b"
        ) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as packed,
    ):
        members.append(_add(packed, tables, TABLES))
        for source in sources:
            for path in source.files():
                name = f"{source.kind}/{path.relative_to(source.folder).as_posix()}"
                with _vanishing():
                    members.append(_add(packed, path, name))
        archive = any(source.kind == "archive" for source in sources)
        manifest = Manifest(_FORMAT, dt.datetime.now(VIETNAM), program, VERSION, archive, members)
        packed.writestr(_MANIFEST, msgspec.json.encode(manifest))
    return manifest


@contextmanager
def _vanishing() -> Iterator[None]:
    """A file that was there a moment ago may be gone: a run that ended, a copy that was moved."""
    try:
        yield
    except FileNotFoundError:
        return


def _add(packed: zipfile.ZipFile, path: Path, name: str) -> Member:
    """Copy a file as long as it is now; what is appended meanwhile is not in it."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        left = state.st_size
        info = zipfile.ZipInfo(name)  # the time is in the list, to the fraction of a second
        info.compress_type = zipfile.ZIP_DEFLATED
        with packed.open(info, "w", force_zip64=True) as member:
            while left and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                member.write(chunk)
                left -= len(chunk)
    return Member(name, state.st_size - left, digest.hexdigest(), state.st_mtime)
