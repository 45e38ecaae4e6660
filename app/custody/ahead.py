"""What will want attention: certificates that end, loans to be returned, devices nobody confirmed, open minutes,
permissions without their scan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from app.custody.model import Device, DeviceCertificate, Event, Minutes, MinutesState
from app.custody.states import Condition, Keeping
from app.i18n import N_, _, ngettext
from app.times import VIETNAM, day

#: Days before the end of a certificate at which it is told again.
BANDS = (30, 60, 90)
#: A device that nobody confirmed for so long.
CONFIRM_EVERY = dt.timedelta(days=365)
#: Days before a loan ends.
_LOAN_SOON = 7
#: Of a certificate without end (RFC 5280, 4.1.2.5).
_LAST_YEAR = 9999

_SENTENCES = {
    "certificate-ends": N_("The certificate of {subject} on {device} ends on {date}."),
    "certificate-ended": N_("The certificate of {subject} on {device} ended on {date}."),
    "loan-due": N_("{holder} is to return {device} on {date}."),
    "loan-overdue": N_("{holder} was to return {device} on {date}."),
    "not-confirmed": N_("Nobody has confirmed since {date} that {device} is there."),
    "minutes-open": N_("The minutes of the handover of {device} on {date} are not signed by both sides."),
}
_STEPS = {
    "certificate-ends": N_("Ask the issuer for a renewal in time."),
    "certificate-ended": N_("Ask the issuer for a new certificate, or hand the device back."),
    "loan-due": N_("Remind the borrower."),
    "loan-overdue": N_("Have the device returned, or lend it anew with a permission."),
    "not-confirmed": N_("Look at the device, or plug it in, and confirm it."),
    "minutes-open": N_("Have both sides sign, or add the scan of the signed paper."),
    "permission-owed": N_("Add it to the event in the history of the device."),
}
#: By what is missing of the permission.
_OWED = {
    ("scan",): N_("The permission {permission}, with which {holder} got {device} on {date}, is not filed as a scan."),
    ("date",): N_(
        "The permission {permission}, with which {holder} got {device} on {date}, is entered without its date."
    ),
    ("date", "scan"): N_(
        "The permission {permission}, with which {holder} got {device} on {date}, is entered without its date and not "
        "filed as a scan."
    ),
}


class Reminder(msgspec.Struct, frozen=True):
    """Something to be seen to.

    :ivar code: ``certificate-ends``, ``certificate-ended``, ``loan-due``, ``loan-overdue``, ``not-confirmed``,
        ``minutes-open`` or ``permission-owed``.
    :ivar on: the day it is about. :ivar days: until then; negative where it is over.
    :ivar band: of a certificate that ends: within 30, 60 or 90 days; None beyond and for others.
    :ivar certificate: its serial number. :ivar minutes: their id.
    :ivar event: id of the event of a permission. :ivar permission: its number. :ivar owed: as
        :attr:`app.custody.model.Event.permission_owed`.
    """

    code: str
    serial: str
    device: str
    holder: str
    on: dt.date
    days: int
    band: int | None = None
    subject: str = ""
    certificate: str = ""
    minutes: int | None = None
    event: int | None = None
    permission: str = ""
    owed: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        sentence = _OWED[self.owed] if self.code == "permission-owed" else _SENTENCES[self.code]
        return _(sentence).format(
            subject=self.subject,
            device=self.device,
            holder=self.holder,
            date=day(self.on),
            permission=self.permission,
        )

    @property
    def next_step(self) -> str:
        return _(_STEPS[self.code])

    @property
    def when(self) -> str:
        """``in 12 days``, ``today``, ``3 days ago``."""
        if self.days > 0:
            return ngettext("in {n} day", "in {n} days", self.days).format(n=self.days)
        if self.days == 0:
            return _("today")
        return ngettext("{n} day ago", "{n} days ago", -self.days).format(n=-self.days)


def reminders(
    devices: Iterable[Device],
    minutes: Iterable[Minutes],
    today: dt.date,
    *,
    owing: Iterable[tuple[Device, Event]] = (),
    within: int = BANDS[-1],
) -> list[Reminder]:
    """What wants attention now, the most urgent first.

    :param today: in Vietnam. :param owing: see :meth:`app.custody.owed.Permissions.owing`.
    :param within: days before the end of a certificate.
    """
    devices = list(devices)
    found = [
        reminder
        for reminder in coming(devices, today)
        if reminder.days <= {"certificate-ends": within, "loan-due": _LOAN_SOON}.get(reminder.code, 0)
    ]
    found += papers_owed(devices, minutes, owing, today)
    return sorted(found, key=lambda reminder: (reminder.on, reminder.device))


def papers_owed(
    devices: Iterable[Device], minutes: Iterable[Minutes], owing: Iterable[tuple[Device, Event]], today: dt.date
) -> Iterator[Reminder]:
    """Open minutes, and permissions without date or scan: one for each handover, however many devices it was of."""
    names = {device.serial: device for device in devices}
    for one in minutes:
        if one.state is MinutesState.OPEN:
            yield _open_minutes(one, names, today)
    together: dict[int, list[tuple[Device, Event]]] = {}
    for device, event in owing:
        together.setdefault(event.minutes or -event.id, []).append((device, event))
    yield from (_owed_permission(entered, today) for entered in together.values())


def coming(devices: Iterable[Device], today: dt.date) -> Iterator[Reminder]:
    """The day of each present certificate's end, loan's end, and next confirmation, whenever it is."""
    for device in devices:
        if device.keeping is Keeping.HANDED_BACK:
            continue
        if device.condition is not Condition.REVOKED:
            for certificate in device.present_certificates:
                if certificate.not_after is not None and certificate.not_after.year < _LAST_YEAR:
                    yield _end(device, certificate, certificate.not_after.astimezone(VIETNAM).date(), today)
        if device.keeping is Keeping.LENT and device.due is not None:
            code = "loan-overdue" if device.due < today else "loan-due"
            yield _of_device(code, device, device.due, today)
        if device.keeping in (Keeping.HELD, Keeping.LENT):
            seen = (device.confirmed_at or device.registered_at).astimezone(VIETNAM).date()
            yield msgspec.structs.replace(
                _of_device("not-confirmed", device, seen, today), days=(seen + CONFIRM_EVERY - today).days
            )


def _end(device: Device, certificate: DeviceCertificate, on: dt.date, today: dt.date) -> Reminder:
    days = (on - today).days
    return msgspec.structs.replace(
        _of_device("certificate-ends" if days >= 0 else "certificate-ended", device, on, today),
        subject=certificate.subject,
        certificate=certificate.serial,
        band=next((band for band in BANDS if 0 <= days <= band), None),
    )


def _of_device(code: str, device: Device, on: dt.date, today: dt.date) -> Reminder:
    holder = device.holder.name if device.holder else ""
    return Reminder(code, device.serial, f"{device.name} ({device.serial})", holder, on, (on - today).days)


def _owed_permission(together: Sequence[tuple[Device, Event]], today: dt.date) -> Reminder:
    """Of the events entered by one handover."""
    device, event = together[0]
    on = event.at.astimezone(VIETNAM).date()
    return Reminder(
        "permission-owed",
        device.serial,
        ", ".join(f"{one.name} ({one.serial})" for one, _event in together),
        event.receiver.name if event.receiver else "",
        on,
        (on - today).days,
        minutes=event.minutes,
        event=event.id,
        permission=event.permission.number if event.permission else "",
        owed=tuple(event.permission_owed),
    )


def _open_minutes(minutes: Minutes, names: dict[str, Device], today: dt.date) -> Reminder:
    on = minutes.made_at.astimezone(VIETNAM).date()
    told = ", ".join(names[serial].name if serial in names else serial for serial in minutes.devices)
    serials = ", ".join(minutes.devices)
    return Reminder(
        "minutes-open", serials, f"{told} ({serials})", minutes.receiver.name, on, (on - today).days, minutes=minutes.id
    )
