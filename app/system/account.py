"""Accounts of POSIX systems."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def account_name() -> str:
    """The name of the account that runs the program, its number where it has no name."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def stranger_of(folder: Path) -> str:
    """As :meth:`app.system.System.stranger_of`."""
    if sys.platform == "win32":
        return ""
    import pwd

    try:
        owner = folder.stat().st_uid
    except OSError:
        return ""
    if owner in (0, os.getuid()):
        return ""
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)
