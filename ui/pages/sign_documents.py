"""The documents to sign, kept up to date off the main thread: read, looked through, mended, shown as PDF."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.formats import Format
from app.documents.hashing import sha256_file
from app.documents.reading import Reading, read_with_places
from app.errors import AntinError, ErrorInfo, describe
from app.office import Office
from app.preflight.model import Preflight
from app.signing.errors import DocumentNotRead
from app.signing.making import check_signable
from app.signing.model import Act
from ui.pages.sign_folders import Collected, collect
from ui.readiness import get_ready
from ui.signing_entry import OFFICE_FORMATS, Entry
from ui.widgets.file_list_model import FileListModel
from ui.wording import beside_file
from ui.work import Job, Pool

#: Of a folder that does not answer, others do not wait.
_LOOKS = 2
#: Milliseconds after which new documents are read: they are on the screen then, which the reading would hold up.
_SHOWN_FIRST = 30


class SignDocuments(QObject):
    """Reads what is put into the list, one document after the other.

    :ivar files: the list.
    """

    #: Emitted with the :class:`Entry` of which something became known.
    changed = Signal(object)
    #: Emitted with the :class:`ui.pages.sign_folders.Collected` of what was added, which is in the list then.
    collected = Signal(object)
    #: Emitted with an exception that belongs to no row.
    failed = Signal(object)

    def __init__(self, office: Office, files: FileListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self.files = files
        self._looking = Pool(_LOOKS, self)
        self._looked_at: dict[Job[Collected], Sequence[Entry]] = {}
        self._reading = Pool(1, self)
        self._beside = Pool(1, self)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._wanted_pdf: Entry | None = None
        self._unread: list[Entry] = []
        self._beginning = QTimer(self)
        self._beginning.setSingleShot(True)
        self._beginning.setInterval(_SHOWN_FIRST)
        self._beginning.timeout.connect(self._read_new)
        self._then: Callable[[], None] | None = None
        for pool in (self._looking, self._reading):
            pool.changed.connect(self._go_on)
        for gone in (files.rowsRemoved, files.modelReset):
            gone.connect(self._leave_unwanted)

    @property
    def reading(self) -> bool:
        """Whether anything is being read."""
        return bool(self._unread) or self._looking.unfinished > 0 or self._reading.unfinished > 0

    def add(self, paths: list[Path]) -> None:
        """Put files into the list and read them. A folder is in it until the documents in it take its place: which of
        the paths are folders only the disk knows, or the share, which may be slow to say so."""
        self._unread += self.files.add(paths)
        self._beginning.start()

    def look_again(self) -> None:
        """Look again through the documents that are now to be looked through otherwise: scans to be copied, Office
        documents to be turned into PDF."""
        for entry in self.files.entries:
            if entry.read is not None and entry.looked_as != self._as_wanted(entry):
                self._look_through(entry)

    def read_again(self, entries: Iterable[Entry]) -> None:
        """Read documents that are not what was shown of them any more."""
        for entry in entries:
            entry.read = entry.info = entry.looked = entry.pdf = entry.before = None
            entry.accepts = frozenset()
            entry.forget_mark()
            self._read(entry)

    def when_read(self, then: Callable[[], None]) -> None:
        """Call once nothing is being read any more; the last one asked for wins."""
        self._then = then
        self._go_on()

    def repair(self, entry: Entry) -> None:
        """Put a mended copy in the place of a document."""

        def repair(job: Job[tuple[Preflight, str]]) -> tuple[Preflight, str]:
            mended = self._office.repair(entry.path, entry.path.absolute().parent)
            return mended, sha256_file(mended.path)

        self._reading.start(
            repair,
            done=lambda found: self._repaired(entry, *found),
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
        self._then = None
        self._beginning.stop()
        self._looking.leave()
        self._reading.close()
        self._beside.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _read_new(self) -> None:
        unread, self._unread = self._unread, []
        paths = [entry.path for entry in unread]

        def done(found: Collected) -> None:
            del self._looked_at[job]
            self._take(unread, found)

        def failed(error: Exception) -> None:
            del self._looked_at[job]
            for entry in unread:
                self._not_read(entry, error)

        job = self._looking.start(lambda job: collect(paths, job.cancelled), done=done, failed=failed)
        self._looked_at[job] = unread
        self._beside.start(lambda job: get_ready(), done=lambda nothing: None, failed=self.failed.emit)

    def _leave_unwanted(self) -> None:
        """Look no further through folders that were taken out of the list."""
        for job, entries in list(self._looked_at.items()):
            if all(self.files.row_of(entry) < 0 for entry in entries):
                del self._looked_at[job]
                job.cancel()
                self._go_on()

    def _take(self, entries: Sequence[Entry], found: Collected) -> None:
        """Read files, and in the places of folders their documents."""
        for entry in entries:
            documents = found.stands_for.get(entry.path, [])
            for one in [entry] if documents == [entry.path] else self.files.put_in_place(entry, documents):
                self._read(one)
        self.collected.emit(found)

    def _go_on(self) -> None:
        if self._then is not None and not self.reading:
            then, self._then = self._then, None
            then()

    def _read(self, entry: Entry) -> None:
        def read(job: Job[tuple[str, Reading]]) -> tuple[str, Reading]:
            reading = read_with_places(entry.path)
            return sha256_file(entry.path), reading

        self._reading.start(
            read,
            done=lambda found: self._was_read(entry, *found),
            failed=lambda error: self._not_read(entry, error),
        )

    def _was_read(self, entry: Entry, seen: str, reading: Reading) -> None:
        entry.seen = seen
        entry.read = entry.info = reading.info
        entry.take_before()
        if reading.gave_up:
            self._not_read(entry, DocumentNotRead(path=entry.path))
            return
        self.changed.emit(entry)
        self._look_through(entry)

    def _as_wanted(self, entry: Entry) -> tuple[bool, bool]:
        """Whether it is looked through as a scan to be copied, and as what a PDF is made of."""
        return (entry.act or self.files.act) is Act.COPY, self.files.as_pdf

    def _look_through(self, entry: Entry) -> None:
        as_copy, as_pdf = entry.looked_as = self._as_wanted(entry)

        def look(job: Job[tuple[Preflight, ErrorInfo | None]]) -> tuple[Preflight, ErrorInfo | None]:
            looked = self._office.preflight(entry.path, as_copy=as_copy)
            try:
                if not (as_pdf and Format(looked.format) in OFFICE_FORMATS):
                    check_signable(entry.path)
            except AntinError as error:
                return looked, beside_file(describe(error), entry.path)
            return looked, None

        self._reading.start(
            look,
            done=lambda found: self._looked_through(entry, *found),
            failed=lambda error: self._not_read(entry, error),
        )

    def _looked_through(self, entry: Entry, looked: Preflight, problem: ErrorInfo | None) -> None:
        entry.looked, entry.problem = looked, problem
        self.changed.emit(entry)

    def _not_read(self, entry: Entry, error: Exception) -> None:
        entry.problem = beside_file(describe(error), entry.path)
        self.changed.emit(entry)

    def _repaired(self, entry: Entry, mended: Preflight, seen: str) -> None:
        entry.seen = seen
        entry.path, entry.looked, entry.accepts, entry.pdf = mended.path, mended, frozenset(), None
        entry.problem = None
        entry.forget_mark()
        self.changed.emit(entry)
        self._look_through(entry)

    def _made(self, entry: Entry, pdf: Path) -> None:
        self._wanted_pdf = None
        entry.pdf = pdf
        self.changed.emit(entry)

    def _not_made(self, error: Exception) -> None:
        self._wanted_pdf = None
        self.failed.emit(error)
