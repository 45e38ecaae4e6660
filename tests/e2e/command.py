"""The real command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a command said: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """JSON Lines of standard output; fails where anything else stands there."""
        return [json.loads(line) for line in self.out.splitlines()]


class Antin:
    """``antin`` over one data folder.

    :ivar calls: every command line run, to be searched for secrets.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.calls: list[list[str]] = []

    def __call__(self, *words: object, stdin: str = "", env: dict[str, str] | None = None) -> Answer:
        line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(self.data_dir), *map(str, words)]
        self.calls.append(line)
        done = subprocess.run(
            line,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            env={**os.environ, **(env or {})},
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)
