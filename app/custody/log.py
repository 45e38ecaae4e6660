"""The events of custody in the store; the caller holds the transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from app.custody.model import Event, MinutesState, Permission, Person, Proof, told
from app.custody.permission import missing
from app.custody.states import Condition, EventKind, Keeping
from app.decoding import decodable
from app.storage.schema.custody import devices, events, minutes

_COUNTS = events.c.withdrawn_at.is_(None)


def add(connection: sa.Connection, event: Event) -> Event:
    """Enter an event; the ledger is told of it later.

    :return: the event with its id.
    """
    values: dict[str, Any] = {
        "device_id": event.device,
        "kind": str(event.kind),
        "at": event.at,
        "entered_at": event.entered_at,
        "minutes_id": event.minutes,
        "keeping": str(event.keeping),
        "condition": str(event.condition),
        "since": event.since,
        "entered": False,
    }
    for name in ("reason", "appearance", "accessories", "note", "due"):
        values[name] = getattr(event, name)
    for name in ("giver", "receiver", "witness", "permission", "proof", "holder"):
        values[name] = told(getattr(event, name))
    result = connection.execute(events.insert().values(values))
    (identifier,) = result.inserted_primary_key or (0,)
    return msgspec.structs.replace(event, id=identifier)


def of_device(connection: sa.Connection, device: int) -> list[Event]:
    """All events of a device in the order in which they happened, withdrawn ones too."""
    ordered = sa.select(events).where(events.c.device_id == device).order_by(events.c.at, events.c.id)
    return [_event(row) for row in connection.execute(ordered)]


def last_events(
    connection: sa.Connection, devices: Sequence[int], until: dt.datetime | None = None
) -> dict[int, Event]:
    """The newest event that counts of each device.

    :param until: at this time or before.
    """
    before = _COUNTS if until is None else _COUNTS & (events.c.at <= until)
    newest = (
        sa.func.row_number()
        .over(partition_by=events.c.device_id, order_by=(events.c.at.desc(), events.c.id.desc()))
        .label("place")
    )
    ranked = sa.select(events.c.id, newest).where(events.c.device_id.in_(devices), before).subquery()
    chosen = sa.select(events).join(ranked, (ranked.c.id == events.c.id) & (ranked.c.place == 1))
    return {event.device: event for event in map(_event, connection.execute(chosen))}


def proves(connection: sa.Connection, device: int, proof: Proof) -> bool:
    """Whether a proof is that of an event which counts already."""
    proofs = connection.scalars(sa.select(events.c.proof).where(events.c.device_id == device, _COUNTS))
    return any(known is not None and known["challenge"] == proof.challenge for known in proofs)


def withdraw(connection: sa.Connection, event: int, why: str, moment: dt.datetime) -> None:
    """An event was entered by mistake: it stays, but counts no more."""
    connection.execute(
        events.update().where(events.c.id == event).values(withdrawn_at=moment, withdrawn_why=why, entered=False)
    )


def with_incomplete_permission(connection: sa.Connection) -> set[int]:
    """Devices with an event that counts whose permission lacks date or scan."""
    wanted = sa.select(events.c.device_id, events.c.permission).where(events.c.permission.is_not(None), _COUNTS)
    return {
        device for device, given in connection.execute(wanted) if missing(msgspec.convert(given, decodable(Permission)))
    }


def complete_permission(connection: sa.Connection, event: int, permission: Permission) -> None:
    """Date or scan of an event's permission were added; the ledger is told of it later."""
    connection.execute(events.update().where(events.c.id == event).values(permission=told(permission), entered=False))


def void_minutes(connection: sa.Connection, identifier: int) -> None:
    """Open minutes none of whose events counts any more are void."""
    left = sa.select(events.c.id).where(events.c.minutes_id == identifier, _COUNTS)
    if connection.execute(left).first() is None:
        connection.execute(
            minutes.update()
            .where(minutes.c.id == identifier, minutes.c.state == str(MinutesState.OPEN))
            .values(state=str(MinutesState.VOID))
        )


def withdrawn_of(connection: sa.Connection, identifier: int) -> list[str]:
    """Serial numbers of the devices whose event of these minutes was withdrawn."""
    wanted = sa.select(devices.c.serial).join(events, events.c.device_id == devices.c.id).order_by(events.c.id)
    return list(connection.scalars(wanted.where(events.c.minutes_id == identifier, ~_COUNTS)))


def minutes_name(connection: sa.Connection, identifier: int | None, serial: str) -> bool:
    """Whether there are minutes of that id which name a device."""
    if identifier is None:
        return False
    content = connection.scalar(sa.select(minutes.c.content).where(minutes.c.id == identifier))
    return content is not None and serial in {device["serial"] for device in content["devices"]}


def not_entered(connection: sa.Connection, before: dt.datetime) -> list[Event]:
    """Events that the ledger was not told of, in the order in which they were entered.

    :param before: entered, or withdrawn, before this time.
    """
    touched = sa.func.coalesce(events.c.withdrawn_at, events.c.entered_at)
    waiting = sa.select(events).where(events.c.entered.is_(False), touched < before).order_by(events.c.id)
    return [_event(row) for row in connection.execute(waiting)]


def waiting(connection: sa.Connection, identifiers: Iterable[int]) -> list[int]:
    """Those of some events that the ledger was not told of."""
    wanted = sa.select(events.c.id).where(events.c.entered.is_(False), events.c.id.in_(list(identifiers)))
    return list(connection.scalars(wanted))


def mark_entered(connection: sa.Connection, identifiers: Iterable[int]) -> None:
    connection.execute(events.update().where(events.c.id.in_(list(identifiers))).values(entered=True))


def _event(row: sa.Row[Any]) -> Event:
    def record(value: Any, kind: type[Any]) -> Any:
        return None if value is None else msgspec.convert(value, decodable(kind))

    return Event(
        id=row.id,
        device=row.device_id,
        kind=EventKind(row.kind),
        at=row.at,
        entered_at=row.entered_at,
        giver=record(row.giver, Person),
        receiver=record(row.receiver, Person),
        witness=record(row.witness, Person),
        permission=record(row.permission, Permission),
        proof=record(row.proof, Proof),
        reason=row.reason,
        appearance=row.appearance,
        accessories=row.accessories,
        note=row.note,
        due=row.due,
        minutes=row.minutes_id,
        keeping=Keeping(row.keeping),
        condition=Condition(row.condition),
        holder=record(row.holder, Person),
        since=row.since,
        withdrawn_at=row.withdrawn_at,
        withdrawn_why=row.withdrawn_why,
    )
