"""Rows are dragged to another place with the mouse, on a screen as people have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.package.screen import Screen


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        (["0", "2"], "12034"),
        (["4", "0"], "04123"),
        (["0", "2", "locked"], "01234"),
    ],
)
def test_a_row_dragged_below_another_is_signed_after_it(screen: Screen, asked: list[str], order: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.dragging", *asked],
        env={**os.environ, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == [f"{name}.pdf" for name in order]
