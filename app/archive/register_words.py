"""The words of a register: titles, columns and cells, the same in PDF and workbook."""

from __future__ import annotations

from app.archive.registers import Irregularity, Register, RegisterEntry
from app.i18n import _
from app.times import day


def title(register: Register) -> str:
    return _("Register of documents received") if register.incoming else _("Register of documents issued")


def period(register: Register) -> list[str]:
    """The lines below the title on the cover."""
    days = [when for entry in register.entries if (when := entry.arrived_on if register.incoming else entry.date)]
    lines = [_("Year: {year}").format(year=register.year)]
    if days:
        lines.append(_("From {first} to {last}").format(first=day(min(days)), last=day(max(days))))
    numbers = [entry.arrival_number for entry in register.entries if entry.arrival_number]
    if register.incoming and numbers:
        lines.append(_("From number {first} to number {last}").format(first=min(numbers), last=max(numbers)))
    lines.append(_("Documents: {count}").format(count=len(register.entries)))
    return lines


def columns(register: Register) -> list[tuple[str, int]]:
    """Heads of the ten columns of appendix IV and their widths, in hundredths of the page."""
    if register.incoming:
        return [
            (_("Date of arrival"), 8),
            (_("Number of arrival"), 6),
            (_("Author"), 14),
            (_("Number, symbol"), 10),
            (_("Date of the document"), 8),
            (_("Type and summary"), 25),
            (_("Unit or recipient"), 10),
            (_("Passed on"), 8),
            (_("Received by (signature)"), 5),
            (_("Note"), 6),
        ]
    return [
        (_("Number, symbol"), 10),
        (_("Date of the document"), 8),
        (_("Type and summary"), 26),
        (_("Signed by"), 12),
        (_("Recipients of the document"), 13),
        (_("Keeper of the file copy"), 8),
        (_("Copies"), 4),
        (_("Passed on"), 8),
        (_("Received by (signature)"), 5),
        (_("Note"), 6),
    ]


def cells(register: Register, entry: RegisterEntry) -> list[str]:
    """The texts of a line, one for each column."""
    number = "/".join(filter(None, (entry.number, entry.symbol)))
    summary = entry.summary or ""
    about = f"{entry.type} {summary[:1].lower() + summary[1:] if summary.startswith('Về ') else summary}".strip()
    passed = day(entry.forwarded_on)
    if register.incoming:
        arrival = str(entry.arrival_number or "")
        dated = day(entry.date)
        return [
            *(day(entry.arrived_on), arrival, entry.issuer or "", number, dated, about),
            *(entry.handled_by or "", passed, "", entry.note or ""),
        ]
    copies = "" if entry.copies_issued is None else str(entry.copies_issued)
    return [
        *(number, day(entry.date), about, entry.signer or "", "; ".join(entry.recipients)),
        *(entry.kept_by or "", copies, passed, "", entry.note or ""),
    ]


def irregularity(found: Irregularity, register: Register) -> str:
    """One sentence."""
    series = _("numbers of arrival") if register.incoming else found.series or _("documents issued")
    if found.kind == "double":
        told = _("{series}: number {number} was given {count} times.")
        return told.format(series=series, number=found.first, count=len(found.documents))
    if found.first == found.last:
        return _("{series}: number {number} is missing.").format(series=series, number=found.first)
    told = _("{series}: numbers {first} to {last} are missing.")
    return told.format(series=series, first=found.first, last=found.last)
