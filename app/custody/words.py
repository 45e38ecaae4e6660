"""The words of custody, as a person reads them."""

from __future__ import annotations

from app.i18n import N_, _

#: By the value of :class:`app.custody.states.EventKind`.
EVENTS = {
    "received": N_("received from the issuer"),
    "handed-over": N_("handed over"),
    "returned": N_("returned"),
    "lent": N_("lent"),
    "pin-locked": N_("PIN locked"),
    "recovered": N_("recovered"),
    "renewed": N_("certificate renewed"),
    "lost": N_("reported lost"),
    "found": N_("found again"),
    "damaged": N_("reported damaged"),
    "revoked": N_("certificate revoked"),
    "handed-back": N_("handed back to the issuer"),
    "confirmed": N_("confirmed to be there"),
}

#: By the value of :class:`app.custody.states.Keeping`.
KEEPINGS = {
    "registered": N_("in nobody's hands yet"),
    "held": N_("held"),
    "lent": N_("on loan"),
    "lost": N_("lost"),
    "handed-back": N_("handed back to the issuer"),
}

#: By the value of :class:`app.custody.states.Condition`.
CONDITIONS = {
    "working": N_("in working order"),
    "pin-locked": N_("PIN locked"),
    "damaged": N_("damaged"),
    "revoked": N_("certificate revoked"),
}

#: By the value of :class:`app.custody.model.Kind`.
KINDS = {
    "person": N_("personal"),
    "organization": N_("seal of the agency"),
    "unknown": N_("not known"),
}


def event(kind: str) -> str:
    return _(EVENTS[kind])


def keeping(value: str) -> str:
    return _(KEEPINGS[value])


def condition(value: str) -> str:
    return _(CONDITIONS[value])


def kind(value: str) -> str:
    return _(KINDS[value])


def standing(keeping_value: str, condition_value: str) -> str:
    """A state in a few words: ``held``, ``lost, certificate revoked``."""
    told = keeping(keeping_value)
    return told if condition_value == "working" else f"{told}, {condition(condition_value)}"
