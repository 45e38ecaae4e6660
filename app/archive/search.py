"""The search index: FTS5 tables in SQLite, ``tsvector`` columns under GIN in PostgreSQL; the same words in both.

Two indexes, ``search_heads`` for what documents are known by, with short beginnings of words, and ``search_texts`` for
all their words; neither keeps where a word stands, so that words in quotes are looked up in the rows found. A row is
named by ``documents.key``, which orders by day: the newest come first without sorting, and a period is a range of rows.
A row is never changed or removed; that of a corrected document leads nowhere (docs/decisions/0019-archive.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from app.archive.search_words import Wanted, has_phrases, number_value
from app.storage.schema.archive import documents, dossier_documents

#: Documents of a day that keys tell apart, 2 ** 16; those of a fuller day get keys of the next one.
_DAY_BITS = 16
_CHUNK, _FEW, _MOST_LOOKED_AT = 200, 60, 6_000
#: Pages of the index merged with each row entered; a row fills one, which is merged again at each of some five levels.
_MERGED = 8
_STAGES = ("number", "head", "text")


@dataclass(frozen=True)
class Place:
    """Where a page of results ended: the stage and the key of its last document."""

    stage: str
    key: int

    def __str__(self) -> str:
        return f"{self.stage}:{self.key}"

    @classmethod
    def parse(cls, text: str) -> Place:
        stage, _, key = text.partition(":")
        if stage not in _STAGES or not key.isdigit():
            raise ValueError(f"no place in results: {text!r}")
        return cls(stage, int(key))


@dataclass(frozen=True)
class Match:
    """:ivar in_text: found by the text, not by what the document is known by."""

    row: sa.Row[Any]
    in_text: bool
    place: Place


class SearchIndex:
    """Writes and asks the index; the caller holds the transaction.

    :param dialect: ``sqlite`` or ``postgresql``.
    """

    def __init__(self, dialect: str) -> None:
        self._sqlite = dialect == "sqlite"

    def next_keys(self, connection: sa.Connection, days: Iterable[dt.date]) -> list[int]:
        """Keys that no document had, each the highest of its day."""
        highest: dict[int, int | None] = {}
        return [self._next_key(connection, day.toordinal(), highest) for day in days]

    def _next_key(self, connection: sa.Connection, day: int, highest: dict[int, int | None]) -> int:
        """:param highest: keys of days that were asked for already."""
        if self._sqlite:
            newest = sa.text("SELECT max(rowid) FROM search_heads WHERE rowid >= :first AND rowid < :end")
        else:
            newest = sa.text("SELECT max(key) FROM search_heads WHERE key >= :first AND key < :end")
        while True:
            first, end = day << _DAY_BITS, (day + 1) << _DAY_BITS
            if day not in highest:
                highest[day] = connection.execute(newest, {"first": first, "end": end}).scalar()
            found = highest[day]
            key = first if found is None else int(found) + 1
            if key < end:
                highest[day] = key
                return key
            day += 1

    def add_heads(self, connection: sa.Connection, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """:param rows: keys and words of :func:`~app.archive.search_words.head_words`."""
        self._add(connection, "search_heads", rows)

    def add_texts(self, connection: sa.Connection, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """:param rows: keys and words of :func:`~app.archive.search_words.text_words`."""
        self._add(connection, "search_texts", rows)

    def _add(self, connection: sa.Connection, table: str, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        if self._sqlite:
            statement = sa.text(f"INSERT INTO {table} (rowid, words) VALUES (:key, :words)")  # noqa: S608
            values = [{"key": key, "words": " ".join(words)} for key, words in rows]
        else:
            statement = sa.text(f"INSERT INTO {table} (key, words) VALUES (:key, CAST(:words AS tsvector))")  # noqa: S608
            values = [{"key": key, "words": _vector(words)} for key, words in rows]
        connection.execute(statement, values)
        if self._sqlite and values:
            # FTS5 keeps what each transaction entered apart, and merges it by itself hundreds of pages at once.
            merge = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)"  # noqa: S608
            connection.exec_driver_sql(merge, (_MERGED * len(values),))

    def find(
        self,
        connection: sa.Connection,
        wanted: Wanted,
        *,
        dossier: int | None = None,
        doubtful: bool = False,
        after: Place | None = None,
        limit: int,
    ) -> list[Match]:
        """Rows of documents, at most ``limit``, in the order of :class:`~app.archive.model.Found`."""
        found: list[Match] = []
        for stage in _STAGES[_STAGES.index(after.stage) if after is not None else 0 :]:
            condition = self._condition(wanted, stage)
            if condition is None:
                continue
            before = after.key if after is not None and after.stage == stage else None
            statement = self._statement(condition, wanted, dossier, doubtful)
            known = {match.place.key for match in found} if after is None else None
            rows = self._rows(connection, condition[0], statement, wanted, before, known)
            matches = (Match(row, stage == "text", Place(stage, row._mapping["key"])) for row in rows)
            found += islice(matches, limit - len(found))
            if len(found) == limit:
                break
        return found

    def _rows(
        self,
        connection: sa.Connection,
        table: str,
        statement: sa.Select[Any],
        wanted: Wanted,
        before: int | None,
        found: Set[int] | None,
    ) -> Iterator[sa.Row[Any]]:
        """Rows below a key, the highest first; of many that have the words of a phrase apart, not all are looked at.

        :param found: keys of all documents that the stages before found; None where those were not asked now.
        """
        key = self._key(table)
        chunk = _CHUNK if wanted.phrases else _FEW
        for _ in range(_MOST_LOOKED_AT // chunk) if wanted.phrases else count():
            part = statement if before is None else statement.where(key < before)
            rows = connection.execute(part.order_by(key.desc()).limit(chunk)).all()
            known = found or set()
            if found is None and table == "search_texts" and rows:
                known = self._known_by(connection, self._head(wanted), rows)
            yield from (
                row for row in rows if row._mapping["key"] not in known and has_phrases(row._mapping, wanted.phrases)
            )
            if len(rows) < chunk:
                return
            before = rows[-1]._mapping["key"]

    def _condition(self, wanted: Wanted, stage: str) -> tuple[str, list[sa.ColumnElement[bool]]] | None:
        """Table and conditions of a stage; None where it can find nothing of its own."""
        typed = bool(wanted.words or wanted.phrases)
        head, numbers = self._head(wanted), self._numbers(wanted)
        if stage == "number":
            return ("search_heads", [self._matches("search_heads", self._and(head, numbers))]) if numbers else None
        if stage == "head":
            if not head:
                return "", []
            return "search_heads", [self._matches("search_heads", self._but(head, numbers) if numbers else head)]
        if not typed or wanted.phrases:
            return None
        return "search_texts", [self._matches("search_texts", self._text(wanted))]

    def _statement(
        self,
        condition: tuple[str, list[sa.ColumnElement[bool]]],
        wanted: Wanted,
        dossier: int | None,
        doubtful: bool,
    ) -> sa.Select[Any]:
        table, conditions = condition
        statement = sa.select(documents).where(*conditions)
        key = self._key(table)
        if table:
            statement = statement.join_from(sa.table(table), documents, documents.c.key == key)
        if wanted.date_from is not None:
            first = wanted.date_from.toordinal() << _DAY_BITS
            statement = statement.where(key >= first, documents.c.date >= wanted.date_from)
        if wanted.date_to is not None:
            end = (wanted.date_to.toordinal() + 1) << _DAY_BITS
            statement = statement.where(key < end, documents.c.date <= wanted.date_to)
        if dossier is not None:
            lying = sa.select(dossier_documents.c.document_id).where(dossier_documents.c.dossier_id == dossier)
            statement = statement.where(documents.c.id.in_(lying))
        if doubtful:
            statement = statement.where(documents.c.doubts.is_not(None))
        return statement

    def _key(self, table: str) -> sa.ColumnElement[int]:
        """The key of a row of the index, or of documents themselves."""
        if not table:
            return documents.c.key
        return sa.literal_column(f"{table}.{'rowid' if self._sqlite else 'key'}", sa.BigInteger)

    def _matches(self, table: str, expression: str) -> sa.ColumnElement[bool]:
        if self._sqlite:
            return sa.literal_column(table).op("MATCH", is_comparison=True)(expression)
        query = sa.cast(sa.literal(expression), TSQUERY)
        return sa.literal_column(f"{table}.words").op("@@", is_comparison=True)(query)

    def _known_by(self, connection: sa.Connection, head: str, rows: Sequence[sa.Row[Any]]) -> set[int]:
        """Keys of documents found by their text that are found by their heads as well: one question for all rows, since
        FTS5 takes a millisecond to be asked about one."""
        key = self._key("search_heads")
        within = key <= rows[0]._mapping["key"], key >= rows[-1]._mapping["key"]
        statement = (
            sa.select(key).select_from(sa.table("search_heads")).where(self._matches("search_heads", head), *within)
        )
        return set(connection.execute(statement).scalars())

    # Expressions of FTS5 and of tsquery

    def _head(self, wanted: Wanted) -> str:
        parts = [self._beginning(word) for word in wanted.words]
        parts += [self._word(word) for phrase in wanted.phrases for word in phrase]
        parts += [self._word(word) for word in wanted.filters]
        parts += [self._prefix(f"_s{name}") for name in wanted.signers]
        return self._and(*parts)

    def _text(self, wanted: Wanted) -> str:
        parts = [self._word(word) for word in (*wanted.words, *wanted.filters)]
        return self._and(*parts, *(self._word(f"_s{name}") for name in wanted.signers))

    def _numbers(self, wanted: Wanted) -> str:
        return self._or(*(self._word(f"_n{number_value(number)}") for number in wanted.numbers))

    def _beginning(self, word: str) -> str:
        """A word typed; a number with leading zeros is that number, too."""
        value = number_value(word) if word.isdigit() else word
        return self._prefix(word) if value == word else self._or(self._prefix(word), self._word(f"_n{value}"))

    def _word(self, word: str) -> str:
        return f'"{word}"' if self._sqlite else f"'{word}'"

    def _prefix(self, word: str) -> str:
        return f'"{word}"*' if self._sqlite else f"'{word}':*"

    def _and(self, *parts: str) -> str:
        return self._joined(parts, "AND" if self._sqlite else "&")

    def _or(self, *parts: str) -> str:
        return self._joined(parts, "OR" if self._sqlite else "|")

    def _but(self, one: str, other: str) -> str:
        return f"({one}) NOT ({other})" if self._sqlite else f"({one}) & !({other})"

    def _joined(self, parts: Sequence[str], sign: str) -> str:
        shown = [part for part in parts if part]
        return shown[0] if len(shown) == 1 else f" {sign} ".join(f"({part})" for part in shown)


def _vector(words: Sequence[str]) -> str:
    """As PostgreSQL writes a ``tsvector``: numbers of documents are words as they stand, whatever signs they have."""
    return " ".join("'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words)
