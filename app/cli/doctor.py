"""``antin doctor``: what is found, what is wrong, what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.main import Context
from app.i18n import N_, _

if TYPE_CHECKING:
    from app.doctor.finding import Finding
    from app.office import Office
    from app.support.bundle import Part

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor", help=N_("Look for what is missing or wrong on this workstation."))
@click.option("--bundle", type=click.Path(path_type=Path, dir_okay=False), help=N_("Also write a ZIP for support."))
@click.option("--show", is_flag=True, help=N_("Print what the ZIP for support holds, before it is written."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(context: Context, bundle: Path | None, show: bool, as_json: bool) -> int:
    findings: list[Finding] = []
    office, refused = _office(context)
    with office:
        for finding in chain(refused, _examine(office, refused)):
            findings.append(finding)
            if as_json:
                output.json_line(finding)
        if not as_json:
            _print(findings)
        if bundle is not None or show:
            from app.support.bundle import compose

            _hand_over(compose(office.settings, findings), bundle, show, as_json)
    return 1 if any(finding.status == "fail" for finding in findings) else 0


def _office(context: Context) -> tuple[Office, list[Finding]]:
    """The office, and what keeps its settings from being read: then it is looked at with the usual ones."""
    from app.doctor.finding import Finding
    from app.errors import AntinError, describe

    try:
        return context.office(), []
    except AntinError as error:
        from app.office import Office
        from app.settings import Settings

        told = describe(error)
        folder = context.data_dir
        usual = Settings(data_dir=folder, base=folder)
        return Office(usual), [Finding("settings", "fail", told.message, told.hint, told.code)]


def _examine(office: Office, refused: Sequence[Finding]) -> Iterator[Finding]:
    from app.doctor.examination import CHECKS, examine

    done = {finding.check for finding in refused}
    return examine(office, [check for check in CHECKS if check.name not in done])


def _print(findings: Sequence[Finding]) -> None:
    from rich.text import Text

    from app.doctor.finding import CHECK_TITLES, STATUS_WORDS, position

    output.table(
        "",
        [_("Check"), _("Status"), _("Found"), _("What to do")],
        (
            (
                _(CHECK_TITLES[finding.check]),
                Text(_(STATUS_WORDS[finding.status]), style=_COLOURS[finding.status]),
                finding.message,
                finding.hint,
            )
            for finding in sorted(findings, key=lambda finding: position(finding.check))
        ),
    )


def _hand_over(parts: Sequence[Part], bundle: Path | None, show: bool, as_json: bool) -> None:
    """Print what the file for support holds where that is wanted, and write it; asked on a terminal, once it was
    seen."""
    from app.support.bundle import write

    if show:
        whole = "".join(f"--- {part.name}\n{part.text}\n" for part in parts)
        if as_json:
            output.message(whole)
        else:
            output.text(whole)
    if bundle is None:
        return
    if show and sys.stdin.isatty() and not click.confirm(_("Save this for support?"), default=True, err=True):
        return
    write(bundle, parts)
    output.message(_("Written for support: {path}").format(path=bundle))
