"""Tokens for the office: what is plugged in, what changes, and signing with it.

Vendor modules are never loaded here: each runs in a child process of its own (:mod:`pkcs11_bridge.child`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from pkcs11_bridge.child import Busy, CrashListener, HostChild
from pkcs11_bridge.errors import (
    BridgeError,
    ModuleError,
    ModuleUnusable,
    PinIncorrect,
    PinInvalid,
    TokenNotFound,
    TokenRemoved,
)
from pkcs11_bridge.memory import leave_no_core
from pkcs11_bridge.protocol import (
    MAX_DATA,
    MAX_PIN,
    Answer,
    ChangePin,
    Done,
    ListTokens,
    LogIn,
    LogOut,
    NeedsPinEachTime,
    PinState,
    PinStateRead,
    PresentToken,
    ReadPinState,
    Sign,
    Signature,
    SignatureAlgorithm,
    TokenCertificate,
    TokenEvent,
    TokenInfo,
    Tokens,
    wipe,
)
from pkcs11_bridge.watch import Listener, Watch

__all__ = [
    "PinState",
    "SignatureAlgorithm",
    "TokenBridge",
    "TokenCertificate",
    "TokenEvent",
    "TokenInfo",
    "TokenSession",
]

#: How long a look waits for a module that is busy signing before it repeats what it saw last, in seconds.
_BUSY_WAIT = 1.0


class TokenBridge:
    """All tokens of all modules. A context manager; thread-safe.

    Nothing is started before the first call. A crash of the process that has one leaves no core file, for PINs pass
    through its memory.

    :param modules: the modules' files, see :func:`pkcs11_bridge.discovery.find_modules`.
    :param call_timeout: limit of every call into a module but those below, in seconds.
    :param sign_timeout: limit of a signature, and of whatever a person does on the token's own keypad, in seconds.
    :param poll_interval: between two looks for insertion and removal, in seconds; only while someone subscribes.
    :param crashed: told, on the thread that met with it, when a module's process has died.
    """

    def __init__(
        self,
        modules: Sequence[Path],
        *,
        call_timeout: float = 30.0,
        sign_timeout: float = 120.0,
        poll_interval: float = 1.0,
        crashed: CrashListener | None = None,
    ) -> None:
        leave_no_core()
        self.call_timeout = call_timeout
        self.sign_timeout = sign_timeout
        self._children = {str(module): HostChild(Path(module), call_timeout, crashed) for module in modules}
        self._state = threading.Lock()
        self._seen: dict[str, list[TokenInfo]] = {}
        self._problems: dict[str, ModuleError] = {}
        self._sessions: Counter[tuple[str, int, str]] = Counter()
        self._watch = Watch(list(self._children.values()), self._known, call_timeout, poll_interval)

    def __enter__(self) -> TokenBridge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def tokens(self) -> list[TokenInfo]:
        """Look at all modules, side by side.

        A module that fails hides no other; :meth:`problems` tells it. One that is busy signing is waited for shortly,
        then what it showed last is repeated; one that showed nothing yet is waited for as long as it may take.
        """
        looks = [threading.Thread(target=self._look, args=(child,)) for child in self._children.values()]
        for look in looks:
            look.start()
        for look in looks:
            look.join()
        with self._state:
            return [token for module in self._children for token in self._seen.get(module, [])]

    def problems(self) -> list[ModuleError]:
        """What failed in the last look, by module."""
        with self._state:
            return [self._problems[module] for module in self._children if module in self._problems]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told of tokens plugged in and pulled out, and of modules that fail, within two seconds.

        Changes are told against what :meth:`tokens` showed last; where it was not called yet, against the first look. A
        module that is busy signing is looked at afterwards.

        :param listener: called on threads of the bridge, soon and briefly; what it raises goes to the log.
        :return: ends the subscription.
        """
        return self._watch.subscribe(listener)

    def open(self, token: TokenInfo) -> TokenSession:
        """Begin to work with a token.

        :raises TokenNotFound: it is not plugged in any more.
        """
        child = self._children.get(token.module)
        if child is None:
            raise ModuleUnusable("not one of the bridge's modules", token.module)
        try:
            child.call(ReadPinState(0, token.slot, token.serial), PinStateRead, self.call_timeout)
        except TokenRemoved as error:
            raise TokenNotFound(error.detail) from error
        with self._state:
            self._sessions[_key(token)] += 1
        return TokenSession(self, child, token)

    def close(self) -> None:
        """Log out and end all children; calls going on raise :class:`~pkcs11_bridge.errors.ModuleCrashed`."""
        self._watch.stop()
        closing = [threading.Thread(target=child.close) for child in self._children.values()]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()

    def _look(self, child: HostChild) -> None:
        module = str(child.module)
        with self._state:
            patience = _BUSY_WAIT if module in self._seen else -1
        try:
            found = child.call(ListTokens(0), Tokens, self.call_timeout, patience).tokens
            problem = None
        except Busy:
            return
        except ModuleError as error:
            found, problem = [], error
        except BridgeError as error:
            found, problem = [], ModuleError(str(error), module)
        with self._state:
            self._seen[module] = found
            if problem is None:
                self._problems.pop(module, None)
            else:
                self._problems[module] = problem

    def _known(self, module: str) -> list[PresentToken] | None:
        with self._state:
            seen = self._seen.get(module)
        return None if seen is None else [PresentToken(it.slot, it.serial, it.label) for it in seen]

    def _release(self, child: HostChild, token: TokenInfo) -> None:
        with self._state:
            self._sessions[_key(token)] -= 1
            last = self._sessions[_key(token)] <= 0
        if last and child.running:
            child.call(LogOut(0, token.slot, token.serial), Done, self.call_timeout)


