"""The office's database: SQLite in the data folder, or a PostgreSQL server by URL.

Importing this costs a third of a second (SQLAlchemy); only what works on the archive's index or the custody register
does.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import sqlalchemy as sa

from app.storage import sqlite
from app.storage.creating import create
from app.storage.errors import StoreConflict, StoreUnreachable
from app.storage.files import writing_error
from app.storage.schema import VERSION

#: The area that writers share where they name none.
RECORDS = "records"

_TRIES = 5

Result = TypeVar("Result")


class Store:
    """A database at the newest version of the tables. Threads may share it.

    Made by :func:`open_store`.

    :ivar name: the file, or the server's address without its password.
    :ivar is_server: on PostgreSQL.
    """

    def __init__(self, engine: sa.Engine, dialect: ModuleType, name: str) -> None:
        self._engine = engine
        self._dialect = dialect
        self.name = name
        self.is_server = engine.dialect.name == "postgresql"

    @contextmanager
    def read(self, *, unhurried: bool = False) -> Iterator[sa.Connection]:
        """A connection for reading, in one transaction: all its answers are of one moment.

        :param unhurried: may take longer than a person waits.
        :raises StoreBusy, StoreDamaged, StoreUnreachable, StoreFailing: the database could not be read.
        """
        with self._named_errors(), self._engine.connect() as connection:
            yield self._dialect.reading(connection, unhurried=unhurried)

    @contextmanager
    def write(self, area: str | None = RECORDS) -> Iterator[sa.Connection]:
        """A connection in a transaction that nobody else writes to the area beside; committed at the end, undone by
        an error. Another :meth:`write` must not be begun inside.

        :param area: what is written; on SQLite all areas are one. None: everything, and it may take long.
        :raises StoreTooNew: a newer program has changed the tables meanwhile.
        :raises StoreBusy, StoreDamaged, StoreUnreachable, StoreReadOnly, StoreFailing, TargetNotWritable, DiskFull:
            nothing was written.
        """
        with self._named_errors(), self._engine.connect() as connection:
            ready = self._dialect.writing(connection)
            with self._begun(ready, area):
                yield ready

    def transact(self, work: Callable[[sa.Connection], Result], area: str = RECORDS) -> Result:
        """Do work on the database alone in one :meth:`write`; once more where it met with what somebody else did.

        :param work: may be called several times.
        :raises AntinError: as :meth:`write`.
        """
        for count in range(_TRIES):
            try:
                with self.write(area) as connection:
                    return work(connection)
            except StoreConflict:
                if count + 1 == _TRIES:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**count))  # noqa: S311 - not to meet again
        raise AssertionError("unreachable")

    def load_file(self, path: Path) -> None:
        """Replace everything by what is in a SQLite store of the same version, at once.

        :raises ValueError: this is a server.
        :raises AntinError: as :meth:`write`.
        """
        with self._named_errors(), self._engine.connect() as connection:
            self._dialect.load_file(connection, path)

    def close(self) -> None:
        """Close all connections; harmless when called twice. The next use opens one again."""
        self._engine.dispose()

    def upgrade(self) -> None:
        """Bring the tables to :data:`~app.storage.schema.VERSION`; looks only, where they are there already.

        :raises StoreTooNew: the database knows a version that this program does not.
        """
        with self.read() as connection:
            if _found_version(connection) == VERSION:
                return
        with self._named_errors(), self._engine.connect() as plain, self._dialect.migrating(plain) as connection:
            found = _found_version(connection)
            if found is None:
                create(connection)
            elif found != VERSION:
                from app.storage.migrating import migrate

                migrate(connection, found, self.name)

    def _begun(self, connection: sa.Connection, area: str | None) -> sa.RootTransaction:
        """A transaction that holds the area's lock, on tables of this program's version."""
        while True:
            transaction = connection.begin()
            self._dialect.lock(connection, area)
            if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == VERSION:
                return transaction
            transaction.rollback()
            self.upgrade()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            named = self._dialect.named(error, self.name)
            if named is None:
                raise
            raise named from error
        except sa.exc.TimeoutError as error:
            raise StoreUnreachable(path=self.name, detail=str(error)) from error


def open_store(path_or_url: Path | str) -> Store:
    """Open a database, made if it is not there, with its tables at the newest version.

    :param path_or_url: a SQLite file, or an SQLAlchemy URL; a password that it does not have comes from the keyring.
    :raises StoreTooNew, StoreBusy, StoreDamaged, StoreUnreachable, StorePasswordMissing: it cannot be used.
    :raises StoreReadOnly, TargetNotWritable, DiskFull: it cannot be made.
    """
    store = _connect(path_or_url)
    try:
        store.upgrade()
    except BaseException:
        store.close()
        raise
    return store


def _connect(path_or_url: Path | str) -> Store:
    text = str(path_or_url)
    if isinstance(path_or_url, str) and "://" in text:
        try:
            url = sa.make_url(text)
        except sa.exc.ArgumentError as error:
            raise StoreUnreachable(path="", detail=str(error)) from error
        name = url.render_as_string(hide_password=True)
        if url.get_backend_name() == "postgresql":
            from app.storage import postgresql

            return Store(postgresql.engine(url, text), postgresql, name)
        if url.get_backend_name() != "sqlite":
            raise StoreUnreachable(path=name, detail=url.drivername)
        return Store(sqlite.engine(url), sqlite, name)
    path = Path(path_or_url)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise writing_error(error, path.parent) from error
    return Store(sqlite.engine(sa.URL.create("sqlite", database=str(path))), sqlite, text)


def _found_version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if version is None else str(version)
