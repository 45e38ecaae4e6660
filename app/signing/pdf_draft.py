"""A copy of a PDF that an update is appended to.

Nothing of what a file held before is written anew, so that signatures in it stay what they were.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom, BytesIO, FileIO
from pathlib import Path
from typing import IO, Any, Final, Self

from app.documents.hashing import KnownBeginning, state_of
from app.errors import CopyDiffers, TargetNotWritable, from_os_error
from app.signing.pdf_digest import Beginning, NotKept

#: Octets of a document up to which the update is put together in memory.
_IN_MEMORY: Final = 1 << 23


class Draft:
    """A copy of a document that an update is appended to. A small one is put together in memory and written as a whole:
    an update takes a hundred and more small steps, and on a disk each of them stops the thread.

    :param source: the document. :param target: made here, and nothing else is done to it before :meth:`write`.
    :param hash_name: of the digest, a hashlib name.
    :ivar stream: the copy, whose last octet ends a line: an update that does not begin one makes LibreOffice take the
        end of the document for earlier than it is.
    :ivar beginning: its digest.
    :raises TargetNotWritable: there is one already, or none may be made there.
    :raises CopyDiffers: the disk kept something else than it was given.
    :raises AntinError: the source cannot be read, or the disk is full.
    """

    def __init__(self, source: Path, target: Path, hash_name: str) -> None:
        self._path = target
        self.beginning = Beginning(hash_name)
        with _Source(source) as original:
            self._kept = _made(target)
            self._target: IO[bytes] = BufferedRandom(self._kept)
            self.stream: IO[bytes] = BytesIO() if original.size <= _IN_MEMORY else self._target
            try:
                self._copy(original)
                self.beginning.source_ended()
                if not _ends_a_line(self.stream):
                    self.stream.write(b"\n")
                    self.beginning.update(b"\n")
            except BaseException as error:
                self.abandon()
                if isinstance(error, NotKept):
                    raise CopyDiffers(path=source) from error
                if isinstance(error, OSError):
                    raise from_os_error(error, target) from error
                raise

    def _copy(self, original: _Source) -> None:
        if self.stream is self._target:
            self.beginning.copy(original.readinto, self.stream, self._path)
            self._kept.until = self.beginning.length
        else:
            octets = original.read()
            self.stream.write(octets)
            self.beginning.update(octets)

    def write(self) -> None:
        """Have the target hold all that :attr:`stream` does.

        :raises OSError: the disk is full.
        """
        if isinstance(self.stream, BytesIO):
            self._target.write(self.stream.getbuffer())
        self._target.flush()

    def complete(self, at: int, octets: bytes) -> KnownBeginning | None:
        """Write into a gap of the target and close it.

        :param at: offset of the gap; behind what was copied.
        :return: what need not be read once more by whoever checks the target; None of a small one, and where anybody
            else wrote to it.
        :raises OSError: the disk is full.
        """
        self._target.seek(at)
        self._target.write(octets)
        self._target.flush()
        state = self._kept.state if self.stream is self._target else None
        self._target.close()
        return self.beginning.known(state) if state is not None else None

    def abandon(self) -> None:
        """Close and remove the target; what still waits to be written, and may not fit on the disk, is let go."""
        with suppress(OSError):
            self._target.close()
        self._path.unlink(missing_ok=True)


class _Source:
    """A document of which so much is read as it had when it was opened.

    :ivar size: in octets.
    :raises AntinError: it cannot be read; so do its methods.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._named():
            self._file = path.open("rb")
            self.size = self._left = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def read(self) -> bytes:
        """All of it."""
        with self._named():
            return self._file.read(self.size)

    def readinto(self, piece: bytearray) -> int:
        """What comes next, and how much that is; 0 at the end."""
        with self._named():
            length = self._file.readinto(memoryview(piece)[: self._left])
        self._left -= length
        return length

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise from_os_error(error, self._path) from error


class _Kept(FileIO):
    """A file whose beginning is not written to any more, and that notices whether only this program writes to it.

    :ivar until: where that beginning ends, in octets.
    """

    until = 0

    def __init__(self, path: Path) -> None:
        super().__init__(path, "x+")
        self._left: tuple[int, ...] | None = self._now()

    @property
    def state(self) -> tuple[int, ...] | None:
        """As :func:`app.documents.hashing.state` tells it; None where another program wrote to the file."""
        return self._left if self._left == self._now() else None

    def write(self, octets: Any, /) -> int:
        if self.tell() < self.until:
            raise OSError(errno.EPERM, "what was copied stays as it is")
        before = self.state
        written = super().write(octets)
        self._left = None if before is None else self._now()
        return written

    def truncate(self, size: int | None = None, /) -> int:
        raise OSError(errno.EPERM, "what was copied stays as it is")

    def _now(self) -> tuple[int, ...]:
        return state_of(os.fstat(self.fileno()))


def _made(target: Path) -> _Kept:
    try:
        return _Kept(target)
    except (FileExistsError, PermissionError) as error:
        raise TargetNotWritable(path=target) from error
    except OSError as error:
        raise from_os_error(error, target) from error


def _ends_a_line(file: IO[bytes]) -> bool:
    """Leaves the file at its end."""
    file.seek(max(0, file.seek(0, 2) - 1))
    return file.read(1) in (b"\n", b"\r")
