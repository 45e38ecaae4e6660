"""Entries chosen from a ledger, found again by their position: for lists that show a few of many."""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from app.decoding import decodable
from app.documents.text import fold
from app.journal.book import Book, Line
from app.journal.entry import Entry, decode
from app.journal.words import what

_HASH = re.compile("[0-9a-f]{40,}")
#: Longer texts are no names.
_LONGEST = 1000


@dataclass(frozen=True)
class Wish:
    """Which entries; what is left empty does not matter.

    :ivar start, end: aware; from that time on, and before it.
    :ivar kinds: of entries.
    :ivar text: words that all stand in the entry, accents and case aside.
    """

    start: dt.datetime | None = None
    end: dt.datetime | None = None
    kinds: Collection[str] = ()
    text: str = ""


class Selection:
    """Entries in their order. Holds eight bytes an entry; the entries themselves are read when asked for."""

    def __init__(self, book: Book, wish: Wish = Wish()) -> None:
        """
        :raises AntinError: the ledger cannot be read.
        """
        self._book = book
        self._places = array("Q")
        chosen = _Choice(wish)
        for line in book.lines(book.snapshot().length):
            if chosen.takes(line):
                self._places.append(line.at)

    def __len__(self) -> int:
        return len(self._places)

    def read(self, first: int, count: int) -> list[Entry]:
        """The entries at positions ``first`` to ``first + count - 1``, as far as there are such.

        :return: a line that is no entry comes as one of kind ``damaged``.
        :raises AntinError: the ledger cannot be read.
        """
        lines = self._book.at(self._places[first : first + count])
        return [decode(line) or damaged(first + number) for number, line in enumerate(lines, start=1)]


def damaged(number: int) -> Entry:
    """Stands for a line that is no entry.

    :param number: of the line.
    """
    return Entry(number, dt.datetime.fromtimestamp(0, dt.UTC), "damaged", "", "", {"line": number}, "")


class _Stamp(msgspec.Struct):
    time: dt.datetime
    kind: str


class _Choice:
    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._decoder = msgspec.json.Decoder(decodable(_Stamp))
        self._words: Sequence[str] = fold(wish.text).split()
        self._all = wish == Wish()

    def takes(self, line: Line) -> bool:
        if self._all:
            return line.finished or decode(line.content) is not None
        wish = self._wish
        try:
            stamp = self._decoder.decode(line.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if (wish.start is not None and stamp.time < wish.start) or (wish.end is not None and stamp.time >= wish.end):
            return False
        if wish.kinds and stamp.kind not in wish.kinds:
            return False
        return not self._words or self._told(line)

    def _told(self, line: Line) -> bool:
        entry = decode(line.content)
        if entry is None:
            return False
        text = " ".join(map(_folded, (what(entry), entry.actor, entry.machine, *_texts(entry.data))))
        return all(word in text for word in self._words)


def _texts(data: object) -> Iterator[str]:
    """What a person may look for: no hashes, no signatures."""
    if isinstance(data, str):
        if len(data) < _LONGEST and not _HASH.fullmatch(data):
            yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


@lru_cache(4096)
def _folded(text: str) -> str:
    return fold(text)
