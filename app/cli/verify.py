"""``antin verify``: whether files are genuine, from whom, and what to do next."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from app.cli import output
from app.cli.main import Context
from app.errors import AntinError
from app.i18n import N_, Language, _, current_language, set_language
from app.times import clock
from app.verification import words

if TYPE_CHECKING:
    from app.office import Office
    from app.settings import Settings
    from app.verification.bundle import Bundles, Member
    from app.verification.model import FileReport, SignatureReport

    _Target = Path | Member | FileReport

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

#: A folder's files with these endings are looked at; a file named on the command line always is.
_ENDINGS = {
    *(".pdf", ".docx", ".docm", ".dotx", ".dotm", ".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm"),
    *(".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    *(".odt", ".ods", ".odp", ".odg", ".asice", ".asics", ".sce", ".scs", ".p7m", ".p7s", ".xml", ".zip"),
}


@click.command("verify", help=N_("Check whether files are genuine and unchanged, and from whom."))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--trust-root", "roots", multiple=True, type=click.Path(path_type=Path), help=N_("Another trusted root."))
@click.option("--crl", "crls", multiple=True, type=click.Path(path_type=Path), help=N_("A revocation list to use."))
@click.option("--online/--offline", default=None, help=N_("Whether revocation addresses of certificates may be asked."))
@click.option("--at", "at", metavar="TIME", help=N_("Judge as of this time (ISO 8601)."))
@click.option(
    "--report",
    "wanted",
    multiple=True,
    type=click.Path(path_type=Path),
    help=N_("Also write a report (.pdf, .xlsx, .json)."),
)
@click.option("--refusal", is_flag=True, help=N_("For files that are not valid, a note refusing to receive them."))
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help=N_("Files checked side by side.")
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
    reports = []
    options: dict[str, Any] = {"trust_roots": roots, "crls": crls, "online": online}
    targets = list(_targets(_walk(paths)))
    if not targets:
        output.message(_("There is no file to check."))
    with context.office(**options) as office:
        for found in _reports(office, context.settings, options, targets, moment, jobs):
            reports.append(found)
            note = _note(office, found, moment) if refusal else ""
            if as_json:
                output.json_line(_with_note(found, note))
            else:
                _show(found)
                output.text(note)
        if wanted:
            from app.verification.report import save

            occasion = office.occasion(as_of=moment)
            for report in dict.fromkeys(wanted):
                save(report, reports, occasion)
    conclusions = {str(found.conclusion) for found in reports}
    return next((code for name, code in _EXITS if name in conclusions), 0)


def _time(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(_("not an ISO 8601 time: {text}").format(text=text), param_hint="--at") from error
    return moment if moment.tzinfo else moment.astimezone()


def _walk(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named and those in the folders named; a folder that cannot be read stands for what is in it."""
    closed: list[Path] = []
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path, onerror=lambda error: closed.append(Path(error.filename))):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if _is_looked_at([name]):
                    yield Path(folder, name)
    yield from closed


def _targets(files: Iterable[Path]) -> Iterator[_Target]:
    """The files, and in the place of a ZIP of documents what is in it; a ZIP that cannot be trusted to hold the same
    for all programs is a report already."""
    for path in files:
        if path.suffix.lower() != ".zip":
            yield path
            continue
        from app.verification.bundle import Bundles, rejected

        with Bundles() as bundles:
            try:
                found = [member for member in bundles.members(path) if _is_looked_at(member.name.split("/"))]
            except AntinError as error:
                yield rejected(path, error)
                continue
        yield from found
        if not found:
            yield path


def _is_looked_at(parts: Sequence[str]) -> bool:
    """Whether a file of a folder, given by its path from there, is one to check."""
    name = parts[-1]
    hidden = any(part.startswith(".") for part in parts) or name.startswith("~$")
    return Path(name).suffix.lower() in _ENDINGS and not hidden and parts[0] != "__MACOSX"


def _reports(
    office: Office,
    settings: Settings,
    options: dict[str, Any],
    targets: list[_Target],
    moment: dt.datetime | None,
    jobs: int,
) -> Iterator[FileReport]:
    with _Checker(office) as check:  # what is wrong with roots or policy shows here, once, and not in every worker
        if jobs == 1 or len(targets) < 2:
            for target in targets:
                found = check(target, moment)
                yield found
                _enter(office, found)
            return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(
        min(jobs, len(targets)), initializer=_start_worker, initargs=(settings, options, current_language())
    ) as pool:
        for found in pool.map(_verify_in_worker, targets, [moment] * len(targets), chunksize=4):
            yield found
            _enter(office, found)


def _enter(office: Office, found: FileReport) -> None:
    """Write a result into the ledger; where that fails, say so: the result itself stands."""
    try:
        office.enter(found)
    except AntinError as error:
        output.message(_("{path} was checked but not entered in the ledger: {why}").format(path=found.path, why=error))


class _Checker:
    """Checks one target after the other with an office's verifier, without entering it in the ledger."""

    def __init__(self, office: Office) -> None:
        self._verifier = office.verifier
        self._open: Bundles | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._open is not None:
            self._open.close()

    def __call__(self, target: _Target, moment: dt.datetime | None) -> FileReport:
        if isinstance(target, Path):
            return self._verifier.verify(target, at=moment)
        from app.verification.bundle import Bundles, Member

        if not isinstance(target, Member):
            return target
        self._open = self._open or Bundles()
        return self._open.verify(self._verifier, target, at=moment)


_worker: _Checker | None = None


def _start_worker(settings: Settings, options: dict[str, Any], language: Language) -> None:
    global _worker
    import signal

    from app.office import Office

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the command itself
    set_language(language)
    _worker = _Checker(Office(settings, **options))


def _verify_in_worker(target: _Target, moment: dt.datetime | None) -> FileReport:
    assert _worker is not None
    return _worker(target, moment)


def _note(office: Office, found: FileReport, moment: dt.datetime | None) -> str:
    """The note refusing a file, empty where there is no ground for one."""
    from app.verification.refusal import is_refusable, refusal_note

    return refusal_note(found, office.occasion(as_of=moment)) if is_refusable(found) else ""


def _with_note(found: FileReport, note: str) -> FileReport | dict[str, Any]:
    import msgspec

    return {**msgspec.structs.asdict(found), "refusal": note} if note else found


def _show(found: FileReport) -> None:
    from rich.text import Text

    colour = _COLOURS[str(found.conclusion)]
    console = output.console()
    console.print(
        Text.assemble(
            (f"{words.conclusion(found.conclusion)}  ", f"bold {colour}"), (output.printable(str(found.path)), "bold")
        )
    )
    console.print(Text(f"  {output.printable(found.summary)}"))
    for reason in found.reasons:
        if found.summary.endswith(reason.message[1:]):
            continue
        console.print(Text(f"  – {output.printable(reason.message)}"))
    for signature in found.signatures:
        console.print(Text(output.printable(_signature_line(signature))))
        for reason in signature.reasons:
            console.print(Text(f"      – {output.printable(reason.message)}"))
    if found.next_step:
        console.print(Text(f"  → {output.printable(found.next_step)}", style="italic"))


def _signature_line(signature: SignatureReport) -> str:
    when = clock(signature.timestamp_time or signature.claimed_time)
    whose = ", ".join(dict.fromkeys(filter(None, (signature.signer, signature.organization))))
    return f"    • {whose} · {when} · {words.conclusion(signature.conclusion)}"
