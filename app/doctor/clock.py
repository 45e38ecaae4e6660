"""Whether the computer's clock is right: against a time stamp or a server, and against what was written before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Workplace
from app.errors import AntinError
from app.i18n import _
from app.times import clock as written

#: A clock may be off by so much without being told, as for the authorities' own.
_SKEW = dt.timedelta(minutes=5)

#: Files in the data folder that are written while the program works.
_WRITTEN = ("ledger.jsonl", "antin.sqlite", "window.ini", "settings.toml")


def clock(workplace: Workplace) -> Iterator[Finding]:
    """The clock and its time zone."""
    now = dt.datetime.now().astimezone()
    behind = _latest_written(workplace, now) - now
    if behind > _SKEW:
        told = _("The clock is behind: it says {now}, but something was written here at {then} already.")
        message = told.format(now=written(now), then=written(now + behind))
        yield _wrong(message, {"behind_seconds": round(behind.total_seconds()), "against": "files"})
        return
    offset, against = _against_servers(workplace)
    facts: dict[str, Fact] = {} if offset is None else {"offset_seconds": round(offset), "against": against}
    if offset is not None and abs(offset) > _SKEW.total_seconds():
        told = (
            _("The clock is {n} minutes ahead of the time-stamp server's or the issuer's.")
            if offset > 0
            else _("The clock is {n} minutes behind the time-stamp server's or the issuer's.")
        )
        yield _wrong(told.format(n=round(abs(offset) / 60)), facts)
    elif now.strftime("%z") != "+0700":
        yield Finding(
            "clock",
            "warn",
            _("The computer's time zone is {offset}, not Vietnam's.").format(offset=now.strftime("%z")),
            _("Set the time zone to Asia/Ho_Chi_Minh so that times of signing read right."),
            facts=facts,
        )
    else:
        yield Finding("clock", "ok", written(now), facts=facts)


def _wrong(message: str, facts: dict[str, Fact]) -> Finding:
    hint = _("Set the computer's date and time, best “automatically”; signatures made now would bear a wrong time.")
    return Finding("clock", "fail", message, hint, facts=facts)


def _against_servers(workplace: Workplace) -> tuple[float | None, str]:
    """By how many seconds the clock is ahead of a server's, and of what server; None where none was asked."""
    stamp = workplace.stamp()
    if stamp is not None and stamp.time is not None:
        asked = stamp.asked + dt.timedelta(seconds=stamp.seconds / 2)
        return (asked - stamp.time).total_seconds(), "stamp"
    if not workplace.office.online:
        return None, ""
    from app.trust.exchange import FetchFailed, server_date

    network = workplace.office.settings.network
    for responder in workplace.responders()[:2]:
        try:
            date = server_date(responder.url, timeout=network.fetch_timeout / 2, proxy=network.proxy)
        except FetchFailed:
            continue
        return (dt.datetime.now(dt.UTC) - date).total_seconds(), "server"
    return None, ""


def _latest_written(workplace: Workplace, now: dt.datetime) -> dt.datetime:
    """The latest time at which something was written, by the program's files, its lists and its records."""
    office = workplace.office
    times = [now - dt.timedelta(days=1)]
    for path in (Path(__file__), *(office.settings.data_dir / name for name in _WRITTEN)):
        try:
            times.append(dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC))
        except OSError:
            continue
    try:
        times += [kept.this_update for kept in office.kept_lists.entries()]
    except AntinError:
        pass  # the check of the lists tells it
    return max(times)
