"""Whether a ledger is whole: every line, the chain, the end, and the seals of tokens over it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from app.i18n import N_, _
from app.journal.book import Book
from app.journal.entry import Entry, following
from app.journal.file_book import is_torn
from app.journal.head import EMPTY, Head
from app.journal.seal import Judge, KeptSeals, Usage, read_seal

if TYPE_CHECKING:
    from app.trust.model import TimestampFacts

#: How far a clock may go back between two entries before that is told: computers are set by time servers.
CLOCK_TOLERANCE: Final = dt.timedelta(minutes=5)


class LedgerCheck(msgspec.Struct, frozen=True):
    """What a check found.

    :ivar entries: sound entries read, up to the first bad one.
    :ivar first_bad: number that the first bad entry has or should have.
    :ivar code: ``changed``, ``missing``, ``inserted``, ``unreadable``, ``cut``, ``head``, ``seal`` or ``kept-seal``;
        None where all is well.
    :ivar what: the same as a sentence in the current language.
    :ivar unfinished: the last line was being written when the program ended; no fault, the next append clears it away.
    :ivar seals: seals found that hold.
    :ivar sealed: number of the last entry under a seal whose certificate led to a trusted root; 0: none is.
    :ivar sealed_by: whose that seal is. :ivar sealed_at: its time stamp, else the time of its entry.
    :ivar stamped: that seal bears a time stamp of an authority that led to a trusted root; another one proves no time.
    :ivar unproven: number of the first seal whose certificate led to no trusted root at its time; what it covers is
        not proven by it, and a ledger written anew and sealed by a stranger looks so.
    :ivar unsealed: signing sessions that ended without a seal and say so.
    :ivar clock_back: number of the first entry more than five minutes older than one before it: the clock was set back.
    :ivar waiting: entries of this workstation that wait for the database and are in no chain of it yet.
    """

    ok: bool
    entries: int
    first_bad: int | None = None
    what: str | None = None
    code: str | None = None
    unfinished: bool = False
    seals: int = 0
    sealed: int = 0
    sealed_by: str = ""
    sealed_at: dt.datetime | None = None
    stamped: bool = False
    unproven: int | None = None
    unsealed: int = 0
    clock_back: int | None = None
    waiting: int = 0


_FINDINGS = {
    "changed": N_("this entry was changed after it was written"),
    "missing": N_("entries were removed before this one"),
    "inserted": N_("this entry does not belong here: it was inserted or moved"),
    "unreadable": N_("this line is no entry of the ledger"),
    "cut": N_("the end of the ledger was cut off"),
    "head": N_("the record of where the ledger ends was removed or changed"),
    "seal": N_("this seal does not fit the entries that it covers"),
    "kept-seal": N_("a seal kept apart shows that entries from here on were removed or written anew"),
}


def check(book: Book, judge: Judge | None, kept: KeptSeals) -> LedgerCheck:
    """Check a book.

    :param judge: asked of the certificates of seals; without it none is proven.
    :raises AntinError: it cannot be read.
    """
    snapshot = book.snapshot()
    head = snapshot.head
    walk = _Walk(judge)
    if head is None:
        if snapshot.length == 0:
            gone = kept.contradiction(walk.hashes)
            return LedgerCheck(True, 0) if gone is None else _finding("kept-seal", walk, gone)
        return _finding("head", walk, 1)
    last = EMPTY
    unfinished = False
    for line in book.lines(snapshot.length):
        if line.end > head.length and is_torn(line):
            unfinished = True
            break
        entry = following(line.content, last.seq, last.hash)
        if isinstance(entry, str):
            return _finding(entry, walk, last.seq + 1)
        last = Head(entry.seq, entry.hash, line.end)
        if (last.seq == head.seq and last != head) or entry.kind == "head-lost":
            walk.hashes.append(bytes.fromhex(entry.hash))
            return _finding("head", walk, last.seq)
        if not walk.take(entry):
            return _finding("seal", walk, entry.seq)
    if last.seq < head.seq:
        return _finding("cut", walk, last.seq + 1)
    if snapshot.exact and last.seq > head.seq:
        return _finding("head", walk, last.seq)
    gone = kept.contradiction(walk.hashes)
    if gone is not None:
        return _finding("kept-seal", walk, gone)
    return msgspec.structs.replace(walk.found(), unfinished=unfinished)


class _Walk:
    """What is gathered on the way.

    :ivar hashes: of the entries taken, in order.
    """

    def __init__(self, judge: Judge | None) -> None:
        self.hashes: list[bytes] = []
        self._judge = judge
        self._judged: dict[tuple[bytes, dt.date, Usage], bool] = {}
        self._check = LedgerCheck(True, 0)
        self._latest: dt.datetime | None = None

    def take(self, entry: Entry) -> bool:
        """Take an entry that continues the chain; False where it is a seal that does not hold."""
        self.hashes.append(bytes.fromhex(entry.hash))
        if "waited" not in entry.data:
            if self._latest is None or entry.time > self._latest:
                self._latest = entry.time
            elif self._check.clock_back is None and entry.time < self._latest - CLOCK_TOLERANCE:
                self._tell(clock_back=entry.seq)
        if entry.kind == "unsealed":
            self._tell(unsealed=self._check.unsealed + 1)
        return entry.kind != "seal" or self._take_seal(entry)

    def found(self) -> LedgerCheck:
        return msgspec.structs.replace(self._check, entries=len(self.hashes))

    def _take_seal(self, entry: Entry) -> bool:
        seal = read_seal(entry)
        if seal is None or not seal.intact or not 0 < seal.over < entry.seq:
            return False
        if self.hashes[seal.over - 1].hex() != seal.hash:
            return False
        self._tell(seals=self._check.seals + 1)
        stamped = min((stamp.time for stamp in seal.stamps if self._relied_on(stamp)), default=None)
        at = stamped or entry.time
        if seal.certificate is None or not self._proven(seal.certificate, seal.certificates, at, "signature"):
            self._tell(unproven=self._check.unproven or entry.seq)
            return True
        from app.trust.holder import holder

        if seal.over >= self._check.sealed:
            self._tell(
                sealed=seal.over,
                sealed_by=holder(seal.certificate).name,
                sealed_at=at,
                stamped=stamped is not None,
            )
        return True

    def _relied_on(self, stamp: TimestampFacts) -> bool:
        certificate = stamp.certificate
        return certificate is not None and self._proven(certificate, stamp.certificates, stamp.time, "timestamp")

    def _proven(self, certificate: bytes, others: Sequence[bytes], at: dt.datetime, usage: Usage) -> bool:
        """Asked once a certificate and day: a year has many sessions."""
        if self._judge is None:
            return False
        which = certificate, at.date(), usage
        if which not in self._judged:
            self._judged[which] = self._judge(certificate, others, at, usage)
        return self._judged[which]

    def _tell(self, **changes: object) -> None:
        self._check = msgspec.structs.replace(self._check, **changes)


def _finding(code: str, walk: _Walk, first_bad: int) -> LedgerCheck:
    return msgspec.structs.replace(
        walk.found(), ok=False, entries=min(len(walk.hashes), first_bad - 1), first_bad=first_bad,
        what=_(_FINDINGS[code]), code=code,
    )  # fmt: skip
