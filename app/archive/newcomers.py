"""Documents of a batch that have nothing to do with any other, entered together in a few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.archive.index import Index, Number, main_key
from app.archive.model import FiledCopy
from app.archive.placing import Finished, Placed, copy_of, named
from app.archive.search_words import number_value


@dataclass(frozen=True)
class Newcomer:
    """:ivar values: columns of the document, by name. :ivar place: of the file in the batch."""

    file: Finished
    values: Mapping[str, Any]
    copy: FiledCopy
    place: int


class Newcomers:
    """What is to be entered together, in a transaction of the caller's. Files that this does not take are for
    :func:`app.archive.placing.place`, after :meth:`enter`.

    :param files: of the batch.
    """

    def __init__(self, index: Index, connection: Connection, files: Sequence[Finished]) -> None:
        self._index, self._connection = index, connection
        self._hashes = index.known_hashes(connection, [file.sha256 for file in files])
        numbers = [number for file in files if (number := _number(file)) is not None]
        self._numbers = index.known_numbers(connection, numbers)
        self._awaited = index.awaited(connection, [main_key_of(number) for number in numbers])
        self._waiting: list[Newcomer] = []

    def take(self, file: Finished, place: int) -> Placed | None:
        """Name a file and note it for :meth:`enter`, where it is an issued document with a number that nothing in the
        index or the batch bears or refers to. The copy has no ids yet.

        :raises NoFreeName: thousands of files of that name. :raises OSError: the system refused.
        """
        number = _number(file)
        if file.sha256 in self._hashes or number in self._numbers:
            return None
        self._hashes.add(file.sha256)
        if number is not None:
            self._numbers.add(number)
        main = file.entry.info.main
        if main is not None:
            self._awaited.add(main_key(main, file.entry.year))
        if number is None or main is not None or main_key_of(number) in self._awaited:
            return None
        path, duplicate = named(file)
        copy = copy_of(file, path, duplicate=duplicate)
        self._waiting.append(Newcomer(file, file.entry.values(), copy, place))
        return Placed(copy, None if duplicate else path)

    def enter(self) -> dict[int, FiledCopy]:
        """Enter those taken.

        :return: place in the batch → the copy with its id and its document's.
        """
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return {}
        new = [(one.values, one.copy, one.file.entry.text) for one in waiting]
        copies = self._index.add_documents(self._connection, new)
        return {one.place: copy for one, copy in zip(waiting, copies, strict=True)}


def main_key_of(number: Number) -> str:
    """As :func:`app.archive.index.main_key` says it of the document of that number."""
    return f"{number[0]}/{number[1]}/{number[2]}"


def _number(file: Finished) -> Number | None:
    """Of an issued document that bears what was read of it; None for another one."""
    entry = file.entry
    values = entry.values()
    bears = values["year"], values["number"], values["symbol"]
    value = number_value(entry.info.number)
    if entry.incoming or not value or bears != (entry.year, entry.info.number, entry.info.symbol):
        return None
    return entry.year, value, entry.info.symbol or None
