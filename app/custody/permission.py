"""The written permission with which the agency's device goes into other hands: where the decree requires it, and what
of one is still owed.

Decree 30/2020, article 32, clause 2, point b. Its number is asked for before anything is entered; date and scan may
follow, and are told as owed until they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from app.custody.model import Event, Kind, Permission, Person, same_person
from app.custody.states import EventKind


def required(
    kind: EventKind, device: Kind, receiver: Person | None, holder: Person | None, before: Sequence[Event]
) -> bool:
    """Whether an event needs a permission. The device of the agency, or one of which it is not known whose it is, goes
    into other hands with one alone, whatever that is called: returned to the one who gave it, or found by the one who
    lost it, it is in other hands no more. A personal device is its holder's own (clause 3).

    :param kind: of the event. :param device: whose the device is.
    :param holder: who answered for it until then.
    :param before: the device's events until then that count, in order.
    """
    if device is Kind.PERSON or receiver is None or kind is EventKind.RECEIVED:
        return False
    known = None
    if kind is EventKind.FOUND:
        known = holder
    elif kind is EventKind.RETURNED:
        known = _giver_to(holder, before)
    return known is None or not same_person(known, receiver)


def missing(permission: Permission) -> list[str]:
    """What of a permission is not given: ``date``, ``scan``."""
    given = {"date": permission.date, "scan": permission.sha256}
    return [name for name, value in given.items() if value is None]


def with_owed(device: Kind, events: Iterable[Event]) -> list[Event]:
    """The events of a device with what is owed of their permissions, where one was required and the event counts.

    :param events: all of the device, in order.
    """
    told: list[Event] = []
    before: list[Event] = []
    for event in events:
        if event.withdrawn_at is not None:
            told.append(event)
            continue
        holder = before[-1].holder if before else None
        owed = [] if event.permission is None else missing(event.permission)
        if owed and required(event.kind, device, event.receiver, holder, before):
            event = msgspec.structs.replace(event, permission_owed=owed)
        told.append(event)
        before.append(event)
    return told


def _giver_to(holder: Person | None, before: Sequence[Event]) -> Person | None:
    """Who gave or lent a device to its holder."""
    gifts = (event for event in reversed(before) if event.kind in (EventKind.HANDED_OVER, EventKind.LENT))
    return next(
        (event.giver for event in gifts if holder and event.receiver and same_person(event.receiver, holder)), None
    )
