"""Looking after the archive: every copy re-read and judged again, what was found kept with its date."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from app.archive.model import FiledCopy
from app.archive.tree import ArchiveAway, comparable
from app.archive.tree import documents as files_of
from app.documents.hashing import sha256_file
from app.errors import AntinError, from_os_error
from app.storage.schema.archive import documents, filed_copies
from app.storage.schema.health import copy_checks

if TYPE_CHECKING:
    from app.archive.archive import Archive
    from app.archive.index import Index

#: Conclusions and levels, the better first and last.
_WORSE = ("valid", "warning", "unsigned", "unsupported", "indeterminate", "unreadable", "invalid")
_LEVELS = ("", "B", "T", "LT", "LTA")
#: Copies read from the index, and results written to it, at a time.
_TOGETHER = 50


class State(StrEnum):
    """Of a copy's octets: as filed; not there; there with others; under another name; there, but not to be read."""

    WHOLE = "whole"
    MISSING = "missing"
    ALTERED = "altered"
    MOVED = "moved"
    UNREADABLE = "unreadable"


class Concern(StrEnum):
    """Why a whole copy should be looked at: its signatures do not hold, or are gone from beside it; it cannot be read,
    so that nobody can say whether it is signed; the ledger knows of no filing of these octets; it bears a mark of
    secrecy; its signatures cannot be proven for long; have no time stamp; rest on a broken hash function; have no
    evidence kept."""

    NOT_VALID = "not-valid"
    NOT_CHECKED = "not-checked"
    NOT_IN_LEDGER = "not-in-ledger"
    BEARS_MARK_OF_SECRECY = "secret"
    ENDING = "ending"
    NO_TIME_STAMP = "no-time-stamp"
    WEAK_HASH = "weak-hash"
    NO_EVIDENCE = "no-evidence"


#: Of these, what a higher level helps against.
_AGEING = frozenset({Concern.ENDING, Concern.NO_TIME_STAMP, Concern.WEAK_HASH})


@dataclass(frozen=True)
class Judged:
    """What verification makes of a file.

    :ivar conclusion: as :class:`app.verification.model.Conclusion`, or ``unsupported`` for a file of a format that is
        not checked, such as a picture. :ivar level: lowest baseline level, empty where
        nobody signed.
    :ivar provable_until: aware, or None.
    """

    conclusion: str
    level: str = ""
    provable_until: dt.datetime | None = None
    unstamped: bool = False
    weak: bool = False
    evidence: bool = True

    @classmethod
    def together(cls, parts: Sequence[Judged]) -> Judged:
        """Of a copy that is several files, such as a document and the signatures beside it: the worst of each.

        :param parts: one or more.
        """
        ends = [part.provable_until for part in parts if part.provable_until is not None]
        return cls(
            max((part.conclusion for part in parts), key=_WORSE.index),
            min((part.level for part in parts), key=_LEVELS.index),
            min(ends) if len(ends) == len(parts) else None,
            any(part.unstamped for part in parts),
            any(part.weak for part in parts),
            all(part.evidence for part in parts),
        )


@dataclass(frozen=True)
class Filings:
    """What the ledger tells of filed copies. The index can be rewritten together with the files; the ledger, whose
    chain the tokens seal, cannot.

    :ivar hashes: SHA-256 of all copies ever filed.
    :ivar at: SHA-256 of the last copy filed at a path, absolute, spelled as :func:`~app.archive.tree.comparable` does.
    :ivar raised: SHA-256 of copies whose level was raised → of the copies that came of it.
    """

    hashes: frozenset[str]
    at: Mapping[str, str]
    raised: Mapping[str, str] = field(default_factory=dict)

    def altered(self, copy: FiledCopy) -> bool:
        """Whether other octets were filed where a copy lies."""
        return not self.tells_of(copy) and comparable(copy.path) in self.at

    def tells_of(self, copy: FiledCopy) -> bool:
        """Whether the copy's octets were filed, wherever that was."""
        return copy.sha256 in self.hashes


class Checkup(msgspec.Struct, frozen=True):
    """What was found of a copy.

    :ivar checked_at: aware. :ivar found_at: where a moved copy lies now; absolute.
    :ivar conclusion: None where it was not judged.
    """

    copy: FiledCopy
    checked_at: dt.datetime
    state: State
    conclusion: str | None = None
    level: str = ""
    provable_until: dt.datetime | None = None
    found_at: str | None = None
    concerns: list[Concern] = []

    @property
    def renewable(self) -> bool:
        """Raising it to LTA helps: it is sound, but cannot be proven for long."""
        return self.state is State.WHOLE and Concern.NOT_VALID not in self.concerns and bool(_AGEING & {*self.concerns})

    @property
    def healthy(self) -> bool:
        """Nothing is to be done."""
        return self.state is State.WHOLE and not self.concerns


