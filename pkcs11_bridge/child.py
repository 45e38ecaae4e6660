"""The client's end of the pipe: one child process for a module, started when needed and again after it died."""

from __future__ import annotations

import io
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from pkcs11_bridge import errors
from pkcs11_bridge.errors import BridgeError, ModuleCrashed, ModuleError, ModuleTimeout, ModuleUnusable, PinError
from pkcs11_bridge.helper import helper
from pkcs11_bridge.library import check_library, word_size
from pkcs11_bridge.protocol import (
    MAX_REPLY,
    PROTOCOL_VERSION,
    Failed,
    FrameCut,
    FrameError,
    Hello,
    PinState,
    Reply,
    Request,
    Welcome,
    decode_reply,
    encode_frame,
    read_frame,
    wipe,
)

R = TypeVar("R", bound=Reply)

#: Told that a module's process died: the module's file, how it ended, the name of the request it worked on.
CrashListener = Callable[[str, str, str], None]

#: A message up to this size fits the buffer of an empty pipe on every system, so writing it cannot block.
_NEVER_BLOCKS = 4096

#: How long a child may take to end by itself once its pipe is closed, in seconds.
_GRACE = 2.0

_ERRORS: dict[str, type[BridgeError]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, BridgeError) and "code" in vars(kind)
}


class Busy(Exception):
    """Another call into the same module is going on."""


def host_command(module: Path) -> list[str]:
    """The command of the child; the one place that knows how the program was installed.

    ``-P`` keeps the working folder, where a file named like one of our modules may lie, out of the import path. A
    frozen program has the child as an executable of its own, for the module's word size (:mod:`pkcs11_bridge.helper`).
    """
    program = helper(word_size(module))
    if program is not None:
        return [str(program), str(module)]
    return [sys.executable, "-P", "-m", "pkcs11_bridge.host", str(module)]


