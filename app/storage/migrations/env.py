"""Alembic's entry: runs on the connection that the store hands over, in the store's transaction."""

from __future__ import annotations

from alembic import context

from app.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
