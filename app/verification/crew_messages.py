"""What a crew and its processes say to one another: MessagePack in the frames of :mod:`app.documents.pipe`.

First come the :class:`Orders`, answered by :data:`app.documents.pipe.READY` or an :class:`app.errors.ErrorInfo`; then
:class:`Question` after question, each answered by a :class:`app.verification.model.FileReport` without its path.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from app.i18n import Language
from app.settings import Settings


class CheckOptions(msgspec.Struct, frozen=True):
    """What an office is opened with for checking; see :class:`app.office.Office`."""

    trust_roots: tuple[Path, ...] = ()
    crls: tuple[Path, ...] = ()
    online: bool | None = None


class Orders(msgspec.Struct, frozen=True):
    settings: Settings
    options: CheckOptions
    language: Language


class Question(msgspec.Struct, frozen=True):
    """A file to check.

    :ivar inside: the names that lead from the file to a member, where it is a ZIP.
    :ivar at: aware; judge as of that time instead of now.
    """

    path: Path
    inside: list[str]
    at: dt.datetime | None
