"""What a look at the archive finds, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.i18n import _

_STATES: dict[str, Callable[[], str]] = {
    "whole": lambda: _("whole"),
    "missing": lambda: _("missing"),
    "altered": lambda: _("altered"),
    "moved": lambda: _("moved by somebody"),
    "unreadable": lambda: _("cannot be read"),
}
_CONCERNS: dict[str, Callable[[], str]] = {
    "not-valid": lambda: _("its signatures do not hold"),
    "not-checked": lambda: _("cannot be read, and so not be checked"),
    "not-in-ledger": lambda: _("the journal knows of no filing of this content"),
    "secret": lambda: _("bears a mark of secrecy and must not be kept here"),
    "ending": lambda: _("cannot be proven for long"),
    "no-time-stamp": lambda: _("no time stamp"),
    "weak-hash": lambda: _("rests on a hash function that is no longer safe"),
    "no-evidence": lambda: _("no evidence is kept"),
}

#: Concerns for which somebody has to look today.
GRAVE: Final = frozenset({"not-valid", "not-in-ledger", "secret"})


def state(name: str) -> str:
    """Of a copy's octets: a :class:`app.archive.health.State`."""
    return _STATES[name]()


def concern(name: str) -> str:
    """Why a whole copy should be looked at: a :class:`app.archive.health.Concern`."""
    return _CONCERNS[name]()
