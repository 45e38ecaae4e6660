"""The ledger of an office whose workstations share a database."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.schema.base import metadata

#: Entries of the shared ledger. ``line`` is the canonical line without line feed (app.journal.entry): all that an entry
#: says is in it, since columns beside it would be under no hash. ``origin`` names the attempt to enter it, so that none
#: is entered twice.
ledger_entries = sa.Table(
    "ledger_entries",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("origin", sa.String(32), nullable=False, unique=True),
)

#: Where the shared ledger ends; its single row is locked for the length of an append.
ledger_head = sa.Table(
    "ledger_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
