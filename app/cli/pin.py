"""Asking for a PIN on a terminal, or reading it from a file."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.cli import output
from app.i18n import _
from app.signing.errors import PinNotGiven
from app.signing.model import PinAnswer, PinRequest, PinSource
from pkcs11_bridge.errors import PinFinalTry
from pkcs11_bridge.protocol import PinState

#: More than any token takes (PKCS#11 names no limit; the longest seen is 64 characters).
_LONGEST = 1024
#: Editors of Windows put it before a text; as a part of the PIN it would cost a try.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def source(pin_file: str | None) -> PinSource:
    """Where a run gets its PIN.

    :param pin_file: a file of which the first line is the PIN, ``-`` for standard input, None for a prompt. Standard
        input is read once; a file afresh each time the PIN is asked.
    """
    if pin_file is None:
        return _prompt
    asked = False

    def read(request: PinRequest) -> PinAnswer | None:
        nonlocal asked
        if pin_file == "-" and asked:
            return None
        asked = True
        _refuse_final_try(request)
        return PinAnswer(_first_line(pin_file))

    return read


def _refuse_final_try(request: PinRequest) -> None:
    """Nobody can consent to the last try where the PIN comes from a file."""
    if request.pin_state is PinState.FINAL_TRY:
        raise PinFinalTry(pin_state=request.pin_state)


def _first_line(name: str) -> bytearray:
    """The first line, without ever making a string of it."""
    handle = sys.stdin.fileno() if name == "-" else os.open(Path(name), os.O_RDONLY)
    try:
        pin = _line(handle)
    finally:
        if name != "-":
            os.close(handle)
    if pin.startswith(_BYTE_ORDER_MARK):
        del pin[: len(_BYTE_ORDER_MARK)]
    if pin.endswith(b"\r"):
        pin.pop()
    if not pin:
        raise PinNotGiven()
    return pin


def _line(handle: int) -> bytearray:
    line = bytearray()
    while len(line) < _LONGEST:
        piece = os.read(handle, 1)
        if piece in (b"", b"\n"):
            break
        line += piece
    return line


def _prompt(request: PinRequest) -> PinAnswer | None:
    if not sys.stdin.isatty():
        raise PinNotGiven()
    try:
        with _interruptible():
            return _asked(request)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl+C ends the question, whatever it does to the run otherwise."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _asked(request: PinRequest) -> PinAnswer | None:
    name = output.printable(f"{request.label} ({request.serial}, {request.holder})")
    final_try = request.pin_state is PinState.FINAL_TRY
    if request.pin_state is PinState.LOW:
        output.message(_("A wrong PIN was typed on this token before; only a few tries are left."))
    if final_try:
        output.message(_("Only ONE try is left: a wrong PIN locks the token and only its issuer can unlock it."))
        word = _("yes")
        sys.stderr.write(_("Type “{word}” to use the last try: ").format(word=word))
        sys.stderr.flush()
        if sys.stdin.readline().strip().casefold() != word.casefold():
            return None
    typed = _typed(_("PIN of {token}: ").format(token=name))
    return PinAnswer(typed, final_try) if typed else None


def _typed(prompt: str) -> bytearray:
    """A line typed without being shown; on Linux and macOS octet by octet as it came, never made a string of."""
    if sys.platform == "win32":
        import getpass

        return bytearray(getpass.getpass(prompt).encode())
    import termios

    keyboard = sys.stdin.fileno()
    shown = termios.tcgetattr(keyboard)
    hidden = shown.copy()
    hidden[3] &= ~termios.ECHO
    try:
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, hidden)
        sys.stderr.write(prompt)
        sys.stderr.flush()
        return _line(keyboard)
    finally:
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, shown)
        sys.stderr.write("\n")
