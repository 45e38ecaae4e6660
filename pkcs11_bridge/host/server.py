"""The child's loop: one request, one reply."""

from __future__ import annotations

import io
import os
import struct
import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING

from pkcs11_bridge.errors import BridgeError, ModuleUnusable, PinError
from pkcs11_bridge.host import hardening
from pkcs11_bridge.protocol import (
    MAX_REQUEST,
    PROTOCOL_VERSION,
    Answer,
    AnyReply,
    AnyRequest,
    ChangePin,
    Done,
    Failed,
    FrameError,
    Hello,
    ListPresent,
    ListTokens,
    LogIn,
    LogOut,
    NeedsPinEachTime,
    PinStateRead,
    Present,
    ReadPinState,
    Sign,
    Signature,
    Tokens,
    Welcome,
    decode_request,
    encode_frame,
    read_frame,
    wipe,
)

if TYPE_CHECKING:
    from pkcs11_bridge.host.module import Module

#: How long a call into the module may go on after the client is gone, in seconds.
_GRACE = 1.0


def main(arguments: Sequence[str]) -> int:
    """Answer requests about one module until the client closes the pipe.

    :param arguments: the path of the module's file.
    :return: exit code 2 for wrong use; otherwise the process ends without returning.
    """
    if len(arguments) != 1:
        return 2
    parent = os.getppid()
    requests, replies = hardening.keep_pipes_to_ourselves()
    hardening.leave_no_memory_images()
    hardening.leave_interrupts_to_parent()
    hardening.end_with_parent(parent)
    server = Server(arguments[0], replies)
    threading.Thread(target=server.receive, args=(requests,), daemon=True).start()
    server.answer_all()
    # Neither the interpreter's nor the vendor library's clean-up runs: some crash or hang in it.
    os._exit(0)


class Server:
    """Receives on one thread, so that the end of the pipe is noticed while the module hangs; calls the module on one.

    :param path: the module's file; loaded when the client says hello.
    """

    def __init__(self, path: str, replies: io.FileIO) -> None:
        self._path = path
        self._replies = replies
        self._queue: SimpleQueue[bytearray | None] = SimpleQueue()
        self._finished = threading.Event()
        self._module: Module | None = None

    def receive(self, requests: io.FileIO) -> None:
        """Queue requests until the pipe ends or brings what is no frame; then end the process in any case."""
        try:
            while (body := read_frame(requests, MAX_REQUEST)) is not None:
                self._queue.put(body)
        except (FrameError, OSError):
            pass
        self._queue.put(None)
        self._finished.wait(_GRACE)
        os._exit(0)

    def answer_all(self) -> None:
        try:
            while (body := self._queue.get()) is not None:
                try:
                    request = decode_request(body)
                except FrameError:
                    break
                finally:
                    wipe(body)
                self._send(self._answer(request))
            if self._module is not None:
                self._module.close()
        except OSError:
            pass  # the client is gone; so is whoever could be told
        self._finished.set()

    def _send(self, reply: AnyReply) -> None:
        frame = memoryview(encode_frame(reply))
        while frame:
            frame = frame[self._replies.write(frame) or 0 :]

    def _answer(self, request: AnyRequest) -> AnyReply:
        try:
            return self._perform(request)
        except PinError as error:
            return Failed(request.id, error.code, error.detail, error.pin_state)
        except BridgeError as error:
            return Failed(request.id, error.code, error.detail)
        except Exception as error:  # a module may return anything; the client must get an answer
            return Failed(request.id, BridgeError.code, f"{type(error).__name__}: {error}")
        finally:
            if isinstance(request, LogIn | Sign):
                wipe(request.pin)
            elif isinstance(request, ChangePin):
                wipe(request.old, request.new)

    def _perform(self, request: AnyRequest) -> AnyReply:
        if isinstance(request, Hello):
            return self._welcome(request)
        module = self._module
        if module is None:
            raise ModuleUnusable("no module is loaded")
        number = request.id
        match request:
            case ListTokens():
                return Tokens(number, module.tokens())
            case ListPresent():
                return Present(number, module.present())
            case ReadPinState(slot=slot, serial=serial):
                return PinStateRead(number, module.pin_state(slot, serial))
            case LogIn(slot=slot, serial=serial):
                module.log_in(slot, serial, request.pin, request.allow_final_try)
                return Done(number)
            case NeedsPinEachTime(slot=slot, serial=serial):
                return Answer(number, module.needs_pin_each_time(slot, serial, request.key_id))
            case Sign(slot=slot, serial=serial):
                value = module.sign(slot, serial, request.key_id, request.data, request.algorithm, request.pin)
                return Signature(number, value)
            case ChangePin(slot=slot, serial=serial):
                module.change_pin(slot, serial, request.old, request.new, request.allow_final_try)
                return Done(number)
            case LogOut(slot=slot, serial=serial):
                module.log_out(slot, serial)
                return Done(number)

    def _welcome(self, request: Hello) -> Welcome:
        from pkcs11_bridge.host.module import Module

        if request.protocol != PROTOCOL_VERSION:
            raise ModuleUnusable(f"protocol {request.protocol} is asked for, {PROTOCOL_VERSION} is spoken")
        if self._module is None:
            self._module = Module(self._path)
        word_size = 8 * struct.calcsize("P")
        return Welcome(request.id, PROTOCOL_VERSION, word_size, self._module.manufacturer, self._module.description)
