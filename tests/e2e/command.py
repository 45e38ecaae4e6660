"""The real command in a process of its own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PATIENCE = 100.0


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


class Warm:
    """A process that has imported the program and forks for each command; see :mod:`tests.e2e.warm`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.warm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        atexit.register(self.close)

    def run(self, words: list[str], stdin: str) -> Answer:
        """Run one command in the environment and folder of this moment.

        :raises TimeoutError: it did not end in time and was killed.
        """
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder, name) for name in ("in", "out", "err")]
            for path, content in zip(streams, (stdin, "", ""), strict=True):
                path.write_text(content, encoding="utf-8")
            asked = {
                "words": words,
                "environment": dict(os.environ),
                "folder": str(Path.cwd()),
                "streams": [str(path) for path in streams],
            }
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            code = self._code(self._answer(_PATIENCE))
            out, err = (path.read_bytes().decode("utf-8") for path in streams[1:])
        return Answer(code, out, err)

    def _code(self, child: int | None) -> int:
        assert child is not None
        code = self._answer(_PATIENCE)
        if code is None:
            os.kill(child, signal.SIGKILL)
            self._answer(_PATIENCE)
            raise TimeoutError
        return code

    def _answer(self, seconds: float) -> int | None:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


_warm = functools.cache(Warm)


class Antin:
    """``antin`` over one data folder, each command in a process of its own: started anew where ``anew`` or an
    environment of its own is asked for, else forked from one that has imported the program.

    :ivar calls: every command line run, to be searched for secrets.
    """

    def __init__(self, data_dir: Path, *, anew: bool = False) -> None:
        self.data_dir = data_dir
        self.anew = anew
        self.calls: list[list[str]] = []

    def __call__(self, *words: object, stdin: str = "", env: dict[str, str] | None = None) -> Answer:
        given = ["--data-dir", str(self.data_dir), *map(str, words)]
        line = [sys.executable, "-m", "app.cli.entry", *given]
        self.calls.append(line)
        if not self.anew and env is None:
            return _warm().run(given, stdin)
        done = subprocess.run(
            line,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            env={**os.environ, **(env or {})},
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)
