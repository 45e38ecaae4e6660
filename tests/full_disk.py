"""A disk that is full: the kernel lets no file grow beyond a size."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_beyond(octets: int) -> Iterator[None]:
    """Within the block no file that this process writes, or one that it starts, grows beyond ``octets``; what would
    make it fails with ``EFBIG``.

    Python compiles nothing onto the disk meanwhile. It writes what fits, takes no notice that the rest did not, and
    would leave modules behind that nobody can import any more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    compiles, told = sys.dont_write_bytecode, os.environ.get("PYTHONDONTWRITEBYTECODE")
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = compiles
        if told is None:
            del os.environ["PYTHONDONTWRITEBYTECODE"]
        else:
            os.environ["PYTHONDONTWRITEBYTECODE"] = told
