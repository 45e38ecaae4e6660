"""macOS: a managed file in ``/Library/Application Support``, mounts by ``mount``."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import ClassVar, Literal

from app.system.posix import Posix, file_system

_MACHINE = Path("/Library/Application Support/antin")
_MOUNTED = re.compile(r"^.+ on (?P<place>/.*) \((?P<kind>\w+)[,)]", re.MULTILINE)
_REMOTE = frozenset({"smbfs", "nfs", "afpfs", "webdav", "ftp"})


class MacOS(Posix):
    """:ivar machine: another folder than the system's own, for tests."""

    name: ClassVar[Literal["linux", "windows", "macos"]] = "macos"

    def __init__(self, machine: Path = _MACHINE) -> None:
        super().__init__(machine / "managed.toml", machine)

    def is_remote(self, path: Path) -> bool:
        try:
            told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True).stdout
        except (OSError, subprocess.SubprocessError):
            return False
        return file_system(path, ((found["place"], found["kind"]) for found in _MOUNTED.finditer(told))) in _REMOTE
