"""The usage report in words: titles of its tables, and what the ledger's codes are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from app.i18n import _, pgettext
from app.journal.usage import Count, UsageFigures, yearly
from app.times import clock, day

_ACTS: Final[dict[str, Callable[[], str]]] = {
    "approve": lambda: pgettext("act", "Approve (leader)"),
    "issue": lambda: pgettext("act", "Issue (agency's seal)"),
    "attachment": lambda: pgettext("act", "Attached document"),
    "copy": lambda: pgettext("act", "Copy"),
    "incoming": lambda: pgettext("act", "Incoming document"),
    "plain": lambda: pgettext("act", "Signature only"),
}

_CONCLUSIONS: Final[dict[str, Callable[[], str]]] = {
    "valid": lambda: pgettext("verdict", "Valid"),
    "warning": lambda: pgettext("verdict", "Valid, with a note"),
    "indeterminate": lambda: pgettext("verdict", "Not enough evidence"),
    "invalid": lambda: pgettext("verdict", "Not valid"),
    "unsigned": lambda: pgettext("verdict", "Not signed"),
    "unreadable": lambda: pgettext("verdict", "Cannot be read"),
}

_KEYS: Final[dict[str, Callable[[], str]]] = {
    "organization": lambda: _("The agency's seal"),
    "person": lambda: _("Personal certificates"),
    "unknown": lambda: _("Not known whose"),
}

_KEEPINGS: Final[dict[str, Callable[[], str]]] = {
    "registered": lambda: _("in nobody's hands yet"),
    "held": lambda: _("held"),
    "lent": lambda: _("on loan"),
    "lost": lambda: _("lost"),
    "handed-back": lambda: _("handed back to the issuer"),
}

_CONDITIONS: Final[dict[str, Callable[[], str]]] = {
    "working": lambda: _("in working order"),
    "pin-locked": lambda: _("PIN locked"),
    "damaged": lambda: _("damaged"),
    "revoked": lambda: _("certificate revoked"),
}

_EVENTS: Final[dict[str, Callable[[], str]]] = {
    "received": lambda: _("received from the issuer"),
    "handed-over": lambda: _("handed over"),
    "returned": lambda: _("returned"),
    "lent": lambda: _("lent"),
    "pin-locked": lambda: _("PIN locked"),
    "recovered": lambda: _("recovered"),
    "renewed": lambda: _("certificate renewed"),
    "lost": lambda: _("reported lost"),
    "found": lambda: _("found again"),
    "damaged": lambda: _("reported damaged"),
    "revoked": lambda: _("certificate revoked"),
    "handed-back": lambda: _("handed back to the issuer"),
    "confirmed": lambda: _("confirmed to be there"),
}

#: What the ledger tells of the register beside the events of devices.
_OF_REGISTER: Final[dict[str, Callable[[], str]]] = {
    "registered": lambda: _("entered in the register"),
    "kind-corrected": lambda: _("kind of certificate corrected"),
    "minutes-finished": lambda: _("minutes finished"),
    "permission-completed": lambda: _("permission completed"),
}

_YEARLY: Final[dict[str, Callable[[], str]]] = {
    "certificates-issued-organization": lambda: _("Certificates issued in the period: agencies"),
    "certificates-issued-person": lambda: _("Certificates issued in the period: persons"),
    "certificates-revoked-organization": lambda: _("Certificates revoked in the period: agencies"),
    "certificates-revoked-person": lambda: _("Certificates revoked in the period: persons"),
    "certificates-operating-organization": lambda: _("Certificates in operation at the end: agencies"),
    "certificates-operating-person": lambda: _("Certificates in operation at the end: persons"),
    "units-signing": lambda: _("Units that signed electronic documents"),
    "documents-issued": lambda: _("Documents issued"),
    "documents-signed": lambda: _("Documents issued that are signed"),
    "share-signed": lambda: _("Share of issued documents that are signed"),
    "signatures": lambda: _("Signatures made"),
    "signatures-attachment": lambda: _("Signatures on attached documents"),
    "signatures-copy": lambda: _("Signatures on copies"),
    "checked": lambda: _("Signed documents received and checked"),
    "devices-handed-over": lambda: _("Handovers of devices"),
    "devices-lost": lambda: _("Devices lost"),
    "devices-pin-locked": lambda: _("Devices locked by wrong PINs"),
    "expiring-90": lambda: _("Certificates that end within 90 days"),
    "persons-trained": lambda: _("Persons trained (to be filled in)"),
}

#: How a table's figures are drawn: columns for a run of time, bars for a ranking.
Drawing = Literal["columns", "bars"]


@dataclass(frozen=True)
class Figures:
    """A table of the report, and its chart.

    :ivar code: of the table, such as ``by-type``.
    :ivar rows: name and count.
    """

    code: str
    title: str
    heading: str
    rows: list[tuple[str, int]]
    drawing: Drawing = "bars"


def custody_event(code: str) -> str:
    """What happened to a device or in the register of devices, as a person reads it."""
    words = {**_EVENTS, **_OF_REGISTER}
    return words[code]() if code in words else code


def title() -> str:
    return _("Use of digital signatures")


def period(found: UsageFigures) -> str:
    """``từ 01/01/2026 đến 31/12/2026``"""
    return _("from {first} to {last}").format(first=day(found.period.first), last=day(found.period.last))


def made(found: UsageFigures) -> str:
    return _("Counted at {time}").format(time=clock(found.made_at))


def tables(found: UsageFigures) -> Iterator[Figures]:
    """All tables that have something to tell."""
    months = [(f"{month.name[5:]}/{month.name[:4]}", month.count) for month in found.by_month]
    checked = [(f"{month.name[5:]}/{month.name[:4]}", month.count) for month in found.checked_by_month]
    candidates = [
        Figures("by-month", _("Signatures by month"), _("Month"), months, "columns"),
        Figures("by-type", _("Signatures by type of document"), _("Type"), _named(found.by_type, {})),
        Figures("by-act", _("Signatures by act"), _("Act"), _named(found.by_act, _ACTS)),
        Figures("by-signer", _("Signatures by signer"), _("Signer"), _named(found.by_signer, {})),
        Figures("by-unit", _("Signatures by unit"), _("Unit"), _named(found.by_unit, {})),
        Figures("by-key", _("Signatures by kind of certificate"), _("Certificate"), _named(found.by_key, _KEYS)),
        Figures(
            "by-conclusion",
            _("Documents checked, by conclusion"),
            _("Conclusion"),
            _named(found.by_conclusion, _CONCLUSIONS),
        ),
        Figures("checked-by-month", _("Documents checked by month"), _("Month"), checked, "columns"),
        *_device_tables(found),
    ]
    return (each for each in candidates if any(count for _name, count in each.rows))


def _device_tables(found: UsageFigures) -> Iterator[Figures]:
    devices = found.devices
    if devices is None:
        return
    heading = _("State")
    yield Figures("devices", _("Devices by whose hands they are in"), heading, _named(devices.states, _KEEPINGS))
    yield Figures("conditions", _("Devices by condition"), heading, _named(devices.conditions, _CONDITIONS))
    yield Figures("events", _("What happened to devices"), _("Event"), _named(devices.events, _EVENTS))
    soon = [(_("within {days} days").format(days=each.name), each.count) for each in devices.expiring]
    yield Figures("expiring", _("Certificates that end soon"), _("Ends"), soon)


def summary(found: UsageFigures) -> Iterator[tuple[str, str]]:
    """The figures that stand first."""
    yield _("Signatures made"), number(found.signed)
    documents = found.documents
    if documents is not None:
        yield _("Documents issued"), number(documents.issued)
        yield _("Of these signed"), f"{number(documents.signed)} ({share(found.share)})"
        yield _("Documents received"), number(documents.received)
    yield _("Documents checked"), number(found.checked)
    if found.devices is not None:
        yield _("Devices registered"), number(found.devices.total)
    sessions = found.sealed_sessions + found.unsealed_sessions
    if sessions:
        yield _("Signing sessions sealed in the ledger"), f"{number(found.sealed_sessions)}/{number(sessions)}"


def yearly_rows(found: UsageFigures) -> list[tuple[str, int | float | None]]:
    """The figures of the yearly report (Decree 68/2024, article 34), named; None is for the office to fill in."""
    return [(_YEARLY[code](), value) for code, value in yearly(found)]


def share(value: float | None) -> str:
    """``97,5 %``, with the decimal comma of Vietnamese."""
    return "–" if value is None else f"{value * 100:.1f} %".replace(".", pgettext("decimal point", "."))


def unknown() -> str:
    return _("not stated")


def number(value: int) -> str:
    """Thousands parted as Vietnamese does: ``12.345``."""
    return f"{value:,}".replace(",", pgettext("between thousands", ","))


def _named(counts: list[Count], words: dict[str, Callable[[], str]]) -> list[tuple[str, int]]:
    return [(words[each.name]() if each.name in words else each.name or unknown(), each.count) for each in counts]
