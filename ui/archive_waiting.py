"""Copies that wait on this computer for the archive to be back: filed, or told, whenever its page is looked at anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.office import Office
from ui.opening import open_folder
from ui.widgets.told import Offer, Told
from ui.work import Pool


@dataclass(frozen=True)
class Looked:
    """What became of the copies that waited.

    :ivar filed: how many were filed. :ivar waiting: how many wait still.
    :ivar refused: one that the archive does not take although it is back, and why; None where there is none.
    """

    filed: int
    waiting: int
    refused: tuple[Path, ErrorInfo] | None


class ArchiveWaiting(QObject):
    """Files what waits, off the main thread."""

    #: The :class:`Looked`; not emitted where none waited.
    looked = Signal(object)
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

    def _file(self) -> Looked | None:
        keeper = self._office.keeper
        if not keeper.waiting_room.copies():
            return None
        outcomes = list(keeper.file_waiting())
        refused = ((Path(one.path), one.error) for one in outcomes if one.error is not None)
        filed = sum(one.copy is not None for one in outcomes)
        return Looked(filed, len(keeper.waiting_room.copies()), next(refused, None))

    def _tell(self, found: Looked | None) -> None:
        if found is not None:
            self.looked.emit(found)


def tell(told: Told, looked: Looked) -> None:
    """Say it above the page."""
    if looked.refused is not None:
        path, error = looked.refused
        open_it: Offer = (_("Open the &folder"), "folder-open", lambda: open_folder(path.parent))
        sentence = _("A document that waited cannot be filed: {reason}").format(reason=error.message)
        told.tell_attention(sentence, error.hint, [open_it])
    elif looked.filed:
        sentence = ngettext(
            "{n} document that waited was filed.", "{n} documents that waited were filed.", looked.filed
        )
        told.tell_done(sentence.format(n=looked.filed), "")
    elif looked.waiting:
        sentence = ngettext(
            "{n} document waits on this computer: the archive is away.",
            "{n} documents wait on this computer: the archive is away.",
            looked.waiting,
        )
        hint = _("They are filed when it is back: with the next document, or when this page is opened.")
        told.tell_attention(sentence.format(n=looked.waiting), hint)
