"""Where the packaged program starts: the commands, the window, and the program's own helper processes.

A packaged program has no ``python -m``. What runs beside it, it starts as itself with ``--run=MODULE``
(:func:`app.documents.child.command_of`); other modules than the program's own helpers are not run that way.
"""

from __future__ import annotations

import os
import sys
from typing import Final

#: The modules that :func:`app.documents.child.command_of` is called with, and no others.
HELPERS: Final = frozenset(
    {
        "app.checking_process",
        "app.documents.page_painter",
        "app.documents.page_reader",
        "app.preflight.worker",
        "app.verification.changes.page_comparer",
        "app.verification.confirm_process",
    }
)

_RUN: Final = "--run="


def main() -> int:
    """Run the helper that the first argument names, else the command line.

    :return: the process's exit code; 2 for a module that is no helper.
    """
    give_back_library_path()
    if len(sys.argv) > 1 and sys.argv[1].startswith(_RUN):
        module = sys.argv[1].removeprefix(_RUN)
        if module not in HELPERS:
            return 2
        import runpy

        del sys.argv[1]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    from app.cli.entry import main as run_command

    return run_command()


def give_back_library_path() -> None:
    """Let programs started from here (LibreOffice, the browser) find the system's libraries, not the package's.

    PyInstaller's loader sets the variable for this process, which has read it by now, and keeps the former value.
    """
    if not sys.platform.startswith("linux"):
        return
    former = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if former is not None:
        os.environ["LD_LIBRARY_PATH"] = former
    elif getattr(sys, "frozen", False):
        os.environ.pop("LD_LIBRARY_PATH", None)
