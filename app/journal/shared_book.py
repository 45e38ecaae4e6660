"""The shared ledger as one workstation meets it: in the database, or, while that is away, kept here until it is back.

What waits is a ledger of its own in the folder ``ledger-waiting``, as crash-safe as any. An entry goes to the database
under the same name as at the first try, so that one whose commit was not answered is not entered twice; there it keeps
its own time and user, and ``waited`` says when it was entered and which line of the waiting ledger it was. A line
that was changed, put in or taken out while it waited is not entered as if it were one: an entry ``waiting-damaged``
tells of it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
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
from app.journal.entry import MAX_ENTRY, Draft, Entry, decode, draft, following
from app.journal.errors import LedgerEntryTooLarge
from app.journal.file_book import FileBook, is_torn
from app.journal.head import EMPTY, Head
from app.storage import writing
from app.times import VIETNAM

if TYPE_CHECKING:
    from app.storage.store import Store

#: Seconds after which a database that was away is tried again.
_PATIENCE = 30.0
#: Entries sent together.
_TOGETHER = 500
#: The largest entry without its place in the chain: room for that, and for what is noted of one that waited.
_LARGEST = MAX_ENTRY - 1024
#: Octets of a damaged line that are shown.
_SHOWN = 2000


class _Waiting(msgspec.Struct, frozen=True):
    """A line of the waiting ledger: its number and hash, the name under which it is entered, what is entered."""

    seq: int
    hash: str
    origin: str
    draft: Draft

    def as_entered(self, now: dt.datetime) -> tuple[str, Draft]:
        """:param now: when it is entered; aware."""
        waited = {"entered": now.isoformat(), "seq": self.seq, "hash": self.hash}
        return self.origin, msgspec.structs.replace(self.draft, data={**self.draft.data, "waited": waited})


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
        for each in drafts:
            if (size := len(msgspec.json.encode(each))) > _LARGEST:
                raise LedgerEntryTooLarge(size=size)
        named = [(secrets.token_hex(16), each) for each in drafts]
        if time.monotonic() >= self._away_until:
            try:
                self.enter_waiting()
                return self._database.append(named)
            except AntinError:
                self._away_until = time.monotonic() + _PATIENCE
        waiting = [msgspec.structs.replace(each, data={"origin": name, "data": each.data}) for name, each in named]
        return self._kept.append(waiting)

    @property
    def waiting(self) -> int:
        """How many entries wait for the database."""
        return sum(1 for _one in self._waiting())

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
                now = dt.datetime.now(VIETNAM)
                entered += len(self._database.append([one.as_entered(now) for one in some]))
                with contextlib.suppress(AntinError):  # they would be sent again, and left out
                    writing.replace(self._mark, str(some[-1].seq).encode())
            return entered

    def waiting_entries(self) -> Iterator[Entry]:
        """What waits for the database, as it will be entered but for its place in the chain."""
        for one in self._waiting():
            told = one.draft
            yield Entry(one.seq, told.time, told.kind, told.actor, told.machine, dict(told.data), "", one.hash)

    def snapshot(self) -> Snapshot:
        """:raises AntinError: the database is away."""
        with contextlib.suppress(AntinError):
            self.enter_waiting()
        return self._database.snapshot()

    def lines(self, until: int, *, kinds: Sequence[str] = ()) -> Iterator[Line]:
        return self._database.lines(until, kinds=kinds)

    def at(self, places: Sequence[int]) -> list[bytes]:
        return self._database.at(places)

    def _waiting(self) -> Iterator[_Waiting]:
        """What is not known to be in the database, the chain of the waiting ledger checked on the way.

        :raises AntinError: it cannot be read.
        """
        snapshot = self._kept.snapshot()
        if snapshot.length == 0:
            return
        entered = self._entered()
        head = snapshot.head
        if head is not None and head.seq <= entered and head.length == snapshot.length:
            return
        last = EMPTY
        for line in self._kept.lines(snapshot.length):
            if is_torn(line) and (head is None or line.end > head.length):
                break  # the entry was not entered, and nobody was told that it was
            found = following(line.content, last.seq, last.hash)
            if isinstance(found, str):
                there = decode(line.content)
                seq = last.seq + 1 if there is None else max(last.seq + 1, there.seq)
                last = Head(seq, last.hash if there is None else there.hash, line.end)
                one = _damaged(seq, found, line.content)
            else:
                last = Head(found.seq, found.hash, line.end)
                one = _waited(found, line.content)
            if last.seq > entered:
                yield one
        if head is not None and head.seq > max(last.seq, entered):
            yield _damaged(head.seq, "cut", head.hash.encode())

    def _entered(self) -> int:
        """Number of the last waiting entry known to be in the database."""
        try:
            return int(self._mark.read_bytes())
        except (OSError, ValueError):
            return 0


def _waited(entry: Entry, line: bytes) -> _Waiting:
    origin, data = entry.data.get("origin"), entry.data.get("data")
    if not isinstance(origin, str) or not isinstance(data, dict):
        return _damaged(entry.seq, entry.kind if entry.kind == "head-lost" else "unreadable", line)
    return _Waiting(entry.seq, entry.hash, origin, Draft(entry.time, entry.kind, entry.actor, entry.machine, data))


def _damaged(seq: int, reason: str, line: bytes) -> _Waiting:
    """What tells of a line that cannot be entered as it is; however often it is sent, it is entered once."""
    digest = hashlib.sha256(line).hexdigest()
    shown = line[:_SHOWN].decode("utf-8", "replace")
    told = draft("waiting-damaged", {"line": seq, "reason": reason, "sha256": digest, "shown": shown})
    return _Waiting(seq, digest, hashlib.sha256(f"{seq} {reason} {digest}".encode()).hexdigest()[:32], told)
