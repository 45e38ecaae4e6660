"""PKCS#11 return values (PKCS#11 v2.40, section 5.1) as the bridge's errors."""

from __future__ import annotations

import re

from pkcs11.exceptions import PKCS11Error

from pkcs11_bridge.errors import (
    BridgeError,
    KeyNotFound,
    MechanismMissing,
    ModuleUnusable,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLocked,
    PinNotSet,
    PinRequired,
    SigningCancelled,
    TokenMemory,
    TokenRemoved,
)

#: The return values that the calls of :mod:`pkcs11_bridge.host.cryptoki` are known to give.
NAMES = {
    0x001: "CKR_CANCEL",
    0x002: "CKR_HOST_MEMORY",
    0x003: "CKR_SLOT_ID_INVALID",
    0x005: "CKR_GENERAL_ERROR",
    0x006: "CKR_FUNCTION_FAILED",
    0x007: "CKR_ARGUMENTS_BAD",
    0x020: "CKR_DATA_INVALID",
    0x021: "CKR_DATA_LEN_RANGE",
    0x030: "CKR_DEVICE_ERROR",
    0x031: "CKR_DEVICE_MEMORY",
    0x032: "CKR_DEVICE_REMOVED",
    0x050: "CKR_FUNCTION_CANCELED",
    0x054: "CKR_FUNCTION_NOT_SUPPORTED",
    0x060: "CKR_KEY_HANDLE_INVALID",
    0x062: "CKR_KEY_SIZE_RANGE",
    0x063: "CKR_KEY_TYPE_INCONSISTENT",
    0x068: "CKR_KEY_FUNCTION_NOT_PERMITTED",
    0x070: "CKR_MECHANISM_INVALID",
    0x071: "CKR_MECHANISM_PARAM_INVALID",
    0x082: "CKR_OBJECT_HANDLE_INVALID",
    0x090: "CKR_OPERATION_ACTIVE",
    0x091: "CKR_OPERATION_NOT_INITIALIZED",
    0x0A0: "CKR_PIN_INCORRECT",
    0x0A1: "CKR_PIN_INVALID",
    0x0A2: "CKR_PIN_LEN_RANGE",
    0x0A3: "CKR_PIN_EXPIRED",
    0x0A4: "CKR_PIN_LOCKED",
    0x0B0: "CKR_SESSION_CLOSED",
    0x0B1: "CKR_SESSION_COUNT",
    0x0B3: "CKR_SESSION_HANDLE_INVALID",
    0x0B5: "CKR_SESSION_READ_ONLY",
    0x0E0: "CKR_TOKEN_NOT_PRESENT",
    0x0E1: "CKR_TOKEN_NOT_RECOGNIZED",
    0x0E2: "CKR_TOKEN_WRITE_PROTECTED",
    0x100: "CKR_USER_ALREADY_LOGGED_IN",
    0x101: "CKR_USER_NOT_LOGGED_IN",
    0x102: "CKR_USER_PIN_NOT_INITIALIZED",
    0x103: "CKR_USER_TYPE_INVALID",
    0x104: "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
    0x150: "CKR_BUFFER_TOO_SMALL",
    0x190: "CKR_CRYPTOKI_NOT_INITIALIZED",
    0x200: "CKR_FUNCTION_REJECTED",
}

_ERRORS: dict[str, type[BridgeError]] = {
    "CKR_CANCEL": SigningCancelled,
    "CKR_FUNCTION_CANCELED": SigningCancelled,
    "CKR_FUNCTION_REJECTED": SigningCancelled,
    "CKR_SLOT_ID_INVALID": TokenRemoved,
    "CKR_DEVICE_REMOVED": TokenRemoved,
    "CKR_TOKEN_NOT_PRESENT": TokenRemoved,
    "CKR_SESSION_CLOSED": TokenRemoved,
    "CKR_SESSION_HANDLE_INVALID": TokenRemoved,
    "CKR_HOST_MEMORY": TokenMemory,
    "CKR_DEVICE_MEMORY": TokenMemory,
    "CKR_SESSION_COUNT": TokenMemory,
    "CKR_MECHANISM_INVALID": MechanismMissing,
    "CKR_MECHANISM_PARAM_INVALID": MechanismMissing,
    "CKR_KEY_SIZE_RANGE": MechanismMissing,
    "CKR_KEY_TYPE_INCONSISTENT": MechanismMissing,
    "CKR_KEY_FUNCTION_NOT_PERMITTED": MechanismMissing,
    "CKR_KEY_HANDLE_INVALID": KeyNotFound,
    "CKR_OBJECT_HANDLE_INVALID": KeyNotFound,
    "CKR_PIN_INCORRECT": PinIncorrect,
    "CKR_PIN_INVALID": PinInvalid,
    "CKR_PIN_LEN_RANGE": PinInvalid,
    "CKR_PIN_EXPIRED": PinExpired,
    "CKR_PIN_LOCKED": PinLocked,
    "CKR_USER_NOT_LOGGED_IN": PinRequired,
    "CKR_USER_PIN_NOT_INITIALIZED": PinNotSet,
    "CKR_CRYPTOKI_NOT_INITIALIZED": ModuleUnusable,
}

#: Names of python-pkcs11's exceptions that do not follow from the return value's name.
_ALIASES = {
    "CKR_FUNCTION_CANCELLED": "CKR_FUNCTION_CANCELED",
    "CKR_TOKEN_NOT_RECOGNISED": "CKR_TOKEN_NOT_RECOGNIZED",
    "CKR_USER_PIN_NOT_INITIALISED": "CKR_USER_PIN_NOT_INITIALIZED",
    "CKR_ANOTHER_USER_ALREADY_LOGGED_IN": "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
}


class CryptokiError(Exception):
    """A call of :mod:`pkcs11_bridge.host.cryptoki` gave another return value than CKR_OK.

    :ivar name: such as ``CKR_PIN_INCORRECT``, or ``CKR_0x80000001`` for a vendor's own.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @classmethod
    def of_value(cls, value: int) -> CryptokiError:
        return cls(NAMES.get(value, f"CKR_{value:#x}"))


def name_of(error: CryptokiError | PKCS11Error) -> str:
    """The return value's name behind an exception of either binding."""
    if isinstance(error, CryptokiError):
        return error.name
    if type(error) is PKCS11Error:
        return str(error)
    name = "CKR_" + re.sub(r"(?<!^)(?=[A-Z][a-z])", "_", type(error).__name__).upper()
    return _ALIASES.get(name, name)


def translate(error: CryptokiError | PKCS11Error) -> BridgeError:
    """The bridge's error for what the module returned."""
    name = name_of(error)
    return _ERRORS.get(name, BridgeError)(name)
