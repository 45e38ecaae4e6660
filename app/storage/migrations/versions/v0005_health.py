"""What the last look at each filed copy has found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "copy_checks",
        sa.Column("copy_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("conclusion", sa.Text),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("provable_until", sa.DateTime(timezone=True)),
        sa.Column("found_at", sa.Text),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("copy_id", name="pk_copy_checks"),
        sa.ForeignKeyConstraint(["copy_id"], ["filed_copies.id"], name="fk_copy_checks_copy_id", ondelete="CASCADE"),
    )
    op.create_index("ix_copy_checks_checked_at", "copy_checks", ["checked_at"])
    op.create_index("ix_copy_checks_provable_until", "copy_checks", ["provable_until"])
