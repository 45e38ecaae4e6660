"""The digest of a PDF under its new signature: what was copied is digested on the way and not read again."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from typing import IO, Final

#: Octets read or digested at a time.
CHUNK: Final = 1 << 20


class Beginning:
    """The digest of what a target file begins with, made while that is written.

    :param hash_name: a hashlib name.
    :ivar length: octets digested so far.
    """

    def __init__(self, hash_name: str) -> None:
        self._digest = hashlib.new(hash_name)
        self.length = 0

    def update(self, octets: bytes | memoryview) -> None:
        self._digest.update(octets)
        self.length += len(octets)

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


def copied(original: IO[bytes], copy: IO[bytes], beginning: Beginning) -> None:
    """Copy from where a file stands to its end, digested piece by piece while the next one is read and written."""
    pieces = cycle([memoryview(bytearray(CHUNK)), memoryview(bytearray(CHUNK))])
    with ThreadPoolExecutor(1, "antin-digest") as digesting:
        last: Future[None] | None = None
        for piece in pieces:
            length = original.readinto(piece)  # type: ignore[attr-defined]
            if not length:
                break
            copy.write(piece[:length])
            if last is not None:
                last.result()
            last = digesting.submit(beginning.update, piece[:length])
