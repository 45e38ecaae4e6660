"""What a look at the archive has found, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.i18n import _
from ui import wording

if TYPE_CHECKING:
    from app.archive.health import Checkup

_STATES: dict[str, tuple[str, Callable[[], str]]] = {
    "missing": ("file-x", lambda: _("missing")),
    "altered": ("diff", lambda: _("altered")),
    "moved": ("file-symlink", lambda: _("moved by somebody")),
    "unreadable": ("file-question-mark", lambda: _("cannot be read")),
}
_CONCERNS: dict[str, Callable[[], str]] = {
    "not-valid": lambda: _("its signatures do not hold"),
    "not-checked": lambda: _("cannot be read, and so not be checked"),
    "not-in-ledger": lambda: _("the journal knows of no filing of this content"),
    "ending": lambda: _("cannot be proven for long"),
    "no-time-stamp": lambda: _("no time stamp"),
    "weak-hash": lambda: _("rests on a hash function that is no longer safe"),
    "no-evidence": lambda: _("no evidence is kept"),
}


def state(name: str) -> str:
    """Of a copy's octets: ``missing``, ``altered``, ``moved``, ``unreadable``."""
    return _STATES[name][1]()


def concern(name: str) -> str:
    """Why a whole copy should be looked at."""
    return _CONCERNS[name]()


def trouble(found: Checkup) -> wording.Sign:
    """What is with a copy, all of it in one line."""
    told = [concern(one) for one in found.concerns]
    if found.state in _STATES:
        told.insert(0, state(found.state))
    text = wording.beginning("; ".join(told))
    lost = found.state in ("missing", "altered") or "not-valid" in found.concerns
    icon = _STATES[found.state][0] if found.state in _STATES else "clock"
    return wording.Sign(icon, "bad" if lost and found.state != "missing" else "caution", lambda: text)
