"""The index of the archive."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.schema.base import Moment, metadata

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
