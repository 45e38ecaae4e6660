"""The signed revision of a PDF beside the document as it is now, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from app.decoding import decodable
from app.documents.child import ChildProcess
from app.documents.packing import packed
from app.documents.page_painter import Refusal
from app.errors import AntinError, from_os_error
from app.i18n import N_
from app.verification.changes.alignment import Step, aligned
from app.verification.changes.model import Comparison, GaveUp, PageChange, PagePair
from app.verification.changes.page_comparer import Compare, Difference, Forget, Look, Revision, Seen

_MODULE: Final = "app.verification.changes.page_comparer"

#: Seconds in which the process has to start; a fraction of one, but for a machine that is busy or cold.
_START_PATIENCE: Final = 15.0


@dataclass(frozen=True)
class Limits:
    """How much is compared.

    :ivar pages: from the first one; those that changes name are compared beside.
    :ivar seconds: after which no further page is begun.
    :ivar patience: seconds for one page; what takes longer is given up with all that follows.
    """

    pages: int
    seconds: float
    patience: float


#: For a person who looks at the comparison.
LOOKING: Final = Limits(pages=60, seconds=30.0, patience=8.0)


class PageNotCompared(AntinError):
    """Carries ``page``, one-based."""

    code = "page-not-compared"
    message_id = N_("Page {page} could not be compared: it takes too long or too much memory to draw.")
    hint_id = N_("The verdict does not depend on it. Compare that page with the signer's copy.")


class _Stopped(Exception):
    """:ivar why: what ended the comparison early."""

    def __init__(self, why: GaveUp) -> None:
        super().__init__(why)
        self.why = why


class RevisionComparer:
    """Compares the pages of one file with those of a signed revision of it; a context manager.

    :param signed_size: octets from the file's start to the end of the signed revision.
    :param child: a :func:`drawing_process` to use; without it one is started and ended.
    :raises AntinError: the file cannot be reached.
    """

    def __init__(
        self, path: Path, signed_size: int, limits: Limits = LOOKING, child: ChildProcess | None = None
    ) -> None:
        place, written = path.absolute(), _state(path)
        self._signed, self._now = Revision(place, signed_size, written), Revision(place, 0, written)
        self._limits = limits
        self._own = child is None
        self._child = child or drawing_process()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; end the process that draws, unless it was given."""
        if self._own:
            self._child.give_up()
            self._child.close()
        elif self._child.is_running:
            _ask(self._child, Forget(), self._limits.patience)

    def compare(
        self,
        named: Iterable[int] = (),
        *,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Comparison:
        """Compare the first pages, and those named.

        :param named: zero-based pages that are known to have changed.
        :param progress: called with the steps done and all steps, after each.
        :param is_cancelled: asked before each page.
        :return: what was found until it was given up; never raises for what is in the file.
        :raises app.documents.child.ReadingProcessMissing: the drawing process does not start.
        """
        run = _Run(self._child, self._signed, self._now, self._limits, progress, is_cancelled)
        return run.comparison(sorted(set(named)))

    def compare_page(self, before: int, after: int) -> PageChange | None:
        """Compare one pair of pages that :meth:`compare` left out.

        :param before, after: zero-based pages of the signed revision and of the document now.
        :return: None where they are the same.
        :raises PageNotCompared: one of them cannot be drawn in the time and memory given.
        """
        answer = _ask(self._child, Compare(self._signed, before, self._now, after), self._limits.patience)
        if not isinstance(answer, Difference):
            raise PageNotCompared(page=after + 1)
        return _told(answer, PagePair(before, after))


class _Run:
    """One comparison, with its clock."""

    def __init__(
        self,
        child: ChildProcess,
        signed: Revision,
        now: Revision,
        limits: Limits,
        progress: Callable[[int, int], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._child, self._signed, self._now, self._limits = child, signed, now, limits
        self._progress, self._is_cancelled = progress, is_cancelled
        self._until = time.monotonic() + limits.seconds
        self._done = self._all = 0

    def comparison(self, named: list[int]) -> Comparison:
        pages = [0, 0]
        pairs: list[PagePair] = []
        changes: list[PageChange] = []
        gave_up: GaveUp | None = None
        try:
            firsts = [self._look(revision, 0) for revision in (self._signed, self._now)]
            pages = [first.pages for first in firsts]
            counts = [min(count, self._limits.pages) for count in pages]
            self._all = sum(counts)
            seen = [
                [self._looked(revision, page) for page in range(count)]
                for revision, count in zip((self._signed, self._now), counts, strict=True)
            ]
            if counts != pages:
                gave_up = GaveUp.PAGES
            steps = aligned(seen[0], seen[1], cut=(counts[0] < pages[0], counts[1] < pages[1]))
            steps += [Step(PagePair(page, page)) for page in named if self._limits.pages <= page < min(pages)]
            self._all += sum(step.kind is None and not step.is_same for step in steps)
            for step in steps:
                pairs.append(step.pair)
                if (change := self._change(step)) is not None:
                    changes.append(change)
        except _Stopped as stopped:
            gave_up = stopped.why
        return Comparison(pages[0], pages[1], tuple(pairs), tuple(changes), gave_up)

    def _looked(self, revision: Revision, page: int) -> Seen:
        seen = self._look(revision, page)
        self._step()
        return seen

    def _look(self, revision: Revision, page: int) -> Seen:
        answer = self._answer(Look(revision, page))
        if not isinstance(answer, Seen):
            raise _Stopped(GaveUp.NOT_SHOWN)
        return answer

    def _change(self, step: Step) -> PageChange | None:
        if step.is_same:
            return None
        if step.kind is not None:
            return PageChange(step.kind, step.pair.before, step.pair.after)
        assert step.pair.before is not None and step.pair.after is not None
        answer = self._answer(Compare(self._signed, step.pair.before, self._now, step.pair.after))
        if not isinstance(answer, Difference):
            raise _Stopped(GaveUp.NOT_SHOWN)
        self._step()
        return _told(answer, step.pair)

    def _answer(self, question: Look | Compare) -> Seen | Difference | Refusal | None:
        if self._is_cancelled():
            raise _Stopped(GaveUp.CANCELLED)
        if time.monotonic() > self._until:
            raise _Stopped(GaveUp.TIME)
        return _ask(self._child, question, self._limits.patience)

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, self._all)


def _told(difference: Difference, pair: PagePair) -> PageChange | None:
    if difference.kind is None:
        return None
    return PageChange(difference.kind, pair.before, pair.after, difference.regions, difference.resized)


def drawing_process() -> ChildProcess:
    """A process that compares pages; it starts with the first question."""
    return ChildProcess(_MODULE, _START_PATIENCE)


def _state(path: Path) -> str:
    try:
        found = path.stat()
    except OSError as error:
        raise from_os_error(error, path) from error
    return f"{found.st_size} {found.st_mtime_ns}"


def _ask(child: ChildProcess, question: Look | Compare | Forget, patience: float) -> Seen | Difference | Refusal | None:
    answer = child.ask(packed(question), patience)
    return None if answer is None else msgspec.msgpack.decode(answer, type=decodable(Seen | Difference | Refusal))
