"""The decree's metadata, search and evidence of filed copies."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    pass
