"""Codes of trust material in words, for every place where a person reads them."""

from __future__ import annotations

from typing import Final

from app.i18n import N_, _, ngettext
from app.times import clock
from app.trust.anchors import Authority, Origin, Role
from app.trust.kept_lists import KeptList, Outcome
from app.trust.shipped import Domain

DOMAINS: Final = {
    Domain.GOVERNMENT: N_("Government agencies"),
    Domain.PUBLIC: N_("Public services"),
    Domain.OFFICE: N_("This office"),
}

_ORIGINS: Final = {
    Origin.SHIPPED: N_("with the program"),
    Origin.SETTINGS: N_("settings"),
    Origin.BUNDLE: N_("trust bundle of IT staff"),
    Origin.ADDED: N_("added here"),
}

_OUTCOMES: Final = {
    Outcome.UPDATED: N_("new list"),
    Outcome.CURRENT: N_("already at hand"),
    Outcome.FAILED: N_("not reached"),
    Outcome.REFUSED: N_("refused"),
}


def domain(found: Domain) -> str:
    """For whom an anchor vouches."""
    return _(DOMAINS[found])


def origin(found: Origin) -> str:
    """Where an authority comes from."""
    return _(_ORIGINS[found])


def outcome(found: Outcome) -> str:
    """What became of a revocation list."""
    return _(_OUTCOMES[found])


def state(authority: Authority) -> str:
    """Whether an authority counts, and as what."""
    if authority.removed:
        return _("removed")
    if not authority.enabled:
        return _("disabled")
    return _("trusted") if authority.role is Role.ANCHOR else _("leads to a root")


def age(kept: KeptList) -> str:
    """How old a list is, in whole days."""
    days = kept.age_days
    told = _("today") if days == 0 else ngettext("{n} day", "{n} days", days).format(n=days)
    return _("{age}, outdated").format(age=told) if kept.outdated else told


def kept_list(kept: KeptList) -> str:
    """A list in one line."""
    return _("{issuer}, issued {time} ({age})").format(issuer=kept.issuer, time=clock(kept.this_update), age=age(kept))
