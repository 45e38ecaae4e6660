"""The search index carried into another database: SQLite and PostgreSQL keep it differently, the words are the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from app.archive.search import SearchIndex

_TABLES = ("search_heads", "search_texts")
_ROWS = 1000


def empty_index(connection: sa.Connection) -> None:
    """Take out everything."""
    for table in _TABLES:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608
        else:
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608


def copy_index(source: sa.Connection, target: sa.Connection) -> None:
    """Copy the words of all documents, into an index that has none."""
    index = SearchIndex(target.dialect.name)
    for table, add in (("search_heads", index.add_heads), ("search_texts", index.add_texts)):
        words_of = _sqlite_words if source.dialect.name == "sqlite" else _postgresql_words
        for row in words_of(source, table):
            add(target, [row])


def _sqlite_words(connection: sa.Connection, table: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each row. FTS5 keeps nothing else (``content=''``); its index is told word by word by
    ``fts5vocab``."""
    name = f"words_of_{table}"
    connection.exec_driver_sql(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name} USING fts5vocab(main, {table}, instance)"
    )
    rows = connection.execution_options(yield_per=_ROWS).exec_driver_sql(
        f"SELECT doc, term FROM temp.{name} ORDER BY doc"  # noqa: S608 - names of this module
    )
    for key, group in groupby(rows, key=itemgetter(0)):
        yield key, [row[1] for row in group]


def _postgresql_words(connection: sa.Connection, table: str) -> Iterator[tuple[int, list[str]]]:
    rows = connection.execution_options(yield_per=_ROWS).exec_driver_sql(
        f"SELECT key, tsvector_to_array(words) FROM {table} ORDER BY key"  # noqa: S608 - names of this module
    )
    yield from ((key, words) for key, words in rows)
