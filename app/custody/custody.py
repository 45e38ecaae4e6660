"""The custody of tokens: which devices there are, what happened to them, who holds them.

The register and its events are in the office's store; every event has its entry in the ledger. Handovers, which need
minutes and a proof, are :class:`app.custody.handovers.Handovers`' own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection

from app.custody import log, register
from app.custody.errors import (
    DueMissing,
    EventInFuture,
    EventOutOfOrder,
    GiverNotHolder,
    MinutesMissing,
    NothingToWithdraw,
    PermissionMissing,
    ReceiverMissing,
    SamePerson,
)
from app.custody.identity import DeviceFacts, facts_of
from app.custody.model import Device, Event, HeldAt, Kind, Permission, Person, Proof, same_person
from app.custody.permission import missing, required, with_owed
from app.custody.states import RULES, EventKind, Keeping, Rule, State, after
from app.storage.store import Store
from app.times import VIETNAM, clock
from pkcs11_bridge.protocol import TokenInfo

#: A clock may be so much ahead of another workstation's.
_CLOCKS_DIFFER = dt.timedelta(minutes=5)
#: After so long an event that the ledger was not told of is one that a program could not end.
_LEFT_BEHIND = dt.timedelta(minutes=1)
#: Why certificates that an event ends are the device's own no more.
_ENDED = {EventKind.REVOKED: "revoked", EventKind.RENEWED: "renewed"}


class Append(Protocol):
    def __call__(self, kind: str, /, **data: object) -> object: ...


@dataclasses.dataclass(frozen=True)
class Happening:
    """What is to be entered of an event; what is not given is taken from the device's state where it can be.

    :ivar at: when it happened; now, where not given.
    :ivar giver: the holder, where not given.
    :ivar receiver: who takes the device; of a loan's end the lender, of what is found the last holder.
    :ivar certificate: id of the one revoked or renewed; all present ones where not given.
    """

    kind: EventKind
    at: dt.datetime | None = None
    giver: Person | None = None
    receiver: Person | None = None
    witness: Person | None = None
    permission: Permission | None = None
    proof: Proof | None = None
    reason: str = ""
    appearance: str = ""
    accessories: str = ""
    note: str = ""
    due: dt.date | None = None
    minutes: int | None = None
    certificate: int | None = None


class Custody:
    """The register of an office. Threads and processes may share it.

    :param store: opens the office's database.
    :param append: adds an entry to the ledger.
    """

    def __init__(self, store: Callable[[], Store], append: Append) -> None:
        self._store = store
        self._append = append

    def devices(self) -> list[Device]:
        """Every device, by what people call it."""
        with self._store().read() as connection:
            return register.all_devices(connection)

    def device(self, wanted: str) -> Device:
        """One device.

        :param wanted: serial number, nickname or label.
        :raises DeviceUnknown, DeviceAmbiguous: none, or several.
        """
        with self._store().read() as connection:
            return register.find(connection, wanted)

    def device_of(self, serial: str) -> Device:
        """The device of a serial number.

        :raises DeviceUnknown: there is none.
        """
        with self._store().read() as connection:
            return register.of_serial(connection, serial)

    def history(self, wanted: str) -> list[Event]:
        """What happened to a device, in the order in which it happened, withdrawn events too.

        :raises DeviceUnknown, DeviceAmbiguous: as :meth:`device`.
        """
        with self._store().read() as connection:
            found = register.find(connection, wanted)
            return with_owed(found.kind, log.of_device(connection, found.id))

    def register(self, token: TokenInfo) -> Device:
        """Enter a token that is plugged in, or bring what the register knows of it in line with the token. Of one known
        already, names given by people and corrected kinds stay; certificates gone from it are told as replaced."""
        return self._register(facts_of(token), seen=True)

    def register_by_hand(self, facts: DeviceFacts) -> Device:
        """Enter a device that is not plugged in, such as one in a drawer."""
        return self._register(facts, seen=False)

    def describe(
        self,
        wanted: str,
        *,
        nickname: str | None = None,
        place: str | None = None,
        note: str | None = None,
    ) -> Device:
        """Say what a device is called and where it is kept; None leaves what is there, an empty text clears it."""
        given = {"nickname": nickname, "place": place, "note": note}
        with self._store().write() as connection:
            found = register.find(connection, wanted)
            register.describe(
                connection, found.id, **{name: value.strip() for name, value in given.items() if value is not None}
            )
            return register.device(connection, found.id)

    def correct_kind(self, wanted: str, kind: Kind, certificate: str | None = None) -> Device:
        """Say whether a certificate is a person's or the agency's seal; signing goes by it from then on. The ledger is
        told before: a correction that it does not know of never counts.

        :param certificate: see :func:`app.custody.register.certificate_of`.
        :raises CertificateNotOnDevice: it is not said which one, or there is none.
        :raises KindCertain: it is an agency's by its own words.
        """
        with self._store().read() as connection:
            found = register.find(connection, wanted)
            chosen = register.certificate_of(found, certificate)
            register.check_kind(connection, chosen, kind)
        self._append(
            "custody",
            event="kind-corrected",
            token=found.serial,
            certificate=chosen.sha256 or chosen.serial,
            kind_of_holder=str(kind),
        )
        with self._store().write() as connection:
            register.correct_kind(connection, chosen.id, kind)
            return register.device(connection, found.id)

    def record(self, wanted: str, happening: Happening) -> Event:
        """Enter an event. One that needs minutes is entered by a handover alone, which makes them.

        :raises MinutesMissing: it needs minutes.
        :raises EventNotAllowed: not in the device's state; see :data:`app.custody.states.RULES`.
        :raises PermissionMissing: a written permission is needed.
        :raises ReceiverMissing, GiverNotHolder, SamePerson, DueMissing: it is not clear who or until when.
        :raises EventOutOfOrder, EventInFuture: before the device's last event, or still to come.
        """
        with self._store().write() as connection:
            found = register.find(connection, wanted)
            if RULES[happening.kind].minutes:
                after(found.state, happening.kind)
                raise MinutesMissing(name=found.name)
            event = self.add(connection, found, happening)
        self.tell_ledger([event])
        return event

    def withdraw_last(self, wanted: str, why: str) -> Event:
        """Take back the newest event of a device, which was entered by mistake. It stays to be seen; the state before
        it counts again.

        :raises NothingToWithdraw: there is none.
        """
        moment = _now()
        with self._store().write() as connection:
            found = register.find(connection, wanted)
            last = log.last_events(connection, [found.id]).get(found.id)
            if last is None:
                raise NothingToWithdraw(serial=found.serial)
            log.withdraw(connection, last.id, why, moment)
            self._undo(connection, found, last)
            if last.minutes is not None:
                log.void_minutes(connection, last.minutes)
            withdrawn = next(event for event in log.of_device(connection, found.id) if event.id == last.id)
        self.tell_ledger([withdrawn])
        return withdrawn

    def holder_at(self, serial: str, at: dt.datetime) -> HeldAt:
        """In whose hands a device was at a moment.

        :param serial: of the token. :param at: aware.
        """
        return self.holders_at([(serial, at)])[0]

    def holders_at(self, moments: Sequence[tuple[str, dt.datetime]]) -> list[HeldAt]:
        """As :meth:`holder_at`, for many serial numbers and times."""
        from app.custody.whose import Timelines

        with self._store().read() as connection:
            timelines = Timelines(connection)
        return [timelines.at(serial, at) for serial, at in moments]

    def signatures_outside(self, entries: Iterable[tuple[str, dt.datetime]]) -> list[bool]:
        """Which signatures were made while the device was in nobody's custody, by what is known now: a loss may be
        reported long after.

        :param entries: of each signature the token's serial number and the time.
        """
        return [held.outside for held in self.holders_at(list(entries))]

    # For handovers, which enter several events with their minutes in one transaction.

    def add(self, connection: Connection, found: Device, happening: Happening) -> Event:
        """As :meth:`record`, in the caller's transaction; :meth:`tell_ledger` must follow it.

        :raises MinutesMissing: the event needs minutes, and ``happening.minutes`` are none that name the device.
        """
        kind, rule = happening.kind, RULES[happening.kind]
        state = after(found.state, kind)
        moment = _now()
        at = self._time(connection, found, happening.at or moment, moment)
        if kind is EventKind.REVOKED and self._some_left(found, happening.certificate):
            state = State(state.keeping, found.condition)
        receiver = self._receiver(connection, found, happening, rule)
        owed = self._permission_owed(connection, found, happening, receiver)
        if rule.minutes and not log.minutes_name(connection, happening.minutes, found.serial):
            raise MinutesMissing(name=found.name)
        moved = rule.keeping is not None
        event = Event(
            id=0,
            device=found.id,
            kind=kind,
            at=at,
            entered_at=moment,
            giver=_giver(found, happening, rule),
            receiver=receiver,
            witness=happening.witness,
            permission=happening.permission,
            proof=happening.proof,
            reason=happening.reason.strip(),
            appearance=happening.appearance.strip(),
            accessories=happening.accessories.strip(),
            note=happening.note.strip(),
            due=_due(found, happening, rule, at),
            minutes=happening.minutes,
            keeping=state.keeping,
            condition=state.condition,
            holder=receiver or (found.holder if state.keeping is not Keeping.HANDED_BACK else None),
            since=at if moved else found.since,
            permission_owed=owed,
        )
        self._carry_out(connection, found, event, happening.certificate)
        return log.add(connection, event)

    def lender(self, connection: Connection, found: Device) -> Person | None:
        """Who lent a device that is on loan."""
        return _lender(log.of_device(connection, found.id)) if found.keeping is Keeping.LENT else None

    def tell_ledger(self, entered: Sequence[Event]) -> None:
        """Enter events in the ledger, those that an ended program left behind too."""
        with self._store().read() as connection:
            left = log.not_entered(connection, _now() - _LEFT_BEHIND)
            devices = {device.id: device for device in register.all_devices(connection)}
        known = {event.id for event in entered}
        waiting = [*(event for event in left if event.id not in known), *entered]
        told: list[int] = []
        try:
            for event in waiting:
                self._append("custody", **_entry(devices[event.device], event))
                told.append(event.id)
        finally:
            if told:
                with self._store().write() as connection:
                    log.mark_entered(connection, told)

    def _register(self, facts: DeviceFacts, *, seen: bool) -> Device:
        with self._store().write() as connection:
            identifier = register.enter(connection, facts, _now(), seen=seen)
            found = register.device(connection, identifier)
        self._append("custody", event="registered", token=found.serial, plugged_in=seen, name=found.name)
        return found

    def _time(self, connection: Connection, found: Device, at: dt.datetime, moment: dt.datetime) -> dt.datetime:
        """When an event happens that is said to happen at a time: after the last one, of a workstation whose clock is
        ahead of this one's too."""
        if at > moment + _CLOCKS_DIFFER:
            raise EventInFuture(at=clock(at))
        last = log.last_events(connection, [found.id]).get(found.id)
        if last is None or at >= last.at:
            return at
        if moment - at <= _CLOCKS_DIFFER and last.at - at <= _CLOCKS_DIFFER:
            return last.at
        raise EventOutOfOrder(last=clock(last.at), at=clock(at))

    def _receiver(self, connection: Connection, found: Device, happening: Happening, rule: Rule) -> Person | None:
        if not rule.receiver:
            return None
        receiver = happening.receiver
        if receiver is None and happening.kind is EventKind.FOUND:
            receiver = found.holder
        if receiver is None:
            receiver = self.lender(connection, found)
        if receiver is None or not receiver.name.strip():
            raise ReceiverMissing(name=found.name)
        if rule.minutes and found.holder is not None and same_person(found.holder, receiver):
            raise SamePerson(name=receiver.name)
        return receiver

    def _permission_owed(
        self, connection: Connection, found: Device, happening: Happening, receiver: Person | None
    ) -> list[str]:
        """What is still to be given of the permission that an event needs.

        :raises PermissionMissing: its number was not given.
        """
        before = [event for event in log.of_device(connection, found.id) if event.withdrawn_at is None]
        if not required(happening.kind, found.kind, receiver, found.holder, before):
            return []
        if happening.permission is None or not happening.permission.number.strip():
            raise PermissionMissing(name=found.name)
        return missing(happening.permission)

    def _carry_out(self, connection: Connection, found: Device, event: Event, certificate: int | None) -> None:
        """What an event does beyond the state."""
        if event.kind is EventKind.REVOKED:
            register.end_certificates(connection, found.id, _ENDED[event.kind], event.at, only=certificate)
        elif event.kind is EventKind.RENEWED:
            present = found.present_certificates
            newest = max((one.not_after for one in present if one.not_after), default=None)
            for one in present:
                if newest is not None and one.not_after is not None and one.not_after < newest:
                    register.end_certificates(connection, found.id, _ENDED[event.kind], event.at, only=one.id)
        if event.kind in (EventKind.CONFIRMED, EventKind.FOUND, EventKind.RECEIVED) or event.proof is not None:
            register.confirm(connection, found.id, event.at)

    def _undo(self, connection: Connection, found: Device, withdrawn: Event) -> None:
        """Undo what :meth:`_carry_out` did to certificates. Where another event that counts ended some at the same
        moment, it is not known which were whose, and none is revived."""
        ended = _ENDED.get(withdrawn.kind)
        left = [event for event in log.of_device(connection, found.id) if event.withdrawn_at is None]
        if ended is not None and all((event.kind, event.at) != (withdrawn.kind, withdrawn.at) for event in left):
            register.revive_certificates(connection, found.id, ended, withdrawn.at)

    def _some_left(self, found: Device, certificate: int | None) -> bool:
        """Whether certificates remain when that one is revoked."""
        return certificate is not None and any(one.id != certificate for one in found.present_certificates)


