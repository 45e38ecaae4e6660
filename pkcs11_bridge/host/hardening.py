"""What the child does to itself before a vendor's code runs in it."""

from __future__ import annotations

import io
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def keep_pipes_to_ourselves() -> tuple[io.FileIO, io.FileIO]:
    """Move the protocol's pipes away from the standard descriptors.

    Vendor libraries print to standard output and some read standard input; afterwards both are the null device for
    them.

    :return: the pipe requests come from, and the pipe replies go to; unbuffered.
    """
    requests = os.dup(0)
    replies = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(null, standard)
    os.close(null)
    return io.FileIO(requests, "rb"), io.FileIO(replies, "wb")


def leave_no_memory_images() -> None:
    """No core dump and, on Linux, no reading of this process's memory by others of the same user.

    The memory holds a PIN for as long as the module's C_Login runs.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)


def leave_interrupts_to_parent() -> None:
    """Ctrl+C on a terminal reaches every process there; what becomes of a signature is for the parent to decide."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_with_parent(parent: int) -> None:
    """On Linux: be killed when the thread that started this process ends, even while a vendor's code hangs.

    Everywhere else, and beside it, the end of standard input ends the child (:mod:`pkcs11_bridge.host.server`).

    :param parent: process id of the parent as it was when this process began.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _prctl(option: int, value: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(ctypes.c_int(option), *map(ctypes.c_ulong, (value, 0, 0, 0)))
