"""What belongs to an office's backup, and where a backup goes: the store, the files of the data folder, the archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from app.storage.staging import is_staging

if TYPE_CHECKING:
    from app.office import Office
    from app.storage.backup import Manifest
    from app.storage.restoring import Restored

#: What in the data folder is of no lasting worth, or this computer's own: answers of servers, the program's log and
#: reports of crashes, how the window stands.
_PASSING = frozenset({"cache", "logs", "crashes", "window.ini"})
#: Say where the ledger ends, and what was sealed of it: copied before the ledger, which then has at least that much.
_FIRST = ("ledger.head", "ledger-seals.jsonl")
#: This computer's own.
_KEPT = frozenset({"settings.toml"})


def back_up(office: Office, target: Path, *, archive: bool = False) -> Manifest:
    """Write a backup of an office that may be in use, and enter that in its ledger.

    :param target: a new ZIP. :param archive: with the files of the archive.
    :raises AntinError: as :func:`app.storage.backup.make`.
    """
    from app import __version__
    from app.archive.search_copy import copy_index
    from app.documents.hashing import sha256_file
    from app.storage.backup import Source, make

    settings = office.settings
    sources = [Source("data", settings.data_dir, lambda: _data_files(settings.data_dir, settings.archive_dir, target))]
    if archive:
        sources.append(Source("archive", settings.archive_dir, lambda: _files(settings.archive_dir)))
    manifest = make(target, office.store(), sources, program=__version__, copy_indexes=copy_index)
    office.ledger.append("backup", path=str(target), sha256=sha256_file(target), archive=archive)
    return manifest


def restore(office: Office, path: Path, *, replace: bool = False) -> tuple[Restored, Path | None]:
    """Put a backup back and enter that in the ledger, which may be the one that came with it.

    :param replace: what is there is backed up beside the data folder's files first, then replaced.
    :return: what was done, and the backup of what was there before.
    :raises AntinError: as :func:`app.storage.restoring.restore`.
    """
    from app.archive.search_copy import copy_index, empty_index
    from app.documents.hashing import sha256_file
    from app.storage.backup import Backup
    from app.storage.restoring import Target
    from app.storage.restoring import restore as put_back

    before: Path | None = None
    with closing(Backup(path)) as backup:
        backup.check()
        if replace:
            now = dt.datetime.now(dt.UTC)
            before = office.settings.data_dir / f"before-restore-{now:%Y%m%dT%H%M%S%fZ}.zip"
            back_up(office, before)
        settings = office.settings
        folders = {"data": settings.data_dir, "archive": settings.archive_dir}
        target = Target(office.store, folders, _KEPT, _PASSING, copy_index, empty_index)
        done = put_back(backup, target, replace=replace)
        _take_ledger_along(office, done.manifest)
    office.ledger.append("restore", path=str(path), sha256=sha256_file(path), made=done.manifest.made.isoformat())
    return done, before


def _take_ledger_along(office: Office, manifest: Manifest) -> None:
    """Where a backup comes from a file and goes into a database that workstations share, or the other way."""
    from app.journal import moving

    folder = office.settings.data_dir
    if not office.ledger.shared:
        moving.into_file(office.store(), folder)
    elif any(member.name == "data/ledger.jsonl" for member in manifest.members):
        moving.into_database(folder, office.store())


def _data_files(data_dir: Path, archive_dir: Path, target: Path) -> Iterator[Path]:
    """The files of the data folder that are neither the database, nor the archive, nor a lock or a backup."""
    first = [data_dir / name for name in _FIRST if (data_dir / name).is_file()]
    yield from first
    for path in _files(data_dir):
        relative = path.relative_to(data_dir)
        passing = relative.parts[0] in _PASSING or path.suffix in (".lock", ".part")
        if passing or path in first or path == target.absolute() or path.is_relative_to(archive_dir):
            continue
        if path.name.startswith(("antin.sqlite", "before-restore-")):
            continue
        yield path


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder, in order, without those on their way to their name."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not any(map(is_staging, path.relative_to(folder).parts)):
            yield path
