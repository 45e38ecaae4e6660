"""The script behind ``make screenshots`` plays its scenes to the end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage


def test_one_look_is_shot_from_the_first_scene_to_the_last(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.ui.screenshots", str(tmp_path), "--look", "small"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    shots = sorted(tmp_path.glob("small-*.png"))
    assert len(shots) >= 30
    for shot in shots:
        picture = QImage(str(shot))
        assert (picture.width(), picture.height()) == (1280, 720), shot
        colours = {picture.pixel(x, y) for x in range(0, 1280, 16) for y in range(0, 720, 16)}
        assert len(colours) > 5, f"{shot} is blank"
