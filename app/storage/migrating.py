"""The way of a database from an earlier version to this one, by the migrations of every version in between."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.storage.errors import StoreDamaged, StoreTooNew
from app.storage.schema import VERSION


def migrate(connection: sa.Connection, found: str | None, name: str) -> None:
    """Bring the tables to :data:`~app.storage.schema.VERSION`.

    :param found: the version they have; None: there are none.
    :param name: of the database, for errors.
    :raises StoreTooNew: this program does not know that version.
    :raises StoreDamaged: what is in the tables does not fit the next ones.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if found is not None and found not in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise StoreTooNew(path=name)
    try:
        command.upgrade(config, VERSION)
    except sa.exc.IntegrityError as error:
        raise StoreDamaged(path=name, detail=str(error.orig)) from error
