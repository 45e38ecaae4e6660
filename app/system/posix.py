"""What Linux and macOS share: a managed file beside what is kept for all users, the account by its number."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from app.system.account import account_name, stranger_of
from app.system.interface import Managed, System
from app.system.managed_file import read_managed


class Posix(System):
    """A system without a registry."""

    def __init__(self, managed_file: Path, machine: Path) -> None:
        """
        :param managed_file: what IT staff set; it need not exist.
        :param machine: folder for all users.
        """
        self._managed_file, self._machine = managed_file, machine

    def managed(self) -> Managed | None:
        return read_managed(self._managed_file)

    def registered_modules(self) -> list[Path]:
        return []

    def machine_dir(self) -> Path:
        return self._machine

    def user_name(self) -> str:
        return account_name()

    def stranger_of(self, folder: Path) -> str:
        return stranger_of(folder)


def file_system(path: Path, mounts: Iterable[tuple[str, str]]) -> str:
    """The type of the file system that is mounted nearest above a path; empty where none is known.

    :param mounts: place and type of each, in the order of mounting: of two on one place, the later one hides the other.
    """
    real = os.path.realpath(path)
    nearest, kind = "", ""
    for place, its_kind in mounts:
        covers = real == place or real.startswith(place.rstrip("/") + "/")
        if covers and len(place) >= len(nearest):
            nearest, kind = place, its_kind
    return kind
