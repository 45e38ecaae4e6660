"""Copies whose evidence this computer still has to gather, kept until that is done: one empty file each, named by the
SHA-256 of the copy, so that programs running at once do not spoil one another's list."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.errors import from_os_error
from app.storage.files import writing_error

_LENGTH = 64


class OwedEvidence:
    """:param folder: of the list; made when something is owed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, *hashes: str) -> None:
        """:raises TargetNotWritable, DiskFull: the list cannot be kept; the next look at the archive finds out."""
        if not hashes:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for sha256 in hashes:
                (self._folder / sha256).touch()
        except OSError as error:
            raise writing_error(error, self._folder) from error

    def remove(self, sha256: str) -> None:
        """:raises TargetNotWritable: the list cannot be changed."""
        try:
            (self._folder / sha256).unlink(missing_ok=True)
            with suppress(OSError):  # others are owed
                self._folder.rmdir()
        except OSError as error:
            raise writing_error(error, self._folder) from error

    def all(self) -> list[str]:
        """:raises FileNotReadable: the list cannot be read."""
        try:
            return sorted(path.name for path in self._folder.iterdir() if len(path.name) == _LENGTH)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise from_os_error(error, self._folder) from error
