"""Card readers, by the PC/SC interface that Windows (``winscard``) and pcsc-lite share (PC/SC Workgroup part 5).

Only states are asked: no card is connected to, powered or spoken to.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_LIBRARIES = {"win32": "winscard.dll", "darwin": "/System/Library/Frameworks/PCSC.framework/PCSC"}

_SCOPE_SYSTEM = 2
_PRESENT = 0x20
_NO_SERVICE, _SERVICE_STOPPED, _NO_READERS = 0x8010001D, 0x8010001E, 0x8010002E


class Service(StrEnum):
    """The system's service for card readers: ``missing`` where it is not installed."""

    RUNNING = "running"
    STOPPED = "stopped"
    MISSING = "missing"


@dataclass(frozen=True)
class Reader:
    """A reader, or a token that is one: its name, and whether a card is in it."""

    name: str
    card: bool


@dataclass(frozen=True)
class Readers:
    """:ivar service: of which ``readers`` are known only where it runs."""

    service: Service
    readers: tuple[Reader, ...] = ()


def readers(library: str | None = None) -> Readers:
    """What the system's service says of its readers now.

    :param library: another than the system's own.
    :raises OSError: it answers with an error that has no meaning here.
    """
    try:
        pcsc = _load(library or _LIBRARIES.get(sys.platform, "libpcsclite.so.1"))
    except OSError:
        return Readers(Service.MISSING)
    context = pcsc.context()
    code = pcsc.call("SCardEstablishContext", pcsc.number(_SCOPE_SYSTEM), None, None, ctypes.byref(context))
    if code in (_NO_SERVICE, _SERVICE_STOPPED):
        return Readers(Service.STOPPED)
    pcsc.check(code)
    try:
        return Readers(
            Service.RUNNING, tuple(Reader(name, pcsc.has_card(context, name)) for name in pcsc.names(context))
        )
    finally:
        pcsc.call("SCardReleaseContext", context)


class _Pcsc:
    """The library, with the widths of its numbers on this system (``winscard.h``, pcsc-lite's ``wintypes.h``)."""

    def __init__(self, library: ctypes.CDLL) -> None:
        lite = sys.platform.startswith("linux")
        self._library = library
        self._suffix = "A" if sys.platform == "win32" else ""
        self.number: Any = ctypes.c_ulong if lite or sys.platform == "win32" else ctypes.c_uint32
        self.context: Any = ctypes.c_long if lite else ctypes.c_size_t if sys.platform == "win32" else ctypes.c_int32
        atr = 36 if sys.platform == "win32" else 33
        number = self.number

        class State(ctypes.Structure):
            _pack_ = 1 if sys.platform == "darwin" else 0
            _fields_ = (
                ("reader", ctypes.c_char_p),
                ("user", ctypes.c_void_p),
                ("current", number),
                ("event", number),
                ("atr_length", number),
                ("atr", ctypes.c_ubyte * atr),
            )

        self._state = State

    def call(self, name: str, *arguments: Any) -> int:
        function = getattr(self._library, name)
        function.restype = ctypes.c_long
        return int(function(*arguments)) & 0xFFFFFFFF

    def check(self, code: int) -> None:
        """:raises OSError: a call failed."""
        if code:
            raise OSError(f"PC/SC {code:#010x}")

    def names(self, context: Any) -> list[str]:
        """The readers' names."""
        list_readers = f"SCardListReaders{self._suffix}"
        length = self.number(0)
        code = self.call(list_readers, context, None, None, ctypes.byref(length))
        if code == _NO_READERS:
            return []
        self.check(code)
        names = ctypes.create_string_buffer(length.value)
        code = self.call(list_readers, context, None, names, ctypes.byref(length))
        if code == _NO_READERS:
            return []
        self.check(code)
        return [name.decode("utf-8", "replace") for name in names.raw[: length.value].split(b"\0") if name]

    def has_card(self, context: Any, name: str) -> bool:
        state = self._state(reader=name.encode("utf-8", "replace"))
        get_status = f"SCardGetStatusChange{self._suffix}"
        code = self.call(get_status, context, self.number(0), ctypes.byref(state), self.number(1))
        return code == 0 and bool(state.event & _PRESENT)


def _load(name: str) -> _Pcsc:
    """:raises OSError: there is no such library."""
    return _Pcsc(getattr(ctypes, "WinDLL" if sys.platform == "win32" else "CDLL")(name))
