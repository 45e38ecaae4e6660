"""Searching while somebody types: off the main thread, the last question alone is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.archive.model import Found, Query
from app.errors import describe
from app.office import Office
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.errors import ErrorInfo

#: Documents of one page of results.
PAGE = 50
#: Between the last key and the question, in milliseconds; keys that follow faster ask once.
_PAUSE = 20


class ArchiveSearch(QObject):
    """Asks the archive; answers to questions that were asked before the last one are dropped."""

    #: The :class:`Query` and the first page of its answer, :class:`Found`.
    answered = Signal(object, object)
    #: A further page.
    continued = Signal(object)
    #: The :class:`ErrorInfo` of a question that could not be answered.
    failed = Signal(object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        # Two: the newest question need not wait for one that was dropped.
        self._pool = Pool(2, self)
        self._job: Job[Found] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE)
        self._soon.timeout.connect(self._ask)
        self.query = Query()

    @property
    def searching(self) -> bool:
        """Whether an answer is still to come."""
        return self._soon.isActive() or self._pool.unfinished > 0

    def ask_soon(self, query: Query) -> None:
        """Ask once nothing more is typed for a moment."""
        self._drop()
        self.query = query
        self._soon.start()

    def ask(self, query: Query) -> None:
        """Ask now."""
        self._soon.stop()
        self.query = query
        self._ask()

    def ask_more(self, after: str) -> None:
        """Ask for the page of the same answer that begins after a place."""
        query = self.query

        def done(found: Found) -> None:
            if query is self.query:
                self.continued.emit(found)

        self._job = self._pool.start(
            lambda _job: self._office.archive.find(query, after=after, limit=PAGE), done=done, failed=self._fail
        )

    def stop(self) -> None:
        """Wait until no thread asks any more."""
        self._soon.stop()
        self._pool.close()

    def _ask(self) -> None:
        self._drop()
        query = self.query
        self._job = self._pool.start(
            lambda _job: self._office.archive.find(query, limit=PAGE),
            done=lambda found: self.answered.emit(query, found),
            failed=self._fail,
        )

    def _drop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _fail(self, error: Exception) -> None:
        told: ErrorInfo = describe(error)
        self.failed.emit(told)
