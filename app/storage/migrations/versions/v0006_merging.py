"""The search index of SQLite is merged a little with each row, no more much with every hundredth one."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO search_heads (search_heads, rank) VALUES ('automerge', 0)")
        op.execute("INSERT INTO search_texts (search_texts, rank) VALUES ('automerge', 0)")
