"""Whether there is a screen to open the window on."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Whether Qt finds a screen; elsewhere than on Linux there always is one."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
