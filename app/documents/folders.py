"""The files of a folder and of all folders in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def files_inside(top: Path, unread: Callable[[OSError], None]) -> Iterator[Path]:
    """The files in a folder, the nearest first, in the order of names. Hidden files and folders and the marks that
    Office leaves beside open files are passed over; links are not followed.

    :param unread: told of a folder that could not be opened; its ``filename`` says which.
    """
    for folder, folders, names in os.walk(top, onerror=unread):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith((".", "~$")) and file.is_file() and not file.is_symlink():
                yield file
