"""The store on a PostgreSQL server: how it is reached and locked, and what its errors mean."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.errors import AntinError, DiskFull
from app.storage.address import stored_password
from app.storage.errors import (
    StoreBusy,
    StoreConflict,
    StoreDamaged,
    StoreFailing,
    StorePasswordMissing,
    StoreReadOnly,
    StoreUnreachable,
)

#: Until a server that does not answer is given up, in seconds.
_CONNECT_S = 10
#: Waiting for other writers; one statement; a transaction in which nothing is asked: a workstation that hangs while it
#: holds a lock must not hold up the office.
_LOCK_MS = 30_000
_STATEMENT_MS = 60_000
_IDLE_MS = 120_000
#: First key of the program's advisory locks: "anti" as an integer.
_LOCKS = 0x616E7469
_MIGRATION = "migration"

#: SQLSTATE, or its first two digits, by what they mean to a person (PostgreSQL documentation, appendix A).
_ERRORS: dict[str, type[AntinError]] = {
    "08": StoreUnreachable,
    "57P": StoreUnreachable,
    "28": StoreUnreachable,
    "53100": DiskFull,
    "53": StoreUnreachable,
    "55P03": StoreBusy,
    "57014": StoreBusy,
    "25P03": StoreBusy,
    "40": StoreConflict,
    "25006": StoreReadOnly,
    "42501": StoreReadOnly,
    "58": StoreFailing,
    "XX": StoreDamaged,
    "42P01": StoreDamaged,
    "42703": StoreDamaged,
}


def engine(url: sa.URL, text: str) -> sa.Engine:
    """Connections with limits in time; one that the network lost is made anew.

    :param text: the address as the settings have it, under which the keyring knows the password.
    """
    address = url.set(drivername="postgresql+psycopg")
    if address.password is None and address.username:
        address = address.set(password=stored_password(text))
    limits = {
        "statement_timeout": _STATEMENT_MS,
        "lock_timeout": _LOCK_MS,
        "idle_in_transaction_session_timeout": _IDLE_MS,
        "timezone": "UTC",
    }
    return sa.create_engine(
        address,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "application_name": "antin",
            "connect_timeout": _CONNECT_S,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": _LOCK_MS,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )


def reading(connection: sa.Connection, *, unhurried: bool) -> sa.Connection:
    """A connection whose transactions see one moment.

    :param unhurried: without limits in time, as a backup needs.
    """
    ready = connection.execution_options(isolation_level="REPEATABLE READ")
    if unhurried:
        _take_time(ready)
    return ready


def writing(connection: sa.Connection) -> sa.Connection:
    """A connection for :func:`lock`: what is read after the lock is what the one before has written."""
    return connection.execution_options(isolation_level="READ COMMITTED")


def lock(connection: sa.Connection, area: str | None) -> None:
    """Let nobody else write to an area, nor change tables, until the transaction ends.

    :param area: None: to any area.
    """
    if area is None:
        _hold_all(connection)
        return
    connection.exec_driver_sql(
        "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, %s)",
        (_LOCKS, _key(_MIGRATION), _LOCKS, _key(area)),
    )


@contextmanager
def migrating(connection: sa.Connection) -> Iterator[sa.Connection]:
    """A transaction for changing tables: no other workstation writes, nor changes them, beside it."""
    with writing(connection).begin():
        _hold_all(connection)
        yield connection


def load_file(connection: sa.Connection, path: Path) -> None:
    """:raises ValueError: a server takes rows, no file."""
    raise ValueError(path)


def named(error: sa.exc.DBAPIError, name: str) -> AntinError | None:
    """The house's error for one of the driver; None where the program itself is wrong.

    :param name: the server's address without its password.
    """
    state = getattr(error.orig, "sqlstate", None)
    detail = " ".join(str(error.orig).split())
    if state is None:
        if getattr(getattr(error.orig, "pgconn", None), "needs_password", False):
            return StorePasswordMissing(path=name)
        is_connection = error.connection_invalidated or isinstance(
            error, sa.exc.OperationalError | sa.exc.InterfaceError
        )
        return StoreUnreachable(detail=detail, path=name) if is_connection else None
    kind = _ERRORS.get(state) or _ERRORS.get(state[:3]) or _ERRORS.get(state[:2])
    return kind(path=name, detail=detail) if kind is not None else None


def _hold_all(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCKS, _key(_MIGRATION)))
    _take_time(connection)


def _take_time(connection: sa.Connection) -> None:
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


def _key(area: str) -> int:
    """A signed integer of 32 bits."""
    return zlib.crc32(area.encode()) - (1 << 31)
