"""What a person may do to a run under way: look at each file first, pause, skip, cancel; and what ends its log-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.errors import AntinError
from app.i18n import N_


class SkippedByPerson(AntinError):
    code = "skipped-by-person"
    message_id = N_("Left out by hand.")
    hint_id = N_("The file is untouched; sign it again when you like.")


class SessionIdle(AntinError):
    """Carries ``minutes``."""

    code = "session-idle"
    message_id = N_("Nothing was done for {minutes} minutes, so the token was logged out.")
    hint_id = N_("Go on with the rest; the PIN is asked again.")


class ScreenLocked(AntinError):
    code = "screen-locked"
    message_id = N_("The screen was locked, so the token was logged out.")
    hint_id = N_("Go on with the rest; the PIN is asked again.")


#: Seconds between two looks at the clock while a run waits for a person.
_LOOK = 0.5


class RunControl:
    """The reins of one run. Thread-safe.

    :param review: each file waits for :meth:`approve` or :meth:`skip`.
    :param idle_seconds: how long a run may wait for a person before its log-in ends; 0: as long as it takes.
    """

    def __init__(self, *, review: bool = False, idle_seconds: float = 0.0) -> None:
        self.review = review
        self._idle_seconds = idle_seconds
        self._changed = threading.Condition()
        self._paused = False
        self._cancelled = False
        self._ended: AntinError | None = None
        self._approved: set[int] = set()
        self._skipped: set[int] = set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def ended(self) -> AntinError | None:
        """Why the log-in must end; None where it need not."""
        return self._ended

    def cancel(self) -> None:
        """Stop before the next file."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Wait before the next file until :meth:`go_on`."""
        with self._changed:
            self._paused = True

    def go_on(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def approve(self, index: int) -> None:
        """A file under review may be signed.

        :param index: in the run.
        """
        with self._changed:
            self._approved.add(index)
            self._changed.notify_all()

    def approve_rest(self) -> None:
        """All files that are left may be signed without being looked at."""
        with self._changed:
            self.review = False
            self._changed.notify_all()

    def skip(self, index: int) -> None:
        """Leave a file out, unless the token has it already."""
        with self._changed:
            self._skipped.add(index)
            self._changed.notify_all()

    def end_session(self, reason: AntinError) -> None:
        """Stop before the next file, because the log-in must end."""
        with self._changed:
            self._ended = self._ended or reason
            self._changed.notify_all()

    def is_skipped(self, index: int) -> bool:
        return index in self._skipped

    def await_turn(self, index: int, on_waiting: Callable[[], None]) -> None:
        """Return when the file may go to the token, or need not because of what :attr:`cancelled`, :attr:`ended` and
        :meth:`is_skipped` say.

        :param on_waiting: called once where a person has to decide first.
        """
        with self._changed:
            if not self._must_wait(index):
                return
        on_waiting()
        since = time.monotonic()
        with self._changed:
            while self._must_wait(index):
                self._changed.wait(_LOOK)
                if self._idle_seconds and time.monotonic() - since > self._idle_seconds and self._must_wait(index):
                    self._ended = SessionIdle(minutes=f"{self._idle_seconds / 60:g}")

    def _must_wait(self, index: int) -> bool:
        if self._cancelled or self._ended is not None or index in self._skipped:
            return False
        return self._paused or (self.review and index not in self._approved)
