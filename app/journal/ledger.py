"""The ledger: what the program did, one hash-chained entry a line, only ever appended.

Of one workstation it is a file (:mod:`app.journal.file_book`), of an office with a database a table that all
workstations append to (:mod:`app.journal.shared_book`); lines, chain and check are the same (decisions 0006 and 0021).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.journal.book import Book
from app.journal.entry import Entry, decode, draft
from app.journal.file_book import FileBook
from app.journal.head import EMPTY, Head
from app.journal.selection import damaged

if TYPE_CHECKING:
    from app.journal.check import LedgerCheck
    from app.journal.kept_seals import KeptSeals
    from app.journal.seal import Judge, OwnCertificates
    from app.journal.selection import Selection, Wish
    from app.journal.shared_book import SharedBook
    from app.storage.store import Store


class Ledger:
    """The ledger of a data folder, or of an office. Safe for several threads and processes at once.

    :param folder: of this workstation; where the files are, made with the first entry.
    :param store: opens the database that the workstations share; without it the ledger is a file.
    :param judge: whether the certificate of a seal led to a trusted root at a time.
    :param own: the certificates of the office's own tokens; without it no seal is of one.
    :param seal_copies: folders beside ``folder`` in which copies of the seals are kept.
    """

    def __init__(
        self,
        folder: Path,
        *,
        store: Callable[[], Store] | None = None,
        judge: Judge | None = None,
        own: OwnCertificates | None = None,
        seal_copies: Sequence[Path] = (),
    ) -> None:
        self.folder = folder
        self._judge, self._own = judge, own
        self._copies = (folder, *seal_copies)
        self._shared: SharedBook | None = None
        if store is None:
            self._book: Book = FileBook(folder)
        else:
            from app.journal.shared_book import SharedBook

            self._book = self._shared = SharedBook(store, folder)

    @property
    def path(self) -> Path:
        """The file of lines of a ledger that is a file."""
        return self.folder / "ledger.jsonl"

    @property
    def shared(self) -> bool:
        """Whether workstations share it."""
        return self._shared is not None

    @property
    def waiting(self) -> int:
        """How many entries of this workstation wait for the database; 0 for a ledger that is a file."""
        return 0 if self._shared is None else self._shared.waiting

    def append(self, kind: str, /, **data: object) -> Entry:
        """Add an entry; when this returns it is on the disk, or in the database. While the database is away it waits
        on the disk of this workstation.

        :param data: anything msgspec can encode; other values are written as their text.
        :raises LedgerEntryTooLarge: the line would exceed :data:`app.journal.entry.MAX_ENTRY`.
        :raises LedgerBusy: another process holds the ledger for half a minute.
        :raises TargetNotWritable, DiskFull: nothing was entered.
        """
        (entry,) = self.append_all(kind, [data])
        return entry

    def append_all(self, kind: str, /, data: Sequence[Mapping[str, object]]) -> list[Entry]:
        """Add entries of one kind, one after the other and nothing between them.

        :param data: of each, as for :meth:`append`.
        :raises AntinError: as :meth:`append`; none was entered.
        """
        drafts = [draft(kind, each) for each in data]
        return self._book.append(drafts) if drafts else []

    def head(self) -> Head:
        """Where it ends.

        :raises AntinError: it cannot be read, or the database is away.
        """
        return self._book.snapshot().head or EMPTY

    def seal(self, over: Head, cms: str, **data: object) -> Entry:
        """Enter a seal, and keep copies of it apart; one that cannot be kept is told by an entry.

        :param over: the head that was signed.
        :param cms: Base64 of the DER; see :mod:`app.journal.seal`.
        :raises AntinError: it was not entered.
        """
        entry = self.append("seal", over={"seq": over.seq, "hash": over.hash}, cms=cms, **data)
        for failed in self._kept().keep(entry):
            self.append("seal-copy-failed", seal=entry.seq, path=failed.data.get("path"), reason=failed.code)
        return entry

    def entries(
        self, start: dt.datetime | None = None, end: dt.datetime | None = None, *, kinds: Sequence[str] = ()
    ) -> Iterator[Entry]:
        """The entries in order, those that wait for the database last.

        :param start: leave out entries before this aware time.
        :param end: leave out entries from this aware time on.
        :param kinds: only entries of these kinds, which are found without decoding the others; without it all.
        :return: lines that are no entries come as entries of kind ``damaged``; the chain is not checked here.
        :raises AntinError: the ledger cannot be read.
        """
        moment = damaged(0).time
        for number, line in enumerate(self._book.lines(self._book.snapshot().length, kinds=kinds), 1):
            entry = decode(line.content)
            if kinds and (entry is None or entry.kind not in kinds):
                continue
            if entry is None:
                if line.finished:
                    yield msgspec.structs.replace(damaged(number), time=moment)
                continue
            moment = entry.time
            if (start is None or moment >= start) and (end is None or moment < end):
                yield entry
        for entry in self._shared.waiting_entries() if self._shared is not None else ():
            if kinds and entry.kind not in kinds:
                continue
            if (start is None or entry.time >= start) and (end is None or entry.time < end):
                yield entry

    def select(self, wish: Wish) -> Selection:
        """Entries that can be read by their position.

        :raises AntinError: the ledger cannot be read.
        """
        from app.journal.selection import Selection

        return Selection(self._book, wish)

    def lines(self) -> tuple[Head, Iterable[bytes]]:
        """The head, and the canonical lines as they are, damaged ones too.

        :raises AntinError: the ledger cannot be read.
        """
        snapshot = self._book.snapshot()
        return snapshot.head or EMPTY, (line.content for line in self._book.lines(snapshot.length))

    def verify(self) -> LedgerCheck:
        """Check every line, the chain, the end and the seals.

        :raises AntinError: the ledger, or the register of tokens, cannot be read.
        """
        from app.journal.check import check
        from app.journal.seal import Sealers, no_certificates

        found = check(self._book, Sealers(self._judge, self._own or no_certificates), self._kept())
        return msgspec.structs.replace(found, waiting=self.waiting)

    def _kept(self) -> KeptSeals:
        from app.journal.kept_seals import KeptSeals

        return KeptSeals(folder / "ledger-seals.jsonl" for folder in self._copies)
