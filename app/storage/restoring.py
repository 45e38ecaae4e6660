"""A backup put back: first looked through, then files that are missing, then the tables, all or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from app.documents.hashing import sha256_file
from app.errors import DiskFull
from app.storage.backup import TABLES, Backup, Manifest, Member
from app.storage.backup_errors import BackupTooNew, RestoreOver
from app.storage.copying import CopyIndexes, copy_rows, empty, has_rows
from app.storage.errors import StoreTooNew
from app.storage.files import flush_folder, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from app.storage.store import Store


class Restored(msgspec.Struct, frozen=True):
    """What was put back.

    :ivar manifest: of the backup.
    :ivar files: how many files were written; those that were there already with the same octets are not counted.
    :ivar set_aside: files that were replaced, under their new names.
    """

    manifest: Manifest
    files: int
    set_aside: list[Path]


@dataclass(frozen=True)
class Target:
    """Where a backup goes.

    :ivar folders: of the kinds ``data`` and ``archive``.
    :ivar kept: files of ``data`` that stay as they are where they are there: this computer's own settings.
    :ivar passing: files and folders of ``data`` that are not put back, which backups of earlier versions have.
    """

    store: Callable[[], Store]
    folders: dict[str, Path]
    kept: frozenset[str]
    passing: frozenset[str]
    copy_indexes: CopyIndexes
    empty_indexes: Callable[[sa.Connection], None]


def restore(backup: Backup, target: Target, *, replace: bool = False) -> Restored:
    """Put a backup back.

    :param replace: rows in the database are replaced; files that differ are given another name first.
    :raises BackupDamaged, BackupTooNew, DiskFull: nothing was changed.
    :raises RestoreOver: rows, or files with other octets, are there already; nothing was changed.
    :raises AntinError: the system or the database refused. Files that came before stay, no row was changed; it may be
        done again.
    """
    backup.check()
    work = target.folders["data"]
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise writing_error(error, work) from error
    plan = _plan(backup, target)
    _need_room(plan, backup, target)
    differing = [path for path, (_member, differs) in plan.items() if differs]
    store = target.store()
    if not replace:
        _refuse_over(backup, store, differing)
    with TemporaryDirectory(prefix=".antin-", dir=work) as folder:
        tables = _tables(backup, Path(folder))
        aside = [_set_aside(path, backup.manifest) for path in differing]
        for path, (member, _differs) in plan.items():
            _place(backup, member, path)
        _replace_rows(tables, store, target)
    return Restored(backup.manifest, len(plan), aside)


def _plan(backup: Backup, target: Target) -> dict[Path, tuple[Member, bool]]:
    """The files to be written, and whether another file is in the way."""
    plan = {}
    for member in backup.manifest.members:
        kind, _, relative = member.name.partition("/")
        if member.name == TABLES or (kind == "data" and relative.partition("/")[0] in target.passing):
            continue
        path = target.folders[kind].joinpath(*relative.split("/"))
        there = path.is_file()
        if there and (relative in target.kept or _is_same(path, member)):
            continue
        plan[path] = (member, there)
    return plan


def _is_same(path: Path, member: Member) -> bool:
    return path.stat().st_size == member.size and sha256_file(path) == member.sha256


def _refuse_over(backup: Backup, store: Store, differing: list[Path]) -> None:
    with store.read() as connection:
        if has_rows(connection):
            raise RestoreOver(path=str(backup.path), what=store.name)
    if differing:
        raise RestoreOver(path=str(backup.path), what=str(differing[0]))


def _tables(backup: Backup, folder: Path) -> Path:
    """The tables of a backup at this program's version.

    :raises BackupTooNew: they are of a newer one.
    """
    from app.storage.store import open_store

    path = folder / TABLES
    try:
        backup.unpack(next(member for member in backup.manifest.members if member.name == TABLES), path)
        open_store(path).close()
        return path
    except StoreTooNew as error:
        raise BackupTooNew(path=str(backup.path)) from error
    except OSError as error:
        raise writing_error(error, path) from error


def _need_room(plan: dict[Path, tuple[Member, bool]], backup: Backup, target: Target) -> None:
    """:raises DiskFull: what is to be written will not fit."""
    needed = dict.fromkeys(target.folders, 0)
    for member, _differs in plan.values():
        needed[member.name.partition("/")[0]] += member.size
    # Unpacked, and again in the database.
    needed["data"] += 2 * sum(member.size for member in backup.manifest.members if member.name == TABLES)
    for kind, octets in needed.items():
        folder = target.folders[kind]
        there = next(each for each in (folder, *folder.parents) if each.is_dir())
        if octets and shutil.disk_usage(there).free < octets:
            raise DiskFull(path=str(folder))


def _set_aside(path: Path, manifest: Manifest) -> Path:
    """Give a file that is in the way a name that tells of it."""
    count = 0
    while True:
        count += 1
        mark = f".before-restore-{manifest.made:%Y%m%d}{f'-{count}' if count > 1 else ''}"
        aside = path.with_name(path.name + mark)
        try:
            rename_new(path, aside)
        except FileExistsError:
            continue
        except OSError as error:
            raise writing_error(error, path) from error
        return aside


def _place(backup: Backup, member: Member, path: Path) -> None:
    staged = staging_path(path.parent, path.suffix)
    try:
        backup.unpack(member, staged)
        rename_new(staged, path)
        flush_folder(path.parent)
    except OSError as error:
        raise writing_error(error, path) from error
    finally:
        staged.unlink(missing_ok=True)


def _replace_rows(tables: Path, store: Store, target: Target) -> None:
    from app.storage.store import open_store

    if not store.is_server:
        store.load_file(tables)
        return
    with closing(open_store(tables)) as unpacked, unpacked.read() as source, store.write(None) as connection:
        empty(connection)
        target.empty_indexes(connection)
        copy_rows(source, connection)
        target.copy_indexes(source, connection)
