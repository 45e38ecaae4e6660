"""The index of filed copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "filed_copies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
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
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("incoming", sa.Boolean, nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("signer_words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filed_copies"),
        sa.UniqueConstraint("path", name="uq_filed_copies_path"),
    )
    op.create_index("ix_filed_copies_sha256", "filed_copies", ["sha256"])
    op.create_index("ix_filed_copies_year_number_value_symbol", "filed_copies", ["year", "number_value", "symbol"])
    op.create_index("ix_filed_copies_date", "filed_copies", ["date"])
