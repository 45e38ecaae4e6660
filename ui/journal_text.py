"""Entries of the ledger as a person reads them: a row of the list, and all that one says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.i18n import _, ngettext
from app.journal.check import LedgerCheck
from app.journal.entry import Entry
from app.journal.report_words import custody_event
from app.journal.words import what
from app.signing.model import Act
from app.verification.model import Conclusion
from ui import wording
from ui.theme import Tone


def row(entry: Entry) -> tuple[str, ...]:
    """Number, time, what, file, result, who."""
    return (
        str(entry.seq),
        wording.moment(entry.time),
        what(entry),
        _subject(entry),
        _result(entry),
        entry.actor,
    )


def facts(entry: Entry) -> Iterator[tuple[str, str]]:
    """Everything that helps to find again what an entry tells of; what it does not have is left out."""
    data = entry.data
    found = (
        (_("File"), data.get("path") or data.get("input")),
        (_("Result"), _result(entry)),
        (_("Signer"), data.get("signer")),
        (_("Unit"), data.get("unit")),
        (_("Type of document"), data.get("type")),
        (_("Token"), data.get("token")),
        (_("In the hands of"), data.get("custodian") or data.get("holder")),
        (_("Handed over by"), data.get("giver")),
        (_("User and computer"), " · ".join(filter(None, (entry.actor, entry.machine)))),
        (_("Reason"), data.get("reason")),
        (_("SHA-256 of the file"), data.get("output_sha256") or data.get("sha256")),
        (_("Hash of the entry"), entry.hash),
    )
    return ((name, str(value)) for name, value in found if value)


def verdict(check: LedgerCheck) -> tuple[str, str, Tone, str]:
    """Sentence, hint, tone and icon of a check of the ledger."""
    if not check.ok:
        return (
            _("The journal is broken at entry {n}: {what}").format(n=check.first_bad, what=check.what),
            _("Keep the data folder as it is and tell the IT officer; compare it with the latest backup."),
            "bad",
            "circle-x",
        )
    more = " ".join(_notes(check))
    count = _("{n} entries, none changed, removed or cut off.").format(n=check.entries)
    if check.unproven is not None:
        unproven = _(
            "The seal in entry {n} is by a certificate that leads to no trusted root: it proves nothing, and may be a "
            "stranger's."
        ).format(n=check.unproven)
        return (
            _("The journal is whole, but not all its seals are proven."),
            f"{unproven} {more}",
            "caution",
            "triangle-alert",
        )
    return _("The journal is whole."), f"{count} {more}".strip(), "good", "circle-check"


def _notes(check: LedgerCheck) -> Iterator[str]:
    if check.sealed_at is not None:
        yield _("Sealed up to entry {n} by {who}, {time}.").format(
            n=check.sealed, who=check.sealed_by, time=wording.moment(check.sealed_at)
        )
    elif check.entries:
        yield _("No seal of a token stands over it yet.")
    if check.unsealed:
        yield ngettext(
            "{n} signing session ended without a seal.", "{n} signing sessions ended without a seal.", check.unsealed
        ).format(n=check.unsealed)
    if check.clock_back is not None:
        yield _("At entry {n} the computer's clock was set back.").format(n=check.clock_back)
    if check.waiting:
        yield waiting(check.waiting)


def waiting(count: int) -> str:
    """That entries wait for the database."""
    return ngettext(
        "{n} entry of this computer waits for the office's database and will be entered when it is back.",
        "{n} entries of this computer wait for the office's database and will be entered when it is back.",
        count,
    ).format(n=count)


def _subject(entry: Entry) -> str:
    data = entry.data
    if name := Path(str(data.get("path") or data.get("input") or "")).name:
        return name
    return str(data.get("signer") or data.get("name") or data.get("token") or "")


def _result(entry: Entry) -> str:
    data = entry.data
    result = str(data.get("result", ""))
    if result in set(Conclusion):
        return wording.VERDICTS[Conclusion(result)].word
    if entry.kind == "sign":
        act = str(data.get("act", ""))
        name = wording.act_name(Act(act)) if act in set(Act) else act
        outside = _("in nobody's custody") if data.get("custody") == "outside" else ""
        return " · ".join(filter(None, (outside, name, str(data.get("level") or ""))))
    if entry.kind == "custody":
        return wording.beginning(custody_event(str(data.get("event") or "")))
    if entry.kind == "seal":
        return _("with a time stamp") if data.get("stamped") else ""
    return ""
