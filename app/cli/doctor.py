"""``antin doctor``: what is found, what is wrong, what to do."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import output
from app.cli.main import Context
from app.i18n import N_, _

_CHECKS = {
    "modules": N_("Token drivers"),
    "tokens": N_("Tokens"),
    "clock": N_("Clock"),
    "anchors": N_("Trusted roots"),
    "lists": N_("Revocation lists"),
    "tsa": N_("Time-stamp server"),
    "data": N_("Data folder"),
    "archive": N_("Archive folder"),
    "ledger": N_("Ledger"),
    "fonts": N_("Fonts"),
}
_WORDS = {"ok": (N_("good"), "green"), "warn": (N_("look"), "yellow"), "fail": (N_("wrong"), "red")}


@click.command("doctor", help=N_("Look for what is missing or wrong on this workstation."))
@click.option("--bundle", type=click.Path(path_type=Path, dir_okay=False), help=N_("Also write a ZIP for support."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(context: Context, bundle: Path | None, as_json: bool) -> int:
    from rich.text import Text

    from app.doctor import examine, write_bundle

    findings = []
    with context.office() as office:
        for finding in examine(office):
            findings.append(finding)
            if as_json:
                output.json_line(finding)
    if not as_json:
        output.table(
            "",
            [_("Check"), _("Status"), _("Found"), _("What to do")],
            (
                (
                    _(_CHECKS[finding.check]),
                    Text(_(_WORDS[finding.status][0]), style=_WORDS[finding.status][1]),
                    finding.message,
                    finding.hint,
                )
                for finding in findings
            ),
        )
    if bundle is not None:
        write_bundle(bundle, findings)
        output.message(_("Written for support: {path}").format(path=bundle))
    return 1 if any(finding.status == "fail" for finding in findings) else 0
