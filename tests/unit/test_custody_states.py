"""Every event in every state: allowed or refused, and what is left behind."""

from __future__ import annotations

from itertools import product

import pytest

from app.custody.errors import EventNotAllowed
from app.custody.states import RULES, Condition, EventKind, Keeping, State, after, allowed

R, H, L, G, B = Keeping.REGISTERED, Keeping.HELD, Keeping.LENT, Keeping.LOST, Keeping.HANDED_BACK
W, P, D, X = Condition.WORKING, Condition.PIN_LOCKED, Condition.DAMAGED, Condition.REVOKED

#: Written out by hand: state → events → the state they lead to. What is missing is refused.
_HELD_ALWAYS = {
    EventKind.HANDED_OVER: (H, None),
    EventKind.RETURNED: (H, None),
    EventKind.LOST: (G, None),
    EventKind.HANDED_BACK: (B, None),
    EventKind.CONFIRMED: (H, None),
}
_LENT_ALWAYS = {EventKind.RETURNED: (H, None), EventKind.LOST: (G, None), EventKind.CONFIRMED: (L, None)}
_CONDITION = {
    W: {
        EventKind.PIN_LOCKED: (None, P),
        EventKind.RENEWED: (None, W),
        EventKind.DAMAGED: (None, D),
        EventKind.REVOKED: (None, X),
    },
    P: {EventKind.RECOVERED: (None, W), EventKind.DAMAGED: (None, D), EventKind.REVOKED: (None, X)},
    D: {EventKind.RECOVERED: (None, W), EventKind.REVOKED: (None, X)},
    X: {},
}
_REVOKED = {EventKind.REVOKED: (None, X)}
EXPECTED: dict[tuple[Keeping, Condition], dict[EventKind, tuple[Keeping | None, Condition | None]]] = {
    **{(R, condition): {EventKind.RECEIVED: (H, W)} for condition in Condition},
    **{(H, condition): {**_HELD_ALWAYS, **_CONDITION[condition]} for condition in (P, D, X)},
    (H, W): {**_HELD_ALWAYS, **_CONDITION[W], EventKind.LENT: (L, W)},
    **{(L, condition): {**_LENT_ALWAYS, **_CONDITION[condition]} for condition in Condition},
    **{(G, condition): {EventKind.FOUND: (H, None), **_REVOKED} for condition in (W, P, D)},
    (G, X): {EventKind.FOUND: (H, None)},
    **{(B, condition): {EventKind.RECEIVED: (H, W), **_REVOKED} for condition in (W, P, D)},
    (B, X): {EventKind.RECEIVED: (H, W)},
}


@pytest.mark.parametrize(("keeping", "condition"), list(product(Keeping, Condition)))
def test_what_may_follow(keeping: Keeping, condition: Condition) -> None:
    state, expected = State(keeping, condition), EXPECTED[keeping, condition]
    assert set(allowed(state)) == set(expected)
    for kind in EventKind:
        if kind in expected:
            to_keeping, to_condition = expected[kind]
            assert after(state, kind) == State(to_keeping or keeping, to_condition or condition)
        else:
            with pytest.raises(EventNotAllowed) as refused:
                after(state, kind)
            assert refused.value.message and refused.value.hint


def test_every_event_has_its_rule_and_every_state_a_way_on() -> None:
    assert set(RULES) == set(EventKind)
    reached = {State()}
    while True:
        more = {after(state, kind) for state in reached for kind in allowed(state)} - reached
        if not more:
            break
        reached |= more
    assert all(allowed(state) for state in reached)
    assert {state.keeping for state in reached} == set(Keeping)
    assert {state.condition for state in reached} == set(Condition)


def test_what_the_decree_asks_for() -> None:
    """Article 32, clause 2, point b: a written permission to give the device to somebody else, and minutes of it."""
    assert {kind for kind, rule in RULES.items() if rule.permission} == {EventKind.HANDED_OVER, EventKind.LENT}
    assert {kind for kind, rule in RULES.items() if rule.minutes} == {
        EventKind.HANDED_OVER,
        EventKind.LENT,
        EventKind.RETURNED,
    }
    assert {kind for kind, rule in RULES.items() if rule.due} == {EventKind.LENT}
