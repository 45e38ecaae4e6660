"""Whether a server that somebody is about to name in the settings answers, before it is named there."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from app.errors import AntinError
from app.i18n import N_
from app.settings import NetworkSettings


class DatabaseAddressWrong(AntinError):
    """Carries ``detail``."""

    code = "database-address-wrong"
    message_id = N_("That is no address of a database: {detail}")
    hint_id = N_("Write it like postgresql://antin@server/antin, with the user, the server and the database.")


class ServerAddressWrong(AntinError):
    """Carries ``url``."""

    code = "server-address-wrong"
    message_id = N_("“{url}” is no address of a time-stamp server.")
    hint_id = N_("It begins with http:// or https:// and names a server, as the provider wrote it.")


@dataclass(frozen=True)
class DatabaseAnswer:
    """What a database server said.

    :ivar version: of PostgreSQL.
    :ivar has_tables: whether this program's tables are there; otherwise its first use makes them.
    """

    version: str
    has_tables: bool


def check_database_address(url: str) -> None:
    """:raises DatabaseAddressWrong: the settings could not have that address."""
    from app.storage import address

    try:
        address.check(url)
    except ValueError as error:
        raise DatabaseAddressWrong(detail=str(error)) from error


def ask_database(url: str, password: str = "") -> DatabaseAnswer:
    """Sign in to a PostgreSQL server, look, and change nothing.

    :param url: as the settings have it, without a password.
    :param password: to sign in with; empty: that of the keyring, or where libpq looks for one.
    :raises DatabaseAddressWrong: the settings could not have that address.
    :raises StoreUnreachable, StorePasswordMissing, StoreReadOnly: it does not answer, wants another password, or would
        not let this program make its tables.
    """
    check_database_address(url)
    import sqlalchemy as sa

    from app.storage import postgresql
    from app.storage.errors import StoreReadOnly, StoreUnreachable

    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseAddressWrong(detail=str(error)) from error
    name = parsed.render_as_string(hide_password=True)
    engine = postgresql.engine(parsed.set(password=password) if password else parsed, url)
    try:
        with engine.connect() as connection:
            version, may_create = connection.exec_driver_sql(
                "SELECT current_setting('server_version'), has_schema_privilege(current_schema(), 'CREATE')"
            ).one()
            has_tables = sa.inspect(connection).has_table("alembic_version")
    except sa.exc.DBAPIError as error:
        raise postgresql.named(error, name) or StoreUnreachable(path=name, detail=str(error.orig)) from error
    finally:
        engine.dispose()
    if not has_tables and not may_create:
        raise StoreReadOnly(path=name, detail="CREATE")
    return DatabaseAnswer(str(version).partition(" ")[0], has_tables)


def check_timestamp_address(url: str) -> None:
    """:raises ServerAddressWrong: no request could be sent there."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not _has_blank(url)
    except ValueError:
        usable = False
    if not usable:
        raise ServerAddressWrong(url=url)


def _has_blank(url: str) -> bool:
    return any(letter.isspace() for letter in url)


def ask_timestamp_server(url: str, network: NetworkSettings) -> dt.datetime:
    """Have a few random octets stamped: nothing of a document is sent.

    :return: the time the server vouches for.
    :raises ServerAddressWrong: no request could be sent there.
    :raises TimestampUnavailable: no answer came, it was a refusal, or it does not hold.
    """
    check_timestamp_address(url)
    import os

    from app.trust.timestamps import HttpTimestamper, read_timestamp

    imprint = hashlib.sha256(os.urandom(32)).digest()
    server = HttpTimestamper(url, timeout=network.fetch_timeout, proxy=network.proxy, retries=0)
    return read_timestamp(server.token(imprint, "sha256"), message=lambda _name: imprint).time
