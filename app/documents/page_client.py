"""Reading of PDF pages in a process of its own, started when first needed and again after it was lost."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from app.documents.model import DocumentInfo
from app.documents.reading import Reading

#: Seconds for one document; an honest one takes a few hundredths, the first of a process a tenth.
_PATIENCE = 15.0


class PageReader:
    """The reading process and the way to it. Threads may share it; they are served one after another.

    :param patience: seconds after which a reading is given up and the process ended.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: Path) -> Reading:
        """What a PDF says of itself; nothing where reading it takes too long or too much memory."""
        with self._lock:
            process = self._running()
            message = self._ask(process, os.fsencode(path.absolute()))
            if message is None:
                self._end(process)
                return Reading(DocumentInfo())
        return msgspec.msgpack.decode(message, type=Reading)

    def close(self) -> None:
        """End the process; a later reading starts another."""
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end(self._process)
        if self._process is None:
            self._process = subprocess.Popen(
                _command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], path: bytes) -> bytes | None:
        from app.documents.page_reader import receive, send

        assert process.stdin is not None and process.stdout is not None
        timer = threading.Timer(self._patience, process.kill)
        timer.daemon = True
        timer.start()
        try:
            send(process.stdin, path)
            return receive(process.stdout)
        except OSError:
            return None
        finally:
            timer.cancel()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "--page-reader"]
    return [sys.executable, "-I", "-m", "app.documents.page_reader"]


#: The process that :func:`app.documents.reading.read` uses.
shared = PageReader()
atexit.register(shared.close)
