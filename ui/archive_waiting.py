"""Copies that wait on this computer for the archive to be back: filed, or told, whenever its page is looked at anew."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.errors import describe
from app.office import Office
from ui.work import Pool


class ArchiveWaiting(QObject):
    """Files what waits, off the main thread."""

    #: How many copies were filed, and how many wait still; not emitted where none waited.
    looked = Signal(int, int)
    #: The :class:`ErrorInfo` of why they could not be looked at.
    failed = Signal(object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(1, self)

    def look(self) -> None:
        """File what waits, where the archive is back."""
        self._pool.start(
            lambda _job: self._file(), done=self._tell, failed=lambda error: self.failed.emit(describe(error))
        )

    def stop(self) -> None:
        self._pool.close()

    def _file(self) -> tuple[int, int]:
        keeper = self._office.keeper
        if not keeper.waiting_room.copies():
            return 0, 0
        filed = sum(outcome.copy is not None for outcome in keeper.file_waiting())
        return filed, len(keeper.waiting_room.copies())

    def _tell(self, found: tuple[int, int]) -> None:
        if any(found):
            self.looked.emit(*found)
