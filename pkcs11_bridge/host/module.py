"""One vendor module: its tokens, the sessions open on them, and the acts of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pkcs11
from pkcs11.exceptions import PKCS11Error
from pkcs11.mechanisms import Mechanism

from pkcs11_bridge.errors import (
    BridgeError,
    KeyNotFound,
    MechanismMissing,
    ModuleUnusable,
    PinError,
    PinFinalTry,
    PinIncorrect,
    PinInvalid,
    PinLocked,
    PinRequired,
    TokenRemoved,
)
from pkcs11_bridge.host import cryptoki, objects
from pkcs11_bridge.host.cryptoki import Cryptoki, TokenDetails
from pkcs11_bridge.host.failures import CryptokiError, name_of, translate
from pkcs11_bridge.host.objects import PrivateKey
from pkcs11_bridge.host.signatures import check_length, operations
from pkcs11_bridge.protocol import PinState, PresentToken, SignatureAlgorithm, TokenCertificate, TokenInfo

#: The manufacturer (CK_INFO) of modules that look for tokens only in C_Initialize. Others are never initialised
#: twice: some vendors' modules do not survive it.
_LOOKS_ONLY_ONCE = "SoftHSM"

#: A mechanism that is on the token's list and refused all the same.
_REFUSED_MECHANISM = ("CKR_MECHANISM_INVALID", "CKR_MECHANISM_PARAM_INVALID")


@dataclass
class _Open:
    """The session open on one token; log-in and object handles last as long as it."""

    session: Any
    slot: int
    serial: str
    mechanisms: set[Mechanism | int]
    logged_in: bool = False
    keys: dict[bytes, PrivateKey] = field(default_factory=dict)


class Module:
    """A loaded and initialised module; not thread-safe, one call at a time.

    All methods raise the classes of :mod:`pkcs11_bridge.errors`. Methods about one token take the slot it was last
    seen in and its serial number, and raise :class:`TokenRemoved` where it is in no slot any more.

    :param path: the module's file.
    :raises ModuleUnusable: it cannot be loaded or initialised.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._open: dict[int, _Open] = {}
        self._refused: set[str] = set()  # serial numbers of tokens that got a wrong PIN here since the last right one
        try:
            self._library = pkcs11.lib(path)
            self._cryptoki = Cryptoki(path)
        except (PKCS11Error, CryptokiError) as error:
            raise ModuleUnusable(str(error) or name_of(error), path) from error
        except (OSError, AttributeError) as error:
            raise ModuleUnusable(str(error), path) from error
        self.manufacturer: str = self._library.manufacturer_id
        version = ".".join(map(str, self._library.library_version))
        self.description = f"{self._library.library_description} {version}".strip()
        self._just_initialised = True

    def present(self) -> list[PresentToken]:
        """The tokens that are in, by slot."""
        return [PresentToken(slot.slot_id, it.serial, it.label) for slot, it in self._look()]

    def tokens(self) -> list[TokenInfo]:
        """The tokens that are in, with their certificates, by slot. A token pulled out meanwhile is left out."""
        found = []
        for slot, details in self._look():
            try:
                found.append(self._describe(slot, details))
            except TokenRemoved:
                continue
        return found

    def pin_state(self, slot: int, serial: str) -> PinState:
        """Read afresh from the token's flags, of which some modules set none but the one that a PIN is there."""
        return self._pin_state(self._find(slot, serial)[1])

    def log_in(self, slot: int, serial: str, pin: bytearray | None, allow_final_try: bool) -> None:
        """Log the user in with one try; nothing happens where that is done already.

        :param pin: None for the protected authentication path.
        :raises PinLocked: without trying, where the flags say so.
        :raises PinFinalTry: without trying, where the flags say so and ``allow_final_try`` is not set.
        """
        found, details = self._find(slot, serial)
        current = self._opened(found, details.serial)
        if current.logged_in:
            return
        _check_try(details, pin, allow_final_try)
        with self._translated(current):
            try:
                self._cryptoki.login(current.session.handle, cryptoki.CKU_USER, pin)
            except CryptokiError as error:
                if error.name != "CKR_USER_ALREADY_LOGGED_IN":
                    raise _as_wrong(error) from error
        current.logged_in = True
        self._refused.discard(serial)

    def needs_pin_each_time(self, slot: int, serial: str, key_id: bytes) -> bool:
        """CKA_ALWAYS_AUTHENTICATE of the private key.

        :raises PinRequired: the key is not to be seen without a log-in.
        """
        return self._key(self._session(slot, serial), key_id).always_authenticate

    def sign(
        self, slot: int, serial: str, key_id: bytes, data: bytes, algorithm: SignatureAlgorithm, pin: bytearray | None
    ) -> bytes:
        """Sign with the private key of that CKA_ID.

        :param data: the octets to be signed, not their hash.
        :param pin: for a key that wants it each time, else not used; None for the protected authentication path.
        :return: RSA octets, or ECDSA ``r‖s`` of fixed length.
        """
        current = self._session(slot, serial)
        key = self._key(current, key_id)
        if key.always_authenticate:
            _check_try(self._find(slot, serial)[1], pin, allow_final_try=False)
        handle = current.session.handle
        with self._translated(current):
            for operation in operations(algorithm, data, key, current.mechanisms):
                try:
                    self._cryptoki.sign_init(handle, operation.mechanism, operation.parameters, key.handle)
                except CryptokiError as error:
                    if error.name in _REFUSED_MECHANISM:
                        continue
                    raise
                if key.always_authenticate:
                    self._affirm(current, pin)
                return check_length(self._cryptoki.sign(handle, operation.octets), key)
        raise MechanismMissing(algorithm)

    def change_pin(
        self, slot: int, serial: str, old: bytearray | None, new: bytearray | None, allow_final_try: bool
    ) -> None:
        """Change the user's PIN with one try.

        :param old: None, as ``new``, for the protected authentication path.
        :raises PinFinalTry: without trying, where the flags say so and ``allow_final_try`` is not set.
        :raises PinInvalid: the new PIN does not meet the token's rules.
        """
        found, details = self._find(slot, serial)
        _check_try(details, old, allow_final_try)
        if new is not None and not new:
            raise PinInvalid("empty", _pin_state(details))
        current = self._opened(found, details.serial)
        with self._translated(current), objects.short_session(found, rw=True) as session:
            self._cryptoki.set_pin(session.handle, old, new)
        self._refused.discard(serial)

    def log_out(self, slot: int, serial: str) -> None:
        """Log out and close what is open on the token; harmless where nothing is."""
        current = self._current(slot, serial)
        if current is not None:
            self._drop(current)

    def close(self) -> None:
        """Log out everywhere and finalise the module."""
        for current in list(self._open.values()):
            self._drop(current)
        with suppress(PKCS11Error):
            self._library.finalize()

    def _look(self) -> list[tuple[Any, TokenDetails]]:
        """Slots with a usable token; forgets what was open on tokens that are gone."""
        if self._must_initialise_again():
            for current in list(self._open.values()):
                self._drop(current)
            with self._translated():
                self._library.reinitialize()
        self._just_initialised = False
        with self._translated():
            slots = self._library.get_slots(token_present=True)
        found = []
        for slot in sorted(slots, key=lambda slot: slot.slot_id):
            try:
                details = self._cryptoki.token_details(slot.slot_id)
            except CryptokiError:
                continue  # pulled out meanwhile, or not a token that this module can read
            if details.flags & cryptoki.CKF_TOKEN_INITIALIZED or details.serial:
                found.append((slot, details))
        here = {(slot.slot_id, details.serial) for slot, details in found}
        for current in list(self._open.values()):
            if (current.slot, current.serial) not in here:
                self._drop(current)
        return found

    def _must_initialise_again(self) -> bool:
        """Whether the module would not see new tokens otherwise, and nobody would be logged out by it."""
        if not self.manufacturer.startswith(_LOOKS_ONLY_ONCE) or self._just_initialised:
            return False
        return not any(current.logged_in for current in self._open.values())

    def _find(self, slot: int, serial: str) -> tuple[Any, TokenDetails]:
        """The token of that serial number, preferably in that slot; details read afresh."""
        current = self._current(slot, serial)
        if current is not None:
            with self._translated(current):
                details = self._cryptoki.token_details(current.slot)
            if details.serial == serial:
                return current.session.token.slot, details
        matches = [(it, details) for it, details in self._look() if details.serial == serial]
        for it, details in matches:
            if it.slot_id == slot:
                return it, details
        if matches:
            return matches[0]
        raise TokenRemoved(f"serial number {serial}")

    def _current(self, slot: int, serial: str) -> _Open | None:
        """What is open on that token, in whichever slot it is."""
        current = self._open.get(slot)
        if current is not None and current.serial == serial:
            return current
        return next((it for it in self._open.values() if it.serial == serial), None)

    def _session(self, slot: int, serial: str) -> _Open:
        current = self._current(slot, serial)
        if current is not None:
            return current
        found, details = self._find(slot, serial)
        return self._opened(found, details.serial)

    def _opened(self, slot: Any, serial: str) -> _Open:
        current = self._open.get(slot.slot_id)
        if current is None:
            with self._translated():
                session = objects.open_session(slot)
                current = _Open(session, slot.slot_id, serial, slot.get_mechanisms())
            self._open[slot.slot_id] = current
        return current

    def _drop(self, current: _Open) -> None:
        """Forget a session; the token may be gone, so what the module says to it does not matter."""
        self._open.pop(current.slot, None)
        if current.logged_in:
            with suppress(CryptokiError):
                self._cryptoki.logout(current.session.handle)
        with suppress(PKCS11Error):
            current.session.close()

    def _affirm(self, current: _Open, pin: bytearray | None) -> None:
        """The log-in that a key with CKA_ALWAYS_AUTHENTICATE wants between C_SignInit and C_Sign.

        Where it fails the session is closed, the one way of PKCS#11 v2.40 to give up an operation begun.
        """
        try:
            self._cryptoki.login(current.session.handle, cryptoki.CKU_CONTEXT_SPECIFIC, pin)
        except CryptokiError as error:
            self._drop(current)
            raise _as_wrong(error) from error
        self._refused.discard(current.serial)

    def _key(self, current: _Open, key_id: bytes) -> PrivateKey:
        key = current.keys.get(key_id)
        if key is not None:
            return key
        with self._translated(current):
            key = objects.private_key(current.session, key_id)
        if key is None:
            if current.logged_in:
                raise KeyNotFound(key_id.hex())
            raise PinRequired("the key is not visible yet", self._state_after(current.slot))
        current.keys[key_id] = key
        return key

    def _describe(self, slot: Any, details: TokenDetails) -> TokenInfo:
        mechanisms: set[Mechanism | int] = set()
        certificates: list[TokenCertificate] = []
        problem = ""
        try:
            mechanisms, certificates = self._read(slot)
        except TokenRemoved:
            raise
        except BridgeError as error:
            problem = str(error)
        return TokenInfo(
            module=self.path,
            slot=slot.slot_id,
            label=details.label,
            serial=details.serial,
            model=details.model,
            manufacturer=details.manufacturer,
            pin_state=self._pin_state(details),
            protected_authentication_path=bool(details.flags & cryptoki.CKF_PROTECTED_AUTHENTICATION_PATH),
            mechanisms=sorted(map(_mechanism_name, mechanisms)),
            certificates=certificates,
            min_pin_len=details.min_pin_len,
            max_pin_len=details.max_pin_len,
            problem=problem,
        )

    def _read(self, slot: Any) -> tuple[set[Mechanism | int], list[TokenCertificate]]:
        """What is public on a token; a session opened for it is closed again."""
        current = self._open.get(slot.slot_id)
        with self._translated(current):
            if current is not None:
                return current.mechanisms, objects.certificates(current.session)
            with objects.short_session(slot) as session:
                return slot.get_mechanisms(), objects.certificates(session)

    @contextmanager
    def _translated(self, current: _Open | None = None) -> Iterator[None]:
        """Errors of both bindings become the bridge's; a session that is of no more use is forgotten."""
        try:
            yield
        except (PKCS11Error, CryptokiError) as error:
            failure = translate(error)
            if isinstance(failure, PinIncorrect) and current is not None:
                self._refused.add(current.serial)
            if isinstance(failure, PinError) and current is not None:
                failure.pin_state = self._state_after(current.slot)
            if isinstance(failure, PinRequired | TokenRemoved) and current is not None:
                self._drop(current)
            raise failure from error

    def _state_after(self, slot: int) -> PinState:
        try:
            return self._pin_state(self._cryptoki.token_details(slot))
        except CryptokiError:
            return PinState.OK

    def _pin_state(self, details: TokenDetails) -> PinState:
        """What the flags say; that a wrong PIN was typed is known without them."""
        state = _pin_state(details)
        return PinState.LOW if state is PinState.OK and details.serial in self._refused else state


