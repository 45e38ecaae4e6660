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
from app.signing.errors import PinLineUnfit, PinNotGiven
from app.signing.model import PinAnswer, PinRequest, PinSource
from pkcs11_bridge.errors import PinFinalTry
from pkcs11_bridge.protocol import PinState, wipe

#: More than any token takes (PKCS#11 names no limit; the longest seen is 64 characters).
_LONGEST = 1024
#: Editors of Windows put it before a text; as a part of the PIN it would cost a try.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BYTE_ORDER_MARKS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: Octets below it are control characters.
_BLANK = 0x20


def source(pin_file: str | None) -> PinSource:
    """Where a run gets its PIN.

    :param pin_file: a file of which the first line is the PIN, ``-`` for standard input, None for a prompt. A file is
        read afresh each time the PIN is asked. Standard input is read once, and its line answers a token that asks for
        each file, as long as every answer before was right.
    """
    if pin_file is None:
        return _prompt
    if pin_file == "-":
        return _StandardInput()

    def read(request: PinRequest) -> PinAnswer | None:
        _refuse_final_try(request)
        return PinAnswer(_first_line(pin_file))

    return read


class _StandardInput:
    """Keeps the line for the questions about single files alone; it is overwritten when this goes."""

    def __init__(self) -> None:
        self._line: bytearray | None = None

    def __call__(self, request: PinRequest) -> PinAnswer | None:
        if self._line is not None and (request.file is None or request.pin_state is not PinState.OK):
            return None  # it was refused, or another program spends tries
        _refuse_final_try(request)
        if self._line is None:
            self._line = _first_line("-")
        return PinAnswer(bytearray(self._line))

    def __del__(self) -> None:
        wipe(self._line)


def two_lines(name: str) -> tuple[bytearray, bytearray]:
    """Old and new PIN from the first two lines of a file, ``-`` for standard input.

    :raises PinNotGiven: one of them is missing, or unfit.
    """
    handle = sys.stdin.fileno() if name == "-" else os.open(Path(name), os.O_RDONLY)
    try:
        return _clean(_line(handle)), _clean(_line(handle))
    finally:
        if name != "-":
            os.close(handle)


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
    return _clean(pin)


def _clean(pin: bytearray) -> bytearray:
    """A line without what editors put around it.

    :raises PinNotGiven: nothing is left.
    :raises PinLineUnfit: what is left is not what the person meant; it is overwritten.
    """
    if pin.startswith(_BYTE_ORDER_MARK):
        del pin[: len(_BYTE_ORDER_MARK)]
    if pin.endswith(b"\r"):
        pin.pop()
    if not pin:
        raise PinNotGiven()
    if pin.startswith(_BYTE_ORDER_MARKS_OF_UTF_16) or pin[0] == _BLANK or pin[-1] == _BLANK or min(pin) < _BLANK:
        wipe(pin)
        raise PinLineUnfit()
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
    if request.file is not None:
        output.message(
            _("The token asks for each document: {number} of {total}, {file}").format(
                number=request.number, total=request.total, file=output.printable(request.file.name)
            )
        )
    answer = typed(_("PIN of {token}: ").format(token=name))
    return PinAnswer(answer, final_try) if answer else None


def typed(prompt: str) -> bytearray:
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
