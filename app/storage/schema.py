"""The tables, as they are at :data:`VERSION`; the way there is in ``migrations``.

Written for SQLite and PostgreSQL alike: no type or function that only one of them has.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

#: The newest migration's revision.
VERSION = "0001"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """An aware time; SQLite, which knows no zones, keeps it as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return value.astimezone(dt.UTC) if value is not None else None

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        return value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)


#: Filed copies. ``path`` is relative to the archive, with ``/``; ``number_value`` the number without leading zeros;
#: ``words`` and ``signer_words`` are folded for search (app.documents.text.fold).
filed_copies = sa.Table(
    "filed_copies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("number_value", sa.Text),
    sa.Column("symbol", sa.Text),
    sa.Column("date", sa.Date),
    sa.Column("summary", sa.Text),
    sa.Column("issuer", sa.Text),
    sa.Column("signers", sa.JSON, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("incoming", sa.Boolean, nullable=False),
    sa.Column("filed_at", Moment, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("signer_words", sa.Text, nullable=False),
    sa.Index(None, "year", "number_value", "symbol"),
    sa.Index(None, "date"),
)
