"""``antin journal``: the ledger read, checked and exported; the usage report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from app.cli import output
from app.cli.main import EXIT_USAGE, Context
from app.i18n import N_, _, pgettext
from app.journal.entry import Entry
from app.journal.report_words import custody_event
from app.journal.verdict import verdict
from app.journal.words import standing, what
from app.times import aware, clock, today
from app.verification.model import Conclusion
from app.verification.words import conclusion

if TYPE_CHECKING:
    from app.journal.check import LedgerCheck
    from app.journal.ledger import Ledger
    from app.journal.usage import UsageFigures

#: The chain is whole, but a seal in it is not by a token of the office; as ``antin verify`` has it.
EXIT_UNPROVEN = 4

_JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
_MOMENTS = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"])
_DAYS = click.DateTime(["%Y-%m-%d"])


@click.group("journal", help=N_("The ledger of signings, filings and verifications."))
def command() -> None:
    pass


@command.command("list", help=N_("Show entries."))
@click.option("--from", "start", type=_MOMENTS, help=N_("From this day on."))
@click.option("--to", "end", type=_MOMENTS, help=N_("Up to this day."))
@_JSON
@click.pass_obj
def list_entries(context: Context, start: dt.datetime | None, end: dt.datetime | None, as_json: bool) -> int:
    entries = context.office().ledger.entries(aware(start), _end(end))
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


@command.command(
    "verify", help=N_("Check that no entry was changed, removed or cut, and the seals of tokens over them.")
)
@_JSON
@click.pass_obj
def verify_chain(context: Context, as_json: bool) -> int:
    check = context.office().ledger.verify()
    if as_json:
        found = verdict(check)
        output.json_line({**msgspec.to_builtins(check), "summary": found.sentence, "next_step": found.next_step})
    else:
        _tell(check)
    if not check.ok:
        return 1
    return 0 if check.unproven is None and check.unregistered is None else EXIT_UNPROVEN


@command.command("export", help=N_("Write the ledger to a ZIP that is checked without this program."))
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help=N_("The ZIP, a new file."))
@_JSON
@click.pass_obj
def export_ledger(context: Context, target: Path, as_json: bool) -> int:
    from app.journal.export import export

    ledger: Ledger = context.office().ledger
    done = export(ledger, target)
    if as_json:
        output.json_line(done)
    else:
        output.message(_("{count} entries were written to {path}.").format(count=done.entries, path=done.path))
        output.message(_("The last entry's hash, to be noted elsewhere: {hash}").format(hash=done.hash))
    return 0


@command.command("report", help=N_("Usage report over a period; this year's without one."))
@click.option("--from", "start", type=_DAYS, help=N_("From this day on."))
@click.option("--to", "end", type=_DAYS, help=N_("Up to this day."))
@click.option("--out", type=click.Path(path_type=Path), help=N_("A new file: .pdf, .xlsx or .json."))
@_JSON
@click.pass_obj
def report(
    context: Context, start: dt.datetime | None, end: dt.datetime | None, out: Path | None, as_json: bool
) -> int:
    from app.journal.report import check_target
    from app.journal.usage import Period

    last = end.date() if end else today()
    period = Period(start.date() if start else last.replace(month=1, day=1), last)
    if period.first > period.last:
        output.message(_("The period ends before it begins."))
        return EXIT_USAGE
    if out is not None:
        check_target(out)
    office = context.office()
    found = office.usage(period)
    if out is not None:
        office.save_usage(out, found)
    if as_json:
        output.json_line({**msgspec.to_builtins(found), "share": found.share, "out": out})
    elif out is not None:
        output.message(_("The report was written to {path}.").format(path=out))
    else:
        _tell_usage(found)
    return 0


def _tell(check: LedgerCheck) -> None:
    found = verdict(check)
    output.message(found.sentence)
    for note in found.notes:
        output.message(note)
    for seal in check.seal_list:
        output.message(
            _("Seal in entry {seq}, over entries 1 to {over}: {who}, {standing}").format(
                seq=seal.seq, over=seal.over, who=seal.by or seal.certificate, standing=standing(seal.standing)
            )
        )
    for told in filter(None, (*found.doubts, found.next_step)):
        output.message(told)


def _tell_usage(found: UsageFigures) -> None:
    from app.journal import report_words as words

    output.table(
        f"{words.title()}, {words.period(found)}", [_("Figure"), pgettext("count", "Number")], words.summary(found)
    )
    for figures in words.tables(found):
        rows = [(name, words.number(count)) for name, count in figures.rows]
        output.table(figures.title, [figures.heading, pgettext("count", "Number")], rows)


def _outcome(entry: Entry) -> str:
    """The verdict of a check, what happened to a device, why a signature was thrown away; nothing more of the rest."""
    result = str(entry.data.get("result") or "")
    if entry.kind == "verify" and result in set(Conclusion):
        return conclusion(Conclusion(result))
    if entry.kind == "custody":
        return custody_event(str(entry.data.get("event") or ""))
    return "" if result == "signed" else result


def _end(moment: dt.datetime | None) -> dt.datetime | None:
    """A bare day includes that day."""
    if moment is None:
        return None
    bare = moment.tzinfo is None and moment.time() == dt.time()
    return aware(moment + dt.timedelta(days=1) if bare else moment)
