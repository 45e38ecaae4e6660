"""The few PKCS#11 calls that python-pkcs11 does not offer as they are needed here.

- C_Login, C_SetPIN: straight from a mutable buffer, so that no immutable copy of a PIN is made, on a session already
  open, and without a PIN for tokens that have a keypad of their own;
- C_SignInit, C_Sign with a log-in between them (CKA_ALWAYS_AUTHENTICATE, PKCS#11 v2.40 section 4.9), in one call of
  C_Sign;
- C_GetTokenInfo with the PIN lengths.

Structures after PKCS#11 v2.40 (pkcs11t.h): natural alignment, but packed to one octet on Windows.
"""

from __future__ import annotations

import ctypes
import sys
from typing import ClassVar

from pkcs11_bridge.host.failures import CryptokiError

CKU_USER = 1
CKU_CONTEXT_SPECIFIC = 2

CKF_PROTECTED_AUTHENTICATION_PATH = 0x00000100
CKF_LOGIN_REQUIRED = 0x00000004
CKF_USER_PIN_INITIALIZED = 0x00000008
CKF_TOKEN_INITIALIZED = 0x00000400
CKF_USER_PIN_COUNT_LOW = 0x00010000
CKF_USER_PIN_FINAL_TRY = 0x00020000
CKF_USER_PIN_LOCKED = 0x00040000

_UNAVAILABLE = (ctypes.c_ulong(-1).value, 0)

#: An RSA signature of 16384 bits, at most.
_MAX_SIGNATURE = 2048

_PACK = 1 if sys.platform == "win32" else 0


