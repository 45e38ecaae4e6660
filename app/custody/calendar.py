"""What is coming as a calendar file (iCalendar, RFC 5545), to be taken into the office's calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from app.custody.ahead import BANDS, CONFIRM_EVERY, Reminder
from app.custody.identity import serial_key
from app.times import VIETNAM

#: RFC 5545, section 3.1: octets of a line at most.
_LONGEST_LINE = 75
#: Days before the event at which the calendar reminds.
_ALARMS = {"certificate-ends": tuple(reversed(BANDS)), "loan-due": (1,), "not-confirmed": (7,)}
_OWED = frozenset({"minutes-open", "permission-owed"})


def calendar(reminders: Iterable[Reminder], made_at: dt.datetime) -> bytes:
    """The calendar: an event of one day for each, under a name of its own that stays, so that a newer file replaces
    what an older one brought.

    :param reminders: of :meth:`app.custody.handovers.Handovers.coming`. What is owed has no day to come: it stands on
        the day on which the calendar is made, and moves on with a newer one.
    :param made_at: aware.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//antin//custody//VI", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for reminder in reminders:
        lines += _event(reminder, made_at)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(reminder: Reminder, made_at: dt.datetime) -> Iterator[str]:
    on = _day(reminder, made_at)
    kind = reminder.code.partition("-")[0]
    number = str((reminder.event or reminder.minutes) if reminder.code in _OWED else "")
    name = "-".join(filter(None, (kind, serial_key(reminder.serial), reminder.certificate, number)))
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(name)}@antin"
    yield f"DTSTAMP:{made_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{on + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(reminder.message)}"
    yield f"DESCRIPTION:{_text(reminder.next_step)}"
    yield "TRANSP:TRANSPARENT"
    for days in _ALARMS.get(reminder.code, ()):
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_text(reminder.message)}"
        yield f"TRIGGER:-P{days}D"
        yield "END:VALARM"
    yield "END:VEVENT"


def _day(reminder: Reminder, made_at: dt.datetime) -> dt.date:
    if reminder.code in _OWED:
        return made_at.astimezone(VIETNAM).date()
    return reminder.on + CONFIRM_EVERY if reminder.code == "not-confirmed" else reminder.on


def _text(value: str) -> str:
    """RFC 5545, section 3.3.11; other control characters are left out."""
    plain = "".join(letter for letter in value if letter == "\n" or letter >= " ")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A content line, folded between characters (RFC 5545, section 3.1)."""
    out, length = bytearray(), 0
    for letter in line:
        octets = letter.encode("utf-8", "replace")
        if length + len(octets) > _LONGEST_LINE:
            out += b"\r\n "
            length = 1
        out += octets
        length += len(octets)
    return bytes(out + b"\r\n")
