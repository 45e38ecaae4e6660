"""Which event may follow in which state, and what it makes of the state.

A state is two things: in whose hands a device is (:class:`Keeping`) and whether it can be used (:class:`Condition`).
:data:`RULES` is the whole of it: an event is allowed where both are among those that its rule names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.custody.errors import EventNotAllowed


class Keeping(StrEnum):
    """In whose hands a device is."""

    REGISTERED = "registered"
    HELD = "held"
    LENT = "lent"
    LOST = "lost"
    HANDED_BACK = "handed-back"


class Condition(StrEnum):
    """Whether a device can be used."""

    WORKING = "working"
    PIN_LOCKED = "pin-locked"
    DAMAGED = "damaged"
    REVOKED = "revoked"


class EventKind(StrEnum):
    """What happens to a device: nhận từ cơ quan cấp, giao, trả, mượn, khóa PIN, khôi phục, gia hạn, báo mất, tìm thấy,
    báo hỏng, thu hồi, nộp lại; and that somebody confirmed to have it still."""

    RECEIVED = "received"
    HANDED_OVER = "handed-over"
    RETURNED = "returned"
    LENT = "lent"
    PIN_LOCKED = "pin-locked"
    RECOVERED = "recovered"
    RENEWED = "renewed"
    LOST = "lost"
    FOUND = "found"
    DAMAGED = "damaged"
    REVOKED = "revoked"
    HANDED_BACK = "handed-back"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class State:
    keeping: Keeping = Keeping.REGISTERED
    condition: Condition = Condition.WORKING


@dataclass(frozen=True)
class Rule:
    """What an event asks for and does.

    :ivar keepings, conditions: in which it may happen.
    :ivar keeping, condition: what it changes them to; None leaves them.
    :ivar receiver: somebody takes the device, and answers for it from then on.
    :ivar permission: of the agency's device only with the competent person's written permission (Decree 30/2020,
        article 32, clause 2, point b).
    :ivar minutes: minutes are made (the same point).
    :ivar due: until a day.
    """

    keepings: frozenset[Keeping]
    conditions: frozenset[Condition]
    keeping: Keeping | None = None
    condition: Condition | None = None
    receiver: bool = False
    permission: bool = False
    minutes: bool = False
    due: bool = False


_ANY = frozenset(Condition)
_WORKING = frozenset({Condition.WORKING})
_IN_HANDS = frozenset({Keeping.HELD, Keeping.LENT})
_HELD = frozenset({Keeping.HELD})

#: The issuer alone recovers a locked device (Decree 68/2024, article 6); what is revoked never works again, but a
#: device that went back to the issuer may be received anew. Who lends a device answers for getting it back: it is
#: returned before it goes to anybody else.
RULES: Mapping[EventKind, Rule] = {
    EventKind.RECEIVED: Rule(
        frozenset({Keeping.REGISTERED, Keeping.HANDED_BACK}),
        _ANY,
        keeping=Keeping.HELD,
        condition=Condition.WORKING,
        receiver=True,
    ),
    EventKind.HANDED_OVER: Rule(_HELD, _ANY, keeping=Keeping.HELD, receiver=True, permission=True, minutes=True),
    EventKind.LENT: Rule(_HELD, _WORKING, keeping=Keeping.LENT, receiver=True, permission=True, minutes=True, due=True),
    EventKind.RETURNED: Rule(_IN_HANDS, _ANY, keeping=Keeping.HELD, receiver=True, minutes=True),
    EventKind.PIN_LOCKED: Rule(_IN_HANDS, _WORKING, condition=Condition.PIN_LOCKED),
    EventKind.RECOVERED: Rule(
        _IN_HANDS, frozenset({Condition.PIN_LOCKED, Condition.DAMAGED}), condition=Condition.WORKING
    ),
    EventKind.RENEWED: Rule(_IN_HANDS, _WORKING),
    EventKind.LOST: Rule(_IN_HANDS, _ANY, keeping=Keeping.LOST),
    EventKind.FOUND: Rule(frozenset({Keeping.LOST}), _ANY, keeping=Keeping.HELD, receiver=True),
    EventKind.DAMAGED: Rule(
        _IN_HANDS, frozenset({Condition.WORKING, Condition.PIN_LOCKED}), condition=Condition.DAMAGED
    ),
    EventKind.REVOKED: Rule(
        frozenset(Keeping) - {Keeping.REGISTERED}, _ANY - {Condition.REVOKED}, condition=Condition.REVOKED
    ),
    EventKind.HANDED_BACK: Rule(_HELD, _ANY, keeping=Keeping.HANDED_BACK),
    EventKind.CONFIRMED: Rule(_IN_HANDS, _ANY),
}


def allowed(state: State) -> list[EventKind]:
    """The events that may follow, in the order of :class:`EventKind`."""
    return [
        kind for kind, rule in RULES.items() if state.keeping in rule.keepings and state.condition in rule.conditions
    ]


def after(state: State, kind: EventKind) -> State:
    """The state that an event leaves behind.

    :raises EventNotAllowed: it cannot happen in that state.
    """
    if kind not in allowed(state):
        raise EventNotAllowed(kind, state.keeping, state.condition)
    rule = RULES[kind]
    return State(rule.keeping or state.keeping, rule.condition or state.condition)
