"""What the archive hands out."""

from __future__ import annotations

import datetime as dt

import msgspec


class FiledCopy(msgspec.Struct, frozen=True):
    """A copy in the archive.

    :ivar path: absolute.
    :ivar type: name of the folder: a type of the decree, or ``Khác``.
    :ivar date: of the document.
    :ivar filed_at: aware.
    :ivar incoming: received, not issued here.
    :ivar duplicate: the same octets were filed before; nothing new was written.
    """

    id: int
    path: str
    year: int
    type: str
    number: str | None
    symbol: str | None
    date: dt.date | None
    summary: str | None
    signers: list[str]
    sha256: str
    filed_at: dt.datetime
    incoming: bool = False
    duplicate: bool = False
