"""Reading the Windows registry, so that tests can put another in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

#: REG_SZ and REG_EXPAND_SZ, REG_DWORD and REG_QWORD, REG_MULTI_SZ, REG_BINARY, REG_NONE.
RegistryValue: TypeAlias = str | int | list[str] | bytes | None


class Registry(Protocol):
    """``HKEY_LOCAL_MACHINE``, its 64-bit view. Paths have backslashes between their parts."""

    def values(self, key: str) -> Mapping[str, RegistryValue] | None:
        """The values of a key by name; None where there is no such key.

        :raises OSError: it may not be read.
        """

    def keys(self, key: str) -> list[str]:
        """Names of the keys below a key; empty where there is no such key.

        :raises OSError: it may not be read.
        """
