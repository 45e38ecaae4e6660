"""``antin journal``: the ledger read and its chain checked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from app.cli import output
from app.cli.main import EXIT_USAGE, Context
from app.i18n import N_, _
from app.journal.entry import Entry
from app.journal.words import what
from app.times import clock
from app.verification.model import Conclusion
from app.verification.words import conclusion


@click.group("journal", help=N_("The ledger of signings, filings and verifications."))
def command() -> None:
    pass


@command.command("list", help=N_("Show entries."))
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]), help=N_("From this day on."))
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]), help=N_("Up to this day."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def list_entries(context: Context, start: dt.datetime | None, end: dt.datetime | None, as_json: bool) -> int:
    entries = context.office().ledger.entries(_aware(start), _end(end))
    if as_json:
        for entry in entries:
            output.json_line(entry)
        return 0
    output.table(
        "",
        [_("No."), _("Time"), _("What"), _("Who"), _("File"), _("Result")],
        (
            (
                entry.seq,
                clock(entry.time),
                what(entry),
                entry.actor,
                Path(str(entry.data.get("path") or entry.data.get("input") or "")).name,
                _outcome(entry),
            )
            for entry in entries
        ),
    )
    return 0


@command.command("verify", help=N_("Check that no entry was changed, removed or cut."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def verify_chain(context: Context, as_json: bool) -> int:
    check = context.office().ledger.verify()
    if as_json:
        output.json_line(check)
    elif check.ok:
        output.message(_("The ledger is whole: {count} entries.").format(count=check.entries))
    else:
        output.message(_("The ledger is broken at entry {seq}: {what}").format(seq=check.first_bad, what=check.what))
    return 0 if check.ok else 1


@command.command("report", help=N_("Usage report over a period (not yet)."))
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def report(words: tuple[str, ...]) -> int:
    output.message(_("“antin {command}” is not there yet.").format(command="journal report"))
    return EXIT_USAGE


def _outcome(entry: Entry) -> str:
    """The verdict of a check, or why a signature was thrown away; nothing more to say of the rest."""
    result = str(entry.data.get("result") or "")
    if entry.kind == "verify" and result in set(Conclusion):
        return conclusion(Conclusion(result))
    return "" if result == "signed" else result


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone() if moment else None


def _end(moment: dt.datetime | None) -> dt.datetime | None:
    """A bare day includes that day."""
    if moment is None:
        return None
    bare = moment.tzinfo is None and moment.time() == dt.time()
    return _aware(moment + dt.timedelta(days=1) if bare else moment)
