"""A lock between processes on one file, freed by the system when its holder dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.journal.errors import LedgerBusy
from app.storage.locks import try_lock

_RETRY = 0.01


@contextmanager
def held(path: Path, *, patience: float) -> Iterator[None]:
    """Hold the lock file for the length of a block. Threads of one process exclude each other too.

    :param path: created if missing; its content never matters.
    :param patience: seconds to wait for another holder.
    :raises LedgerBusy: still held by another after that time.
    :raises OSError: the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        deadline = time.monotonic() + patience
        pause = 0.0002
        while not try_lock(descriptor):
            if time.monotonic() > deadline:
                raise LedgerBusy(path=str(path))
            time.sleep(pause)
            pause = min(pause * 2, _RETRY)
        yield
    finally:
        # Closing the file frees the lock.
        os.close(descriptor)
