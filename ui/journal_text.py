"""Entries of the ledger as a person reads them: a row of the list, and all that one says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.custody.model import SignatureOutside
from app.i18n import _, ngettext
from app.journal.check import LedgerCheck
from app.journal.entry import Entry
from app.journal.report_words import custody_event
from app.journal.seal import Standing
from app.journal.verdict import verdict
from app.journal.words import standing, what
from app.signing.model import Act
from app.verification.model import Conclusion
from ui import wording
from ui.theme import Tone

#: Entries named in one sentence.
_NAMED = 6
#: Tone and icon of a whole journal, by whether something in it is not proven.
_WHOLE: dict[bool, tuple[Tone, str]] = {False: ("good", "circle-check"), True: ("caution", "triangle-alert")}


def signed_outside(entry: Entry) -> bool:
    """Whether, by the register at that time, the token of a signature was in nobody's hands."""
    return entry.kind == "sign" and entry.data.get("custody") == "outside"


def row(entry: Entry, *, outside: bool = False) -> tuple[str, ...]:
    """Number, time, what, file, result, who.

    :param outside: by the register as it is now, the token was in nobody's hands.
    """
    return (
        str(entry.seq),
        wording.moment(entry.time),
        what(entry),
        _subject(entry),
        _result(entry, outside=outside),
        entry.actor,
    )


def outside(found: Sequence[SignatureOutside]) -> tuple[str, str]:
    """Sentence and hint about signatures made while nobody answered for their token.

    :param found: at least one.
    """
    numbers = ", ".join(str(one.seq) for one in found[:_NAMED]) + ("…" if len(found) > _NAMED else "")
    told = ngettext(
        "{n} signature was made while its token was in nobody's custody: entry {numbers}.",
        "{n} signatures were made while their tokens were in nobody's custody: entries {numbers}.",
        len(found),
    )
    hint = _(
        "Tell the leader and find out who signed. If somebody held the token, enter it in the register of devices."
    )
    return told.format(n=len(found), numbers=numbers), hint


def facts(entry: Entry, *, outside: bool = False) -> Iterator[tuple[str, str]]:
    """Everything that helps to find again what an entry tells of; what it does not have is left out.

    :param outside: as of :func:`row`.
    """
    data = entry.data
    found = (
        (_("File"), data.get("path") or data.get("input")),
        (_("Result"), _result(entry, outside=outside)),
        (_("Signer"), data.get("signer")),
        (_("Unit"), data.get("unit")),
        (_("Type of document"), data.get("type")),
        (_("Token"), data.get("token")),
        (_("In the hands of"), data.get("custodian") or data.get("holder")),
        (_("Handed over by"), data.get("giver")),
        (_("Permission"), data.get("permission")),
        (_("User and computer"), " · ".join(filter(None, (entry.actor, entry.machine)))),
        (_("Reason"), data.get("reason")),
        (_("SHA-256 of the file"), data.get("output_sha256") or data.get("sha256") or data.get("permission_sha256")),
        (_("Hash of the entry"), entry.hash),
    )
    return ((name, str(value)) for name, value in found if value)


def told(check: LedgerCheck) -> tuple[str, str, Tone, str]:
    """Sentence, hint, tone and icon of a check of the ledger."""
    found = verdict(check)
    hint = " ".join(filter(None, (*found.doubts, found.next_step, *found.notes)))
    if not check.ok:
        return found.sentence, hint, "bad", "circle-x"
    return found.sentence, hint, *_WHOLE[bool(found.doubts)]


def sealers(check: LedgerCheck) -> str:
    """Whose seals stand over the journal, a line each: who, what that is worth, in which entries."""
    found: dict[tuple[str, Standing], list[str]] = {}
    for seal in check.seal_list:
        found.setdefault((seal.by or seal.certificate, seal.standing), []).append(str(seal.seq))
    return "\n".join(
        _("Sealed by {who} ({standing}): entries {numbers}").format(
            who=who, standing=standing(worth), numbers=", ".join(numbers[:_NAMED]) + ("…" if numbers[_NAMED:] else "")
        )
        for (who, worth), numbers in found.items()
    )


def _subject(entry: Entry) -> str:
    data = entry.data
    if name := Path(str(data.get("path") or data.get("input") or "")).name:
        return name
    return str(data.get("signer") or data.get("name") or data.get("token") or "")


def _result(entry: Entry, *, outside: bool = False) -> str:
    data = entry.data
    result = str(data.get("result", ""))
    if result in set(Conclusion):
        return wording.VERDICTS[Conclusion(result)].word
    if entry.kind == "sign":
        act = str(data.get("act", ""))
        name = wording.act_name(Act(act)) if act in set(Act) else act
        told = _("in nobody's custody") if outside or signed_outside(entry) else ""
        return " · ".join(filter(None, (told, name, str(data.get("level") or ""))))
    if entry.kind == "custody":
        return wording.beginning(custody_event(str(data.get("event") or "")))
    if entry.kind == "seal":
        return _("with a time stamp") if data.get("stamped") else ""
    return ""