class Standing(msgspec.Struct, frozen=True):
    """The archive at its last look.

    :ivar states: state → how many copies. :ivar concerns: the same of concerns.
    :ivar unchecked: copies that nobody has looked at. :ivar oldest: the time of the look that is longest ago.
    """

    copies: int
    unchecked: int
    oldest: dt.datetime | None
    states: dict[str, int]
    concerns: dict[str, int]


class Health:
    """Looks after one archive.

    :param judge: verifies a file and says how long that can be proven.
    :param ahead: how long before the end of provability a copy is of concern.
    :param now: the time; aware.
    :param filings: what the ledger tells; asked once at the start of a look. Without it the index alone is compared.
    """

    def __init__(
        self,
        archive: Archive,
        judge: Callable[[FiledCopy], Judged],
        *,
        ahead: dt.timedelta = dt.timedelta(days=90),
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        filings: Callable[[], Filings] | None = None,
    ) -> None:
        self._archive, self._judge, self._ahead, self._now = archive, judge, ahead, now
        self._filings = filings

    def check(self, *, older: dt.timedelta | None = None, mend: bool = False) -> Generator[Checkup]:
        """Look at every copy and keep what was found; what was looked at counts even where the walk is broken off.

        :param older: only at those whose last look is so long ago, or in the future of a clock that was set back.
        :param mend: enter in the index where moved copies lie now.
        :raises ArchiveAway: the folder of the archive is not there; nothing is said of any copy.
        :raises AntinError: the store or the ledger cannot be read, or the store not be written.
        """
        walk = _Walk(self._archive)
        filings = self._filings() if self._filings is not None else None
        secret = self._secret()
        waiting: list[Checkup] = []
        try:
            for copy in self._due(older):
                found = self._look(copy, walk, filings)
                if copy.document in secret:
                    found = msgspec.structs.replace(found, concerns=[Concern.BEARS_MARK_OF_SECRECY, *found.concerns])
                waiting.append(found)
                yield found
                if len(waiting) >= _TOGETHER:
                    self._keep(waiting, mend)
        finally:
            self._keep(waiting, mend)

    def standing(self) -> Standing:
        """What the last looks have found, in figures."""
        _index, store = self._archive.indexed()
        with store.read() as connection:
            copies = connection.scalar(sa.select(sa.func.count()).select_from(filed_copies)) or 0
            rows = connection.execute(sa.select(copy_checks.c.state, copy_checks.c.findings, copy_checks.c.checked_at))
            states: dict[str, int] = defaultdict(int)
            concerns: dict[str, int] = defaultdict(int)
            oldest: dt.datetime | None = None
            checked = 0
            for state, findings, at in rows:
                checked += 1
                states[state] += 1
                for finding in findings:
                    concerns[finding] += 1
                oldest = at if oldest is None else min(oldest, at)
        return Standing(copies, copies - checked, oldest, dict(states), dict(concerns))

    def last(self, *, unhealthy: bool = True) -> list[Checkup]:
        """The last look at each copy, those that can be proven for the shortest time first.

        :param unhealthy: only where something is to be done.
        """
        index, store = self._archive.indexed()
        wanted = sa.select(copy_checks).order_by(copy_checks.c.provable_until.is_(None), copy_checks.c.provable_until)
        with store.read() as connection:
            rows = connection.execute(wanted.add_columns(copy_checks.c.copy_id)).all()
            found = [self._kept(index, connection, row) for row in rows]
        return [one for one in found if one is not None and not (unhealthy and one.healthy)]

    def _due(self, older: dt.timedelta | None) -> Iterator[FiledCopy]:
        """The copies to be looked at, page by page: no transaction stays open while files are read."""
        index, store = self._archive.indexed()
        begun = self._now()
        statement = sa.select(filed_copies.c.id).outerjoin(copy_checks, copy_checks.c.copy_id == filed_copies.c.id)
        if older is not None:
            at = copy_checks.c.checked_at
            statement = statement.where(sa.or_(at.is_(None), at < begun - older, at > begun))
        last = 0
        while True:
            page = statement.where(filed_copies.c.id > last).order_by(filed_copies.c.id).limit(_TOGETHER)
            with store.read() as connection:
                copies = [index.copy(connection, identifier) for identifier in connection.scalars(page).all()]
            if not copies:
                return
            for copy in copies:
                if copy is not None:
                    last = copy.id
                    yield copy

    def _secret(self) -> frozenset[int]:
        """Ids of the documents that bear a mark of secrecy: filed by an earlier version, or found out later."""
        _index, store = self._archive.indexed()
        with store.read() as connection:
            found = connection.scalars(sa.select(documents.c.id).where(documents.c.secrecy > ""))
            return frozenset(found)

    def _look(self, copy: FiledCopy, walk: _Walk, filings: Filings | None) -> Checkup:
        path = Path(copy.path)
        now = self._now()
        try:
            if not path.is_file():
                walk.confirm_there()
                found = walk.find(copy)
                state = State.MOVED if found else State.MISSING
                return Checkup(copy, now, state, found_at=str(found) if found else None)
            if path.stat().st_size != copy.size or sha256_file(path) != copy.sha256:
                return Checkup(copy, now, State.ALTERED)
        except ArchiveAway:
            raise
        except (AntinError, OSError):
            walk.confirm_there()
            return Checkup(copy, now, State.UNREADABLE)
        if filings is not None and filings.altered(copy):
            return Checkup(copy, now, State.ALTERED, concerns=[Concern.NOT_IN_LEDGER])
        judged = self._judge(copy)
        renewed = filings is not None and self._has_successor(copy, filings)
        concerns = [one for one in self._concerns(copy, judged, now) if not (renewed and one in _AGEING)]
        if filings is not None and not filings.tells_of(copy):
            concerns.insert(0, Concern.NOT_IN_LEDGER)
        return Checkup(
            copy,
            now,
            State.WHOLE,
            conclusion=judged.conclusion,
            level=judged.level,
            provable_until=judged.provable_until,
            concerns=concerns,
        )

    def _has_successor(self, copy: FiledCopy, filings: Filings) -> bool:
        """Whether a copy of a higher level was made of this one and is in the archive still: proofs are that one's."""
        made = filings.raised.get(copy.sha256)
        successor = self._archive.find_hash(made) if made else None
        return successor is not None and Path(successor.path).is_file()

    def _concerns(self, copy: FiledCopy, judged: Judged, now: dt.datetime) -> Iterator[Concern]:
        if judged.conclusion in ("unsigned", "unsupported", "unreadable"):
            if copy.signers:
                yield Concern.NOT_VALID
            elif judged.conclusion == "unreadable":
                yield Concern.NOT_CHECKED
        elif judged.conclusion not in ("valid", "warning"):
            yield Concern.NOT_VALID
        if not judged.level:
            return
        if judged.provable_until is not None and judged.provable_until <= now + self._ahead:
            yield Concern.ENDING
        if judged.unstamped:
            yield Concern.NO_TIME_STAMP
        if judged.weak:
            yield Concern.WEAK_HASH
        if not judged.evidence:
            yield Concern.NO_EVIDENCE

    def _keep(self, found: list[Checkup], mend: bool) -> None:
        """Enter what was found, and empty the list."""
        some, found[:] = list(found), []
        if not some:
            return
        index, store = self._archive.indexed()

        def enter(connection: sa.Connection) -> None:
            there = set(connection.scalars(sa.select(filed_copies.c.id).where(filed_copies.c.id.in_(_ids(some)))))
            connection.execute(copy_checks.delete().where(copy_checks.c.copy_id.in_(_ids(some))))
            rows = [_row(one) for one in some if one.copy.id in there]
            if rows:
                connection.execute(copy_checks.insert(), rows)
            for one in some if mend else ():
                if one.found_at is not None and one.copy.id in there:
                    index.moved(connection, one.copy.id, Path(one.found_at))

        store.transact(enter)

    def _kept(self, index: Index, connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Checkup | None:
        values = row._mapping
        copy = index.copy(connection, values["copy_id"])
        if copy is None:
            return None
        return Checkup(
            copy,
            values["checked_at"],
            State(values["state"]),
            values["conclusion"],
            values["level"],
            values["provable_until"],
            values["found_at"],
            [Concern(code) for code in values["findings"]],
        )


class _Walk:
    """The files that the index does not know, looked for once and only where a copy is missing."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._strays: dict[int, list[Path]] | None = None

    def confirm_there(self) -> None:
        """:raises ArchiveAway: it is not one file that is gone, but the whole archive."""
        root = self._archive.root
        try:
            if not root.is_dir() or not any(root.iterdir()):
                raise ArchiveAway(root=str(root))
        except OSError as error:
            raise from_os_error(error, root) from error

    def find(self, copy: FiledCopy) -> Path | None:
        """Where the octets of a missing copy lie now."""
        if self._strays is None:
            self._strays = defaultdict(list)
            for path in strays(self._archive):
                self._strays[path.stat().st_size].append(path)
        candidates = self._strays.get(copy.size, [])
        return next((path for path in candidates if path.is_file() and sha256_file(path) == copy.sha256), None)


def strays(archive: Archive) -> Iterator[Path]:
    """The documents in the tree that the index does not know by their path."""
    _index, store = archive.indexed()
    with store.read() as connection:
        known = {comparable(path) for path in connection.scalars(sa.select(filed_copies.c.path))}
    for path in files_of(archive.root):
        if comparable(path.relative_to(archive.root).as_posix()) not in known:
            yield path


def _ids(found: Sequence[Checkup]) -> list[int]:
    return [one.copy.id for one in found]


def _row(found: Checkup) -> dict[str, object]:
    return {
        "copy_id": found.copy.id,
        "checked_at": found.checked_at,
        "state": str(found.state),
        "conclusion": found.conclusion,
        "level": found.level,
        "provable_until": found.provable_until,
        "found_at": found.found_at,
        "findings": [str(concern) for concern in found.concerns],
    }
