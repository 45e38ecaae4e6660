"""The tables of a new database, made as they are at this version.

That takes a tenth of the time of going through all migrations, which lead to the same tables (a test holds it) and need
Alembic to be loaded.
"""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.schema import VERSION, metadata
from app.storage.schema.archive import search_index
from app.storage.schema.journal import ledger_head

_VERSIONS = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def create(connection: sa.Connection) -> None:
    """Make all tables in a database that has none.

    :param connection: in a transaction.
    """
    metadata.create_all(connection, checkfirst=False)
    for statement in search_index(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.execute(ledger_head.insert().values(id=1, seq=0, hash="0" * 64))
    _VERSIONS.create(connection, checkfirst=False)
    connection.execute(_VERSIONS.insert().values(version_num=VERSION))
