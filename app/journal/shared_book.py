"""The shared ledger as one workstation meets it: in the database, or, while that is away, kept here until it is back.

What waits is a ledger of its own in the folder ``ledger-waiting``, as crash-safe as any. An entry goes to the database
under the same name as at the first try, so that one whose commit was not answered is not entered twice; there it keeps
its own time and user, and ``waited`` says when it was entered and which line of the waiting ledger it was.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from app.errors import AntinError
from app.journal.book import Line, Snapshot
from app.journal.database_book import DatabaseBook
from app.journal.entry import MAX_ENTRY, Draft, Entry, decode
from app.journal.errors import LedgerEntryTooLarge
from app.journal.file_book import FileBook
from app.storage import writing

if TYPE_CHECKING:
    from app.storage.store import Store

#: Seconds after which a database that was away is tried again.
_PATIENCE = 30.0
#: Entries sent together.
_TOGETHER = 500
#: The largest entry without its place in the chain: room for that, and for what is noted of one that waited.
_LARGEST = MAX_ENTRY - 1024


class SharedBook:
    """See :class:`app.journal.book.Book`.

    :param store: opens the database, or says why not.
    :param folder: of this workstation; ``ledger-waiting`` is made in it when needed.
    """

    def __init__(self, store: Callable[[], Store], folder: Path) -> None:
        self._database = DatabaseBook(store)
        self._kept = FileBook(folder / "ledger-waiting")
        self._mark = folder / "ledger-waiting" / "entered"
        self._away_until = 0.0
        self._entering = Lock()

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Enter in the database; where that is away, in the waiting ledger.

        :return: the entries as they stand in the database, or in the waiting ledger.
        :raises LedgerEntryTooLarge: none was entered.
        :raises AntinError: the database is away, and they cannot be kept here either.
        """
        for draft in drafts:
            if (size := len(msgspec.json.encode(draft))) > _LARGEST:
                raise LedgerEntryTooLarge(size=size)
        named = [(secrets.token_hex(16), draft) for draft in drafts]
        if time.monotonic() >= self._away_until:
            try:
                self.enter_waiting()
                return self._database.append(named)
            except AntinError:
                self._away_until = time.monotonic() + _PATIENCE
        waiting = [msgspec.structs.replace(draft, data={"origin": name, "data": draft.data}) for name, draft in named]
        return self._kept.append(waiting)

    @property
    def waiting(self) -> int:
        """How many entries wait for the database."""
        return sum(1 for _entry in self._waiting())

    def enter_waiting(self) -> int:
        """Enter in the database what waits for it.

        :return: how many were entered.
        :raises AntinError: the database is away; they wait on.
        """
        with self._entering:
            waiting = list(self._waiting())
            entered = 0
            for first in range(0, len(waiting), _TOGETHER):
                some = waiting[first : first + _TOGETHER]
                now = dt.datetime.now().astimezone()
                entered += len(self._database.append([_as_entered(entry, now) for entry in some]))
                with contextlib.suppress(AntinError):  # they would be sent again, and left out
                    writing.replace(self._mark, str(some[-1].seq).encode())
            return entered

    def waiting_entries(self) -> Iterator[Entry]:
        """What waits for the database, as it will be entered but for its place in the chain."""
        for entry in self._waiting():
            yield msgspec.structs.replace(entry, data=dict(entry.data["data"]))

    def snapshot(self) -> Snapshot:
        """:raises AntinError: the database is away."""
        with contextlib.suppress(AntinError):
            self.enter_waiting()
        return self._database.snapshot()

    def lines(self, until: int) -> Iterator[Line]:
        return self._database.lines(until)

    def at(self, places: Sequence[int]) -> list[bytes]:
        return self._database.at(places)

    def _waiting(self) -> Iterator[Entry]:
        snapshot = self._kept.snapshot()
        if snapshot.length == 0:
            return
        entered = self._entered()
        if snapshot.head is not None and snapshot.head.seq <= entered and snapshot.head.length == snapshot.length:
            return
        for line in self._kept.lines(snapshot.length):
            entry = decode(line.content)
            if entry is not None and entry.seq > entered and "origin" in entry.data:
                yield entry

    def _entered(self) -> int:
        """Number of the last waiting entry known to be in the database."""
        try:
            return int(self._mark.read_bytes())
        except (OSError, ValueError):
            return 0


def _as_entered(entry: Entry, now: dt.datetime) -> tuple[str, Draft]:
    data = {**entry.data["data"], "waited": {"entered": now.isoformat(), "seq": entry.seq, "hash": entry.hash}}
    return entry.data["origin"], Draft(entry.time, entry.kind, entry.actor, entry.machine, data)
