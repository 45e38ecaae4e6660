"""Windows: policies of ``HKLM\\Software\\Policies\\Antin``, drivers of tokens by their providers in the registry."""

from __future__ import annotations

import ntpath
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

from app.system.interface import Managed, ManagedUnreadable, System
from app.system.registry import Registry, RegistryValue
from app.system.windows_registry import WindowsRegistry

#: Where group policies of this program are (Windows reads this key from what the domain sets).
POLICIES = r"Software\Policies\Antin"
#: Below :data:`POLICIES`: a value 1 for each locked setting.
LOCKED = "Locked"

#: Cryptographic service providers (CSP), each with the DLL that serves it, 64-bit and 32-bit.
_SERVICE_PROVIDERS = (
    r"SOFTWARE\Microsoft\Cryptography\Defaults\Provider",
    r"SOFTWARE\WOW6432Node\Microsoft\Cryptography\Defaults\Provider",
)
#: Key storage providers (KSP), each with the DLL that serves programs in its key ``UM`` (user mode).
_STORAGE_PROVIDERS = r"SYSTEM\CurrentControlSet\Control\Cryptography\Providers"
#: Where Windows keeps what belongs to all users, in full.
_FOLDERS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"
#: A provider's shell, ``viettel-ca_s.dll``, beside the module ``viettel-ca.dll``.
_SHELL = re.compile(r"_s(?=\.dll$)", re.IGNORECASE)
#: Providers of Windows itself: they serve no token.
_OWN = re.compile(r"^Microsoft ", re.IGNORECASE)
_VARIABLE = re.compile(r"%([^%]+)%")
_DRIVE_REMOTE = 4


class Windows(System):
    """:ivar registry, folder: others than those of this computer, for tests; ``folder`` gives the path of a folder by
    its name, such as ``SystemRoot`` or ``ProgramFiles(x86)``."""

    name: ClassVar[Literal["linux", "windows", "macos"]] = "windows"

    def __init__(self, registry: Registry | None = None, folder: Callable[[str], str] | None = None) -> None:
        self._registry = registry or WindowsRegistry()
        self._folder = folder or (lambda name: os.environ.get(name, ""))

    def managed(self) -> Managed | None:
        origin = rf"HKLM\{POLICIES}"
        try:
            values = self._read(POLICIES)
        except OSError as error:
            raise ManagedUnreadable(origin=origin, detail=error.strerror or str(error)) from error
        if not values:
            return None
        locks = values.pop(LOCKED, {})
        if not isinstance(locks, dict):
            raise ManagedUnreadable(origin=origin, detail=f"`{LOCKED}` is a value, not a key")
        locked = tuple(name for name, stated in locks.items() if _is_yes(stated, rf"{origin}\{LOCKED}\{name}"))
        return Managed(origin, values, locked, as_text=True)

    def _read(self, key: str) -> dict[str, Any]:
        """A key with its values and the keys below it.

        :raises ManagedUnreadable: a name stands for a value and for a key.
        """
        found: dict[str, Any] = {name: value for name, value in (self._registry.values(key) or {}).items() if name}
        for name in self._registry.keys(key):
            if name in found:
                raise ManagedUnreadable(origin=rf"HKLM\{key}", detail=f"`{name}` is a value and a key at once")
            found[name] = self._read(rf"{key}\{name}")
        return found

    def registered_modules(self) -> list[Path]:
        """The DLL of each provider that is not Windows' own, and the module whose shell it is: a vendor's provider and
        PKCS#11 module are one file, or differ by ``_s``."""
        found = dict.fromkeys(path for image in self._images() for path in self._files(image))
        return [path for path in found if path.is_file()]

    def _images(self) -> Iterator[tuple[str, str]]:
        """What the providers name, each with the folder of a bare name."""
        for key, folder in zip(_SERVICE_PROVIDERS, ("System32", "SysWOW64"), strict=True):
            for provider in self._foreign(key):
                if image := _text(self._below(rf"{key}\{provider}", "Image Path")):
                    yield image, folder
        for provider in self._foreign(_STORAGE_PROVIDERS):
            if image := _text(self._below(rf"{_STORAGE_PROVIDERS}\{provider}\UM", "Image")):
                yield image, "System32"

    def _foreign(self, key: str) -> list[str]:
        try:
            return [name for name in self._registry.keys(key) if not _OWN.match(name)]
        except OSError:
            return []

    def _below(self, key: str, name: str) -> RegistryValue:
        try:
            values = self._registry.values(key) or {}
        except OSError:
            return None
        return next((value for known, value in values.items() if known.casefold() == name.casefold()), None)

    def _files(self, image: tuple[str, str]) -> Iterator[Path]:
        named, folder = image
        expanded = _VARIABLE.sub(lambda found: self._folder(found[1]) or found[0], named)
        if not ntpath.isabs(expanded) and not Path(expanded).is_absolute():
            expanded = ntpath.join(self._folder("SystemRoot"), folder, expanded)
        for text in (_SHELL.sub("", expanded), expanded):
            yield Path(text) if sys.platform == "win32" else Path(text.replace("\\", "/"))

    def machine_dir(self) -> Path:
        """Below ``ProgramData`` as the registry has it: a user may set the variable of that name for a program."""
        named = _text(self._below(_FOLDERS, "Common AppData"))
        return Path(named if ntpath.isabs(named) else r"C:\ProgramData", "Antin")

    def user_name(self) -> str:
        return os.getlogin()

    def is_remote(self, path: Path) -> bool:
        if str(path).startswith(("\\\\", "//")):
            return True
        if sys.platform == "win32":
            import ctypes

            drive = path.absolute().drive + "\\"
            return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == _DRIVE_REMOTE)
        return False


def _text(value: RegistryValue) -> str:
    return value.strip().rstrip("\0") if isinstance(value, str) else ""


def _is_yes(stated: object, origin: str) -> bool:
    if stated in (0, 1, "0", "1"):
        return stated in (1, "1")
    raise ManagedUnreadable(origin=origin, detail="neither 0 nor 1")
