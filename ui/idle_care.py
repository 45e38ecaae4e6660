"""Looks after the archive while nobody works at the window: the check on schedule, and evidence that is still owed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QWindow

from app.errors import describe
from app.office import Office
from ui.work import Job, Pool

_LOG = logging.getLogger(__name__)

#: Minutes without a key or a click after which nobody works here, and how often that is looked at.
QUIET_MINUTES, _EVERY_MINUTES = 10.0, 5.0
_MINUTE_MS = 60_000
_TOUCHES = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel})


class IdleCare(QObject):
    """Does a part of the work whenever nobody has touched the program for a while; the next touch ends it. What was
    looked at counts, and the next part goes on behind it. To be stopped.

    :param busy: whether the window works on something else.
    """

    def __init__(self, office: Office, busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._office, self._busy = office, busy
        self._pool = Pool(1, self)
        self._job: Job[int] | None = None
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._quiet.timeout.connect(self.begin)
        _application().focusWindowChanged.connect(self._watch)
        self._watch(QGuiApplication.focusWindow())

    def begin(self) -> None:
        """Do a part now, unless something else goes on."""
        if self._job is None and not self._busy():
            self._job = self._pool.start(self._care, done=self._done, failed=self._failed)
        else:
            self._wait(_EVERY_MINUTES)

    def stop(self) -> None:
        """End, and look no more."""
        _application().focusWindowChanged.disconnect(self._watch)
        for window in QGuiApplication.allWindows():
            window.removeEventFilter(self)
        self._quiet.stop()
        self._pool.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self._touched()
        return False

    def _watch(self, window: QWindow | None) -> None:
        """Look at what the system sends to the window that came to the front. A filter on the application would be
        asked about each of the thousands of events by which Qt makes a page."""
        if window is not None:
            window.installEventFilter(self)
        self._touched()

    def _touched(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._wait(QUIET_MINUTES)

    def _care(self, job: Job[int]) -> int:
        keeper = self._office.keeper
        for _outcome in keeper.file_waiting():
            if job.cancelled.is_set():
                return 0
        keeper.gather_owed(lambda: job.cancelled.is_set())
        days = self._office.settings.archive.check_days
        if not days or not self._office.archive.root.is_dir():
            return 0
        looked = 0
        look = keeper.health().check(older=dt.timedelta(days=days))
        try:
            for _found in look:
                looked += 1
                if job.cancelled.is_set():
                    break
        finally:
            look.close()
        return looked

    def _done(self, looked: int) -> None:
        self._job = None
        if looked:
            _LOG.info("copies of the archive looked at while nobody worked: %d", looked)
        self._wait(_EVERY_MINUTES)

    def _failed(self, error: Exception) -> None:
        """An archive or database that is away is told where somebody asks for it; it is tried again later."""
        self._job = None
        _LOG.warning("the archive could not be looked at: %s", describe(error).code)
        self._wait(_EVERY_MINUTES)

    def _wait(self, minutes: float) -> None:
        self._quiet.start(int(minutes * _MINUTE_MS))


def _application() -> QGuiApplication:
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    return application
