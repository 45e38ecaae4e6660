"""Facts as words: verdicts, times, ages, states, acts; looked up when shown, in the current language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app import times
from app.errors import ErrorInfo
from app.i18n import _, ngettext, pgettext
from app.signing.model import Act, Level, Status
from app.verification import words
from app.verification.model import Conclusion
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
    Conclusion.INVALID: Sign("circle-x", "bad", partial(words.verdict, Conclusion.INVALID)),
    Conclusion.UNREADABLE: Sign("file-x", "neutral", partial(words.verdict, Conclusion.UNREADABLE)),
    Conclusion.INDETERMINATE: Sign("circle-question-mark", "caution", partial(words.verdict, Conclusion.INDETERMINATE)),
    Conclusion.WARNING: Sign("circle-alert", "caution", partial(words.verdict, Conclusion.WARNING)),
    Conclusion.UNSIGNED: Sign("circle-dashed", "neutral", partial(words.verdict, Conclusion.UNSIGNED)),
    Conclusion.VALID: Sign("circle-check", "good", partial(words.verdict, Conclusion.VALID)),
}

_LEVELS: dict[Level, Callable[[], tuple[str, str]]] = {
    Level.B: lambda: (_("B · signature"), _("The time is that of this computer; nobody else confirms it.")),
    Level.T: lambda: (_("T · with a time stamp"), _("A time-stamp server confirms when it was signed.")),
    Level.LT: lambda: (
        _("LT · with proofs"),
        _("What proves the certificate today goes into the file; it can be checked without a network."),
    ),
    Level.LTA: lambda: (
        _("LTA · for long keeping"),
        _("The proofs are time-stamped too; they are renewed before they grow old."),
    ),
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


def act_in_short(act: Act) -> str:
    """The name without what explains it, for rows of a list."""
    return act_name(act).partition(" (")[0]


def beside_file(error: ErrorInfo, path: Path) -> ErrorInfo:
    """The error as it is told beside a file's name, which stands in the place of the whole path.

    :param path: of the file as the error may name it.
    """
    names = (str(path.absolute()), str(path))

    def brief(words: str) -> str:
        for name in names:
            words = words.replace(name, path.name)
        return words

    return ErrorInfo(error.code, brief(error.message), brief(error.hint))


def act_meaning(act: Act) -> str:
    """What the act is, in one sentence."""
    return _ACTS[act]()[1]


#: What a verdict means for the recipient, who has to check what comes in (Decree 30/2020, article 21).
_ADVICE: dict[Conclusion, Callable[[], str]] = {
    Conclusion.VALID: lambda: _("You can accept this document."),
    Conclusion.WARNING: lambda: _("You can accept this document; read the note first."),
    Conclusion.INDETERMINATE: lambda: _("Do not accept this document yet."),
    Conclusion.INVALID: lambda: _("Do not accept this document."),
    Conclusion.UNSIGNED: lambda: _("Do not accept this yet as a signed electronic document."),
    Conclusion.UNREADABLE: lambda: _("Nothing can be said of this file."),
}


def level_name(level: Level) -> str:
    """A level of a baseline signature (ETSI EN 319 142-1, clause 6) and what it adds."""
    return _LEVELS[level]()[0]


def level_meaning(level: Level) -> str:
    return _LEVELS[level]()[1]


def advice(conclusion: Conclusion) -> str:
    """Whether to accept a document, in one sentence."""
    return _ADVICE[conclusion]()


def beginning(text: str) -> str:
    """The text as the beginning of a line: its first letter a capital."""
    return text[:1].upper() + text[1:]


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
