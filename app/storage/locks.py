"""Locks on files, between processes, freed by the system when their holder dies."""

from __future__ import annotations

import sys


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
