"""The store in a SQLite file: how it is opened and begun, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.errors import AntinError, DiskFull, TargetNotWritable
from app.storage.errors import StoreBusy, StoreDamaged, StoreFailing

_BUSY_MS = 30_000
#: Of pages kept in memory by a connection, as far as they were read: searching a million documents looks at thousands.
_CACHE_KIB = 32_000
_WRITING = "antin_writing"


def engine(url: sa.URL) -> sa.Engine:
    """Flushed at every commit, foreign keys on, in WAL mode; a file on another computer, such as in a profile on a
    network drive, with a journal that is cut, since WAL wants memory shared by all who have the file open
    (sqlite.org/wal.html, section 1)."""
    made = sa.create_engine(url, hide_parameters=True)
    from app.system import here

    remote = bool(url.database) and here().is_remote(Path(str(url.database)).absolute())
    sa.event.listen(made, "connect", partial(_prepare, "TRUNCATE" if remote else "WAL"))
    sa.event.listen(made, "begin", _begin)
    return made


def reading(connection: sa.Connection, *, unhurried: bool) -> sa.Connection:
    """A connection whose transactions see one moment; nothing here ends one that takes long."""
    return connection


def writing(connection: sa.Connection) -> sa.Connection:
    """A connection whose transactions are the only ones that write."""
    return connection.execution_options(**{_WRITING: True})


def lock(connection: sa.Connection, area: str | None) -> None:
    """Nothing: the transaction of :func:`writing` holds the whole file."""


@contextmanager
def migrating(connection: sa.Connection) -> Iterator[sa.Connection]:
    """A transaction for changing tables. Foreign keys are off in it, since a table that is made anew is dropped
    once; they are checked at its end.

    :raises StoreDamaged: a row refers to none.
    """
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with writing(connection).begin():
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise StoreDamaged(path=str(connection.engine.url.database), detail=f"foreign key of {broken[0]}")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def load_file(connection: sa.Connection, path: Path) -> None:
    """Replace everything by the content of another file, in one step, whoever has this one open."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    with closing(sqlite3.connect(path)) as other:
        try:
            other.backup(driver)
        except sqlite3.Error as error:
            raise sa.exc.OperationalError(None, None, error) from error


def named(error: sa.exc.DBAPIError, name: str) -> AntinError | None:
    """The house's error for one of the driver; None where the program itself is wrong.

    :param name: the file. Codes: sqlite.org/rescode.html.
    """
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    detail = str(error.orig)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(path=name)
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(path=name)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return TargetNotWritable(path=name)
    if code == sqlite3.SQLITE_IOERR:
        return StoreFailing(path=name, detail=detail)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_ERROR):
        return StoreDamaged(path=name, detail=detail)
    return None


@contextmanager
def named_errors(name: str) -> Iterator[None]:
    """The house's errors for those of a connection that is used by itself.

    :param name: as for :func:`named`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise named(sa.exc.OperationalError(None, None, error), name) or error from error


def _prepare(mode: str, connection: Any, record: Any) -> None:
    # The driver's own transactions would leave CREATE TABLE outside them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    cursor.execute(f"PRAGMA journal_mode = {mode}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    is_writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
