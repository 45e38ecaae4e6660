"""Insertion and removal: one thread a module that looks at regular intervals."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from pkcs11_bridge.child import Busy, HostChild
from pkcs11_bridge.errors import BridgeError
from pkcs11_bridge.protocol import ListPresent, Present, PresentToken, TokenEvent

Listener = Callable[[TokenEvent], None]

#: The longest pause between two looks at a module that keeps failing, in seconds.
_LONGEST_PAUSE = 30.0


class Watch:
    """Tells listeners what changed between two looks. Runs only while there is a listener.

    :param known: what is known to be in already, by module; None where nothing was looked for yet.
    :param call_timeout: limit of one look, in seconds.
    :param interval: between two looks, in seconds; doubled after each failure in a row.
    """

    def __init__(
        self,
        children: Sequence[HostChild],
        known: Callable[[str], Sequence[PresentToken] | None],
        call_timeout: float,
        interval: float,
    ) -> None:
        self._children = children
        self._known = known
        self._call_timeout = call_timeout
        self._interval = interval
        self._state = threading.Lock()
        self._listeners: dict[object, Listener] = {}
        self._stop: threading.Event | None = None

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """:return: ends the subscription; harmless when called twice."""
        ticket = object()
        with self._state:
            self._listeners[ticket] = listener
            if self._stop is None:
                self._stop = threading.Event()
                for child in self._children:
                    arguments = (child, self._known(str(child.module)), self._stop)
                    threading.Thread(target=self._run, args=arguments, name="token watch", daemon=True).start()

        def unsubscribe() -> None:
            with self._state:
                self._listeners.pop(ticket, None)
                if not self._listeners:
                    self._end()

        return unsubscribe

    def stop(self) -> None:
        with self._state:
            self._listeners.clear()
            self._end()

    def _end(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def _run(self, child: HostChild, known: Sequence[PresentToken] | None, stop: threading.Event) -> None:
        shown, before = known, None if known is None else _by_place(known)
        failures = 0
        while not stop.is_set():
            latest = self._known(str(child.module))
            if latest != shown and latest is not None:
                # Somebody else looked meanwhile and may have seen what came and went between two looks of ours.
                shown, before = latest, _by_place(latest)
            try:
                tokens = child.call(ListPresent(0), Present, self._call_timeout, wait=0).tokens
            except Busy:
                pass
            except BridgeError:
                failures += 1
                if failures == 1 and not stop.is_set():
                    self._tell(_changes(child, before or {}, {}))
                    self._tell([TokenEvent("module-failed", str(child.module))])
                before = {}
            else:
                failures = 0
                now = _by_place(tokens)
                if before is not None and not stop.is_set():
                    self._tell(_changes(child, before, now))
                before = now
            stop.wait(min(self._interval * 2**failures, max(_LONGEST_PAUSE, self._interval)))

    def _tell(self, events: Iterable[TokenEvent]) -> None:
        with self._state:
            listeners = list(self._listeners.values())
        for event in events:
            for listener in listeners:
                try:
                    listener(event)
                except Exception:
                    import logging

                    logging.getLogger(__name__).exception("a listener failed at %s", event.kind)


def _by_place(tokens: Iterable[PresentToken]) -> dict[tuple[int, str], PresentToken]:
    return {(token.slot, token.serial): token for token in tokens}


def _changes(
    child: HostChild, before: dict[tuple[int, str], PresentToken], now: dict[tuple[int, str], PresentToken]
) -> Iterable[TokenEvent]:
    module = str(child.module)
    for key, token in before.items():
        if key not in now:
            yield TokenEvent("removed", module, token.slot, token.serial, token.label)
    for key, token in now.items():
        if key not in before:
            yield TokenEvent("inserted", module, token.slot, token.serial, token.label)
