"""What the last look at each filed copy has found."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.schema.base import Moment, metadata

#: The last look at a copy. ``state`` as :class:`app.archive.health.State`; ``conclusion`` of its signatures, NULL where
#: it could not be read; ``provable_until``: see :mod:`app.verification.provability`; ``findings``: their codes.
copy_checks = sa.Table(
    "copy_checks",
    metadata,
    sa.Column("copy_id", sa.Integer, sa.ForeignKey("filed_copies.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("checked_at", Moment, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("conclusion", sa.Text),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("provable_until", Moment, index=True),
    sa.Column("found_at", sa.Text),
    sa.Column("findings", sa.JSON, nullable=False),
)
