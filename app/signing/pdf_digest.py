"""The digest of a PDF under its new signature: what was copied is digested on the way and not read again."""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import cycle
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hashlib import _Hash

#: Octets read or digested at a time.
CHUNK: Final = 1 << 20


class Beginning:
    """The digests of what a target file begins with, made while that is written.

    :param hash_name: a hashlib name; of what is to be signed.
    :ivar length: octets digested so far.
    :ivar source_sha256: of the file that was copied there, hexadecimal; from :meth:`source_ended` on.
    """

    def __init__(self, hash_name: str) -> None:
        self._digest = hashlib.new(hash_name)
        self._sha256 = self._digest if hash_name == "sha256" else hashlib.sha256()
        self.length = 0
        self.source_sha256 = ""

    def update(self, octets: bytes | memoryview) -> None:
        for digest in self._digests():
            digest.update(octets)
        self.length += len(octets)

    def updating(self, octets: memoryview, executor: Executor) -> list[Future[None]]:
        """:meth:`update` on other threads; over when all that is returned is done."""
        self.length += len(octets)
        return [executor.submit(digest.update, octets) for digest in self._digests()]

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
        self.source_sha256 = self._sha256.hexdigest()

    def _digests(self) -> list[_Hash]:
        return [self._digest] if self._sha256 is self._digest else [self._digest, self._sha256]


def copied(original: IO[bytes], copy: IO[bytes], beginning: Beginning) -> None:
    """Copy from where a file stands to its end, digested piece by piece while the next one is read and written."""
    pieces = cycle([memoryview(bytearray(CHUNK)), memoryview(bytearray(CHUNK))])
    with ThreadPoolExecutor(2, "antin-digest") as digesting:
        digested: list[Future[None]] = []
        for piece in pieces:
            length = original.readinto(piece)  # type: ignore[attr-defined]
            if not length:
                break
            copy.write(piece[:length])
            for one in digested:
                one.result()
            if length < CHUNK:
                beginning.update(piece[:length])  # the last
                break
            digested = beginning.updating(piece, digesting)
