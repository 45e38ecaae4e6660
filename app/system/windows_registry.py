"""The registry itself, by ``winreg``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from app.system.registry import RegistryValue


class WindowsRegistry:
    """``HKEY_LOCAL_MACHINE`` of this computer, the 64-bit view, read only."""

    def values(self, key: str) -> Mapping[str, RegistryValue] | None:
        with _opened(key) as (winreg, handle):
            if handle is None:
                return None
            count = winreg.QueryInfoKey(handle)[1]
            return {name: value for name, value, _kind in (winreg.EnumValue(handle, at) for at in range(count))}

    def keys(self, key: str) -> list[str]:
        with _opened(key) as (winreg, handle):
            if handle is None:
                return []
            return [winreg.EnumKey(handle, at) for at in range(winreg.QueryInfoKey(handle)[0])]


@contextmanager
def _opened(key: str) -> Iterator[tuple[Any, Any]]:
    """The module and a handle; no handle where there is no such key."""
    if sys.platform == "win32":
        import winreg

        try:
            handle = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
        except FileNotFoundError:
            yield winreg, None
            return
        with handle:
            yield winreg, handle
    else:
        raise OSError("this system has no registry")
