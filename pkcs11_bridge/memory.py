"""What a crash of the program leaves behind of its memory, where a PIN may stand."""

from __future__ import annotations

import sys


def leave_no_core() -> None:
    """Let a crash of this process, and of those it starts, leave no core file (POSIX; nothing on Windows).

    The limit is one octet: too little for any core file, and the one value that also keeps Linux from handing the core
    to a program named in ``core_pattern`` (core(5); a limit of none does not).
    """
    if sys.platform == "win32":
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard != 0:
        resource.setrlimit(resource.RLIMIT_CORE, (1, hard))
