"""Copies of files, flushed to the disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from app.errors import from_os_error

_CHUNK = 1 << 20


def copy_flushed(source: Path, target: Path) -> tuple[str, int]:
    """Copy into a new file.

    :return: SHA-256 in hexadecimal and octets of what was read.
    :raises FileMissing, FileNotReadable: the source cannot be read.
    :raises OSError: the copy cannot be written.
    """
    digest, size = hashlib.sha256(), 0
    try:
        reading = source.open("rb")
    except OSError as error:
        raise from_os_error(error, source) from error
    with reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest(), size
