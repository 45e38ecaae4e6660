"""The beginning of a file, read as if it were the whole: a revision of a PDF that was added to since.

A PDF's signature covers the file up to the end of its revision (ISO 32000-2, 12.8.1); these octets are the document as
it was signed. Nothing is copied.
"""

from __future__ import annotations

import io
import os
from pathlib import Path


class RevisionFile(io.RawIOBase):
    """The first octets of a file, read-only.

    :param size: how many; more than the file has, or 0, means all.
    :raises OSError: the file cannot be read.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        whole = os.fstat(self._file.fileno()).st_size
        self._size = min(size, whole) if size > 0 else whole

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            offset, whence = self._size + offset, os.SEEK_SET
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        room = memoryview(buffer).cast("B")
        left = max(0, self._size - self._file.tell())
        return self._file.readinto(room[:left]) or 0

    def close(self) -> None:
        self._file.close()
        super().close()
