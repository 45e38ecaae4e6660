"""Work that waits until nothing new has come for a moment, so that it never competes with what a person waits for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Afterwards(Generic[Item]):
    """A queue with a thread of its own, which begins with the first item. Thread-safe. To be closed.

    :param handle: does the work of one item; raises nothing that is to be expected.
    :param quiet: seconds without a new item before work begins.
    :param patience: seconds that :meth:`close` takes at most, but for the item that is being worked on.
    """

    def __init__(self, handle: Callable[[Item], object], *, quiet: float = 2.0, patience: float = 10.0) -> None:
        self._handle, self._quiet, self._patience = handle, quiet, patience
        self._until = 0.0
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._arrivals = 0
        self._rested = -1
        self._closing = False
        self._thread: threading.Thread | None = None
        self._working: tuple[Item] | None = None

    def pending(self, item: Item) -> bool:
        """Whether an item waits, or is being worked on."""
        with self._changed:
            return item in self._items or self._working == (item,)

    def left(self) -> list[Item]:
        """What was not done when :meth:`close` had no more patience."""
        with self._changed:
            return list(self._items)

    def add(self, item: Item) -> None:
        """Have an item's work done later."""
        with self._changed:
            self._items.append(item)
            self._arrivals += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="afterwards", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Do what is left, at once, as far as patience goes, and end."""
        with self._changed:
            self._closing = True
            self._until = time.monotonic() + self._patience
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (item := self._next()) is not None:
            try:
                self._handle(item[0])
            finally:
                self._working = None

    def _next(self) -> tuple[Item] | None:
        """The next item when it is time for it; None when all is done and nothing more will come."""
        with self._changed:
            while not self._closing and not (self._items and self._rested == self._arrivals):
                before = self._arrivals
                self._changed.wait(self._quiet if self._items else None)
                if self._arrivals == before:
                    self._rested = before
            if not self._items or (self._closing and time.monotonic() > self._until):
                return None
            self._working = (self._items.popleft(),)
            return self._working
