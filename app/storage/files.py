"""Files that are on disk, whole, and under a name of their own once a function here has returned."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from app.errors import AntinError, FileInUse, TargetNotWritable, from_os_error

#: Octets above which a file is flushed beside other work.
_LARGE = 1 << 20
#: What a file system without hard links answers (FAT, some network shares).
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EXDEV})


def writing_error(error: OSError, path: Path) -> AntinError:
    """The house's error for a write the operating system refused.

    :param path: what was to be written, named in the sentence.
    """
    if getattr(error, "winerror", None) in (32, 33):
        return FileInUse(path=str(path))
    if error.errno in (
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
    ):
        return TargetNotWritable(path=str(path))
    if error.errno == errno.EFBIG:
        return from_os_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)), path)
    return from_os_error(error, path)


def made_folder(folder: Path) -> Path:
    """A folder, made with those above it where it is not there yet.

    :raises TargetNotWritable, DiskFull: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise writing_error(error, folder) from error
    return folder


def flush_file(path: Path) -> None:
    """Bring a file's content to the disk itself.

    :raises OSError: the system could not.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def flushed_meanwhile(path: Path) -> Iterator[None]:
    """Bring a file's content to the disk while the block does something else, a small one's before it; it is there when
    the block has ended.

    :raises OSError: the system could not.
    """
    if path.stat().st_size < _LARGE:
        flush_file(path)
        yield
        return
    with ThreadPoolExecutor(1, "antin-flush") as flushing:
        flushed = flushing.submit(flush_file, path)
        yield
        flushed.result()


def flush_folder(folder: Path) -> None:
    """Bring a folder's names to the disk; Windows keeps them in its own log and has no such call.

    :raises OSError: the system could not.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems know no flush of folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def rename_new(source: Path, target: Path) -> None:
    """Give a file a name that nothing has yet, in one step, in the same file system.

    :raises FileExistsError: the name is taken; ``source`` is untouched.
    :raises OSError: the system refused.
    """
    if os.name == "nt":
        source.rename(target)
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # Take the name first: nobody else writes over a name that exists.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        source.replace(target)
        return
    source.unlink()


def rename_first_free(source: Path, targets: Iterable[Path]) -> Path:
    """Give a file the first of several names that nothing has yet, and bring the name to the disk.

    :param targets: in the same file system; one of them has to be free in the end.
    :raises AntinError: the system refused; ``source`` is untouched.
    """
    for target in targets:
        try:
            rename_new(source, target)
            flush_folder(target.parent)
        except FileExistsError:
            continue
        except OSError as error:
            raise writing_error(error, target) from error
        return target
    raise ValueError("no free name")
