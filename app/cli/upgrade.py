"""``antin upgrade``: raise the level of files that are signed."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import output
from app.cli.main import Context
from app.cli.results import show
from app.i18n import N_, _, ngettext
from app.signing.model import Level
from app.signing.upgrade import UpgradeResult, UpgradeStatus


@click.command("upgrade", help=N_("Add time stamps and proofs for long keeping to signed files, without a token."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--level",
    type=click.Choice([Level.T, Level.LT, Level.LTA]),
    default=Level.LT,
    show_default=True,
    help=N_("Level to reach; LTA is renewed where a file has it."),
)
@click.option("--tsa", help=N_("Address of the time-stamp server."))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=N_("Folder for the raised copies."))
@click.option(
    "--in-place-new-copy",
    "beside",
    is_flag=True,
    help=N_("Put the raised copy beside its original (the default for files outside the archive)."),
)
@click.option("--trust-root", "roots", multiple=True, type=click.Path(path_type=Path), help=N_("Another trusted root."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(
    context: Context,
    files: tuple[Path, ...],
    level: str,
    tsa: str | None,
    out: Path | None,
    beside: bool,
    roots: tuple[Path, ...],
    as_json: bool,
) -> int:
    if out is not None and beside:
        raise click.UsageError(_("--out and --in-place-new-copy exclude each other."))
    results = []
    with context.office(trust_roots=roots) as office:
        upgrader = office.upgrader(tsa_url=tsa, out=out.absolute() if out else None, beside=beside)
        for path in files:
            results.append(upgrader.upgrade(path, Level(level)))
            if as_json:
                output.json_line(results[-1])
    if not as_json:
        _show(results)
    return 1 if any(result.status is UpgradeStatus.FAILED for result in results) else 0


def _show(results: list[UpgradeResult]) -> None:
    words = {
        UpgradeStatus.UPGRADED: (_("raised"), "green"),
        UpgradeStatus.SKIPPED: (_("has it already"), "yellow"),
        UpgradeStatus.FAILED: (_("not raised"), "red"),
    }
    show((result, words[result.status], [result.level_before, result.level_reached]) for result in results)
    raised = sum(result.status is UpgradeStatus.UPGRADED for result in results)
    output.message(ngettext("{n} file raised.", "{n} files raised.", raised).format(n=raised))
