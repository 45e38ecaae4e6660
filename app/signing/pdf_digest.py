"""The digest of a PDF under its new signature: what is copied is read back and digested on the way, and then known."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from app.documents.hashing import KnownBeginning

if TYPE_CHECKING:
    from hashlib import _Hash

#: Octets read or digested at a time.
CHUNK: Final = 1 << 20
#: Pieces that are copied before the first of them is read back.
_AHEAD: Final = 3


class NotKept(Exception):
    """What was written to a file, read back, is something else."""


class Beginning:
    """The digests of what a target file begins with, made while that is written.

    :param hash_name: a hashlib name; of what is to be signed.
    :ivar length: octets digested so far.
    :ivar source_sha256: of the file that was copied there, hexadecimal; from :meth:`source_ended` on.
    """

    def __init__(self, hash_name: str) -> None:
        self._digest = hashlib.new(hash_name)
        self._digests = {hash_name: self._digest}
        self._digests.setdefault("sha256", hashlib.sha256())
        self._known: tuple[int, dict[str, _Hash]] = (0, {})
        self.length = 0
        self.source_sha256 = ""

    def update(self, octets: bytes) -> None:
        for digest in self._digests.values():
            digest.update(octets)
        self.length += len(octets)

    def copy(self, read: Callable[[bytearray], int], copy: IO[bytes], path: Path) -> None:
        """Copy all that a source has. Other threads read each piece back and digest it while the next ones are copied.

        :param read: fills a buffer from where it begins and says how far; 0 at the end.
        :param path: of the copy, where nothing was written before.
        :raises NotKept: the copy is not what was written.
        :raises OSError: it cannot be written or read back. What ``read`` raises passes.
        """
        ahead: deque[list[Future[None]]] = deque()
        with ExitStack() as reading_back:
            readers = [reading_back.enter_context(_reading_back(path, one)) for one in self._digests.values()]
            for piece in cycle([bytearray(CHUNK) for _ in range(_AHEAD)]):
                if len(ahead) == _AHEAD:
                    _wait_for(ahead.popleft())
                if not (length := read(piece)):
                    break
                copy.write(memoryview(piece)[:length])
                copy.flush()
                ahead.append([take(piece, length) for take in readers])
                self.length += length
            for reading in ahead:
                _wait_for(reading)

    def continued(self, file: IO[bytes], gap: tuple[int, int], end: int) -> bytes:
        """The digest with what was appended to the file, but for a gap.

        :param file: what it begins with is as it was written.
        :param gap: from where to where, in octets; behind :attr:`length`.
        """
        digest = self._digest.copy()
        for begin, until in ((self.length, gap[0]), (gap[1], end)):
            file.seek(begin)
            while begin < until and (octets := file.read(min(CHUNK, until - begin))):
                digest.update(octets)
                begin += len(octets)
        return digest.digest()

    def source_ended(self) -> None:
        """What comes now is no more of the file copied."""
        self.source_sha256 = self._digests["sha256"].hexdigest()
        self._known = self.length, {name: one.copy() for name, one in self._digests.items()}

    def known(self, state: tuple[int, ...]) -> KnownBeginning:
        """What was copied, for whoever reads the target in that state (:func:`app.documents.hashing.state`)."""
        return KnownBeginning(state, *self._known)


@contextmanager
def _reading_back(path: Path, digest: _Hash) -> Iterator[Callable[[bytearray, int], Future[None]]]:
    """Read a file from its beginning on a thread of its own, and digest what is found as expected.

    :return: told of what comes next in the file, and how many octets of that; gives what is done when that was read, or
        raises :class:`NotKept`.
    """
    found = bytearray(CHUNK)

    def read(expected: bytearray, length: int) -> None:
        octets = memoryview(found)[:length]
        at = 0
        while at < length and (more := file.readinto(octets[at:])):
            at += more
        if at < length or (found != expected if length == CHUNK else found[:length] != expected[:length]):
            raise NotKept
        digest.update(octets)

    with path.open("rb", buffering=0) as file, ThreadPoolExecutor(1, "antin-digest") as reading:
        yield lambda expected, length: reading.submit(read, expected, length)


def _wait_for(reading: Sequence[Future[None]]) -> None:
    for one in reading:
        one.result()
