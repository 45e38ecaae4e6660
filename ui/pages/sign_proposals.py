"""Where the mark of the document shown will stand, and what it looks like, found out off the main thread."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app import times
from app.documents import pages
from app.documents.reading import read_with_places
from app.office import Office
from app.signing import mark_picture, placement
from app.signing.acts import Subject, inscriptions, mark, numbered
from app.signing.corrections import corrected
from app.signing.model import Mark
from ui.signing_entry import Entry
from ui.widgets.sign_setup import Choice
from ui.work import Job, Pool

#: Pixels a PDF point in the picture of a mark: sharp when the page is shown large.
_SCALE = 4.0


@dataclass(frozen=True)
class Proposal:
    """What the document shown will bear.

    :ivar mark: None where it bears none.
    :ivar picture: of the mark, on white.
    :ivar wanted: whether a mark was asked for.
    :ivar written: number and date that go into their blanks, each with its picture.
    """

    mark: Mark | None = None
    picture: QImage | None = None
    wanted: bool = False
    written: Sequence[tuple[Mark, QImage]] = ()


class SignProposals(QObject):
    """The last one asked for wins."""

    #: Emitted with the :class:`Entry` and its :class:`Proposal`.
    found = Signal(object, object)
    #: Emitted with the :class:`Entry` and the exception that says why its mark cannot be made.
    failed = Signal(object, object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(1, self)
        self._job: Job[Proposal] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)

    def forget(self) -> None:
        """Nobody waits for the last one any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def propose(self, entry: Entry, document: Path, choice: Choice) -> None:
        """Find out what a document will bear; ``found`` or ``failed`` follows unless another is asked for.

        :param document: the PDF that is signed: the file of the entry or what was made of it.
        """
        self.forget()
        options = entry.own_options(choice.options)
        agency, places = self._office.settings.agency, self._office.places
        drawing = Path(self._folder.name) / "mark.pdf"

        def find(job: Job[Proposal]) -> Proposal:
            reading = read_with_places(document)
            now = times.now()
            reading = dataclasses.replace(reading, info=corrected(reading.info, options))
            reading = numbered(reading, options, now.date())
            subject = Subject(document, options, choice.key, reading, agency, now, places)
            shown = mark(subject)
            picture = None if shown is None else _drawn(shown, document, drawing)
            written = [(one, _drawn(one, document, drawing)) for one in inscriptions(subject)]
            return Proposal(shown, picture, options.visible, written)

        self._job = self._pool.start(
            find,
            done=lambda proposal: self.found.emit(entry, proposal),
            failed=lambda error: self.failed.emit(entry, error),
        )

    def stop(self) -> None:
        self._pool.close()
        self._folder.cleanup()


def _drawn(shown: Mark, document: Path, drawing: Path) -> QImage:
    sheet = placement.sheet_of(document, shown.page)
    mark_picture.write(shown, drawing, sheet.turn if sheet is not None else 0)
    width, height, data = pages.render(drawing, 0, _SCALE)
    return QImage(data, width, height, width * 3, QImage.Format.Format_RGB888).copy()
