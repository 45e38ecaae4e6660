"""Whether a ledger is whole: every line, the chain, the end, and the seals of tokens over it."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from app.i18n import N_, _
from app.journal.book import Book
from app.journal.entry import Entry, following
from app.journal.file_book import is_torn
from app.journal.head import EMPTY, Head
from app.journal.kept_seals import KeptSeals
from app.journal.seal import Sealers, Standing, read_seal

#: How far a clock may go back between two entries before that is told: computers are set by time servers.
CLOCK_TOLERANCE: Final = dt.timedelta(minutes=5)


class SealFound(msgspec.Struct, frozen=True):
    """A seal that fits the entries that it covers, and whose it is.

    :ivar seq: number of its entry. :ivar over: of the last entry that it covers.
    :ivar by: whose certificate, as a person would say it; empty where none is inside.
    :ivar certificate: SHA-256 of it, hexadecimal.
    :ivar at: its time stamp, else the time of its entry.
    :ivar stamped: it bears a time stamp of an authority that led to a trusted root; another one proves no time.
    :ivar standing: what it is worth.
    :ivar token: serial number of the device, as its entry tells; no part of what the seal proves.
    """

    seq: int
    over: int
    by: str
    certificate: str
    at: dt.datetime
    stamped: bool
    standing: Standing
    token: str = ""


class LedgerCheck(msgspec.Struct, frozen=True):
    """What a check found.

    :ivar entries: sound entries read, up to the first bad one.
    :ivar first_bad: number that the first bad entry has or should have.
    :ivar code: ``changed``, ``missing``, ``inserted``, ``unreadable``, ``cut``, ``head``, ``seal`` or ``kept-seal``;
        None where all is well.
    :ivar what: the same as a sentence in the current language.
    :ivar unfinished: the last line was being written when the program ended; no fault, the next append clears it away.
    :ivar seals: seals found that hold.
    :ivar seal_list: all of them, in order, whoever made them.
    :ivar sealed: number of the last entry under a seal of a token of the office; 0: none is.
    :ivar sealed_by, sealed_at, stamped: of that seal, as :class:`SealFound` has them.
    :ivar unproven: number of the first seal whose certificate led to no trusted root at its time; what it covers is
        not proven by it, and a ledger written anew and sealed by a stranger looks so.
    :ivar unregistered: number of the first seal whose certificate led to a trusted root, but is neither in the office's
        register of tokens nor pinned in its settings; it proves no more than the one above.
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
    seal_list: list[SealFound] = []
    sealed: int = 0
    sealed_by: str = ""
    sealed_at: dt.datetime | None = None
    stamped: bool = False
    unproven: int | None = None
    unregistered: int | None = None
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


def check(book: Book, sealers: Sealers, kept: KeptSeals) -> LedgerCheck:
    """Check a book.

    :param sealers: tells what seals are worth.
    :raises AntinError: it cannot be read.
    """
    snapshot = book.snapshot()
    head = snapshot.head
    walk = _Walk(sealers)
    if head is None:
        if snapshot.length == 0:
            gone = kept.contradiction(walk.hashes, sealers)
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
    gone = kept.contradiction(walk.hashes, sealers)
    if gone is not None:
        return _finding("kept-seal", walk, gone)
    return msgspec.structs.replace(walk.found(), unfinished=unfinished)


class _Walk:
    """What is gathered on the way.

    :ivar hashes: of the entries taken, in order.
    """

    def __init__(self, sealers: Sealers) -> None:
        self.hashes: list[bytes] = []
        self._sealers = sealers
        self._seals: list[SealFound] = []
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
        return msgspec.structs.replace(
            self._check, entries=len(self.hashes), seals=len(self._seals), seal_list=self._seals
        )

    def _take_seal(self, entry: Entry) -> bool:
        seal = read_seal(entry)
        if seal is None or not seal.intact or not 0 < seal.over < entry.seq:
            return False
        if self.hashes[seal.over - 1].hex() != seal.hash:
            return False
        from app.trust.holder import holder

        stamped = self._sealers.stamped(seal)
        at = stamped or entry.time
        standing = self._sealers.standing(seal, at)
        sha256 = seal.certificate_sha256
        by = "" if seal.certificate is None else holder(seal.certificate).name
        token = str(entry.data.get("token") or "")
        self._seals.append(SealFound(entry.seq, seal.over, by, sha256, at, stamped is not None, standing, token))
        if standing is Standing.UNTRUSTED:
            self._tell(unproven=self._check.unproven or entry.seq)
        elif standing is Standing.UNREGISTERED:
            self._tell(unregistered=self._check.unregistered or entry.seq)
        elif seal.over >= self._check.sealed:
            self._tell(sealed=seal.over, sealed_by=by, sealed_at=at, stamped=stamped is not None)
        return True

    def _tell(self, **changes: object) -> None:
        self._check = msgspec.structs.replace(self._check, **changes)


def _finding(code: str, walk: _Walk, first_bad: int) -> LedgerCheck:
    return msgspec.structs.replace(
        walk.found(), ok=False, entries=min(len(walk.hashes), first_bad - 1), first_bad=first_bad,
        what=_(_FINDINGS[code]), code=code,
    )  # fmt: skip