class TokenSession:
    """Work with one token, one operation at a time. A context manager; thread-safe.

    The log-in belongs to the token: all sessions of one bridge share it, and it ends with the last of them. Where the
    child had to be started again, or the token was pulled out, operations that need a log-in raise
    :class:`~pkcs11_bridge.errors.PinRequired`; no PIN is kept that could be sent again.

    All methods raise the classes of :mod:`pkcs11_bridge.errors`.
    """

    def __init__(self, bridge: TokenBridge, child: HostChild, token: TokenInfo) -> None:
        self.token = token
        self._bridge = bridge
        self._child = child
        self._turn = threading.Lock()
        self._closed = False

    def __enter__(self) -> TokenSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def pin_state(self) -> PinState:
        """The state of the PIN, read afresh from the token."""
        request = ReadPinState(0, self.token.slot, self.token.serial)
        with self._turn:
            return self._child.call(request, PinStateRead, self._bridge.call_timeout).pin_state

    def login(self, pin: bytearray | None, *, allow_final_try: bool = False) -> None:
        """Log in with one try; nothing happens where that is done already.

        :param pin: UTF-8, always overwritten; None: the person types it on the token's own keypad.
        :param allow_final_try: the person agreed to use the last try.
        :raises PinLocked: the token is locked; nothing was tried.
        :raises PinFinalTry: one try is left and was not agreed to; nothing was tried.
        :raises PinRequired: no PIN, and the token has no keypad; nothing was tried.
        :raises PinIncorrect: ``pin_state`` tells what is left.
        """
        limit = self._bridge.sign_timeout if pin is None else self._bridge.call_timeout
        request = LogIn(0, self.token.slot, self.token.serial, pin, allow_final_try)
        try:
            self._check_length(pin)
            with self._turn:
                self._child.call(request, Done, limit)
        finally:
            wipe(pin)

    def needs_pin_each_time(self, key_id: bytes) -> bool:
        """Whether :meth:`sign` wants the PIN for every signature of that key (CKA_ALWAYS_AUTHENTICATE).

        :raises PinRequired: the token does not show its keys before the log-in.
        """
        request = NeedsPinEachTime(0, self.token.slot, self.token.serial, key_id)
        with self._turn:
            return self._child.call(request, Answer, self._bridge.call_timeout).yes

    def sign(self, key_id: bytes, data: bytes, algorithm: SignatureAlgorithm, *, pin: bytearray | None = None) -> bytes:
        """Sign octets with the private key of a certificate.

        :param key_id: ``id`` of the certificate.
        :param data: the octets to be signed, not their hash: signed attributes or canonical SignedInfo, 64 KiB at most.
        :param pin: for a key that wants it each time; always overwritten.
        :return: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises ValueError: ``data`` is too long.
        :raises MechanismMissing: the token or the key cannot make such a signature.
        """
        try:
            if len(data) > MAX_DATA:
                raise ValueError(f"{len(data)} octets to be signed; {MAX_DATA} at most")
            self._check_length(pin)
            request = Sign(0, self.token.slot, self.token.serial, key_id, bytes(data), algorithm, pin)
            with self._turn:
                return self._child.call(request, Signature, self._bridge.sign_timeout).value
        finally:
            wipe(pin)

    def change_pin(self, old: bytearray | None, new: bytearray | None, *, allow_final_try: bool = False) -> None:
        """Change the PIN with one try; both buffers are always overwritten.

        :param old: None, together with ``new``: both are typed on the token's own keypad.
        :param allow_final_try: the person agreed to use the last try.
        :raises PinFinalTry: without trying, where that is the last one and was not agreed to.
        :raises PinInvalid: the new PIN does not meet the token's rules.
        """
        limit = self._bridge.sign_timeout if old is None else self._bridge.call_timeout
        try:
            if (old is None) != (new is None):
                raise PinInvalid("one of the two PINs is missing")
            self._check_length(old)
            if new is not None and len(new) > MAX_PIN:
                raise PinInvalid(f"{len(new)} octets")
            request = ChangePin(0, self.token.slot, self.token.serial, allow_final_try, old, new)
            with self._turn:
                self._child.call(request, Done, limit)
        finally:
            wipe(old, new)

    def logout(self) -> None:
        """Log out, for all sessions of this token."""
        if self._child.running:
            with self._turn:
                self._child.call(LogOut(0, self.token.slot, self.token.serial), Done, self._bridge.call_timeout)

    def close(self) -> None:
        """End the session; the last one of a token logs out. Harmless when called twice."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
        try:
            self._bridge._release(self._child, self.token)
        except ModuleError:
            pass  # with the child the log-in ended as well

    def _check_length(self, pin: bytearray | None) -> None:
        """:raises PinIncorrect: longer than any PIN, so that it need not be tried."""
        if pin is not None and len(pin) > MAX_PIN:
            raise PinIncorrect(f"{len(pin)} octets", self.pin_state())


def _key(token: TokenInfo) -> tuple[str, int, str]:
    return token.module, token.slot, token.serial
