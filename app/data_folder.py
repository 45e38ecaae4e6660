"""The folder in which the program keeps everything, made ready before a window needs it."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

from app.errors import AntinError
from app.i18n import N_
from app.storage.files import writing_error

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT})


class DataFolderNotWritable(AntinError):
    """Carries ``path``."""

    code = "data-folder-not-writable"
    message_id = N_("The program cannot keep anything in its data folder {path}.")
    hint_id = N_(
        "Ask IT staff for the right to write there, or start the program on another folder: "
        "antin --data-dir FOLDER. No document was touched."
    )


def make_ready(folder: Path) -> None:
    """Make the data folder where it is missing, for its user alone, and see whether files can be written in it.

    :raises DataFolderNotWritable: it cannot be made, is read-only, or belongs to somebody else.
    :raises DiskFull: nothing more fits on its disk.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
            probe.flush()
    except OSError as error:
        if error.errno in _REFUSED:
            raise DataFolderNotWritable(path=folder) from error
        raise writing_error(error, folder) from error