def _pin_state(details: TokenDetails) -> PinState:
    flags = details.flags
    for flag, state in (
        (cryptoki.CKF_USER_PIN_LOCKED, PinState.LOCKED),
        (cryptoki.CKF_USER_PIN_FINAL_TRY, PinState.FINAL_TRY),
        (cryptoki.CKF_USER_PIN_COUNT_LOW, PinState.LOW),
    ):
        if flags & flag:
            return state
    return PinState.OK if flags & cryptoki.CKF_USER_PIN_INITIALIZED else PinState.NOT_SET


def _check_try(details: TokenDetails, pin: bytearray | None, allow_final_try: bool) -> None:
    """Refuse before anything is tried what the flags or the lack of a PIN forbid."""
    state = _pin_state(details)
    if state is PinState.LOCKED:
        raise PinLocked("CKF_USER_PIN_LOCKED", state)
    if state is PinState.FINAL_TRY and not allow_final_try:
        raise PinFinalTry("CKF_USER_PIN_FINAL_TRY", state)
    if pin is None and not details.flags & cryptoki.CKF_PROTECTED_AUTHENTICATION_PATH:
        raise PinRequired("the token has no keypad of its own", state)
    if pin is not None and not pin:
        raise PinRequired("an empty PIN", state)


def _as_wrong(error: CryptokiError) -> CryptokiError:
    """A PIN of impossible length or characters is a wrong one where it is not a new one."""
    if error.name in ("CKR_PIN_LEN_RANGE", "CKR_PIN_INVALID"):
        return CryptokiError("CKR_PIN_INCORRECT")
    return error


def _mechanism_name(mechanism: Mechanism | int) -> str:
    return f"CKM_{mechanism.name.lstrip('_')}" if isinstance(mechanism, Mechanism) else f"{mechanism:#010x}"
