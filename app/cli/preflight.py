"""``antin preflight``: look through documents before they are signed, repair copies."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from app.cli import output
from app.cli.main import Context
from app.errors import AntinError, ErrorInfo, describe
from app.i18n import N_, _
from app.office import Office
from app.preflight.model import Finding, Preflight, Severity

EXIT_UNREADABLE = 3


class Row(msgspec.Struct, frozen=True):
    """One file. ``severity``: of the gravest finding, null without any; ``fixed``: path of the repaired copy, ``left``:
    what was found on it."""

    path: str
    format: str
    signed: bool
    severity: Severity | None
    findings: list[Finding]
    fixed: str | None = None
    left: list[Finding] = []
    error: ErrorInfo | None = None


@click.command("preflight", help=N_("Look through documents before they are signed."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--copy", "as_copy", is_flag=True, help=N_("They are scans to be signed as copies: check their quality too.")
)
@click.option(
    "--fix",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=N_("Folder for repaired copies of what can be put right."),
)
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(context: Context, files: tuple[Path, ...], as_copy: bool, folder: Path | None, as_json: bool) -> int:
    with context.office() as office:
        rows = []
        for path in files:
            rows.append(_row(office, path, as_copy, folder))
            if as_json:
                output.json_line(rows[-1])
            else:
                _show(rows[-1])
    if any(row.error is not None for row in rows):
        return EXIT_UNREADABLE
    return 1 if any(row.severity in (Severity.STOP, Severity.ASK) for row in rows) else 0


def _row(office: Office, path: Path, as_copy: bool, folder: Path | None) -> Row:
    looked: Preflight | None = None
    try:
        looked = office.preflight(path, as_copy=as_copy)
        row = Row(str(path), looked.format, looked.signed, looked.severity, list(looked.findings))
        if folder is None or not looked.mendable:
            return row
        copy = office.repair(path, folder.absolute())
        return msgspec.structs.replace(row, fixed=str(copy.path), left=list(copy.findings))
    except (AntinError, OSError) as error:
        if looked is None:
            return Row(str(path), "", False, None, [], error=describe(error))
        return Row(
            str(path), looked.format, looked.signed, looked.severity, list(looked.findings), error=describe(error)
        )


def _show(row: Row) -> None:
    from rich.text import Text

    words = {
        Severity.STOP: (_("stop"), "red"),
        Severity.ASK: (_("decide"), "yellow"),
        Severity.WARN: (_("note"), "yellow"),
        Severity.INFO: (_("for information"), ""),
    }
    lines = []
    for finding in row.findings:
        word, colour = words[finding.severity]
        lines.append((Text(word, style=colour), f"{finding.message}\n{finding.hint}"))
    name = output.printable(row.path)
    if lines:
        output.table(name, [_("How grave"), _("What was found, and what to do")], lines)
    elif row.error is None:
        output.message(_("{name}: nothing was found that speaks against signing.").format(name=name))
    if row.fixed is not None:
        output.message(_("Repaired copy: {path}. Look at it before you sign it.").format(path=row.fixed))
    if row.error is not None:
        output.message(f"{row.error.message}\n{row.error.hint}")
