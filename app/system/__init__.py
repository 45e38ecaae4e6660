"""What differs from one operating system to another: one small module each, behind :class:`System`."""

from __future__ import annotations

import sys
from functools import lru_cache

from app.system.interface import Managed, ManagedUnreadable, System

__all__ = ["Managed", "ManagedUnreadable", "System", "here"]


@lru_cache(maxsize=1)
def here() -> System:
    """The system this program runs on."""
    if sys.platform == "win32":
        from app.system.windows import Windows

        return Windows()
    if sys.platform == "darwin":
        from app.system.macos import MacOS

        return MacOS()
    from app.system.linux import Linux

    return Linux()
