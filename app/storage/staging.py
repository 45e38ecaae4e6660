"""Files on their way to a final name: what they are called, and what a crash left of them."""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from app.storage.files import made_folder

_PREFIX = ".antin-"
_SUFFIX = re.compile(r"\.[0-9a-z]{1,12}")
#: Seconds after which a file on its way belongs to a program that is gone. What a stopped run had signed waits for its
#: place so long: over a weekend, the holidays of Tết and the leave of the one who signs.
_STALE = 90 * 24 * 3600.0


def is_staging(name: str) -> bool:
    """Whether a name is that of a file on its way, which is no filed copy."""
    return name.startswith(_PREFIX)


def staging_path(folder: Path, suffix: str) -> Path:
    """A path not yet existing in a folder, which is made; hidden on Linux and macOS. Leftovers of programs that were
    killed are removed.

    :param suffix: extension with dot; left out where it is none.
    :raises TargetNotWritable, DiskFull: the folder cannot be made.
    """
    _remove_stale(made_folder(folder))
    kept = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ""
    return folder / f"{_PREFIX}{secrets.token_hex(8)}{kept}"


_looked_at: set[Path] = set()


def _remove_stale(folder: Path) -> None:
    """Once a process and folder."""
    if folder in _looked_at:
        return
    _looked_at.add(folder)
    before = time.time() - _STALE
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
