"""Small files written whole: what is there before is there after, or what is new is there complete."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from app.storage.files import flush_folder, rename_new, writing_error


def write_new(path: Path, content: bytes) -> None:
    """Write a file under a name that nothing has yet.

    :raises FileExistsError: the name is taken; what is there is untouched.
    :raises AntinError: the system refused; nothing is left behind.
    """
    part = _part(path)
    try:
        _write(part, content)
        rename_new(part, path)
        flush_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise writing_error(error, path) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def replace(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file of the program's own, in the place of the one before; its folder is made where needed.

    :param mode: rights of the file, which it has before it has its name; without it as the process makes files.
    :raises AntinError: the system refused; what was there is untouched.
    """
    part = _part(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(part, content)
        if mode is not None:
            part.chmod(mode)
        part.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        raise writing_error(error, path) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name[:80]}.{os.urandom(4).hex()}.part")


def _write(part: Path, content: bytes) -> None:
    with part.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