class _TokenInfoStruct(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [
        ("label", ctypes.c_char * 32),
        ("manufacturer", ctypes.c_char * 32),
        ("model", ctypes.c_char * 16),
        ("serial", ctypes.c_char * 16),
        ("flags", ctypes.c_ulong),
        ("max_session_count", ctypes.c_ulong),
        ("session_count", ctypes.c_ulong),
        ("max_rw_session_count", ctypes.c_ulong),
        ("rw_session_count", ctypes.c_ulong),
        ("max_pin_len", ctypes.c_ulong),
        ("min_pin_len", ctypes.c_ulong),
        ("total_public_memory", ctypes.c_ulong),
        ("free_public_memory", ctypes.c_ulong),
        ("total_private_memory", ctypes.c_ulong),
        ("free_private_memory", ctypes.c_ulong),
        ("hardware_version", ctypes.c_ubyte * 2),
        ("firmware_version", ctypes.c_ubyte * 2),
        ("utc_time", ctypes.c_char * 16),
    ]


class _MechanismStruct(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [
        ("mechanism", ctypes.c_ulong),
        ("parameter", ctypes.c_void_p),
        ("parameter_length", ctypes.c_ulong),
    ]


class PssParameters(ctypes.Structure):
    """CK_RSA_PKCS_PSS_PARAMS: hash mechanism, mask generation function, salt length in octets."""

    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [("hash", ctypes.c_ulong), ("mgf", ctypes.c_ulong), ("salt_length", ctypes.c_ulong)]


class TokenDetails:
    """CK_TOKEN_INFO in Python's terms; texts without their padding, PIN lengths in octets, 0 where not stated."""

    def __init__(self, info: _TokenInfoStruct) -> None:
        self.label = _text(_TokenInfoStruct.label, info)
        self.manufacturer = _text(_TokenInfoStruct.manufacturer, info)
        self.model = _text(_TokenInfoStruct.model, info)
        self.serial = _text(_TokenInfoStruct.serial, info)
        self.flags: int = info.flags
        self.min_pin_len: int = 0 if info.min_pin_len in _UNAVAILABLE else info.min_pin_len
        self.max_pin_len: int = 0 if info.max_pin_len in _UNAVAILABLE else info.max_pin_len


def _text(field: object, info: _TokenInfoStruct) -> str:
    """A blank-padded text; some modules pad or end it with NUL, which ctypes' own reading would stop at."""
    offset, size = field.offset, field.size  # type: ignore[attr-defined]
    raw = ctypes.string_at(ctypes.addressof(info) + offset, size)
    return raw.rstrip(b"\0 ").decode("utf-8", errors="replace").replace("\0", "")


class Cryptoki:
    """The function list of a module that python-pkcs11 has loaded and initialised.

    Every call gives up the interpreter's lock while it runs and raises
    :class:`~pkcs11_bridge.host.failures.CryptokiError` for any return value but CKR_OK.

    :param path: the module's file, the same as python-pkcs11 got; the loader hands out the same instance again.
    """

    # Positions in CK_FUNCTION_LIST, after its version.
    _GET_TOKEN_INFO = 6
    _SET_PIN = 11
    _LOGIN = 18
    _LOGOUT = 19
    _SIGN_INIT = 42
    _SIGN = 43

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        functions = ctypes.c_void_p()
        _check(self._library.C_GetFunctionList(ctypes.byref(functions)))
        size = ctypes.sizeof(ctypes.c_void_p)
        first = (functions.value or 0) + (2 if _PACK else size)
        self._table = (ctypes.c_void_p * (self._SIGN + 1)).from_address(first)

    def _call(self, position: int, *arguments: object) -> None:
        prototype = ctypes.CFUNCTYPE(ctypes.c_ulong, *map(type, arguments))
        _check(prototype(self._table[position] or 0)(*arguments))

    def token_details(self, slot: int) -> TokenDetails:
        info = _TokenInfoStruct()
        self._call(self._GET_TOKEN_INFO, ctypes.c_ulong(slot), ctypes.pointer(info))
        return TokenDetails(info)

    def login(self, session: int, user_type: int, pin: bytearray | None) -> None:
        """C_Login; ``pin`` None is the protected authentication path."""
        self._call(self._LOGIN, ctypes.c_ulong(session), ctypes.c_ulong(user_type), *_octets(pin))

    def logout(self, session: int) -> None:
        self._call(self._LOGOUT, ctypes.c_ulong(session))

    def set_pin(self, session: int, old: bytearray | None, new: bytearray | None) -> None:
        """C_SetPIN; both None is the protected authentication path."""
        self._call(self._SET_PIN, ctypes.c_ulong(session), *_octets(old), *_octets(new))

    def sign_init(self, session: int, mechanism: int, parameters: PssParameters | None, key: int) -> None:
        pointer = ctypes.addressof(parameters) if parameters is not None else None
        length = ctypes.sizeof(parameters) if parameters is not None else 0
        chosen = _MechanismStruct(mechanism, pointer, length)
        self._call(self._SIGN_INIT, ctypes.c_ulong(session), ctypes.pointer(chosen), ctypes.c_ulong(key))

    def sign(self, session: int, data: bytes) -> bytes:
        """C_Sign: ends the operation begun by :meth:`sign_init`."""
        value = (ctypes.c_ubyte * _MAX_SIGNATURE)()
        length = ctypes.c_ulong(_MAX_SIGNATURE)
        self._call(
            self._SIGN,
            ctypes.c_ulong(session),
            ctypes.c_char_p(data),
            ctypes.c_ulong(len(data)),
            value,
            ctypes.pointer(length),
        )
        return bytes(value[: min(length.value, _MAX_SIGNATURE)])


def _octets(buffer: bytearray | None) -> tuple[ctypes.c_void_p, ctypes.c_ulong]:
    """Address and length of the caller's own buffer, which must stay alive and unchanged during the call."""
    if buffer is None:
        return ctypes.c_void_p(None), ctypes.c_ulong(0)
    window = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    return ctypes.c_void_p(ctypes.addressof(window)), ctypes.c_ulong(len(buffer))


def _check(value: int) -> None:
    if value != 0:
        raise CryptokiError.of_value(value)
