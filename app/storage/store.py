"""The office's database: SQLite in the data folder, or a PostgreSQL server by URL.

Importing this costs a third of a second (SQLAlchemy); only what works on the archive's index or the custody register
does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.errors import DiskFull, TargetNotWritable
from app.storage.errors import StoreBusy, StoreDamaged, StoreTooNew, StoreUnreachable
from app.storage.files import writing_error
from app.storage.schema import VERSION

_BUSY_MS = 30_000
_WRITING = "antin_writing"


class Store:
    """A database at the newest version of the tables. Threads may share it.

    Made by :func:`open_store`.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading, in one transaction.

        :raises StoreBusy, StoreDamaged, StoreUnreachable: the database could not be read.
        """
        with self._named_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that nobody else writes beside; committed at the end, undone by an error.

        :raises StoreBusy, StoreDamaged, StoreUnreachable, TargetNotWritable, DiskFull: nothing was written.
        """
        with (
            self._named_errors(),
            self._engine.connect() as connection,
            connection.execution_options(**{_WRITING: True}).begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections; harmless when called twice."""
        self._engine.dispose()

    def upgrade(self) -> None:
        """Bring the tables to :data:`~app.storage.schema.VERSION`; looks only, where they are there already.

        :raises StoreTooNew: the database knows a version that this program does not.
        """
        with self.read() as connection:
            if _version(connection) == VERSION:
                return
        with self.write() as connection:
            found = _version(connection)
            if found == VERSION:
                return
            _migrate(connection, found, self._name)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            detail = str(error.orig)
            if self._engine.dialect.name != "sqlite":
                raise StoreUnreachable(detail=detail) from error
            if "locked" in detail or "busy" in detail:
                raise StoreBusy(path=self._name) from error
            if "full" in detail:
                raise DiskFull(path=self._name) from error
            if "readonly" in detail or "unable to open" in detail:
                raise TargetNotWritable(path=self._name) from error
            raise StoreDamaged(path=self._name, detail=detail) from error


def open_store(path_or_url: Path | str) -> Store:
    """Open a database, made if it is not there, with its tables at the newest version.

    :param path_or_url: a SQLite file, or an SQLAlchemy URL.
    :raises StoreTooNew, StoreBusy, StoreDamaged, StoreUnreachable: it cannot be used.
    :raises TargetNotWritable, DiskFull: it cannot be made.
    """
    text = str(path_or_url)
    if isinstance(path_or_url, str) and "://" in text:
        try:
            url = sa.make_url(text)
            engine = sa.create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
        except (sa.exc.ArgumentError, ImportError) as error:
            raise StoreUnreachable(detail=str(error)) from error
        name = url.render_as_string(hide_password=True)
    else:
        path = Path(path_or_url)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_error(error, path.parent) from error
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
        name = text
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    store = Store(engine, name)
    try:
        store.upgrade()
    except BaseException:
        store.close()
        raise
    return store


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # The driver's own transactions would leave CREATE TABLE outside them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: sa.Connection, found: str | None, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if found is not None and found not in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise StoreTooNew(path=name)
    command.upgrade(config, "head")
