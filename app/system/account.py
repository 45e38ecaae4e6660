"""Accounts of POSIX systems."""

from __future__ import annotations

import os
import sys


def account_name() -> str:
    """The name of the account that runs the program, its number where it has no name."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
