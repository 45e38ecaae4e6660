"""Trusted roots, revocation lists and the trust bundle, and their age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Workplace
from app.i18n import N_, _, ngettext
from app.times import day

if TYPE_CHECKING:
    from app.bundle.content import Content

#: A root that ends within this is told.
_SOON = dt.timedelta(days=90)

_NO_ROOT = N_(
    "Add the root of your certificates' issuer under “Settings”, “Trusted sources”, or ask IT staff to allow the roots "
    "that came with the program (trust.use_shipped_anchors)."
)
_UPDATE_LISTS = N_(
    "Fetch or import them under “Settings”, “Trusted sources”. IT staff may use “antin trust update --online” or "
    "“antin trust import-crl”."
)

_IMPORT_BUNDLE = N_(
    "Ask IT staff for the newest trust bundle and import it under “Settings”, “Trusted sources”, "
    "or have an administrator run “antin bundle import --for-all”."
)


def anchors(workplace: Workplace) -> Iterator[Finding]:
    """The roots that count, and those that have ended or soon will."""
    from app.trust.holder import COMMON_NAME

    found = workplace.office.trust.store.anchors
    if not found:
        yield Finding("anchors", "fail", _("There is no trusted root."), _(_NO_ROOT))
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
    bundle = workplace.office.bundle
    brought = len(bundle.content.crls) if bundle else 0
    outdated = [kept for kept in kept_lists if kept.outdated]
    told = ngettext("{n} revocation list", "{n} revocation lists", len(kept_lists)).format(n=len(kept_lists))
    facts: dict[str, Fact] = {"lists": len(kept_lists), "outdated": len(outdated), "brought": brought}
    if kept_lists:
        facts["oldest_days"] = max(kept.age_days for kept in kept_lists)
    if brought:
        more = ngettext("{n} in the trust bundle", "{n} in the trust bundle", brought).format(n=brought)
        told = f"{told}; {more}"
    if outdated:
        names = ", ".join(f"{kept.issuer} ({day(kept.this_update)})" for kept in outdated)
        told = _("{lists}, outdated: {names}").format(lists=told, names=names)
        yield Finding("lists", "warn", told, _(_UPDATE_LISTS), facts=facts)
    elif not kept_lists and not brought:
        told = _("There is no revocation list yet; without a network nothing can then be concluded.")
        yield Finding("lists", "warn", told, _(_UPDATE_LISTS), facts=facts)
    else:
        yield Finding("lists", "ok", told, facts=facts)


def bundle(workplace: Workplace) -> Iterator[Finding]:
    """The trust bundle of IT staff: its number and age, and when its revocation lists are to be followed by others."""
    office = workplace.office
    found, named = office.bundle, office.settings.bundle
    if found is None:
        awaited = (named.signers or named.authorities) and not office.online
        yield Finding(
            "bundle",
            "warn" if awaited else "ok",
            _("No trust bundle was taken in."),
            _(_IMPORT_BUNDLE) if awaited else "",
            facts={"kind": "unset"},
        )
        return
    now, content = dt.datetime.now(dt.UTC), found.content
    age, due = max(0, (now - content.made).days), content.next_list_due()
    facts: dict[str, Fact] = {"age_days": age, "lists": len(content.crls)}
    told = _("Number {number} of {day}, signed by {signer}").format(
        number=content.number, day=day(content.made), signer=found.signed.signer
    )
    if due is not None:
        facts["due_in_days"] = (due - now).days
        told = _("{bundle}; the next revocation list is due {day}").format(bundle=told, day=day(due))
    if due is None or due > now or _newer_kept(workplace, content):
        yield Finding("bundle", "ok", told, facts=facts)
    else:
        yield Finding("bundle", "warn", told, _(_IMPORT_BUNDLE), facts=facts)


def _newer_kept(workplace: Workplace, content: Content) -> bool:
    """Whether for each outdated list of a bundle another of the same authority is kept that is not outdated."""
    from app.trust.crl import read_crl
    from app.trust.holder import COMMON_NAME

    now = dt.datetime.now(dt.UTC)
    fresh = {kept.issuer for kept in workplace.office.kept_lists.entries() if not kept.outdated}
    lists = (read_crl(der) for der in content.crls)
    outdated = [found for found in lists if found.next_update is not None and found.next_update < now]
    return all(found.issuer.first(COMMON_NAME) in fresh for found in outdated)
