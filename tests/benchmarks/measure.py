"""Timing of commands and of work in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run of a process: wall seconds, CPU seconds, peak resident memory in MiB, standard output."""

    wall: float
    cpu: float
    peak: float
    output: str


def run(
    arguments: Sequence[str | Path], *, environment: dict[str, str] | None = None, codes: Sequence[int] = (0,)
) -> Run:
    """Run a command to its end.

    :param codes: exit codes that are a success; any other raises.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [str(argument) for argument in arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stderr is not None
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode not in codes:
        raise RuntimeError(f"{arguments} ended with {process.returncode}: {complaint}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.decode())


def side_by_side(
    commands: dict[str, Sequence[str | Path]],
    times: int,
    *,
    environment: dict[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> dict[str, float]:
    """Median wall seconds of each command, taken in turns so that the machine's moods hit all alike."""
    walls: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(times + 1):
        for name, arguments in commands.items():
            wall = run(arguments, environment=environment, codes=codes).wall
            if turn:
                walls[name].append(wall)
    return {name: statistics.median(values) for name, values in walls.items()}


def in_child(job: str, arguments: dict[str, object], *, environment: dict[str, str] | None = None) -> dict[str, float]:
    """Run a function of :mod:`tests.benchmarks.jobs` in a fresh process; its figures, and ``peak`` in MiB."""
    done = run([sys.executable, "-m", "tests.benchmarks.jobs", job, json.dumps(arguments)], environment=environment)
    figures: dict[str, float] = json.loads(done.output.splitlines()[-1])
    return {**figures, "peak": done.peak}


def peak_here() -> float:
    """Peak resident memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
