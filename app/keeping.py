"""What the archive and the verifier do together: evidence of filed copies, and whether they can still be proven.

The archive knows no signatures and the verifier no archive; this is where an :class:`~app.office.Office` ties them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.afterwards import Afterwards
from app.errors import AntinError, ErrorInfo, FileMissing, describe

if TYPE_CHECKING:
    from app.archive.batch import BatchOptions
    from app.archive.batch import Outcome as Filing
    from app.archive.evidence import EvidenceShelf, Record
    from app.archive.health import Filings, Health, Judged
    from app.archive.model import FiledCopy
    from app.archive.owed_evidence import OwedEvidence
    from app.archive.rebuild import Taken
    from app.archive.waiting import Outcome, WaitingRoom
    from app.office import Office
    from app.signing.model import SignOptions
    from app.signing.services import Destination
    from app.signing.upgrade import UpgradeResult
    from app.trust.evidence import Evidence, EvidenceGatherer
    from app.trust.path import Usage
    from app.verification.model import FileReport


#: Why a file of a format that is not checked has no conclusion; one that lies about its format is not among them.
_NOT_CHECKED = frozenset({"format-not-supported", "format-unknown"})
_SHA256 = 64
_LONGEST_ID = 19


@dataclass(frozen=True)
class Owing:
    """Evidence that is still to come.

    :ivar why: what stood in the way; None while nothing did: it waits for its turn.
    """

    why: ErrorInfo | None


class Keeper:
    """Looks after an office's archive. Thread-safe.

    :param office: whose archive, anchors and ledger these are.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._afterwards = Afterwards(self._gather)
        self._failures: dict[str, AntinError] = {}

    def close(self) -> None:
        """Gather the evidence of what was filed last; what takes too long is owed (:meth:`gather_owed`)."""
        self._afterwards.close()
        self._owed.add(*self._afterwards.left(), *self._failures)

    def gather_later(self, sha256: str) -> None:
        """Gather the evidence of a filed copy as soon as nothing more is being filed.

        :param sha256: of the copy.
        """
        self._afterwards.add(sha256)

    def gather_owed(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Gather what a program that ended, or a network that was away, left owing on this computer.

        :param stopped: asked between two copies.
        """
        for sha256 in self._owed.all():
            if stopped():
                return
            self._gather(sha256)
            if sha256 not in self._failures:
                self._owed.remove(sha256)

    def owing(self, sha256: str) -> Owing | None:
        """Why there is no evidence of a copy yet; None where none is being gathered or was tried.

        :param sha256: of the copy.
        """
        if self._afterwards.pending(sha256):
            return Owing(None)
        failure = self._failures.get(sha256)
        if failure is not None:
            return Owing(describe(failure))
        return Owing(None) if sha256 in self._owed.all() else None

    @property
    def _owed(self) -> OwedEvidence:
        from app.archive.owed_evidence import OwedEvidence

        return OwedEvidence(self._office.settings.data_dir / "evidence-owed")

    def destination(self, options: SignOptions) -> Destination:
        """Where the copies of a signing run go: the folder asked for, else the archive; into the waiting room while
        that is away. Evidence of what is filed is gathered once the run has rested for a moment."""
        from app.filing import destination
        from app.filing_patiently import PatientDestination

        if options.out is not None:
            return destination(options, lambda: self._office.archive)
        return PatientDestination(
            lambda: self._office.archive,
            self.waiting_room,
            back=lambda: self._file_what_waits(),
            filed=self.gather_later,
        )

    def add(self, sources: Iterable[Path], wanted: BatchOptions) -> Iterator[list[Filing]]:
        """File copies of files that people bring, those that wait before them; the signers' names are read, and the
        ledger is told before the outcomes come. Copies wait while the archive is away. Evidence of what is signed is
        gathered once nothing more is being filed.

        :param wanted: but for its signers and its waiting room, which are the office's.
        :raises AntinError: as :func:`app.archive.batch.add_all`, or the ledger cannot be written.
        """
        wanted = replace(wanted, signers=self._office.signers, room=self.waiting_room)
        if self.waiting_room.copies():
            self._file_what_waits()
        for together in self._office.archive.add_all(sources, wanted):
            filed = [(done.source, done.copy) for done in together if done.copy is not None]
            self._office.ledger.append_all(
                "file",
                [
                    {"path": copy.path, "sha256": copy.sha256, "input": str(source), "archive": True}
                    for source, copy in filed
                ],
            )
            for _source, copy in filed:
                if copy.signers:
                    self.gather_later(copy.sha256)
            yield together

    @property
    def waiting_room(self) -> WaitingRoom:
        """The copies that wait on this workstation for the archive."""
        from app.archive.waiting import WaitingRoom

        return WaitingRoom(self._office.settings.data_dir / "waiting")

    def file_waiting(self) -> Iterator[Outcome]:
        """File what waits, and tell the ledger; see :meth:`app.archive.waiting.WaitingRoom.file`."""
        from app.filing import place_beside

        for outcome in self.waiting_room.file(self._office.archive, place_beside):
            copy = outcome.copy
            if copy is not None:
                self._office.ledger.append("file", path=copy.path, sha256=copy.sha256, archive=True, waited=True)
                self.gather_later(copy.sha256)
            yield outcome

    def _file_what_waits(self) -> None:
        for _outcome in self.file_waiting():
            pass

    def _gather(self, sha256: str) -> None:
        """Keep evidence of a copy; where that cannot be done, why is remembered, and it is tried again."""
        try:
            copy = self._office.archive.find_hash(sha256)
            if copy is not None and not self.shelf.has(sha256):
                self.keep_evidence(copy)
        except AntinError as error:
            self._failures[sha256] = error
        else:
            self._failures.pop(sha256, None)

    @property
    def shelf(self) -> EvidenceShelf:
        """Where evidence is kept."""
        from app.archive.evidence import EvidenceShelf

        return EvidenceShelf(self._office.archive.root)

    def keep_evidence(self, copy: FiledCopy) -> Record | None:
        """Check a filed copy now and keep the result with the certificates, lists and answers that it rests on.

        :return: None for a file that nobody signed.
        :raises FileMissing: the copy is not there now.
        :raises AntinError: it cannot be kept. The copy stays filed; the next check of the archive tries again.
        """
        import msgspec

        from app import __version__

        if not Path(copy.path).is_file():
            raise FileMissing(path=copy.path)
        kept = None
        for path, report in self._reports(copy):
            if report.signatures:
                told = msgspec.to_builtins(report)
                kept = self.shelf.keep(copy.sha256, told, self._evidence(path), program=__version__)
        return kept

    def export_evidence(self, copy: FiledCopy, target: Path) -> None:
        """A filed copy with all its evidence in one ZIP; see :meth:`app.archive.evidence.EvidenceShelf.export`."""
        from app.archive.tree import signatures_beside

        path = Path(copy.path)
        self.shelf.export(path, copy.sha256, target, beside=signatures_beside(path))

    def copy_named(self, name: str) -> FiledCopy:
        """A filed copy by its path, SHA-256 or id.

        :raises CopyUnknown: the index has none.
        """
        from app.archive.errors import CopyUnknown

        archive = self._office.archive
        index, store = archive.indexed()
        path = Path(name).absolute()
        with store.read() as connection:
            found = index.at(connection, path) if path.is_relative_to(archive.root) else None
            if found is None and len(name) == _SHA256:
                found = index.with_hash(connection, name.lower())
            if found is None and name.isdecimal() and len(name) < _LONGEST_ID:
                found = index.copy(connection, int(name))
        if found is None:
            raise CopyUnknown(copy=name)
        return found

    def health(self, *, ahead: dt.timedelta = dt.timedelta(days=90)) -> Health:
        """Looks at every copy; evidence that is missing is gathered on the way, as far as it can still be had.

        :param ahead: how long before the end of provability a copy is of concern.
        """
        from app.archive.health import Health

        return Health(self._office.archive, self._judge, ahead=ahead, filings=self._filings)

    def take_in(self) -> Iterator[Taken]:
        """Enter in the index what lies in the tree and is not known; see :func:`app.archive.rebuild.take_in`. The
        ledger is told of every copy entered."""
        from app.archive.rebuild import Taking, take_in
        from app.verification.guards import signers

        for taken in take_in(self._office.archive, signers):
            if taken.taking in (Taking.ENTERED, Taking.MOVED) and taken.copy is not None:
                copy = taken.copy
                how = str(taken.taking)
                self._office.ledger.append("file", path=copy.path, sha256=copy.sha256, archive=True, taken_in=how)
            yield taken

    def renew(self, copies: Sequence[FiledCopy]) -> Iterator[tuple[FiledCopy, UpgradeResult]]:
        """Raise copies to level LTA, each as a new copy beside the one before, which stays. One that has that level
        gets a further time stamp.

        :return: each with its result, as it is done.
        """
        from app.signing.model import Level

        upgrader = self._office.upgrader()
        for copy in copies:
            yield copy, upgrader.upgrade(Path(copy.path), Level.LTA)

    def _filings(self) -> Filings:
        """What the ledger tells of filed copies.

        :raises AntinError: it cannot be read.
        """
        from app.archive.health import Filings
        from app.archive.tree import comparable, signed_beside

        signed: dict[str, str] = {}
        at: dict[str, str] = {}
        hashes = set()
        raised: dict[str, str] = {}
        for entry in self._office.ledger.entries(kinds=("sign", "file", "upgrade")):
            told = {name: str(value) for name, value in entry.data.items() if isinstance(value, str)}
            if entry.kind == "upgrade":
                raised[told.get("input_sha256", "")] = told.get("output_sha256", "")
            elif entry.kind == "sign" and "output_sha256" in told:
                signed[told["output_sha256"]] = told.get("input_sha256", "")
            elif entry.kind == "file" and entry.data.get("archive"):
                path, sha256 = told.get("path", ""), told.get("sha256", "")
                document = signed_beside(path)
                if document is not None and sha256 in signed:
                    path, sha256 = document, signed[sha256]
                hashes.add(sha256)
                at[comparable(path)] = sha256
        return Filings(frozenset(hashes), at, raised)

    def _judge(self, copy: FiledCopy) -> Judged:
        from app.archive.health import Judged
        from app.verification.provability import provability

        parts = []
        for path, report in self._reports(copy):
            found = provability(path, report)
            parts.append(
                Judged(
                    conclusion=_conclusion(report),
                    level=found.level,
                    provable_until=found.until,
                    unstamped=bool(found.unstamped),
                    weak=bool(found.weak),
                    evidence=not report.signatures or self._has_evidence(copy),
                )
            )
        return Judged.together(parts)

    def _reports(self, copy: FiledCopy) -> Iterator[tuple[Path, FileReport]]:
        """The files of a copy that bear its signatures: those beside the document, and the document itself where it has
        any, or none is beside it."""
        from app.archive.tree import signatures_beside

        path = Path(copy.path)
        beside = signatures_beside(path)
        report = self._office.verifier.verify(path)
        if report.signatures or not beside:
            yield path, report
        for signature in beside:
            yield signature, self._office.verifier.verify(signature)

    def _has_evidence(self, copy: FiledCopy) -> bool:
        if self.shelf.has(copy.sha256):
            return True
        try:
            return self.keep_evidence(copy) is not None
        except AntinError:  # told as what it is: a copy without evidence
            return False

    def _evidence(self, path: Path) -> Evidence:
        """What speaks for the signatures of a file: what it carries, and what is to be had now."""
        from app.trust.evidence import Evidence
        from app.verification.guards import signatures_of

        gatherer = self._gatherer()
        found = Evidence()
        now = dt.datetime.now(dt.UTC)
        for signature in signatures_of(path):
            found += Evidence(signature.certificates, signature.embedded_crls, signature.embedded_ocsps)
            if signature.certificate is None:
                continue
            usage: Usage = "timestamp" if signature.document_timestamp else "signature"
            _facts, gathered = gatherer.gather(signature.certificate, signature.certificates, at=now, usage=usage)
            found += Evidence((signature.certificate,)) + gathered
            for stamp in (*signature.timestamps, *signature.archive_timestamps):
                if stamp.certificate is not None:
                    _facts, gathered = gatherer.gather(stamp.certificate, stamp.certificates, at=now, usage="timestamp")
                    found += Evidence((stamp.certificate,)) + gathered
        return found

    def _gatherer(self) -> EvidenceGatherer:
        from app.trust.evidence import EvidenceGatherer

        office = self._office
        return EvidenceGatherer.from_settings(office.settings, office.trust.store, offline=not office.online)


def _conclusion(report: FileReport) -> str:
    """Its conclusion; ``unsupported`` where nothing was wrong but the format, which is not one that is checked."""
    unreadable = str(report.conclusion) == "unreadable"
    if unreadable and report.reasons and all(reason.code in _NOT_CHECKED for reason in report.reasons):
        return "unsupported"
    return str(report.conclusion)
