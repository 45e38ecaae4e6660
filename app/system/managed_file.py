"""The managed file of systems that have no registry: a ``settings.toml`` with one more key, ``locked``.

It binds users, so that it counts only where no user can write it: as ``sudo`` and ``sshd`` do with their files, one
that belongs to somebody else than an administrator, or that others may write, is refused and not passed over.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Literal

from app import bounded_toml
from app.system.interface import Managed, ManagedUnreadable

#: Root's own group; on macOS also ``admin``, which may write ``/Library/Application Support``.
_ADMINISTRATORS = frozenset({0, 80} if sys.platform == "darwin" else {0})


def read_managed(path: Path) -> Managed | None:
    """What the file says; None where there is none.

    :raises ManagedUnreadable: it may not be read, users may write it, it is no TOML, or its ``locked`` is neither names
        nor true.
    """
    try:
        _check_writers(path)
        values = bounded_toml.load(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ManagedUnreadable(origin=path, detail=error.strerror or str(error)) from error
    except ValueError as error:
        raise ManagedUnreadable(origin=path, detail=str(error)) from error
    return Managed(str(path), values, _locked(values.pop("locked", []), path), path.absolute().parent)


def _locked(stated: object, path: Path) -> tuple[str, ...] | Literal[True]:
    if stated is True:
        return True
    if stated is False:
        return ()
    if not isinstance(stated, list) or not all(isinstance(name, str) for name in stated):
        raise ManagedUnreadable(origin=path, detail="`locked` is neither true nor a list of names")
    return tuple(stated)


def _check_writers(path: Path) -> None:
    """:raises ManagedUnreadable: somebody who is no administrator may change the file, or put another in its place.
    :raises OSError: it is not there, or may not be looked at."""
    if sys.platform == "win32":
        return
    from app.paths import RESOURCES

    if not stat.S_ISREG(path.stat().st_mode):
        raise ManagedUnreadable(origin=path, detail="no file")
    administrators = {0, RESOURCES.stat().st_uid}  # whoever installed the program can change it anyway
    given, real = path.absolute(), Path(os.path.realpath(path))
    for place in dict.fromkeys((given, *given.parents, real, *real.parents)):
        found = place.stat()
        if found.st_uid not in administrators:
            raise ManagedUnreadable(origin=path, detail=f"{place} belongs to user {found.st_uid}, no administrator")
        if _others_write(found, administrators):
            raise ManagedUnreadable(origin=path, detail=f"users may write {place}")


def _others_write(found: os.stat_result, administrators: set[int]) -> bool:
    """Whether others than the owner may: everybody, or a group that this user is in. In a folder with the sticky bit
    nobody replaces what is another's."""
    if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX:
        return False
    if found.st_mode & stat.S_IWOTH:
        return True
    if os.getuid() in administrators or not found.st_mode & stat.S_IWGRP:
        return False
    return found.st_gid in {os.getegid(), *os.getgroups()} - _ADMINISTRATORS
