"""Linux: ``/etc/antin/managed.toml``, XDG folders, mounts by ``/proc/self/mountinfo`` (proc(5))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Literal

from app.system.posix import Posix, file_system

_MANAGED = Path("/etc/antin/managed.toml")
_MACHINE = Path("/var/lib/antin")
_MOUNTS = Path("/proc/self/mountinfo")
#: File systems whose files lie on another computer.
_REMOTE = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|ceph|glusterfs|9p|davfs|fuse\.(sshfs|davfs\d?|gvfsd-fuse|rclone)"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


class Linux(Posix):
    """:ivar managed_file, machine, mounts: others than the system's own, for tests."""

    name: ClassVar[Literal["linux", "windows", "macos"]] = "linux"

    def __init__(self, managed_file: Path = _MANAGED, machine: Path = _MACHINE, mounts: Path = _MOUNTS) -> None:
        super().__init__(managed_file, machine)
        self._mounts = mounts

    def is_remote(self, path: Path) -> bool:
        try:
            lines = self._mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:
            return False
        return _REMOTE.fullmatch(file_system(path, _mounted(lines))) is not None


def _mounted(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) >= 5 and after:
            yield _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4]), after.split(" ")[0]
