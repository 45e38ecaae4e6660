"""Messages between the program and its reading processes: a four-octet big-endian length, then that many octets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import IO, Final

from app.garbage import leave_loaded_alone
from app.support.helper import report_crashes

#: What a reading process says when it has started.
READY: Final = b"ready"


def serve(answer: Callable[[bytes], bytes], memory: int) -> None:
    """Answer the questions on standard input until it ends.

    :param memory: octets that this process may have.
    """
    report_crashes()
    limit_memory(memory)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    send(answers, READY)
    for question in asked(questions):
        send(answers, answer(question))


def asked(questions: IO[bytes]) -> Iterator[bytes]:
    """The questions that come, one at a time, until there are no more."""
    if (first := receive(questions)) is not None:
        yield first
        leave_loaded_alone()
    while (question := receive(questions)) is not None:
        yield question


def send(stream: IO[bytes], message: bytes) -> None:
    """Write one message and its length.

    :raises OSError: the other side is gone.
    """
    stream.write(len(message).to_bytes(4, "big") + message)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one message; None where the stream ends before it does."""
    header = stream.read(4)
    length = int.from_bytes(header, "big")
    message = stream.read(length) if len(header) == 4 else b""
    return message if len(header) == 4 and len(message) == length else None


def limit_memory(octets: int) -> None:
    """Let this process have no more than so much memory, and leave no core file; nothing on Windows."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = octets if hard == resource.RLIM_INFINITY else min(octets, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
