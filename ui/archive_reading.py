"""Reads the files that are to be filed, in the background: the one shown first, then all in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from app.documents.model import DocumentInfo
from app.errors import describe
from ui.adding_entry import AddingEntry
from ui.work import Pool

_THREADS = 2


class ReadingAhead(QObject):
    """A few files at a time, however many wait.

    :param doubtful_below: confidence below which a field is in doubt.
    """

    #: The :class:`AddingEntry` that was read, or could not be: its ``problem`` says so.
    read = Signal(object)

    def __init__(self, doubtful_below: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._below = doubtful_below
        self._pool = Pool(_THREADS, self)
        self._waiting: deque[AddingEntry] = deque()
        self._begun: set[AddingEntry] = set()
        self._running = 0
        self._paused = False

    def add(self, entries: Sequence[AddingEntry]) -> None:
        """Read these after the others."""
        self._waiting += entries
        self._go_on()

    def first(self, entry: AddingEntry) -> None:
        """Read this one next."""
        if entry not in self._begun:
            self._waiting.appendleft(entry)
            self._go_on()

    def pause(self, on: bool) -> None:
        """Begin no further file, as something else needs the processor; or go on."""
        self._paused = on
        self._go_on()

    def forget(self) -> None:
        """Nothing of what was added is wanted any more."""
        self._waiting.clear()
        self._begun.clear()

    def stop(self) -> None:
        self.forget()
        self._pool.close()

    def _go_on(self) -> None:
        while self._running < _THREADS and not self._paused and (entry := self._next()) is not None:
            self._running += 1
            self._read(entry)

    def _next(self) -> AddingEntry | None:
        while self._waiting:
            entry = self._waiting.popleft()
            if entry not in self._begun and not entry.done:
                self._begun.add(entry)
                return entry
        return None

    def _read(self, entry: AddingEntry) -> None:
        below = self._below

        def work() -> tuple[DocumentInfo, Mapping[str, float]]:
            from app.documents.reading import read_with_places

            reading = read_with_places(entry.path)
            return reading.info, reading.doubts(below)

        def done(found: tuple[DocumentInfo, Mapping[str, float]]) -> None:
            if not entry.done:
                entry.was_read(*found)
            self._ended(entry)

        def failed(error: Exception) -> None:
            if not entry.done:
                entry.problem = describe(error)
            self._ended(entry)

        self._pool.start(lambda _job: work(), done=done, failed=failed)

    def _ended(self, entry: AddingEntry) -> None:
        self._running -= 1
        self.read.emit(entry)
        self._go_on()
