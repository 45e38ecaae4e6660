"""A check of the ledger in sentences: what is so, what is not proven, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.i18n import _, ngettext
from app.journal.check import LedgerCheck
from app.journal.seal import Standing
from app.times import clock


@dataclass(frozen=True)
class Verdict:
    """:ivar sentence: what is so, in one.
    :ivar doubts: seals that prove nothing, one sentence each; empty where all do.
    :ivar notes: what else was found.
    :ivar next_step: what to do; empty where nothing is to be done.
    """

    sentence: str
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    next_step: str = ""


def verdict(check: LedgerCheck) -> Verdict:
    """What a check comes to."""
    if not check.ok:
        return Verdict(
            _("The journal is broken at entry {n}: {what}").format(n=check.first_bad, what=check.what),
            next_step=_("Keep the data folder as it is and tell the IT officer; compare it with the latest backup."),
        )
    notes = tuple(_notes(check))
    if check.unproven is None and check.unregistered is None:
        return Verdict(_("The journal is whole."), notes=notes)
    if check.unproven is None and not check.sealed:
        sentence = _(
            "The journal is whole. Its seals count once the token that made them is in the register of devices."
        )
    else:
        sentence = _("The journal is whole, but not all its seals are proven.")
    return Verdict(sentence, tuple(_doubts(check)), notes, _next_step(check))


def waiting(count: int) -> str:
    """That entries wait for the database."""
    return ngettext(
        "{n} entry of this computer waits for the office's database and will be entered when it is back.",
        "{n} entries of this computer wait for the office's database and will be entered when it is back.",
        count,
    ).format(n=count)


def _doubts(check: LedgerCheck) -> Iterator[str]:
    if check.unproven is not None:
        yield _(
            "The seal in entry {n} is by a certificate that leads to no trusted root: it proves nothing, and may be a "
            "stranger's."
        ).format(n=check.unproven)
    if check.unregistered is not None:
        yield _(
            "The seal in entry {n} is by {who}, whose token is neither in the register of devices nor named in the "
            "settings: it proves nothing yet."
        ).format(n=check.unregistered, who=_sealer(check)[0])


def _next_step(check: LedgerCheck) -> str:
    if check.unproven is not None:
        return _(
            "Find out whose certificate it is. If it is the office's, add the root that it leads to; if nobody knows "
            "it, keep the data folder as it is and tell the IT officer."
        )
    token = _sealer(check)[1]
    if not token:
        return _("If the token is the office's, enter it in the register of devices once, then check again.")
    return _(
        "If token {token} is the office's, plug it in and enter it in the register of devices once (or run “antin "
        "custody register --token {token}”), then check again: its earlier seals count, too. If nobody knows it, "
        "tell the IT officer."
    ).format(token=token)


def _sealer(check: LedgerCheck) -> tuple[str, str]:
    """Whose the first seal of a token outside the register is, and the token's serial number."""
    seal = next(one for one in check.seal_list if one.standing is Standing.UNREGISTERED)
    return seal.by or seal.certificate, seal.token


def _notes(check: LedgerCheck) -> Iterator[str]:
    yield _("{n} entries, none changed, removed or cut off.").format(n=check.entries)
    if check.sealed_at is not None:
        yield _("Sealed up to entry {n} by {who}, {time}.").format(
            n=check.sealed, who=check.sealed_by, time=clock(check.sealed_at)
        )
    elif check.entries and not check.seals:
        yield _("No seal of a token stands over it yet.")
    if check.unsealed:
        yield ngettext(
            "{n} signing session ended without a seal.", "{n} signing sessions ended without a seal.", check.unsealed
        ).format(n=check.unsealed)
    if check.clock_back is not None:
        yield _("At entry {n} the computer's clock was set back.").format(n=check.clock_back)
    if check.waiting:
        yield waiting(check.waiting)