class HostChild:
    """Calls into one module, one at a time, each with a time limit. Thread-safe.

    :param module: the module's file.
    :param call_timeout: for starting the child and loading the module, in seconds.
    :param crashed: called in the thread of the call that met with it; not for a child that was closed.
    """

    def __init__(self, module: Path, call_timeout: float, crashed: CrashListener | None = None) -> None:
        self.module = module
        self._crashed = crashed
        self._call_timeout = call_timeout
        self._turn = threading.Lock()
        self._process: _Process | None = None
        self._closed = threading.Event()
        self._number = 0

    @property
    def running(self) -> bool:
        process = self._process
        return process is not None and process.ended is None

    @property
    def pid(self) -> int | None:
        """Process id of the child; None where none is running."""
        process = self._process
        return process.pid if process is not None and process.ended is None else None

    def call(self, request: Request, expected: type[R], timeout: float, wait: float = -1) -> R:
        """Send a request and wait for its reply; starts the child where none is running.

        :param request: its ``id`` is set here; its frame is overwritten after it was sent.
        :param timeout: limit for the reply, in seconds.
        :param wait: how long to wait for other calls to end, in seconds; -1: as long as it takes.
        :raises Busy: other calls did not end in that time.
        :raises ModuleTimeout: no reply in time; the child was killed.
        :raises ModuleCrashed: the child ended or answered what is no reply.
        :raises ModuleUnusable: the module cannot be loaded.
        :raises BridgeError: what the child says has failed.
        """
        if not self._turn.acquire(timeout=wait):
            raise Busy
        try:
            return self._exchange(self._started(), request, expected, timeout)
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the child, also while a call is going on; that call raises :class:`ModuleCrashed`."""
        self._closed.set()
        process = self._process
        if process is not None:
            process.finish()

    def _started(self) -> _Process:
        if self._closed.is_set():
            raise ModuleCrashed("the bridge is closed", str(self.module))
        if self._process is not None and self._process.ended is None:
            return self._process
        check_library(self.module)
        try:
            process = _Process(host_command(self.module))
        except OSError as error:
            raise ModuleUnusable(str(error), str(self.module)) from error
        self._process = process
        if self._closed.is_set():
            process.finish()
        try:
            welcome = self._exchange(process, Hello(0), Welcome, self._call_timeout)
        except BridgeError:
            process.finish()
            raise
        if welcome.protocol != PROTOCOL_VERSION:
            process.finish()
            raise ModuleUnusable(f"the helper speaks protocol {welcome.protocol}", str(self.module))
        return process

    def _exchange(self, process: _Process, request: Request, expected: type[R], timeout: float) -> R:
        deadline = time.monotonic() + timeout
        self._number += 1
        request.id = self._number
        frame = encode_frame(request)
        try:
            if not process.send(frame, timeout):
                process.kill()
                raise ModuleTimeout(f"no reading for {timeout:g} s", str(self.module))
        finally:
            wipe(frame)
        try:
            body = process.replies.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            process.kill()
            raise ModuleTimeout(f"no answer for {timeout:g} s", str(self.module)) from None
        if body is None:
            if self._crashed is not None and not self._closed.is_set():
                self._crashed(str(self.module), process.ended or "", type(request).__name__)
            raise ModuleCrashed(process.ended or "", str(self.module))
        try:
            reply = decode_reply(body)
            if reply.id != request.id or not isinstance(reply, expected | Failed):
                raise FrameError("an answer to another question")
        except FrameError as error:
            process.kill()
            raise ModuleCrashed(f"unreadable answer: {error}", str(self.module)) from None
        if isinstance(reply, Failed):
            raise self._failure(reply)
        return reply

    def _failure(self, reply: Failed) -> BridgeError:
        kind = _ERRORS.get(reply.code, BridgeError)
        if issubclass(kind, PinError):
            return kind(reply.detail, reply.pin_state or PinState.OK)
        if issubclass(kind, ModuleError):
            return kind(reply.detail, str(self.module))
        return kind(reply.detail)


class _Process:
    """A running child. One thread starts it, reads from it and reaps it, and lives exactly as long as it does.

    That thread is the one whose end the child watches on Linux
    (:func:`pkcs11_bridge.host.hardening.end_with_parent`).

    :ivar replies: bodies of frames as they come; None once the child has ended.
    :ivar ended: how it ended, in words; None as long as it runs.
    :raises OSError: it cannot be started.
    """

    def __init__(self, command: list[str]) -> None:
        self.replies: queue.SimpleQueue[bytearray | None] = queue.SimpleQueue()
        self.ended: str | None = None
        self._writing = threading.Lock()
        started: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(command, started), name="token host", daemon=True)
        self._thread.start()
        process = started.get()
        if isinstance(process, OSError):
            self._thread.join()
            raise process
        self._popen = process
        self.pid = process.pid

    def send(self, frame: bytearray, timeout: float) -> bool:
        """Write a frame; False where the child did not take it in time and was killed."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._popen.kill()

        timer = threading.Timer(timeout, give_up) if len(frame) > _NEVER_BLOCKS else None
        if timer is not None:
            timer.start()
        pipe = self._popen.stdin
        assert isinstance(pipe, io.FileIO)
        try:
            with self._writing, memoryview(frame) as view:
                sent = 0
                while sent < len(view):
                    sent += pipe.write(view[sent:]) or 0
        except (OSError, ValueError):
            pass  # the end of the child, or of the bridge, is told by the reading thread
        finally:
            if timer is not None:
                timer.cancel()
        return not late.is_set()

    def kill(self) -> None:
        self._popen.kill()
        self._thread.join()

    def finish(self) -> None:
        """Let the child end by itself, kill it where it does not."""
        deadline = time.monotonic() + _GRACE
        if self._writing.acquire(timeout=_GRACE):
            try:
                _close(self._popen.stdin)
            finally:
                self._writing.release()
            self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            self.kill()

    def _run(self, command: list[str], started: queue.SimpleQueue[subprocess.Popen[bytes] | OSError]) -> None:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            started.put(error)
            return
        started.put(process)
        assert isinstance(process.stdout, io.FileIO)
        unreadable = ""
        with process.stdout as pipe:
            try:
                while (body := read_frame(pipe, MAX_REPLY)) is not None:
                    self.replies.put(body)
            except FrameCut as error:
                unreadable = str(error)
            except FrameError as error:
                unreadable = str(error)
                process.kill()
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.ended = _ending(process.returncode, unreadable)
        with self._writing:
            _close(process.stdin)
        self.replies.put(None)


def _close(pipe: IO[bytes] | None) -> None:
    """Close the pipe to a child that may be gone already."""
    if pipe is not None:
        try:
            pipe.close()
        except OSError:
            pass


def _ending(code: int, unreadable: str) -> str:
    if code < 0:
        try:
            how = f"ended by {signal.Signals(-code).name}"
        except ValueError:
            how = f"ended by signal {-code}"
    else:
        how = f"ended with exit code {code:#x}" if code > 255 else f"ended with exit code {code}"
    return f"unreadable answer: {unreadable}; {how}" if unreadable else how
