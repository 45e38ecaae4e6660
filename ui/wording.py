"""Facts as words: verdicts, times, ages, states, acts; looked up when shown, in the current language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import times
from app.i18n import N_, _, ngettext, pgettext
from app.signing.model import Act, Status
from app.verification.model import Conclusion, Coverage
from pkcs11_bridge.protocol import PinState
from ui.theme import Tone


@dataclass(frozen=True)
class Sign:
    """What stands for a state: never a colour without its icon and word.

    :ivar say: gives the word in the current language.
    """

    icon: str
    tone: Tone
    say: Callable[[], str] = str

    @property
    def word(self) -> str:
        return self.say()


#: From what needs a look most to what needs it least.
VERDICTS: dict[Conclusion, Sign] = {
    Conclusion.INVALID: Sign("circle-x", "bad", lambda: pgettext("verdict", "Not valid")),
    Conclusion.UNREADABLE: Sign("file-x", "neutral", lambda: pgettext("verdict", "Cannot be read")),
    Conclusion.INDETERMINATE: Sign(
        "circle-question-mark", "caution", lambda: pgettext("verdict", "Not enough evidence")
    ),
    Conclusion.WARNING: Sign("circle-alert", "caution", lambda: pgettext("verdict", "Valid, with remarks")),
    Conclusion.UNSIGNED: Sign("circle-dashed", "neutral", lambda: pgettext("verdict", "Not signed")),
    Conclusion.VALID: Sign("circle-check", "good", lambda: pgettext("verdict", "Valid")),
}

PIN_STATES: dict[PinState, Sign] = {
    PinState.OK: Sign("circle-check", "good", lambda: _("The PIN is in order")),
    PinState.LOW: Sign("triangle-alert", "caution", lambda: _("A wrong PIN was typed before")),
    PinState.FINAL_TRY: Sign("triangle-alert", "caution", lambda: _("One PIN try left")),
    PinState.LOCKED: Sign("lock", "caution", lambda: _("PIN locked")),
    PinState.NOT_SET: Sign("info", "caution", lambda: _("No PIN set yet")),
}

RESULTS: dict[Status, Sign] = {
    Status.FAILED: Sign("triangle-alert", "caution", lambda: pgettext("signing", "Not signed")),
    Status.SKIPPED: Sign("circle-minus", "neutral", lambda: pgettext("signing", "Not signed yet")),
    Status.SIGNED: Sign("circle-check", "good", lambda: pgettext("signing", "Signed")),
}

_ACTS: dict[Act, Callable[[], tuple[str, str]]] = {
    Act.APPROVE: lambda: (
        pgettext("act", "Approve (leader)"),
        _("The leader's own signature on a document of the office."),
    ),
    Act.ISSUE: lambda: (
        pgettext("act", "Issue (agency's seal)"),
        _("The agency's signature, after the leader has signed."),
    ),
    Act.ATTACHMENT: lambda: (
        pgettext("act", "Attached document"),
        _("The agency's signature on a file sent with a document."),
    ),
    Act.COPY: lambda: (
        pgettext("act", "Copy"),
        _("The agency confirms a copy: full copy, transcript or extract."),
    ),
    Act.INCOMING: lambda: (
        pgettext("act", "Incoming document"),
        _("Marks a received document with number and date of arrival."),
    ),
    Act.PLAIN: lambda: (
        pgettext("act", "Signature only"),
        _("A signature without number, seal or mark of an office act."),
    ),
}


def act_name(act: Act) -> str:
    return _ACTS[act]()[0]


def act_meaning(act: Act) -> str:
    """What the act is, in one sentence."""
    return _ACTS[act]()[1]


_COVERAGE = {
    Coverage.WHOLE: N_("The whole document"),
    Coverage.WHOLE_EXCEPT_METADATA: N_("The whole document, but for its properties (title, author)"),
    Coverage.EARLIER_REVISION: N_("An earlier revision; the document was added to afterwards"),
    Coverage.PARTIAL: N_("Only a part of the document"),
}

_REVOCATION = {
    "good": N_("Not revoked"),
    "revoked": N_("Revoked"),
    "unknown": N_("Not known"),
}

_SOURCES = {
    "ocsp": N_("asked of the authority (OCSP)"),
    "crl": N_("by the revocation list (CRL)"),
    "embedded": N_("by the evidence in the document"),
    "none": N_("no evidence at hand"),
}


def coverage(value: Coverage) -> str:
    return _(_COVERAGE[value])


def revocation(status: str, source: str, as_of: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """State, source and age of what is known of a certificate's revocation, in one line."""
    parts = [_(_REVOCATION.get(status, _REVOCATION["unknown"])), _(_SOURCES.get(source, _SOURCES["none"]))]
    if as_of is not None:
        parts.append(
            _("as of {time}, {age}").format(time=moment(as_of), age=age((now or dt.datetime.now(dt.UTC)) - as_of))
        )
    return " · ".join(parts)


def age(span: dt.timedelta) -> str:
    """How long ago, roughly: minutes, hours or days."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("{n} minute ago", "{n} minutes ago", minutes).format(n=minutes)
    if minutes < 48 * 60:
        return ngettext("{n} hour ago", "{n} hours ago", minutes // 60).format(n=minutes // 60)
    return ngettext("{n} day ago", "{n} days ago", minutes // 1440).format(n=minutes // 1440)


def moment(time: dt.datetime | None) -> str:
    """A time in Vietnam's zone, to the second; a dash for none."""
    return times.clock(time) or "—"


def day(date: dt.date | dt.datetime | None) -> str:
    """A date as offices write it; a dash for none."""
    return times.day(date) or "—"


def duration(seconds: float) -> str:
    """A span of time to come, roughly."""
    whole = max(1, round(seconds))
    if whole < 60:
        return ngettext("about {n} second", "about {n} seconds", whole).format(n=whole)
    minutes = round(whole / 60)
    return ngettext("about {n} minute", "about {n} minutes", minutes).format(n=minutes)


def documents(count: int) -> str:
    return ngettext("{n} document", "{n} documents", count).format(n=count)


def holder_line(holder: str, organization: str) -> str:
    """Holder and organisation, each once."""
    return f"{holder} · {organization}" if organization and organization != holder else holder


def file_kind(path: Path) -> str:
    """The kind of file as people call it, by its name's ending."""
    names = {".pdf": "PDF", ".docx": "Word", ".xlsx": "Excel", ".pptx": "PowerPoint"}
    return names.get(path.suffix.lower(), path.suffix.lstrip(".").upper())
