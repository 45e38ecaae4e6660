"""Checks off the main thread: few files in this process, at once; many in a crew of processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import ErrorInfo, describe
from app.office import Office
from app.verification.model import Conclusion, FileReport, Reason
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.verification.bundle import Bundles, Member
    from app.verification.walk import Target

#: A crew takes longer to come together than this many files take to be checked here.
FEW = 8

#: How long results are gathered before they are shown together, in milliseconds.
_TOGETHER = 60


@dataclass(eq=False)
class _Round:
    """Files given at one time.

    :ivar total: how many there are; None until all folders are walked.
    """

    total: int | None = None
    done: int = 0
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Checked:
    """
    :ivar path: the file on the disk; of a file in a ZIP the ZIP.
    :ivar member: where in the ZIP it is; None for a file by itself.
    """

    report: FileReport
    path: Path
    member: Member | None = None


class Checking(QObject):
    """Takes files, folders and ZIPs; gives reports as they come."""

    #: A list of :class:`Checked`.
    arrived = Signal(list)
    #: Emitted whenever the progress has changed.
    changed = Signal()
    #: The :class:`ErrorInfo` of a result that could not be entered in the ledger.
    not_entered = Signal(object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(3, self)
        self._rounds: dict[Job[None], _Round] = {}
        self._gathered: list[Checked] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TOGETHER)
        self._soon.timeout.connect(self._hand_on)

    @property
    def busy(self) -> bool:
        return bool(self._rounds)

    @property
    def done(self) -> int:
        """Files checked of what is under way."""
        return sum(round_.done for round_ in self._rounds.values())

    @property
    def total(self) -> int | None:
        """Files under way, those done included; None until all folders are walked."""
        totals = [round_.total for round_ in self._rounds.values()]
        return None if None in totals else sum(total for total in totals if total is not None)

    @property
    def seconds_left(self) -> float | None:
        """Until all is checked, going by what was done so far; None where too little was."""
        left = 0.0
        for round_ in self._rounds.values():
            spent = time.monotonic() - round_.started
            if round_.total is None or round_.done < FEW or spent < 1.0:
                return None
            left = max(left, spent / round_.done * (round_.total - round_.done))
        return left if self._rounds else None

    def start(self, paths: list[Path]) -> None:
        """Check files, and what is in folders and ZIPs."""
        self._begin(lambda job: self._run(paths, job), paths[0])

    def start_again(self, member: Member) -> None:
        """Check one file of a ZIP."""
        self._begin(lambda job: self._run_again(member, job), member.places[0])

    def start_with(self, signature: Path, content: Path) -> None:
        """Check a signature file with what it is said to sign."""
        self._begin(lambda job: self._run_with(signature, content, job), signature)

    def _begin(self, run: Callable[[Job[None]], None], first: Path) -> None:
        """Start a round.

        :param first: the file on which it is told where the round cannot even begin.
        """
        round_ = _Round()

        def take(step: object) -> None:
            if isinstance(step, int):
                round_.total = step
            elif isinstance(step, Checked):
                round_.done += 1
                self._gathered.append(step)
            elif isinstance(step, ErrorInfo):
                self.not_entered.emit(step)
            if round_.total == 1 and self._gathered:
                self._hand_on()
            elif not self._soon.isActive():
                self._soon.start()

        def end(_result: object) -> None:
            self._rounds.pop(job, None)
            self._hand_on()

        def fail(error: Exception) -> None:
            self._gathered.append(_failed(first, error))
            end(None)

        job = self._pool.start(run, done=end, failed=fail, progress=take)
        self._rounds[job] = round_
        self.changed.emit()

    def cancel(self) -> None:
        """Stop; what is known stays."""
        self._pool.cancel_all()
        self._rounds.clear()
        self._hand_on()

    def stop(self) -> None:
        """Stop and wait until no thread works any more."""
        self._soon.stop()
        self._rounds.clear()
        self._pool.close()

    def _hand_on(self) -> None:
        self._soon.stop()
        gathered, self._gathered = self._gathered, []
        if gathered:
            self.arrived.emit(gathered)
        self.changed.emit()

    # In a thread of the pool

    def _run(self, paths: list[Path], job: Job[None]) -> None:
        from app.verification.walk import walk

        targets = walk(paths, cancelled=job.cancelled)
        first = list(islice(targets, FEW + 1))
        few = len(first) <= FEW
        wanted = first if few else list(chain(first, targets))
        if job.cancelled.is_set():
            return
        job.report(len(wanted))
        places = {_name(target): target for target in wanted}
        reports = self._here(wanted, job) if few else self._by_crew(wanted, job)
        for report in reports:
            job.report(_checked(report, places[report.path]))

    def _run_again(self, member: Member, job: Job[None]) -> None:
        job.report(1)
        for report in self._here([member], job):
            job.report(_checked(report, member))

    def _run_with(self, signature: Path, content: Path, job: Job[None]) -> None:
        job.report(1)
        report = self._office.verifier.verify(signature, content=content)
        job.report(Checked(report, signature))
        self._enter([report], job)

    def _here(self, targets: list[Target], job: Job[None]) -> Iterator[FileReport]:
        from app.verification.bundle import Bundles

        with Bundles() as bundles:
            for target in targets:
                if job.cancelled.is_set():
                    return
                report = self._check(target, bundles)
                yield report
                self._enter([report], job)

    def _check(self, target: Target, bundles: Bundles) -> FileReport:
        if isinstance(target, FileReport):
            return target
        if isinstance(target, Path):
            return self._office.verifier.verify(target)
        return bundles.verify(self._office.verifier, target)

    def _by_crew(self, targets: list[Target], job: Job[None]) -> Iterator[FileReport]:
        with self._office.crew(enter=lambda reports: self._enter(reports, job)) as crew:
            yield from crew.verify(targets, cancelled=job.cancelled)

    def _enter(self, reports: Sequence[FileReport], job: Job[None]) -> None:
        """Write results into the ledger; where that fails, say so: the results themselves stand."""
        try:
            self._office.enter(*reports)
        except Exception as error:
            job.report(describe(error))


def _name(target: Target) -> str:
    return target.path if isinstance(target, FileReport) else str(target)


def _checked(report: FileReport, target: Target) -> Checked:
    """A report with the place of what it is on."""
    if isinstance(target, Path):
        return Checked(report, target)
    if isinstance(target, FileReport):
        return Checked(report, Path(target.path))
    return Checked(report, target.places[0], target)


def _failed(path: Path, error: Exception) -> Checked:
    """What cannot even be begun, as a report on the first file given."""
    told = describe(error)
    report = FileReport(
        path=str(path),
        sha256=None,
        format="",
        conclusion=Conclusion.UNREADABLE,
        summary=told.message,
        next_step=told.hint,
        reasons=[Reason(told.code, told.message, told.hint)],
        signatures=[],
        seconds=0.0,
    )
    return Checked(report, path)
