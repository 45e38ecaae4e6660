"""The registers of a year's documents, issued and received (Decree 30/2020, appendix IV, I and VI), and what is wrong
with their numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from app.documents.types import OFFICIAL_LETTER, type_named

if TYPE_CHECKING:
    from app.archive.archive import Archive

_NUMBER = re.compile(r"0*(\d+)([a-z]?)", re.IGNORECASE)
#: The series of all kinds of copies together (appendix I, part II, II.1.c).
COPIES = "Bản sao"


class RegisterEntry(msgspec.Struct, frozen=True):
    """A line of a register; the fields of :class:`app.archive.model.Document` that one of the two has a column for."""

    document: int
    type: str
    number: str | None
    symbol: str | None
    date: dt.date | None
    issuer: str | None
    summary: str | None
    signer: str | None
    recipients: list[str]
    kept_by: str | None
    copies_issued: int | None
    forwarded_on: dt.date | None
    arrived_on: dt.date | None
    arrival_number: int | None
    handled_by: str | None
    note: str | None


class Irregularity(msgspec.Struct, frozen=True):
    """What is wrong with the numbers of a series.

    :ivar kind: ``gap``: no document has the numbers from ``first`` to ``last``; ``double``: several have ``first``.
    :ivar series: the type and agency whose numbers they are, ``Bản sao`` for copies, empty for numbers of arrival.
    :ivar documents: ids of those that share a number.
    """

    kind: Literal["gap", "double"]
    series: str
    first: str
    last: str
    documents: list[int] = []


class Register(msgspec.Struct, frozen=True):
    """A register: its lines by number of arrival, or by day and number, and what is wrong with the numbers."""

    incoming: bool
    year: int
    entries: list[RegisterEntry]
    irregularities: list[Irregularity]


def register(archive: Archive, year: int, *, incoming: bool) -> Register:
    """The register of a year; attachments stand with their main documents and have no lines of their own."""
    index, store = archive.indexed()
    with store.read(unhurried=True) as connection:
        entries = [_entry(row) for row in index.register_rows(connection, year, incoming)]
    if incoming:
        entries.sort(key=lambda entry: (entry.arrival_number or 0, entry.arrived_on or dt.date.min, entry.document))
        numbered = {"": [(str(entry.arrival_number), entry.document) for entry in entries if entry.arrival_number]}
    else:
        entries.sort(key=lambda entry: (entry.date or dt.date.min, _value(entry.number), entry.document))
        numbered = _series(entries, by_type=archive.layout.settings.numbering == "type")
    irregular = [found for series in sorted(numbered) for found in _irregularities(series, numbered[series])]
    return Register(incoming, year, entries, irregular)


def _entry(row: Mapping[str, Any]) -> RegisterEntry:
    fields = {name: row[name] for name in RegisterEntry.__struct_fields__ if name in row}
    signers = filter(None, (row["signer_title"], row["signer_name"]))
    return RegisterEntry(
        **fields | {"recipients": [name for _, name in row["recipients"] or ()]},
        document=row["id"],
        signer=" ".join(signers) or None,
    )


def _series(entries: Sequence[RegisterEntry], *, by_type: bool) -> dict[str, list[tuple[str, int]]]:
    """Numbers with their documents, by series: of an agency's documents of a type, or of all of them; bodies that issue
    under the same seal have numbers of their own (appendix I, part I, II.3.a), told by their symbols."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for entry in entries:
        if not entry.number:
            continue
        kind = type_named(entry.type)
        agency = _agency(entry)
        if kind is not None and kind.is_copy:
            name = COPIES
        else:
            name = " ".join(filter(None, (entry.type if by_type else "", agency)))
        found[name].append((entry.number, entry.document))
    return found


def _agency(entry: RegisterEntry) -> str:
    """The issuing body in a symbol: ``UBND`` of ``QĐ-UBND`` and of ``UBND-VX``."""
    groups = [group for group in (entry.symbol or "").replace("/", "-").split("-") if group and not group.isdigit()]
    kind = type_named(entry.type)
    if kind is not None and kind.name != OFFICIAL_LETTER and groups and groups[0] == kind.abbreviation:
        return "-".join(groups[1:])
    return groups[0] if groups else ""


def _irregularities(series: str, numbers: Sequence[tuple[str, int]]) -> Iterator[Irregularity]:
    """Doubles, then gaps; ``5a`` is a number of its own beside 5, and none is missing before the first of a series but
    from 1 on."""
    bearing: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, document in numbers:
        bearing[_value(number)].append(document)
    for (value, letter), sharing in sorted(bearing.items()):
        if len(sharing) > 1 and value:
            yield Irregularity("double", series, f"{value}{letter}", f"{value}{letter}", sharing)
    values = sorted({value for value, _ in bearing if value})
    for before, after in pairwise([0, *values]):
        if after - before > 1:
            yield Irregularity("gap", series, str(before + 1), str(after - 1))


def _value(number: str | None) -> tuple[int, str]:
    found = _NUMBER.fullmatch((number or "").strip())
    return (int(found[1]), found[2].lower()) if found is not None else (0, "")
