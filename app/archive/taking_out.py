"""Copies of filed files outside the archive."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.documents.hashing import sha256_file
from app.errors import CopyDiffers, FileMissing, from_os_error
from app.errors import TargetExists as TargetExists
from app.storage.files import flush_file, flush_folder, rename_new, writing_error
from app.storage.staging import staging_path


def save_copy(source: Path, target: Path) -> None:
    """Copy a file of the archive to a name that nothing has yet; it is whole on the disk when this returns.

    :raises FileMissing: the file is not in the archive any more.
    :raises TargetExists: the name is taken; what is there is untouched.
    :raises CopyDiffers: the copy, read back, is not what was written; it is removed.
    :raises AntinError: the system refused; nothing is left behind.
    """
    if not source.is_file():
        raise FileMissing(path=str(source))
    staged = staging_path(target.absolute().parent, target.suffix)
    try:
        with source.open("rb") as reading:
            digest = sha256_file(source)
            with staged.open("xb") as writing:
                shutil.copyfileobj(reading, writing)
        flush_file(staged)
        if sha256_file(staged) != digest:
            raise CopyDiffers(path=str(source))
        rename_new(staged, target)
        flush_folder(target.absolute().parent)
    except FileExistsError as error:
        raise TargetExists(path=str(target)) from error
    except OSError as error:
        if error.filename == str(source):
            raise from_os_error(error, source) from error
        raise writing_error(error, target) from error
    finally:
        staged.unlink(missing_ok=True)
