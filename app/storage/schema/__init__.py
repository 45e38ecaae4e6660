"""The tables, as they are at :data:`VERSION`; the way there is in ``migrations``.

Written for SQLite and PostgreSQL alike; where only one of them has a thing (a full-text index), both ways stand side by
side.
"""

from __future__ import annotations

from app.storage.schema import archive as archive
from app.storage.schema import custody as custody
from app.storage.schema import health as health
from app.storage.schema import journal as journal
from app.storage.schema.base import metadata as metadata

#: The newest migration's revision.
VERSION = "0006"
