"""Whether files are the same: their hashes, and whether somebody wrote to them."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces.

    :raises OSError: the file cannot be read.
    """
    return digest_file(path, "sha256").hex()


def digest_file(path: Path, hash_name: str) -> bytes:
    """The digest of a file, read in pieces.

    :param hash_name: a hashlib name.
    :raises OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, hash_name).digest()


def state(path: Path) -> tuple[int, ...]:
    """What changes when somebody writes to a file, or puts another one in its place.

    :raises OSError: there is no such file.
    """
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
