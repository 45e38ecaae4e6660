"""Which version the system's package has installed: another than the running one, once it was upgraded under a program
that somebody works with (``installer/linux/deb.py`` keeps both until then)."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from app import __version__

#: What the package writes beside the folders of its versions.
FILE_NAME: Final = "version"
_VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.+~-]{0,63}")


def version_file() -> Path | None:
    """Where the installed version stands; None where the program was not installed by a package that says it."""
    if not getattr(sys, "frozen", False):
        return None
    file = Path(sys.executable).parent.parent / FILE_NAME
    return file if file.is_file() else None


def waiting_version(file: Path) -> str | None:
    """The installed version where it is not the running one.

    :param file: of :func:`version_file`.
    :return: None also where the file is gone or unreadable, as in the middle of an installation.
    """
    try:
        with file.open(encoding="ascii") as stream:
            version = stream.read(80).strip()
    except (OSError, UnicodeDecodeError):
        return None
    return version if version != __version__ and _VERSION.fullmatch(version) else None
