"""A process that has imported the program and forks for each command: starting it anew costs most of a short command.

Run by :class:`tests.e2e.command.Antin`. A line of JSON on standard input asks for one command, ``words`` after the
program's name in ``environment`` and ``folder``, its three streams in the files ``streams``; a line on standard output
tells its exit code, negative for a signal.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import sys
from typing import Any

#: Imported by the program where they are needed, and dear.
_HEAVY = (
    "app.office",
    "app.signing_desk",
    "app.signing.desk",
    "app.signing.pdf",
    "app.verification.engine",
    "app.archive.archive",
    "app.custody.custody",
    "app.journal.ledger",
    "app.storage.store",
    "sqlalchemy.dialects.sqlite",
    "pyhanko.sign.signers",
    "pyhanko_certvalidator",
    "lxml.etree",
    "pikepdf",
)


def load() -> None:
    """Import the commands and what they import when they are at work. Nothing of it may start a thread."""
    import app.cli

    for module in pkgutil.iter_modules(app.cli.__path__, "app.cli."):
        importlib.import_module(module.name)
    for name in _HEAVY:
        importlib.import_module(name)


def become(words: list[str], environment: dict[str, str], folder: str, streams: list[str]) -> None:
    """Turn this process into one that was started with a command line, and run it.

    :raises SystemExit: always, with the command's exit code.
    """
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["antin", *words]
    for target, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        opened = os.open(path, flags)
        os.dup2(opened, target)
        os.close(opened)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    from app.cli.entry import main

    sys.exit(main())


def serve() -> None:
    """Answer until standard input ends."""
    load()
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w")
    while line := sys.stdin.buffer.raw.readline():  # type: ignore[attr-defined]
        asked: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            become(**asked)
        answers.write(f"{child}\n")
        answers.flush()
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


if __name__ == "__main__":
    serve()
