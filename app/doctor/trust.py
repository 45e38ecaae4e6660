"""Trusted roots and revocation lists, and their age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Workplace
from app.i18n import N_, _, ngettext
from app.times import day

#: A root that ends within this is told.
_SOON = dt.timedelta(days=90)

_UPDATE_LISTS = N_(
    "Fetch or import them under “Settings”, “Trusted sources”. IT staff may use “antin trust update --online” or "
    "“antin trust import-crl”."
)


def anchors(workplace: Workplace) -> Iterator[Finding]:
    """The roots that count, and those that have ended or soon will."""
    from app.trust.holder import COMMON_NAME

    found = workplace.office.trust.store.anchors
    if not found:
        yield Finding(
            "anchors", "fail", _("There is no trusted root."), _("Allow the shipped anchors in the settings (trust).")
        )
        return
    now = dt.datetime.now(dt.UTC)
    ended = [anchor for anchor in found if anchor.not_after < now]
    ending = [anchor for anchor in found if now <= anchor.not_after < now + _SOON]
    told = ngettext("{n} trusted root", "{n} trusted roots", len(found)).format(n=len(found))
    facts: dict[str, Fact] = {"roots": len(found), "ended": len(ended), "ending": len(ending)}
    late = [*ended, *ending]
    hint = _("Install the newest version of the program, or add the issuer's new root under “Trusted sources”.")
    names = ", ".join(f"{anchor.subject.first(COMMON_NAME) or '?'} ({day(anchor.not_after)})" for anchor in late)
    if len(ended) == len(found):
        yield Finding(
            "anchors", "fail", _("All trusted roots have ended: {names}").format(names=names), hint, facts=facts
        )
    elif ending:
        told = _("{roots}; ended or ending soon: {names}").format(roots=told, names=names)
        yield Finding("anchors", "warn", told, hint, facts=facts)
    else:
        yield Finding("anchors", "ok", told, facts=facts)


def lists(workplace: Workplace) -> Iterator[Finding]:
    """Revocation lists at hand. Without them nothing can be concluded while the network is down."""
    kept_lists = workplace.office.kept_lists.entries()
    outdated = [kept for kept in kept_lists if kept.outdated]
    told = ngettext("{n} revocation list", "{n} revocation lists", len(kept_lists)).format(n=len(kept_lists))
    facts: dict[str, Fact] = {"lists": len(kept_lists), "outdated": len(outdated)}
    if kept_lists:
        facts["oldest_days"] = max(kept.age_days for kept in kept_lists)
    if outdated:
        names = ", ".join(f"{kept.issuer} ({day(kept.this_update)})" for kept in outdated)
        told = _("{lists}, outdated: {names}").format(lists=told, names=names)
        yield Finding("lists", "warn", told, _(_UPDATE_LISTS), facts=facts)
    elif not kept_lists:
        told = _("There is no revocation list yet; without a network nothing can then be concluded.")
        yield Finding("lists", "warn", told, _(_UPDATE_LISTS), facts=facts)
    else:
        yield Finding("lists", "ok", told, facts=facts)
