"""What keeps the lines of a ledger: a file, or a database that workstations share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from app.journal.entry import Draft, Entry
from app.journal.head import Head


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of a book; a struct, since there are many.

    :ivar finished: ends with a line feed; always in a database.
    :ivar at: where :meth:`Book.at` finds it again: the offset in the file, the number in the database.
    :ivar end: offset of the octet after it in the file; 0 in a database.
    """

    content: bytes
    finished: bool
    at: int
    end: int


@dataclass(frozen=True)
class Snapshot:
    """The book at one moment.

    :ivar head: where it says that it ends; None where that is gone.
    :ivar length: of the file in bytes; of a database the number of its last entry.
    :ivar exact: nothing honest can stand beyond the head.
    """

    head: Head | None
    length: int
    exact: bool


class Book(Protocol):
    """Keeps lines. Safe for several threads and processes at once."""

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Add entries one after the other, nothing between them; on the disk, or committed, when this returns.

        :raises AntinError: none was entered.
        """
        ...

    def snapshot(self) -> Snapshot:
        """:raises AntinError: it cannot be read."""
        ...

    def lines(self, until: int, *, kinds: Sequence[str] = ()) -> Iterator[Line]:
        """The lines in order.

        :param until: the length of a :class:`Snapshot`.
        :param kinds: lines that are entries of other kinds may be left out; without it none is.
        :raises AntinError: they cannot be read.
        """
        ...

    def at(self, places: Sequence[int]) -> list[bytes]:
        """Single lines, wherever they are.

        :param places: each as :attr:`Line.at` told.
        :raises AntinError: they cannot be read.
        """
        ...
