"""Devices, their holders and what happened to them, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.custody import words
from app.custody.model import Device, DeviceCertificate, Event, Kind, Person
from app.custody.states import Condition, EventKind, Keeping
from app.i18n import _, ngettext
from app.times import today
from ui import wording
from ui.theme import Tone

#: A certificate that ends within so many days is told with a warning.
SOON_DAYS = 90

#: What stands before the words of an event.
EVENT_ICONS: dict[EventKind, str] = {
    EventKind.RECEIVED: "inbox",
    EventKind.HANDED_OVER: "handshake",
    EventKind.RETURNED: "undo-2",
    EventKind.LENT: "calendar-clock",
    EventKind.PIN_LOCKED: "lock",
    EventKind.RECOVERED: "key-round",
    EventKind.RENEWED: "refresh-cw",
    EventKind.LOST: "circle-question-mark",
    EventKind.FOUND: "search",
    EventKind.DAMAGED: "triangle-alert",
    EventKind.REVOKED: "ban",
    EventKind.HANDED_BACK: "send",
    EventKind.CONFIRMED: "circle-check",
}


def person(who: Person | None) -> str:
    """Name, title and unit; a dash for nobody."""
    return ", ".join(filter(None, (who.name, who.title, who.unit))) if who is not None else "—"


def kind_icon(kind: Kind) -> str:
    return "stamp" if kind is Kind.ORGANIZATION else "key-round"


def kind(device: Device) -> str:
    """Whose device it is: the agency's seal, or a person's."""
    return wording.beginning(words.kind(device.kind))


def standing(device: Device) -> wording.Sign:
    """In whose hands it is and whether it works, with a tone."""
    told = wording.beginning(words.standing(device.keeping, device.condition))
    tone: Tone = "good"
    icon = "circle-check"
    if device.keeping is Keeping.LOST or device.condition in (Condition.PIN_LOCKED, Condition.DAMAGED):
        tone, icon = "caution", "triangle-alert"
    elif device.keeping in (Keeping.REGISTERED, Keeping.HANDED_BACK) or device.condition is Condition.REVOKED:
        tone, icon = "neutral", "circle-dashed"
    elif device.keeping is Keeping.LENT:
        overdue = device.due is not None and device.due < today()
        tone, icon = ("caution", "triangle-alert") if overdue else ("neutral", "calendar-clock")
    return wording.Sign(icon, tone, lambda: told)


def held_by(device: Device) -> str:
    """Who answers for a device, and since when."""
    if device.holder is None:
        return _("Nobody answers for it yet")
    told = _("{person}, since {day}").format(person=person(device.holder), day=wording.day(device.since))
    if device.keeping is Keeping.LENT and device.due is not None:
        told = _("{person}, lent until {day}").format(person=person(device.holder), day=wording.day(device.due))
    if device.keeping is Keeping.LOST:
        told = _("last {person}").format(person=person(device.holder))
    return told


def made_by(device: Device) -> str:
    """Maker, model and serial."""
    made = " ".join(filter(None, (device.maker, device.model)))
    return " · ".join(filter(None, (made, _("serial {n}").format(n=device.serial))))


def period(certificate: DeviceCertificate) -> str:
    """From when until when a certificate is valid."""
    if certificate.not_before is None and certificate.not_after is None:
        return _("period not known")
    return _("valid {start} to {end}").format(
        start=wording.day(certificate.not_before), end=wording.day(certificate.not_after)
    )


_ENDED = {
    "renewed": lambda: _("Renewed"),
    "revoked": lambda: _("Revoked"),
    "replaced": lambda: _("Replaced"),
}


def ends_in(days: int) -> wording.Sign:
    """A certificate that ends soon."""
    told = ngettext("Ends in {n} day", "Ends in {n} days", days).format(n=days)
    return wording.Sign("clock", "caution", lambda: told)


def certificate_state(certificate: DeviceCertificate, now: dt.datetime) -> wording.Sign:
    """Whether a certificate can still be used.

    :param now: aware.
    """
    if certificate.ended is not None:
        ended = f"{_ENDED[certificate.ended]()} {wording.day(certificate.ended_at)}"
        return wording.Sign("circle-minus", "neutral", lambda: ended)
    if certificate.not_after is None:
        return wording.Sign("circle-question-mark", "neutral", lambda: _("Period not known"))
    days = (certificate.not_after - now).days
    if certificate.not_after < now:
        return wording.Sign("triangle-alert", "caution", lambda: _("Expired"))
    if days < SOON_DAYS:
        return ends_in(days)
    return wording.Sign("circle-check", "good", lambda: _("In force"))


def event_heading(event: Event) -> str:
    return wording.beginning(words.event(event.kind))


def permission(event: Event) -> str:
    """Number and day of the written permission of an event; empty without one."""
    given = event.permission
    if given is None:
        return ""
    if given.date is None:
        return _("Permission {number}").format(number=given.number)
    return _("Permission {number} of {day}").format(number=given.number, day=wording.day(given.date))


def owed(parts: Sequence[str]) -> str:
    """What of a permission is still to be given; empty for nothing.

    :param parts: as :attr:`app.custody.model.Event.permission_owed`.
    """
    told = {
        ("date",): _("The date of the permission is still to be given."),
        ("scan",): _("The scan of the permission is still to be filed."),
        ("date", "scan"): _("Date and scan of the permission are still to be given."),
    }
    return told.get(tuple(parts), "")


def event_lines(event: Event) -> list[str]:
    """What is to be told of an event under its heading, each a line."""
    lines = []
    if event.giver is not None and event.receiver is not None:
        lines.append(_("{giver} → {receiver}").format(giver=person(event.giver), receiver=person(event.receiver)))
    elif event.receiver is not None:
        lines.append(person(event.receiver))
    elif event.giver is not None:
        lines.append(person(event.giver))
    if event.witness is not None:
        lines.append(_("Witness: {person}").format(person=person(event.witness)))
    if event.due is not None:
        lines.append(_("To be returned by {day}").format(day=wording.day(event.due)))
    if event.permission is not None:
        lines.append(permission(event))
    lines.extend(filter(None, (event.reason, event.note)))
    if event.appearance or event.accessories:
        lines.append(" · ".join(filter(None, (event.appearance, event.accessories))))
    if event.proof is not None:
        lines.append(_("The token itself proved that it is the one recorded."))
    if event.withdrawn_at is not None:
        why = _("Entered by mistake: {why}").format(why=event.withdrawn_why or "—")
        lines.append(why)
    return lines
