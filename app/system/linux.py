"""Linux: ``/etc/antin/managed.toml``, XDG folders, mounts by ``/proc/self/mountinfo`` (proc(5))."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Literal

from app.system.account import account_name
from app.system.interface import Managed, System
from app.system.managed_file import read_managed

_MANAGED = Path("/etc/antin/managed.toml")
_MACHINE = Path("/var/lib/antin")
_MOUNTS = Path("/proc/self/mountinfo")
#: File systems whose files lie on another computer.
_REMOTE = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|ceph|glusterfs|9p|davfs|fuse\.(sshfs|davfs\d?|gvfsd-fuse|rclone)"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


class Linux(System):
    """:ivar managed_file, machine, mounts: others than the system's own, for tests."""

    name: ClassVar[Literal["linux", "windows", "macos"]] = "linux"

    def __init__(self, managed_file: Path = _MANAGED, machine: Path = _MACHINE, mounts: Path = _MOUNTS) -> None:
        self._managed_file, self._machine, self._mounts = managed_file, machine, mounts

    def managed(self) -> Managed | None:
        return read_managed(self._managed_file)

    def registered_modules(self) -> list[Path]:
        return []

    def data_dir(self) -> Path:
        import platformdirs

        return Path(platformdirs.user_data_dir("antin", appauthor=False))

    def machine_dir(self) -> Path:
        return self._machine

    def user_name(self) -> str:
        return account_name()

    def is_remote(self, path: Path) -> bool:
        try:
            lines = self._mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:
            return False
        return _REMOTE.fullmatch(_file_system(os.path.realpath(path), lines)) is not None


def _file_system(path: str, mounts: Iterable[str]) -> str:
    """The type of the file system that is mounted nearest above a path; of two on one place, the later one hides the
    other."""
    nearest, kind = "", ""
    for line in mounts:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        place = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
        covers = path == place or path.startswith(place.rstrip("/") + "/")
        if covers and len(place) >= len(nearest):
            nearest, kind = place, after.split(" ")[0]
    return kind
