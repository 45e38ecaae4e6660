"""The number of minutes is theirs alone: no other minutes of the year bear it, and no other document of the archive."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from app.custody.errors import MinutesNumberTaken
from app.custody.minutes import MinutesContent
from app.custody.model import MinutesState
from app.custody.services import NumberBearer
from app.i18n import _
from app.storage.schema.custody import minutes
from app.times import local


def check_filed(content: MinutesContent, bearer: NumberBearer) -> None:
    """See that the archive will take the minutes.

    :raises MinutesNumberTaken: another document of the archive bears their number.
    """
    path = bearer(content) if content.number else None
    if path is not None:
        raise MinutesNumberTaken(number=content.number, year=local(content.at).year, what=path)


def check_free(connection: sa.Connection, content: MinutesContent, bearer: NumberBearer) -> None:
    """See that new minutes may have their number.

    :raises MinutesNumberTaken: other minutes that are not void bear it, or another document of the archive.
    """
    if not content.number:
        return
    wanted = sa.select(minutes.c.id, minutes.c.number, minutes.c.made_at, minutes.c.path)
    for row in connection.execute(wanted.where(minutes.c.state != str(MinutesState.VOID), minutes.c.number != "")):
        if _key(row.number, row.made_at) == _key(content.number, content.at):
            what = row.path or _("minutes {number}").format(number=row.id)
            raise MinutesNumberTaken(number=content.number, year=local(content.at).year, what=what)
    check_filed(content, bearer)


def _key(number: str, at: dt.datetime) -> tuple[int, str]:
    """Leading zeros and case do not tell numbers apart, as in the archive."""
    return local(at).year, number.strip().lstrip("0").casefold()
