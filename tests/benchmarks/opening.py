"""How soon after the command the window is on the screen, and how soon a second start is done."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.frame import Bench, Figure

_TURNS = 7
_SHOWN_S = 0.8
_PATIENCE_S = 30


def figures(bench: Bench) -> Iterator[Figure]:
    for row in (_shown, _handed_over):
        with tempfile.TemporaryDirectory(prefix="antin-run-") as runtime:
            yield row(bench, Path(runtime))


def _environment(runtime: Path) -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(runtime)}


def _shown(bench: Bench, runtime: Path) -> Figure:
    data, environment = bench.data_dir("opening"), _environment(runtime)
    times = []
    for _turn in range(_TURNS):
        line = [sys.executable, "-m", "tests.benchmarks.painted", repr(time.monotonic()), "--data-dir", str(data)]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
        times.append(float(done.stdout))
    shown = statistics.median(times[1:])
    return Figure(
        "window shown after the command `antin`, from the source tree",
        f"{shown:.2f} s",
        f"≤ {_SHOWN_S} s",
        shown <= _SHOWN_S,
    )


def _handed_over(bench: Bench, runtime: Path) -> Figure:
    data, environment = bench.data_dir("handing-over"), _environment(runtime)
    command = [str(Path(sys.executable).parent / "antin"), "--data-dir", str(data), "open"]
    window = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        given_up = time.monotonic() + _PATIENCE_S
        while not list(runtime.glob("antin/*.address")):  # else the second start could come first and be the window
            assert window.poll() is None and time.monotonic() < given_up, "the window does not listen"
            time.sleep(0.05)
        times = []
        for _turn in range(_TURNS):
            started = time.monotonic()
            subprocess.run(command, env=environment, check=True, timeout=_PATIENCE_S)
            times.append(time.monotonic() - started)
    finally:
        window.kill()
        window.wait()
    spent = statistics.median(times[1:])
    return Figure("a second start, handed over to the open window", f"{spent:.2f} s", "≤ 0.4 s", spent <= 0.4)
