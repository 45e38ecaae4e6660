"""``antin verify``: whether files are genuine, from whom, and what to do next."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from app.cli import output
from app.cli.long_work import interrupt_cancels, progress_bar
from app.cli.main import EXIT_CANCELLED, EXIT_USAGE, Context
from app.errors import AntinError
from app.i18n import N_, _, ngettext
from app.times import aware, clock
from app.verification import words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from app.office import Office
    from app.verification.model import FileReport, SignatureReport
    from app.verification.report import Occasion
    from app.verification.walk import LeftOut, Target

#: Exit codes in the order in which they apply (command contract).
_EXITS = (("invalid", 1), ("unreadable", 3), ("indeterminate", 4), ("unsigned", 5))

_COLOURS = {
    "valid": "green",
    "warning": "yellow",
    "indeterminate": "yellow",
    "invalid": "red",
    "unsigned": "bright_black",
    "unreadable": "bright_black",
}

#: So many files are checked by this process itself, unless processes are asked for: to start them takes longer.
_FEW = 8


@click.command("verify", help=N_("Check whether files are genuine and unchanged, and from whom."))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--trust-root", "roots", multiple=True, type=click.Path(path_type=Path), help=N_("Another trusted root."))
@click.option("--crl", "crls", multiple=True, type=click.Path(path_type=Path), help=N_("A revocation list to use."))
@click.option("--online/--offline", default=None, help=N_("Whether revocation addresses of certificates may be asked."))
@click.option("--at", "at", metavar="TIME", help=N_("Judge as of this time (ISO 8601)."))
@click.option(
    "--content",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=N_("The file that a signature file (.p7s) signs, where it is not beside it."),
)
@click.option(
    "--report",
    "wanted",
    multiple=True,
    type=click.Path(path_type=Path),
    help=N_("Also write a report (.pdf, .xlsx, .json, .xml)."),
)
@click.option("--refusal", is_flag=True, help=N_("For files that are not valid, a note refusing to receive them."))
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help=N_(
        "Files checked side by side, each in a process of its own; as many as there are cores, where files are many. "
        "Results come as they are ready; with 1 in the order of paths, those of a ZIP together."
    ),
)
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(
    context: Context,
    paths: tuple[Path, ...],
    roots: tuple[Path, ...],
    crls: tuple[Path, ...],
    online: bool | None,
    at: str | None,
    content: Path | None,
    wanted: tuple[Path, ...],
    refusal: bool,
    jobs: int,
    as_json: bool,
) -> int:
    if wanted:
        from app.verification.report import check_target

        for report in wanted:
            check_target(report)
    moment = _time(at)
    if content is not None and (len(paths) > 1 or paths[0].is_dir()):
        raise click.UsageError(_("--content goes with one signature file only."))
    cancelled = threading.Event()
    from app.verification.walk import LeftOut

    done = _Done(keep=bool(wanted))
    left_out = LeftOut()
    with context.office(trust_roots=roots, crls=crls, online=online) as office:
        occasion = office.occasion(as_of=moment) if refusal or wanted else None
        with _Rows(as_json, occasion if refusal else None) as rows, interrupt_cancels(cancelled.set):
            for found in _reports(office, paths, moment, content, jobs, rows, cancelled, left_out):
                done.add(found)
                rows.show(found)
        if left_out.count:
            output.message(_told_left_out(left_out))
        if not as_json and (judging := _policy_of_bundle(office)):
            output.message(judging)
        if done.count > 1 and not as_json:
            output.text(f"{done.told()}\n")
        if cancelled.is_set():
            return _cancelled(wanted)
        if occasion is not None:
            from app.verification.report import save

            for report in dict.fromkeys(wanted):
                save(report, done.reports, occasion)
    if not done.count:
        output.message(_("There is no file to check."))
        return EXIT_USAGE
    return next((code for name, code in _EXITS if done.of[name]), 0)


def _told_left_out(left_out: LeftOut) -> str:
    names = ", ".join(left_out.names) + (", …" if left_out.count > len(left_out.names) else "")
    return ngettext(
        "{n} file of a kind that cannot be checked was left out: {names}",
        "{n} files of kinds that cannot be checked were left out: {names}",
        left_out.count,
    ).format(n=left_out.count, names=names)


class _Done:
    """What the run came to.

    :ivar of: how many files of each conclusion.
    :ivar reports: all of them, where they are kept; by path, for they come in any order.
    """

    def __init__(self, *, keep: bool) -> None:
        self.of: Counter[str] = Counter()
        self._kept: list[FileReport] | None = [] if keep else None

    def add(self, found: FileReport) -> None:
        self.of[str(found.conclusion)] += 1
        if self._kept is not None:
            self._kept.append(found)

    @property
    def count(self) -> int:
        return self.of.total()

    @property
    def reports(self) -> list[FileReport]:
        return sorted(self._kept or [], key=lambda found: found.path)

    def told(self) -> str:
        from app.verification.model import Conclusion

        counts = ", ".join(f"{words.conclusion(each)} {self.of[each]}" for each in Conclusion if self.of[each])
        return ngettext("{n} file checked: {counts}.", "{n} files checked: {counts}.", self.count).format(
            n=self.count, counts=counts
        )


def _cancelled(wanted: Sequence[Path]) -> int:
    output.message(_("Stopped. What is told above stands; the other files were not checked."))
    if wanted:
        output.message(_("No report was written, because it would not be complete."))
    return EXIT_CANCELLED


def _time(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            _("“{text}” is no time; write it like 2026-11-22T08:00").format(text=text), param_hint="--at"
        ) from error
    return aware(moment)


def _reports(
    office: Office,
    paths: Sequence[Path],
    moment: dt.datetime | None,
    content: Path | None,
    jobs: int | None,
    rows: _Rows,
    cancelled: threading.Event,
    left_out: LeftOut,
) -> Iterator[FileReport]:
    from app.verification.walk import walk

    if content is not None:
        yield from _one_by_one(office, paths, moment, content)
        return
    targets = walk(paths, cancelled=cancelled, left_out=left_out)
    first = list(islice(targets, _FEW))
    if not first:
        return
    office.verifier  # noqa: B018 - what is wrong with roots or policy shows here, once, and not in every process
    targets = chain(first, targets)
    if jobs == 1 or len(first) < (_FEW if jobs is None else 2):
        yield from _one_by_one(office, targets, moment)
        return
    rows.expect(lambda: walk(paths, cancelled=cancelled))
    with office.crew(jobs, enter=lambda found: _enter(office, found)) as crew:
        yield from crew.verify(targets, at=moment, cancelled=cancelled)


def _one_by_one(
    office: Office, targets: Iterable[Target], moment: dt.datetime | None, content: Path | None = None
) -> Iterator[FileReport]:
    from app.verification.bundle import Bundles, Member

    with Bundles() as bundles:
        for target in targets:
            if isinstance(target, Path):
                found = office.verifier.verify(target, at=moment, content=content)
            elif isinstance(target, Member):
                found = bundles.verify(office.verifier, target, at=moment)
            else:
                found = target
            yield found
            _enter(office, [found])


def _enter(office: Office, found: Sequence[FileReport]) -> None:
    """Write results into the ledger; where that fails, say so: the results themselves stand."""
    try:
        office.enter(*found)
    except AntinError as error:
        for each in found:
            output.message(
                _("{path} was checked but not entered in the ledger: {why}").format(path=each.path, why=error)
            )


def _policy_of_bundle(office: Office) -> str:
    """That a trust bundle brings the policy by which was judged; empty where none does."""
    bundle = office.bundle
    if bundle is None or not bundle.content.policy or office.settings.trust.policy:
        return ""
    return _("Judged by the policy of trust bundle {number}, signed by {signer}.").format(
        number=bundle.content.number, signer=output.printable(bundle.signed.signer)
    )


class _Rows:
    """Shows each result as it comes, and on a terminal a bar of what is left. A context manager.

    :param refusing: who refuses what is not valid; without it no notes of refusal are shown.
    """

    def __init__(self, as_json: bool, refusing: Occasion | None) -> None:
        self._as_json, self._refusing = as_json, refusing
        self._shared = sys.stdout.isatty()
        self._console = None if as_json else output.console()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        if self._bar is not None:
            self._bar.stop()

    def expect(self, again: Callable[[], Iterable[object]]) -> None:
        """Show a bar where somebody looks.

        :param again: goes over what is to be checked once more; it is counted while the work goes on.
        """
        if not sys.stderr.isatty() or (self._as_json and self._shared):
            return
        # Rows and bar on one terminal must be drawn by one hand.
        self._bar = progress_bar(self._console if self._shared else None)
        self._task = self._bar.add_task(_("Checking"), total=None)
        self._bar.start()
        threading.Thread(target=self._count, args=(self._bar, self._task, again), daemon=True).start()

    def _count(self, bar: Progress, task: TaskID, again: Callable[[], Iterable[object]]) -> None:
        total = 0
        for total, _target in enumerate(again(), 1):
            if self._ended.is_set():
                return
            if total % 256 == 0:
                bar.update(task, total=total)
        bar.update(task, total=total)

    def show(self, found: FileReport) -> None:
        note = self._note(found)
        if self._console is None:
            output.json_line(_with_note(found, note))
        else:
            _show(self._console, found)
            if note:
                self._console.out(note, end="", highlight=False)
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)

    def _note(self, found: FileReport) -> str:
        """The note refusing a file, empty where there is no ground for one."""
        if self._refusing is None:
            return ""
        from app.verification.refusal import is_refusable, read_document, refusal_note

        if not is_refusable(found):
            if str(found.conclusion) not in ("valid", "warning"):
                output.message(
                    _("{path}: no note of refusal, for only what is not valid can be refused. {step}").format(
                        path=found.path, step=found.next_step
                    )
                )
            return ""
        return refusal_note(found, self._refusing, document=read_document(found))


def _with_note(found: FileReport, note: str) -> FileReport | dict[str, Any]:
    import msgspec

    return {**msgspec.structs.asdict(found), "refusal": note} if note else found


def _show(console: Console, found: FileReport) -> None:
    from rich.text import Text

    colour = _COLOURS[str(found.conclusion)]
    told = [f"  {found.summary}"]
    told += [f"  – {reason.message}" for reason in found.reasons if not found.summary.endswith(reason.message[1:])]
    for signature in found.signatures:
        told.append(_signature_line(signature))
        told += [f"      – {reason.message}" for reason in signature.reasons]
    lines = Text.assemble(
        (f"{words.conclusion(found.conclusion)}  ", f"bold {colour}"),
        (output.printable(found.path), "bold"),
        *(f"\n{output.printable(line)}" for line in told),
    )
    if found.next_step:
        lines.append(f"\n  → {output.printable(found.next_step)}", style="italic")
    console.print(lines)  # at once: printing costs more than checking a small file


def _signature_line(signature: SignatureReport) -> str:
    when = clock(signature.timestamp_time or signature.claimed_time)
    if when and signature.timestamp_time is None:
        when = _("{time} (as the signer states)").format(time=when)
    whose = ", ".join(dict.fromkeys(filter(None, (signature.signer, signature.organization))))
    return "    • " + " · ".join(filter(None, (whose, when, words.conclusion(signature.conclusion))))
