"""Changes to documents of the archive, made off the main thread and told with the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.archive.model import Corrections, Document, Dossier, DossierData, FiledCopy
from app.correcting import Corrector
from app.errors import describe
from app.i18n import _
from app.office import Office
from ui.work import Pool

Result = TypeVar("Result")


@dataclass(frozen=True)
class Done:
    """Something that was changed.

    :ivar document: id of the document to be shown.
    :ivar undo: makes it as it was before; None where there is no way back.
    :ivar file: what was written outside the archive.
    """

    sentence: str
    hint: str = ""
    document: int | None = None
    undo: Callable[[], None] | None = None
    file: Path | None = None


class ArchiveChanges(QObject):
    """Does what the page is asked for, one after the other."""

    #: The :class:`Done`.
    done = Signal(object)
    #: The :class:`ErrorInfo` of what could not be done; nothing was changed.
    failed = Signal(object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._corrector = Corrector(office)
        self._pool = Pool(1, self)

    @property
    def busy(self) -> bool:
        return self._pool.unfinished > 0

    def correct(self, document: int, corrections: Corrections) -> None:
        """Put a person's word in the place of what was read."""
        self._start(
            lambda: self._corrector.correct(document, corrections),
            lambda found: Done(
                _("The information was saved."), document=found.id, undo=lambda: self._undo_last(document)
            ),
        )

    def undo_correction(self, document: int, entry: int) -> None:
        """Put back what a correction replaced.

        :param entry: its number in the ledger.
        """
        self._start(
            lambda: self._corrector.undo(document, entry),
            lambda found: Done(_("The correction was undone."), document=found.id),
        )

    def _undo_last(self, document: int) -> None:
        def work() -> Document:
            last = next(one for one in self._corrector.history(document) if one.undoes is None)
            return self._corrector.undo(document, last.entry)

        self._start(work, lambda found: Done(_("The correction was undone."), document=found.id))

    def attach(self, document: int, main: int | None, before: int | None) -> None:
        """Make a document an attachment, or one of its own.

        :param before: what it was attached to until now.
        """
        sentence = _("It is an attachment now.") if main is not None else _("It is a document of its own now.")
        self._start(
            lambda: self._office.archive.attach(document, main),
            lambda found: Done(sentence, document=found.id, undo=lambda: self.attach(document, before, main)),
        )

    def join(self, document: int, other: int) -> None:
        """Make the files of another document files of this one."""
        self._start(
            lambda: self._corrector.join(document, other),
            lambda found: Done(_("The two are one document now."), document=found.id),
        )

    def part(self, copy: int) -> None:
        """Make a file of a document a document of its own again."""
        self._start(
            lambda: self._corrector.part(copy),
            lambda found: Done(_("It is a document of its own now."), document=found.id),
        )

    def put(self, document: int, dossier: int) -> None:
        """Put a document into a dossier."""
        self._start(
            lambda: self._office.archive.dossiers.put(dossier, document),
            lambda found: self._into(document, found),
        )

    def open_dossier(self, document: int, data: DossierData) -> None:
        """Open a dossier and put a document into it."""

        def work() -> Dossier:
            dossiers = self._office.archive.dossiers
            return dossiers.put(dossiers.open(data).id, document)

        self._start(work, lambda found: self._into(document, found))

    def take_out(self, document: int, dossier: int) -> None:
        """Take a document out of a dossier."""
        self._start(
            lambda: self._office.archive.dossiers.take_out(dossier, document),
            lambda found: Done(
                _("Taken out of the dossier {notation}.").format(notation=found.data.notation),
                document=document,
                undo=lambda: self.put(document, dossier),
            ),
        )

    def save_copy(self, source: Path, target: Path) -> None:
        """Save a copy of a file outside the archive."""
        from app.archive.taking_out import save_copy

        self._start(
            lambda: save_copy(source, target),
            lambda _nothing: Done(_("A copy was saved."), str(target), file=target),
        )

    def export_evidence(self, copy: FiledCopy, target: Path) -> None:
        """Write a copy with all its evidence into a ZIP."""
        self._start(
            lambda: self._office.keeper.export_evidence(copy, target),
            lambda _nothing: Done(_("The evidence was exported."), str(target), file=target),
        )

    def run(self, work: Callable[[], Result], told: Callable[[Result], Done]) -> None:
        """Do something else and tell it.

        :param work: off the main thread. :param told: what to tell of its result.
        """
        self._start(work, told)

    def stop(self) -> None:
        self._pool.close()

    def _into(self, document: int, dossier: Dossier) -> Done:
        return Done(
            _("Put into the dossier {notation}.").format(notation=dossier.data.notation),
            document=document,
            undo=lambda: self.take_out(document, dossier.id),
        )

    def _start(self, work: Callable[[], Result], told: Callable[[Result], Done]) -> None:
        self._pool.start(
            lambda _job: work(),
            done=lambda result: self.done.emit(told(result)),
            failed=lambda error: self.failed.emit(describe(error)),
        )
