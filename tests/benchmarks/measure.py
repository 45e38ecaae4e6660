"""Timing of commands and of work in a process of its own."""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run of a process: wall seconds and standard output."""

    wall: float
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
        process.wait()
        wall = time.perf_counter() - started
        assert process.stderr is not None
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode not in codes:
        raise RuntimeError(f"{arguments} ended with {process.returncode}: {complaint}")
    return Run(wall, output.decode())


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


def two_at_a_time(command: Sequence[str | Path], files: Sequence[Path], *, codes: Sequence[int] = (0,)) -> float:
    """Files a second of a command that is started once for each file, two side by side."""
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        for _done in pool.map(lambda path: run([*command, path], codes=codes), files):
            pass
    return len(files) / (time.perf_counter() - started)


def in_child(job: str, arguments: dict[str, object], *, environment: dict[str, str] | None = None) -> dict[str, float]:
    """Run a function of :mod:`tests.benchmarks.jobs` in a fresh process; its figures."""
    done = run([sys.executable, "-m", "tests.benchmarks.jobs", job, json.dumps(arguments)], environment=environment)
    figures: dict[str, float] = json.loads(done.output.splitlines()[-1])
    return figures


def peak_here() -> float:
    """Peak resident memory, in MiB, of this process since it was executed, or of the largest of its ended children.

    The kernel's own figure for a child (``ru_maxrss``) also counts what the parent held when it forked.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    own = int(found.group(1)) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
