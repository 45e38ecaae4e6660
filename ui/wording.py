"""Facts as words: verdicts, times, ages, states, acts; looked up when shown, in the current language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from app.i18n import N_, _, ngettext
from app.signing.model import Act
from app.verification.model import Conclusion, Coverage
from pkcs11_bridge.protocol import PinState
from ui.theme import Tone


@dataclass(frozen=True)
class Sign:
    """What stands for a state: never a colour without its icon and word."""

    icon: str
    word_id: str
    tone: Tone

    @property
    def word(self) -> str:
        return _(self.word_id)


VERDICTS: dict[Conclusion, Sign] = {
    Conclusion.INVALID: Sign("circle-x", N_("Not valid"), "bad"),
    Conclusion.UNREADABLE: Sign("file-x", N_("Cannot be read"), "neutral"),
    Conclusion.INDETERMINATE: Sign("circle-question-mark", N_("Not enough evidence"), "caution"),
    Conclusion.WARNING: Sign("circle-alert", N_("Valid, with remarks"), "caution"),
    Conclusion.UNSIGNED: Sign("circle-dashed", N_("Not signed"), "neutral"),
    Conclusion.VALID: Sign("circle-check", N_("Valid"), "good"),
}

PIN_STATES: dict[PinState, Sign] = {
    PinState.OK: Sign("circle-check", N_("PIN in order"), "good"),
    PinState.LOW: Sign("triangle-alert", N_("A wrong PIN was typed before"), "caution"),
    PinState.FINAL_TRY: Sign("triangle-alert", N_("One PIN try left"), "caution"),
    PinState.LOCKED: Sign("lock", N_("PIN locked"), "caution"),
    PinState.NOT_SET: Sign("info", N_("No PIN set yet"), "caution"),
}

ACTS: dict[Act, tuple[str, str]] = {
    Act.APPROVE: (N_("Approve (leader)"), N_("The leader's own signature on a document of the office.")),
    Act.ISSUE: (N_("Issue (agency's seal)"), N_("The agency's signature, after the leader has signed.")),
    Act.ATTACHMENT: (N_("Attached document"), N_("The agency's signature on a file sent with a document.")),
    Act.COPY: (N_("Copy"), N_("The agency confirms a copy: full copy, transcript or extract.")),
    Act.INCOMING: (N_("Incoming document"), N_("Marks a received document with number and date of arrival.")),
    Act.PLAIN: (N_("Signature only"), N_("A signature without number, seal or mark of an office act.")),
}

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
    """A time of the workstation's zone, to the second; a dash for none."""
    return time.astimezone().strftime("%d/%m/%Y %H:%M:%S") if time is not None else "—"


def day(date: dt.date | dt.datetime | None) -> str:
    """A date as offices write it; a dash for none."""
    if isinstance(date, dt.datetime):
        date = date.astimezone().date()
    return date.strftime("%d/%m/%Y") if date is not None else "—"


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
