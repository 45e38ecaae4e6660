"""macOS: a managed file in ``/Library/Application Support``, mounts by ``mount``."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import ClassVar, Literal

from app.system.account import account_name
from app.system.interface import Managed, System
from app.system.managed_file import read_managed

_MACHINE = Path("/Library/Application Support/antin")
_MOUNTED = re.compile(r"^.+ on (?P<place>/.*) \((?P<kind>\w+)[,)]", re.MULTILINE)
_REMOTE = frozenset({"smbfs", "nfs", "afpfs", "webdav", "ftp"})


class MacOS(System):
    """:ivar machine: another folder than the system's own, for tests."""

    name: ClassVar[Literal["linux", "windows", "macos"]] = "macos"

    def __init__(self, machine: Path = _MACHINE) -> None:
        self._machine = machine

    def managed(self) -> Managed | None:
        return read_managed(self._machine / "managed.toml")

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
            told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True).stdout
        except (OSError, subprocess.SubprocessError):
            return False
        real = os.path.realpath(path)
        above = [
            found
            for found in _MOUNTED.finditer(told)
            if real == found["place"] or real.startswith(found["place"].rstrip("/") + "/")
        ]
        return bool(above) and max(above, key=lambda found: len(found["place"]))["kind"] in _REMOTE
