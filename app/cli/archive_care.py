"""``antin archive check``, ``rebuild`` and ``evidence``: looking after the filed copies."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.archive.words import GRAVE, concern, state
from app.cli import output
from app.cli.main import Context
from app.i18n import N_, _
from app.times import clock, day

if TYPE_CHECKING:
    from app.archive.health import Checkup
    from app.archive.model import FiledCopy
    from app.archive.rebuild import Taken
    from app.office import Office

_JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))

#: Nothing is lost, but something should be done before long.
_EXIT_CONCERNS = 4


@click.command("check", help=N_("Re-read every filed copy: missing, altered, moved, soon unprovable."))
@click.option("--older", type=click.IntRange(0), help=N_("Only those not looked at for so many days."))
@click.option("--ahead", type=click.IntRange(0), default=90, show_default=True, help=N_("Days before a proof ends."))
@click.option("--mend", is_flag=True, help=N_("Enter in the index where moved copies lie now."))
@click.option("--renew", is_flag=True, help=N_("Raise copies that cannot be proven for long to level LTA."))
@click.option("--last", is_flag=True, help=N_("Show what the last look has found; no file is read."))
@_JSON
@click.pass_obj
def check(context: Context, older: int | None, ahead: int, mend: bool, renew: bool, last: bool, as_json: bool) -> int:
    if last and (mend or renew or older is not None):
        raise click.UsageError(_("These options exclude each other."))
    with context.office() as office:
        health = office.keeper.health(ahead=dt.timedelta(days=ahead))
        since = dt.timedelta(days=older) if older is not None else None
        found = []
        for one in health.last() if last else health.check(older=since, mend=mend):
            found.append(one)
            if as_json:
                output.json_line(_told(one))
        if not as_json:
            _show(found)
        failed = renew and not _renew(office, [one.copy for one in found if one.renewable], as_json)
    lost = any(one.state != "whole" or GRAVE & set(one.concerns) for one in found)
    if lost or failed:
        return 1
    return _EXIT_CONCERNS if any(not one.healthy for one in found) and not renew else 0


def _told(found: Checkup) -> dict[str, object]:
    return {
        "id": found.copy.id,
        "path": found.copy.path,
        "sha256": found.copy.sha256,
        "checked_at": found.checked_at,
        "state": found.state,
        "conclusion": found.conclusion,
        "level": found.level,
        "provable_until": found.provable_until,
        "found_at": found.found_at,
        "concerns": [{"code": code, "message": concern(code)} for code in found.concerns],
    }


def _show(found: list[Checkup]) -> None:
    troubled = [one for one in found if not one.healthy]
    if troubled:
        rows = []
        for one in troubled:
            why = [concern(code) for code in one.concerns]
            if one.state != "whole":
                why.insert(0, state(one.state))
            until = day(one.provable_until) if one.provable_until is not None else ""
            rows.append((one.copy.path, "; ".join(why), until, one.found_at or ""))
        output.table("", [_("File"), _("What was found"), _("Provable until"), _("Lies now at")], rows)
    output.message(
        _("{count} copies looked at, {troubled} with something to be done.").format(
            count=len(found), troubled=len(troubled)
        )
    )


def _renew(office: Office, copies: list[FiledCopy], as_json: bool) -> bool:
    """Whether all were raised."""
    done = True
    for copy, result in office.keeper.renew(copies):
        done = done and result.error is None
        if as_json:
            output.json_line(result)
        elif result.error is not None:
            output.message(f"{copy.path}: {result.error.message}\n{result.error.hint}")
        else:
            output.message(_("Raised: {path}").format(path=result.output or copy.path))
    return done


@click.command("rebuild", help=N_("Enter in the index every document of the tree that it does not know."))
@_JSON
@click.pass_obj
def rebuild(context: Context, as_json: bool) -> int:
    counts: Counter[str] = Counter()
    with context.office() as office:
        for taken in office.keeper.take_in():
            counts[taken.taking] += 1
            if as_json:
                output.json_line(taken)
            else:
                _say(taken)
    if not as_json:
        output.message(
            _("{entered} entered, {moved} found under another name, {double} filed twice, {failed} not read.").format(
                **{name: counts[name] for name in ("entered", "moved", "double", "failed")}
            )
        )
    return 1 if counts["failed"] else 0


def _say(taken: Taken) -> None:
    if taken.error is not None:
        output.message(f"{taken.path}: {taken.error.message}\n{taken.error.hint}")
    elif taken.taking == "double" and taken.copy is not None:
        output.message(_("{path} is filed already: {copy}").format(path=taken.path, copy=taken.copy.path))


@click.command("waiting", help=N_("Show copies that wait for the archive to be back; file them where it is."))
@_JSON
@click.pass_obj
def waiting(context: Context, as_json: bool) -> int:
    with context.office() as office:
        for outcome in office.keeper.file_waiting():
            if as_json:
                output.json_line(outcome)
            elif outcome.copy is not None:
                output.message(_("Filed: {copy}").format(copy=outcome.copy.path))
            elif outcome.error is not None:
                output.message(f"{outcome.path}: {outcome.error.message}\n{outcome.error.hint}")
        left = office.keeper.waiting_room.copies()
    for path, copy in left:
        if as_json:
            output.json_line({"path": path, "source": copy.source, "since": copy.since, "sha256": copy.sha256})
        else:
            output.message(_("Waiting since {time}: {path}").format(time=clock(copy.since), path=path))
    return 1 if left else 0


@click.command("evidence", help=N_("Save a filed copy with all evidence of its signatures in one ZIP."))
@click.argument("copy")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help=N_("The ZIP to write."))
@_JSON
@click.pass_obj
def evidence(context: Context, copy: str, out: Path, as_json: bool) -> int:
    """:param copy: its number, SHA-256 or path."""
    with context.office() as office:
        filed = office.keeper.copy_named(copy)
        records = office.keeper.shelf.records(filed.sha256)
        if not records:
            office.keeper.keep_evidence(filed)
        office.keeper.export_evidence(filed, out)
    if as_json:
        output.json_line({"path": out, "copy": filed.path, "sha256": filed.sha256, "gathered": len(records) or 1})
    else:
        output.message(_("Evidence saved: {path}").format(path=out))
        if records:
            output.message(_("Gathered first on {time}.").format(time=clock(records[0].gathered_at)))
    return 0
