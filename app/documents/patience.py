"""Waiting that ends in time: what is to be done when an answer does not come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from math import inf


class Watch:
    """One thread for all who wait. A thread for each question, as :class:`threading.Timer` is one, took longer to start
    than most answers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[int, tuple[float, Callable[[], object]]] = {}
        self._numbers = count()
        self._wakes = inf
        self._thread: threading.Thread | None = None

    @contextmanager
    def over_after(self, seconds: float, act: Callable[[], object]) -> Iterator[None]:
        """Within the block: if it has not ended after so many seconds, ``act`` is called, once, by another thread.

        :param act: does not wait, nor raise.
        """
        number, due = next(self._numbers), time.monotonic() + seconds
        with self._changed:
            self._due[number] = due, act
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="antin-patience", daemon=True)
                self._thread.start()
            elif due < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due.pop(number, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for number in [number for number, (due, _) in self._due.items() if due <= now]:
                    self._due.pop(number)[1]()
                self._wakes = min((due for due, _ in self._due.values()), default=inf)
                self._changed.wait(None if self._wakes == inf else self._wakes - now)


#: For all of this program.
watch = Watch()
