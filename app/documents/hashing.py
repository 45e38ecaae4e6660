"""Whether files are the same: their hashes, and whether somebody wrote to them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

_BUFFER = 1 << 20
#: Octets above which a file is hashed, or read, beside other work.
_LARGE = 1 << 22


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces.

    :raises OSError: the file cannot be read.
    """
    return digest_file(path, "sha256").hex()


@contextmanager
def hashed_meanwhile(path: Path) -> Iterator[Callable[[], str]]:
    """The SHA-256 of a file, made while the block does something else; a small one's before it. The file is closed when
    the block ends, however it does.

    :return: what gives it, hexadecimal; waits for it.
    :raises OSError: the file cannot be read; raised by what gives it where the file is large.
    """
    if path.stat().st_size < _LARGE:
        digest = sha256_file(path)
        yield lambda: digest
        return
    with ThreadPoolExecutor(1, "antin-hash") as hashing:
        yield hashing.submit(sha256_file, path).result


def digest_file(path: Path, hash_name: str) -> bytes:
    """The digest of a file, read in pieces.

    :param hash_name: a hashlib name.
    :raises OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, hash_name).digest()


@dataclass(frozen=True)
class KnownBeginning:
    """What a file begins with, as this program wrote it and read it back.

    :ivar state: of the file (:func:`state`) when the program was done with it.
    :ivar length: in octets. :ivar digests: of so much, by their hashlib names; fed no further by whoever uses them.
    """

    state: tuple[int, ...]
    length: int
    digests: Mapping[str, _Hash]


class PrefixDigests:
    """Digests of parts of an open file that begin where it begins. What they have in common is read and digested once:
    a large file and a signature that covers nearly all of it cost little more than one pass.

    :param file: seekable, and not written to in the meantime.
    :param known: of the file; what it covers is not read where nobody wrote to the file since.
    """

    def __init__(self, file: IO[bytes], known: KnownBeginning | None = None) -> None:
        self._file = file
        self._known: dict[str, dict[int, _Hash]] = {}
        if known is not None and state_of(os.fstat(file.fileno())) == known.state:
            self._known = {name: {0: hashlib.new(name), known.length: own} for name, own in known.digests.items()}

    def __call__(self, hash_name: str, ranges: Sequence[tuple[int, int]]) -> bytes:
        """The digest of some ranges, one after the other.

        :param hash_name: a hashlib name.
        :param ranges: from where to where, in octets; the first from 0.
        :raises ValueError: hashlib has no such algorithm.
        :raises OSError: the file cannot be read.
        """
        known = self._known.setdefault(hash_name, {0: hashlib.new(hash_name, usedforsecurity=False)})
        first = ranges[0][1]
        nearest = max(offset for offset in known if offset <= first)
        digest = known[nearest].copy()
        self._take(digest, nearest, first)
        known[first] = digest.copy()
        for start, end in ranges[1:]:
            self._take(digest, start, end)
        return digest.digest()

    def _take(self, digest: _Hash, start: int, end: int) -> None:
        self._file.seek(start)
        for piece in pieces(self._file, end - start):
            digest.update(piece)


def pieces(file: IO[bytes], length: int) -> Iterator[memoryview]:
    """What stands in a file from where it is, piece by piece; of much, the next piece is read while the caller works on
    one, and nobody else may use the file until the end.

    :param length: octets wanted; fewer come where the file ends before.
    :raises OSError: the file cannot be read.
    """
    buffers = cycle([memoryview(bytearray(min(length, _BUFFER))) for _number in range(1 if length < _LARGE else 2)])

    def read(left: int) -> memoryview:
        buffer = next(buffers)[:left]
        return buffer[: file.readinto(buffer)]  # type: ignore[attr-defined]

    if length < _LARGE:
        while length > 0 and (piece := read(length)):
            yield piece
            length -= len(piece)
        return
    with ThreadPoolExecutor(1, "antin-read") as reading:
        coming = reading.submit(read, length)
        while piece := coming.result():
            length -= len(piece)
            coming = reading.submit(read, length)
            yield piece


def state(path: Path) -> tuple[int, ...]:
    """What changes when somebody writes to a file, or puts another one in its place.

    :raises OSError: there is no such file.
    """
    return state_of(path.stat())


def state_of(status: os.stat_result) -> tuple[int, ...]:
    """:func:`state` of a file whose status is known."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
