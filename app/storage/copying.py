"""All rows of one database into another, SQLite or PostgreSQL, both at the newest version of the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from app.storage.schema import metadata

_ROWS = 1000
#: The first row of a new database, made with its tables.
_MADE_WITH_TABLES = {"ledger_head"}

#: Copies what the schema does not know of (full-text indexes differ); called within both transactions.
CopyIndexes = Callable[[sa.Connection, sa.Connection], None]


def has_rows(connection: sa.Connection) -> bool:
    """Whether anything has been entered."""
    tables = (table for table in metadata.sorted_tables if table.name not in _MADE_WITH_TABLES)
    return any(connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() for table in tables)


def empty(connection: sa.Connection) -> None:
    """Take out all rows."""
    for table in reversed(metadata.sorted_tables):
        for column in _own_references(table):
            connection.execute(table.update().values({column.name: None}))
        connection.execute(table.delete())


def copy_rows(source: sa.Connection, target: sa.Connection) -> None:
    """Copy the rows of every table, into tables that have none."""
    for table in metadata.sorted_tables:
        if table.name in _MADE_WITH_TABLES:
            target.execute(table.delete())
        own = [column.name for column in _own_references(table)]
        rows = source.execution_options(yield_per=_ROWS).execute(table.select())
        for some in rows.mappings().partitions():
            target.execute(table.insert(), [{**row, **dict.fromkeys(own)} for row in some])
        for name in own:
            _fill(source, target, table, name)
        if target.dialect.name == "postgresql":
            _go_on_counting(target, table)


def _own_references(table: sa.Table) -> list[sa.Column[Any]]:
    """Columns that refer to rows of the same table: of rows that may come later."""
    return [column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]


def _fill(source: sa.Connection, target: sa.Connection, table: sa.Table, name: str) -> None:
    (key,) = table.primary_key.columns
    wanted = sa.select(key.label("row_key"), table.c[name].label("value")).where(table.c[name].is_not(None))
    change = table.update().where(key == sa.bindparam("row_key")).values({name: sa.bindparam("value")})
    for some in source.execution_options(yield_per=_ROWS).execute(wanted).mappings().partitions():
        target.execute(change, [dict(row) for row in some])


def _go_on_counting(target: sa.Connection, table: sa.Table) -> None:
    """The next row gets a number that none has."""
    column = table.autoincrement_column
    if column is None:
        return
    highest = sa.select(sa.func.max(column)).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
    target.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None))))