def _giver(found: Device, happening: Happening, rule: Rule) -> Person | None:
    if not rule.minutes:
        return happening.giver
    if happening.giver is None:
        return found.holder
    if found.holder is not None and not same_person(found.holder, happening.giver):
        raise GiverNotHolder(name=happening.giver.name, device=found.name, holder=found.holder.name)
    return happening.giver


def _due(found: Device, happening: Happening, rule: Rule, at: dt.datetime) -> dt.date | None:
    if rule.due:
        if happening.due is None or happening.due < at.astimezone(VIETNAM).date():
            raise DueMissing()
        return happening.due
    return found.due if rule.keeping is None else None


def _lender(history: Sequence[Event]) -> Person | None:
    lent = next(
        (event for event in reversed(history) if event.kind is EventKind.LENT and event.withdrawn_at is None), None
    )
    return lent.giver if lent is not None else None


def _entry(device: Device, event: Event) -> dict[str, object]:
    """What the ledger is told of an event."""
    permission = event.permission
    completed = permission is not None and permission.completed_at is not None and event.withdrawn_at is None
    told: dict[str, object] = {
        "event": "permission-completed" if completed else str(event.kind),
        "event_id": event.id,
        "token": device.serial,
        "name": device.name,
        "at": event.at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "giver": event.giver.name if event.giver else None,
        "receiver": event.receiver.name if event.receiver else None,
        "keeping": str(event.keeping),
        "condition": str(event.condition),
        "holder": event.holder.name if event.holder else None,
        "permission": permission.number if permission else None,
        "proven": event.proof is not None,
        "minutes": event.minutes,
        "due": event.due.isoformat() if event.due else None,
    }
    if permission is not None:
        told["permission_date"] = permission.date.isoformat() if permission.date else None
        told["permission_scan"] = permission.scan
        told["permission_sha256"] = permission.sha256
    if completed:
        told["of"] = str(event.kind)
    if event.withdrawn_at is not None:
        told["withdrawn"] = event.withdrawn_why or ""
    return told


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
