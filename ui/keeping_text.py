"""What a look at the archive has found, as a list shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.archive.words import GRAVE, concern, state
from ui import wording

if TYPE_CHECKING:
    from app.archive.health import Checkup

_ICONS = {"missing": "file-x", "altered": "diff", "moved": "file-symlink", "unreadable": "file-question-mark"}


def trouble(found: Checkup) -> wording.Sign:
    """What is with a copy, all of it in one line."""
    told = [concern(one) for one in found.concerns]
    if found.state in _ICONS:
        told.insert(0, state(found.state))
    text = wording.beginning("; ".join(told))
    bad = found.state == "altered" or (found.state != "missing" and GRAVE & set(found.concerns))
    return wording.Sign(_ICONS.get(found.state, "clock"), "bad" if bad else "caution", lambda: text)
