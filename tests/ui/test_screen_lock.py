"""The screen is locked: told over a real session bus."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import subprocess, sys
from PySide6.QtCore import QCoreApplication, QTimer
from ui.screen_lock import ScreenLock
app = QCoreApplication([])
lock = ScreenLock()
told = []
lock.locked.connect(lambda: (told.append(True), app.quit()))
signal = ["dbus-send", "--session", "--type=signal", "/org/freedesktop/ScreenSaver"]
signal += ["org.freedesktop.ScreenSaver.ActiveChanged", "boolean:" + sys.argv[1]]
QTimer.singleShot(0, lambda: subprocess.run(signal, check=True))
QTimer.singleShot(30000 if sys.argv[1] == "true" else 1500, app.quit)
app.exec()
print("LOCKED" if told else "NOTHING")
"""


@pytest.mark.parametrize(("active", "told"), [("true", "LOCKED"), ("false", "NOTHING")])
def test_a_screen_saver_that_begins_is_told(active: str, told: str) -> None:
    line = ["dbus-run-session", "--", sys.executable, "-c", _PROGRAM, active]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == told
