"""``antin verify``: whether files are genuine, from whom, and what to do next."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli import output
from app.cli.main import EXIT_USAGE, Context
from app.i18n import N_, _
from app.times import clock

if TYPE_CHECKING:
    from app.office import Office
    from app.settings import Settings
    from app.verification.model import FileReport, SignatureReport

#: Exit codes in the order in which they apply (command contract).
_EXITS = (("invalid", 1), ("unreadable", 3), ("indeterminate", 4), ("unsigned", 5))

_WORDS = {
    "valid": (N_("VALID"), "green"),
    "warning": (N_("VALID, WITH A NOTE"), "yellow"),
    "indeterminate": (N_("NOT ENOUGH EVIDENCE"), "yellow"),
    "invalid": (N_("NOT VALID"), "red"),
    "unsigned": (N_("NOT SIGNED"), "bright_black"),
    "unreadable": (N_("CANNOT BE READ"), "bright_black"),
}

#: A folder's files with these endings are looked at; a file named on the command line always is.
_ENDINGS = {
    *(".pdf", ".docx", ".docm", ".dotx", ".dotm", ".xlsx", ".xlsm", ".xltx", ".pptx", ".pptm", ".ppsx"),
    *(".odt", ".ods", ".odp", ".asice", ".asics", ".sce", ".scs", ".p7m", ".p7s", ".xml"),
}


@click.command("verify", help=N_("Check whether files are genuine and unchanged, and from whom."))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--trust-root", "roots", multiple=True, type=click.Path(path_type=Path), help=N_("Another trusted root."))
@click.option("--crl", "crls", multiple=True, type=click.Path(path_type=Path), help=N_("A revocation list to use."))
@click.option("--online/--offline", default=None, help=N_("Whether revocation addresses of certificates may be asked."))
@click.option("--at", "at", metavar="TIME", help=N_("Judge as of this time (ISO 8601)."))
@click.option("--report", type=click.Path(path_type=Path), help=N_("Also write a report (.json)."))
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
    report: Path | None,
    jobs: int,
    as_json: bool,
) -> int:
    if report is not None and report.suffix.lower() != ".json":
        output.message(_("Reports are written as .json; other kinds: not yet."))
        return EXIT_USAGE
    moment = _time(at)
    reports = []
    options: dict[str, Any] = {"trust_roots": roots, "crls": crls, "online": online}
    with context.office(**options) as office:
        for found in _reports(office, context.settings, options, list(_walk(paths)), moment, jobs):
            reports.append(found)
            if as_json:
                output.json_line(found)
            else:
                _show(found)
    if report is not None:
        _write_report(report, reports)
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
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if Path(name).suffix.lower() in _ENDINGS and not name.startswith((".", "~$")):
                    yield Path(folder, name)


def _reports(
    office: Office,
    settings: Settings,
    options: dict[str, Any],
    files: list[Path],
    moment: dt.datetime | None,
    jobs: int,
) -> Iterator[FileReport]:
    if jobs == 1 or len(files) < 2:
        for path in files:
            yield office.verify(path, at=moment)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(jobs, len(files)), initializer=_start_worker, initargs=(settings, options)) as pool:
        for found in pool.map(_verify_in_worker, files, [moment] * len(files), chunksize=4):
            office.enter(found)
            yield found


_worker_office: Office | None = None


def _start_worker(settings: Settings, options: dict[str, Any]) -> None:
    global _worker_office
    from app.i18n import set_language
    from app.office import Office

    set_language(settings.language)
    _worker_office = Office(settings, **options)


def _verify_in_worker(path: Path, moment: dt.datetime | None) -> FileReport:
    assert _worker_office is not None
    return _worker_office.verifier.verify(path, at=moment)


def _write_report(path: Path, reports: list[FileReport]) -> None:
    import msgspec

    path.write_bytes(msgspec.json.format(msgspec.json.encode(reports), indent=2))


def _show(found: FileReport) -> None:
    from rich.text import Text

    word, colour = _WORDS[str(found.conclusion)]
    console = output.console()
    console.print(Text.assemble((f"{_(word)}  ", f"bold {colour}"), (str(found.path), "bold")))
    console.print(Text(f"  {found.summary}"))
    for reason in found.reasons:
        console.print(Text(f"  – {reason.message}"))
    for signature in found.signatures:
        console.print(Text(_signature_line(signature)))
        for reason in signature.reasons:
            console.print(Text(f"      – {reason.message}"))
    if found.next_step:
        console.print(Text(f"  → {found.next_step}", style="italic"))


def _signature_line(signature: SignatureReport) -> str:
    word, _colour = _WORDS[str(signature.conclusion)]
    when = clock(signature.timestamp_time or signature.claimed_time)
    whose = ", ".join(dict.fromkeys(filter(None, (signature.signer, signature.organization))))
    return f"    • {whose} · {when} · {_(word)}"
