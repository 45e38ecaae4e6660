"""Locks on files, between processes, freed by the system when their holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import AntinError, FileInUse

_RETRY = 0.01


@contextmanager
def held(path: Path, *, patience: float, busy: Callable[..., AntinError] = FileInUse) -> Iterator[None]:
    """Hold a lock file for the length of a block. Threads of one process exclude each other too.

    :param path: created if missing; its content never matters.
    :param patience: seconds to wait for another holder.
    :param busy: makes the error, with its ``path``, that is raised where another still holds it after that time.
    :raises OSError: the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        deadline = time.monotonic() + patience
        pause = 0.0002
        while not try_lock(descriptor):
            if time.monotonic() > deadline:
                raise busy(path=str(path))
            time.sleep(pause)
            pause = min(pause * 2, _RETRY)
        yield
    finally:
        # Closing the file frees the lock.
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Lock an open file, or say that another holds it. Closing the file frees the lock.

    :raises OSError: the file system knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
