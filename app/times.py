"""Times as an office of Vietnam reads and writes them."""

from __future__ import annotations

import datetime as dt

#: Vietnam's time zone (ISO 8601), in which times of signing are written (Decree 30/2020, appendix I, part I, II.8.b).
VIETNAM = dt.timezone(dt.timedelta(hours=7))


def now() -> dt.datetime:
    """This second, in Vietnam's time zone."""
    return dt.datetime.now(VIETNAM).replace(microsecond=0)


def today() -> dt.date:
    """The office's day: Vietnam's, whatever the machine's time zone."""
    return now().date()


def aware(moment: dt.datetime | None) -> dt.datetime | None:
    """A time as a person gave it: in Vietnam's time zone where it names none; None for None."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def local(moment: dt.datetime) -> dt.datetime:
    """An aware time in Vietnam's time zone. The last hours of the year 9999, which stand for "without end" (RFC 5280,
    4.1.2.5), stay as they are."""
    try:
        return moment.astimezone(VIETNAM)
    except OverflowError:
        return moment


def day(moment: dt.datetime | dt.date | None) -> str:
    """``05/11/2026``; empty for None."""
    if isinstance(moment, dt.datetime):
        moment = local(moment)
    return moment.strftime("%d/%m/%Y") if moment else ""


def clock(moment: dt.datetime | None) -> str:
    """``17:29:05 05/11/2026``; empty for None."""
    return local(moment).strftime("%H:%M:%S %d/%m/%Y") if moment else ""
