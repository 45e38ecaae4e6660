"""The script behind ``make screenshots`` shoots the real window; ``make screenshots`` itself plays all scenes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage


def test_the_first_scenes_of_one_look_are_shot(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.ui.screenshots", str(tmp_path), "--look", "small", "--brief"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    shots = sorted(tmp_path.glob("small-*.png"))
    names = {shot.stem.split("-", 2)[2] for shot in shots}
    assert names == {"sign-empty", "sign-files", "check-empty", "check-valid", "check-several"}
    for shot in shots:
        picture = QImage(str(shot))
        assert (picture.width(), picture.height()) == (1280, 720), shot
        colours = {picture.pixel(x, y) for x in range(0, 1280, 16) for y in range(0, 720, 16)}
        assert len(colours) > 5, f"{shot} is blank"
