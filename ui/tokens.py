"""What is plugged in, kept up to date off the main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import ErrorInfo, describe
from app.office import Office
from app.signing.keys import SigningKey
from pkcs11_bridge.protocol import TokenInfo
from ui.work import Job, Pool


@dataclass(frozen=True)
class Plugged:
    """A look at the readers.

    :ivar problems: what is wrong with a module: the module's file name and the error.
    """

    tokens: tuple[TokenInfo, ...] = ()
    keys: tuple[SigningKey, ...] = ()
    problems: tuple[tuple[str, ErrorInfo], ...] = ()

    def keys_on(self, token: TokenInfo) -> list[SigningKey]:
        return [key for key in self.keys if key.token == token]

    def name(self, token: TokenInfo) -> str:
        """What people call a token: its nickname or label, and its serial number where another looks just like it."""
        looks = self._looks(token)
        others = {other.serial for other in self.tokens if self._looks(other) == looks}
        return f"{looks[0]} · {token.serial}" if len(others) > 1 else looks[0]

    def _looks(self, token: TokenInfo) -> tuple[str, ...]:
        """What a person tells a token by but for its serial number."""
        keys = self.keys_on(token)
        return (keys[0].token_name if keys else token.label, *(key.holder for key in keys))


class TokenWatch(QObject):
    """Looks at the tokens at the start, whenever one comes or goes, and when asked.

    :ivar plugged: the newest look; None before the first.
    """

    changed = Signal()
    _event = Signal()

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(1, self)
        self._job: Job[Plugged] | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self.plugged: Plugged | None = None
        self.error: ErrorInfo | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(100)
        self._soon.timeout.connect(self.look)
        self._event.connect(self._soon.start)

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._pool.unfinished > 0

    def look(self) -> None:
        """Look again; ``changed`` follows."""
        if self._job is not None:
            self._job.cancel()
        self._job = self._pool.start(self._read, done=self._read_done, failed=self._read_failed)
        self.changed.emit()

    def look_soon(self) -> None:
        """Look again in a moment, once what happens now is on the screen."""
        self._soon.start()

    def stop(self) -> None:
        """Hear no more of tokens; wait for a look that is under way."""
        self._soon.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._pool.close()

    def _read(self, job: Job[Plugged]) -> Plugged:
        bridge = self._office.bridge
        tokens = tuple(bridge.tokens())
        if self._unsubscribe is None:
            self._unsubscribe = bridge.subscribe(lambda _event: self._event.emit())
        problems = tuple((problem.module, describe(problem)) for problem in bridge.problems())
        return Plugged(tokens, tuple(self._office.keys_of(tokens)), problems)

    def _read_done(self, plugged: Plugged) -> None:
        self.plugged, self.error = plugged, None
        self._job = None
        self.changed.emit()

    def _read_failed(self, error: Exception) -> None:
        self.plugged, self.error = Plugged(), describe(error)
        self._job = None
        self.changed.emit()
