"""The documents to sign, kept up to date off the main thread: read, looked through, mended, shown as PDF."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.formats import Format, usual_suffixes
from app.documents.model import DocumentInfo
from app.errors import describe
from app.office import Office
from app.preflight.model import Preflight
from app.signing.model import Act
from ui.readiness import get_ready
from ui.signing_entry import OFFICE_FORMATS, Entry
from ui.widgets.file_list_model import FileListModel
from ui.work import Job, Pool

#: Endings of what is taken out of a folder.
FOLDER_SUFFIXES = usual_suffixes(Format.PDF, Format.ASICE, *OFFICE_FORMATS)


@dataclass(frozen=True)
class Collected:
    """What was found for a drop.

    :ivar left_out: files in folders that are no documents by their names.
    """

    files: list[Path]
    left_out: int


class SignDocuments(QObject):
    """Reads what is put into the list, one document after the other.

    :ivar files: the list.
    """

    #: Emitted with the :class:`Entry` of which something became known.
    changed = Signal(object)
    #: Emitted with the :class:`Collected` of folders that were added.
    collected = Signal(object)
    #: Emitted with an exception that belongs to no row.
    failed = Signal(object)

    def __init__(self, office: Office, files: FileListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self.files = files
        self._reading = Pool(1, self)
        self._beside = Pool(1, self)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._wanted_pdf: Entry | None = None

    @property
    def reading(self) -> bool:
        """Whether anything is being read."""
        return self._reading.unfinished > 0

    def add(self, paths: list[Path]) -> None:
        """Put files into the list and read them; of folders, the documents directly in them."""
        if any(path.is_dir() for path in paths):
            self._reading.start(lambda job: _collected(paths), done=self.collected.emit, failed=self.failed.emit)
            return
        for entry in self.files.add(paths):
            self._read(entry)
        self._beside.start(lambda job: get_ready(), done=lambda nothing: None, failed=self.failed.emit)

    def look_again(self) -> None:
        """Look again through the documents that another act now wants looked through otherwise: scans to be copied."""
        for entry in self.files.entries:
            if entry.read is not None and entry.looked_as_copy != self._as_copy(entry):
                self._look_through(entry)

    def repair(self, entry: Entry) -> None:
        """Put a mended copy in the place of a document."""
        self._reading.start(
            lambda job: self._office.repair(entry.path, entry.path.absolute().parent),
            done=lambda mended: self._repaired(entry, mended),
            failed=self.failed.emit,
        )

    def make_pdf(self, entry: Entry) -> None:
        """Make the PDF of an Office document that is shown before it is signed."""
        if self._wanted_pdf is entry:
            return
        self._wanted_pdf = entry
        source = entry.path

        def convert(job: Job[Path]) -> Path:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)
            target = Path(tempfile.mkdtemp(dir=self._folder.name)) / f"{source.stem}.pdf"
            return self._office.as_pdf(source, target)[0]

        self._beside.start(convert, done=lambda pdf: self._made(entry, pdf), failed=self._not_made)

    def stop(self) -> None:
        self._reading.close()
        self._beside.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _read(self, entry: Entry) -> None:
        self._reading.start(
            lambda job: self._office.read(entry.path),
            done=lambda info: self._was_read(entry, info),
            failed=lambda error: self._not_read(entry, error),
        )

    def _was_read(self, entry: Entry, info: DocumentInfo) -> None:
        entry.read = entry.info = info
        entry.take_before()
        self.changed.emit(entry)
        self._look_through(entry)

    def _as_copy(self, entry: Entry) -> bool:
        return (entry.act or self.files.act) is Act.COPY

    def _look_through(self, entry: Entry) -> None:
        as_copy = entry.looked_as_copy = self._as_copy(entry)
        self._reading.start(
            lambda job: self._office.preflight(entry.path, as_copy=as_copy),
            done=lambda looked: self._looked_through(entry, looked),
            failed=lambda error: self._not_read(entry, error),
        )

    def _looked_through(self, entry: Entry, looked: Preflight) -> None:
        entry.looked = looked
        self.changed.emit(entry)

    def _not_read(self, entry: Entry, error: Exception) -> None:
        entry.problem = describe(error)
        self.changed.emit(entry)

    def _repaired(self, entry: Entry, mended: Preflight) -> None:
        entry.path, entry.looked, entry.accepts, entry.pdf = mended.path, mended, frozenset(), None
        entry.forget_mark()
        self.changed.emit(entry)

    def _made(self, entry: Entry, pdf: Path) -> None:
        self._wanted_pdf = None
        entry.pdf = pdf
        self.changed.emit(entry)

    def _not_made(self, error: Exception) -> None:
        self._wanted_pdf = None
        self.failed.emit(error)


def _collected(paths: list[Path]) -> Collected:
    """The files among ``paths``, and the documents directly in the folders among them."""
    files: list[Path] = []
    left_out = 0
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = [file for file in sorted(path.iterdir()) if file.is_file() and not file.name.startswith((".", "~$"))]
        documents = [file for file in inside if file.suffix.lower() in FOLDER_SUFFIXES]
        files += documents
        left_out += len(inside) - len(documents)
    return Collected(files, left_out)
