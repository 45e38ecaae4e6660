"""What can go wrong with a token, as classes with data. Sentences stand in ``app.errors``."""

from __future__ import annotations

from typing import ClassVar

from pkcs11_bridge.protocol import PinState


class BridgeError(Exception):
    """Base of all token errors.

    :ivar code: stable English name, the contract's ``error.code``.
    :ivar detail: the module's own words (a CKR name, a signal, a path); never holds a PIN.
    """

    code: ClassVar[str] = "token-error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail


class PinError(BridgeError):
    """An error about the PIN; ``pin_state`` is the token's state after it."""

    def __init__(self, detail: str = "", pin_state: PinState = PinState.OK) -> None:
        super().__init__(detail)
        self.pin_state = pin_state


class PinIncorrect(PinError):
    code = "pin-incorrect"


class PinLocked(PinError):
    code = "pin-locked"


class PinFinalTry(PinError):
    """The last try was refused because it was not consented to."""

    code = "pin-final-try"


class PinInvalid(PinError):
    """The new PIN has a length or characters the token refuses."""

    code = "pin-invalid"


class PinExpired(PinError):
    code = "pin-expired"


class PinRequired(PinError):
    """The operation needs a log-in first."""

    code = "pin-required"


class PinNotSet(PinError):
    code = "pin-not-set"


class TokenRemoved(BridgeError):
    code = "token-removed"


class TokenNotFound(BridgeError):
    code = "token-not-found"


class KeyNotFound(BridgeError):
    code = "key-not-found"


class MechanismMissing(BridgeError):
    """The token offers no mechanism for the wanted signature algorithm."""

    code = "mechanism-missing"


class SigningCancelled(BridgeError):
    code = "signing-cancelled"


class TokenMemory(BridgeError):
    code = "token-memory"


class ModuleError(BridgeError):
    """Something about the vendor module's process; ``module`` is the path of its file."""

    def __init__(self, detail: str = "", module: str = "") -> None:
        super().__init__(detail)
        self.module = module


class ModuleCrashed(ModuleError):
    code = "module-crashed"


class ModuleTimeout(ModuleError):
    code = "module-timeout"


class ModuleUnusable(ModuleError):
    """The file is missing, no library for this system and word size, or its initialisation failed."""

    code = "module-unusable"


class ModuleWordSize(ModuleUnusable):
    """The file is a library for this system, but 32-bit where the program is 64-bit, or the other way round."""

    code = "module-word-size"
