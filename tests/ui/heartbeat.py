"""Measures whether the window stays awake."""

from __future__ import annotations

import time
from types import TracebackType

from PySide6.QtCore import QTimer


class Heartbeat:
    """A timer in the main thread that notes how long the event loop was kept from it.

    :ivar longest: the longest time between two beats, in seconds of the clock.
    :ivar latest: by how much the latest beat came late: the same without the time between beats.
    :ivar busiest: the same in seconds that the main thread itself used the processor: what its own handlers took,
        without the time other threads or programs held it up.
    :ivar beats: how many beats there were.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self.busiest = 0.0
        self.beats = 0
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._beat)

    @property
    def latest(self) -> float:
        return max(0.0, self.longest - self._timer.interval() / 1000)

    def __enter__(self) -> Heartbeat:
        self._last = (time.perf_counter(), time.thread_time())
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self.longest = max(self.longest, now[0] - self._last[0])
        self.busiest = max(self.busiest, now[1] - self._last[1])
        self.beats += 1
        self._last = now
