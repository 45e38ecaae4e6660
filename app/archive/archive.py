"""The archive: signed and received documents in folders by year and type, and an index to find them.

The files are the archive; the index can be lost. A copy gets its final name in one step, after it is whole on the
disk, and no name is ever given to a second file.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.archive.copying import copy_flushed
from app.archive.errors import OutsideArchive
from app.archive.layout import Layout
from app.archive.model import Branch, Corrections, Document, Found, Passage, Query
from app.archive.model import FiledCopy as FiledCopy
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.errors import CopyDiffers
from app.storage.files import flush_file, flush_folder, rename_new, writing_error
from app.storage.staging import staging_path
from app.times import today

if TYPE_CHECKING:
    from app.archive.batch import BatchOptions, Outcome
    from app.archive.dossiers import Dossiers
    from app.archive.index import Index
    from app.archive.registers import Register
    from app.storage.store import Store

_PASSAGE = 160


class Archive:
    """The filed copies of an office and the documents they are copies of. Threads and processes may share it.

    :param root: folder of the tree; made with the first copy.
    :param store: opens the database of the index; called when it is first needed.
    :param layout: folders and names; the settings' own.
    """

    def __init__(self, root: Path, store: Callable[[], Store], layout: Layout | None = None) -> None:
        self.root = root.absolute()
        self.layout = layout or Layout()
        self._open_store = store
        self._opened: Store | None = None
        self._index: Index | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        """Close the index; it opens again when needed."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
            self._opened = self._index = None

    # Filing

    def staging(
        self,
        info: DocumentInfo,
        *,
        year: int | None = None,
        suffix: str,
        source: Path | None = None,
        incoming: bool = False,
    ) -> Path:
        """A path for a copy to be written to, not yet existing, in the folder where it will stay.

        :param year: the document's year where not given: of its date, this year for one received or without a date.
        :param suffix: extension with dot.
        :param source: the file that the copy is made from; with it, a number taken by another document is told before
            any work is done.
        :raises NumberAlreadyFiled, SecretNotFiled: see :meth:`take`.
        :raises ArchiveAway: the folder of the archive is gone although it has copies; none is made in its place.
        :raises TargetNotWritable, DiskFull: the folder cannot be made.
        """
        from app.archive.placing import check_number, check_secrecy
        from app.archive.tree import ArchiveAway
        from app.archive.waiting import is_away

        check_secrecy(info, source or self.root)
        if is_away(self):
            raise ArchiveAway(root=str(self.root))
        year = self.year(info, year, incoming)
        if source is not None and not incoming:
            index, store = self.indexed()
            with store.read() as connection:
                check_number(index, connection, info, year, source, None)
        return staging_path(self.layout.folder(self.root, info, year, incoming), suffix)

    def take(
        self,
        staged: Path,
        info: DocumentInfo,
        *,
        year: int | None = None,
        sha256: str,
        source: Path,
        signers: Sequence[str],
        format: str,
        incoming: bool = False,
        text: str | None = None,
        more: Corrections | None = None,
        doubts: Mapping[str, float] | None = None,
        made_from: str | None = None,
    ) -> FiledCopy:
        """Give a finished file its final name and enter it in the index, as a copy of the document that the index knows
        by its number, words or the file it was made from, else as a new document.

        :param staged: a path of :meth:`staging`, now a file.
        :param year: as given to :meth:`staging`.
        :param sha256: hexadecimal, of the staged file.
        :param source: the file it was made from.
        :param text: of the document, for search; read from the file where not given.
        :param more: metadata beside ``info``, for a new document. :param doubts: see :class:`Document`.
        :param made_from: SHA-256 of ``source``, hexadecimal, where it is known; it is read otherwise.
        :return: the copy filed before, marked as duplicate, where it has the same octets; ``staged`` is then gone.
        :raises NumberAlreadyFiled: an issued document of that number, symbol and year differs in date or summary, and
            is not what this one was made from. Its other formats and later signatures are the same document.
        :raises SecretNotFiled: it bears a mark of secrecy.
        :raises NoFreeName: thousands of files of that name.
        :raises OutsideArchive: ``staged`` is not of this archive.
        :raises TargetNotWritable, DiskFull: nothing was filed; ``staged`` is still there.
        """
        from app.archive.entering import Entry
        from app.archive.placing import Finished, check_secrecy, place

        check_secrecy(info, source)
        year = self.year(info, year, incoming)
        folder = self.layout.folder(self.root, info, year, incoming)
        if staged.absolute().parent != folder:
            raise OutsideArchive(path=str(staged), root=str(self.root))
        if text is None:
            from app.documents.full_text import read_text

            text = read_text(staged)
        entry = Entry(info, year, incoming, more, doubts or {}, text, made_from)
        stem = self.layout.stem(info, source, folder, staged.suffix)
        index, store = self.indexed()
        placed: Path | None = None
        try:
            flush_file(staged)
            size = staged.stat().st_size
            with store.write() as connection:
                file = Finished(staged, stem, sha256, size, source, signers, format, entry)
                done = place(index, connection, file)
                placed = done.path
                flush_folder(folder)
            return done.copy
        except BaseException as error:
            if placed is not None:
                with suppress(OSError):
                    rename_new(placed, staged)
            if isinstance(error, OSError):
                raise writing_error(error, staged) from error
            raise

    def add(
        self,
        source: Path,
        info: DocumentInfo | None = None,
        *,
        year: int | None = None,
        incoming: bool = False,
        signers: Sequence[str] = (),
        more: Corrections | None = None,
    ) -> FiledCopy:
        """File a copy of a file; the file itself stays as it is.

        :param info: what it says of itself; read from it where not given, and fields in doubt are noted.
        :param year: the document's year where not given, as in :meth:`staging`.
        :param more: metadata beside ``info``.
        :raises FileMissing, FileNotReadable: the file cannot be read.
        :raises CopyDiffers: the copy, read back, is not what was written.
        :raises AntinError: as :meth:`take`; the half-made copy is removed.
        """
        from app.documents.formats import detect

        format = detect(source)
        doubts: Mapping[str, float] = {}
        text: str | None = None
        if info is None:
            from app.documents.reading import read_all

            reading, text = read_all(source)
            info, doubts = reading.info, reading.doubts(self.layout.settings.doubtful_below)
        year = self.year(info, year, incoming, more)
        staged = self.staging(info, year=year, suffix=source.suffix, source=source, incoming=incoming)
        try:
            sha256, _ = copy_flushed(source, staged)
            if sha256_file(staged) != sha256:
                raise CopyDiffers(path=str(source))
            return self.take(
                staged,
                info,
                year=year,
                sha256=sha256,
                source=source,
                signers=signers,
                format=str(format),
                incoming=incoming,
                text=text,
                more=more,
                doubts=doubts,
            )
        except OSError as error:
            raise writing_error(error, staged) from error
        finally:
            with suppress(FileNotFoundError):
                staged.unlink()

    def add_all(self, sources: Iterable[Path], wanted: BatchOptions | None = None) -> Iterator[list[Outcome]]:
        """File copies of many files, hundreds a second; see :func:`app.archive.batch.add_all`."""
        from app.archive.batch import BatchOptions, add_all

        return add_all(self, sources, wanted or BatchOptions())

    # Looking

    def find(self, query: Query, *, after: str | None = None, limit: int = 50) -> Found:
        """A page of documents; see :class:`~app.archive.model.Query` and :class:`~app.archive.model.Found`.

        :param after: ``next`` of the page before.
        """
        index, store = self.indexed()
        with store.read() as connection:
            return index.find(connection, query, after=after, limit=limit)

    def passage(self, document: int, text: str, *, length: int = _PASSAGE) -> Passage | None:
        """The piece of a document's text that shows most of the words of a query; None where it has none of them, or
        its file cannot be read. Reads the file: a few hundredths of a second.

        :param document: its id. :param text: of the query. :param length: letters of the piece, about.
        """
        from app.archive.marking import passage
        from app.archive.search_words import Wanted
        from app.documents.full_text import read_text
        from app.errors import AntinError

        found = self.document(document)
        for copy in reversed(found.copies if found is not None else []):
            with suppress(AntinError):
                if (read := read_text(Path(copy.path))) and (
                    shown := passage(read, Wanted.of(Query(text)).shown, length)
                ):
                    return shown
        return None

    def document(self, identifier: int) -> Document | None:
        """A document with its copies, attachments and dossiers."""
        index, store = self.indexed()
        with store.read() as connection:
            return index.document(connection, identifier)

    def tree(self) -> list[Branch]:
        """Years and types with how many documents each has: issued before received, the newest year first."""
        index, store = self.indexed()
        with store.read() as connection:
            return index.tree(connection)

    def search(
        self,
        query: str = "",
        *,
        year: int | None = None,
        type: str | None = None,
        signer: str | None = None,
        date_from: dt.date | None = None,
        date_to: dt.date | None = None,
        limit: int = 50,
    ) -> list[FiledCopy]:
        """The copies of the documents found, the newest copy of a document first; see :meth:`find`.

        :param limit: documents at most.
        """
        found = self.find(Query(query, year, type, signer, date_from, date_to), limit=limit)
        return [copy for hit in found.hits for copy in reversed(hit.document.copies)]

    def find_hash(self, sha256: str) -> FiledCopy | None:
        """The copy with these octets, as the index knows it."""
        index, store = self.indexed()
        with store.read() as connection:
            return index.with_hash(connection, sha256)

    def number_bearer(self, info: DocumentInfo) -> str | None:
        """Path of another issued document that bears a document's number, so that :meth:`take` would refuse it; None
        where it has no number, or a free one."""
        from app.archive.placing import same

        if not info.number:
            return None
        index, store = self.indexed()
        with store.read() as connection:
            found = index.with_number(connection, self.year(info, None, False), info.number, info.symbol)
            return next((copy.path for copy in found if not same(copy, info)), None)

    def register(self, year: int, *, incoming: bool) -> Register:
        """The register of a year; see :mod:`app.archive.registers`."""
        from app.archive.registers import register

        return register(self, year, incoming=incoming)

    # What belongs together

    @property
    def dossiers(self) -> Dossiers:
        """The dossiers (hồ sơ) of the office."""
        from app.archive.dossiers import Dossiers

        return Dossiers(lambda: self.indexed()[1])

    def correct(self, document: int, corrections: Corrections) -> Document:
        """Put a person's word in the place of what was read. Copies move where their folder or name follows from it;
        what was doubtful is asked no more.

        :param corrections: empty to confirm the document as it is.
        :raises DocumentUnknown: there is no such document.
        :raises NumberAlreadyFiled: an issued document of another date or summary bears that number.
        :raises AntinError: a copy cannot be moved; nothing was changed.
        """
        from app.archive.correcting import correct

        return correct(self, document, corrections)

    def attach(self, document: int, main: int | None) -> Document:
        """Make a document an attachment of a main document, or, with None, one of its own.

        :raises DocumentUnknown: there is no such document. :raises AttachedInCircle: ``main`` is attached itself, or to
            this one.
        """
        from app.archive.correcting import attach

        return attach(self, document, main)

    def join(self, document: int, other: int) -> Document:
        """Make the copies of another document copies of this one, such as the .docx of a .pdf; the other one goes. This
        one lies in its dossiers from then on, and has its metadata where it has none of its own.

        :raises DocumentUnknown: there is no such document.
        """
        from app.archive.correcting import join

        return join(self, document, other)

    def part(self, copy: int) -> Document:
        """Make a copy of a document one of its own again, with what its file says of itself.

        :param copy: its id.
        :return: the new document.
        :raises CopyUnknown: there is no such copy. :raises CopyAlone: its document has no other.
        """
        from app.archive.correcting import part

        return part(self, copy)

    def indexed(self) -> tuple[Index, Store]:
        """The index and its store, opened when first asked for; for the modules of the archive."""
        from app.archive.index import Index

        with self._opening:
            if self._opened is None:
                self._opened = self._open_store()
            if self._index is None:
                self._index = Index(self.root, "postgresql" if self._opened.is_server else "sqlite")
            return self._index, self._opened

    @staticmethod
    def year(info: DocumentInfo, year: int | None, incoming: bool, more: Corrections | None = None) -> int:
        """The year under which a document is filed: of its date, of one received that of its arrival, by whose years
        it is numbered (appendix VI, part I, III.1.đ).

        :param year: as a person says it. :param more: metadata beside ``info``; may tell the day of arrival.
        """
        if year is not None:
            return year
        if incoming and more is not None and isinstance(more.arrived_on, dt.date):
            return more.arrived_on.year
        return info.date.year if info.date is not None and not incoming else today().year
