"""How signatures were used in a period: what the office counts for itself and for its yearly report.

The head of a province or ministry reports every year on the management and use of signatures, certificates and devices
(Decree 68/2024, article 34). The ledger tells what was signed and checked; what was issued and received, and the
devices, come from the archive and the register of tokens, handed in by the composition root.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from app.journal.entry import Entry
from app.times import VIETNAM


class Period(msgspec.Struct, frozen=True):
    """:ivar first: day. :ivar last: day, within the period."""

    first: dt.date
    last: dt.date

    @property
    def start(self) -> dt.datetime:
        """Where it begins, in Vietnam's time."""
        return dt.datetime.combine(self.first, dt.time(), VIETNAM)

    @property
    def end(self) -> dt.datetime:
        """The first moment after it."""
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), VIETNAM)

    @property
    def months(self) -> list[str]:
        """``2026-03``…, all that it touches."""
        found, month = [], self.first.replace(day=1)
        while month <= self.last:
            found.append(f"{month:%Y-%m}")
            month = (month + dt.timedelta(days=32)).replace(day=1)
        return found


class Count(msgspec.Struct, frozen=True):
    """How many of something.

    :ivar name: as it stands in the ledger; empty where that is not known.
    """

    name: str
    count: int


class Issued(msgspec.Struct, frozen=True):
    """Documents of the archive dated in the period.

    :ivar issued: by the office. :ivar signed: of these, those with a signed copy.
    :ivar received: from others.
    """

    issued: int
    signed: int
    received: int


class Certificates(msgspec.Struct, frozen=True):
    """Certificates of the register, by whose they are: ``organization``, ``person``, ``unknown``.

    :ivar issued: whose validity began in the period. :ivar revoked, expired: in it.
    :ivar operating: at its end.
    """

    issued: list[Count] = []
    revoked: list[Count] = []
    expired: list[Count] = []
    operating: list[Count] = []


class Devices(msgspec.Struct, frozen=True):
    """Devices of the register.

    :ivar total: at the end of the period.
    :ivar states: where they were then: ``held``, ``lent``, ``lost``, ``handed-back``, ``registered``.
    :ivar conditions: ``working``, ``pin-locked``, ``damaged``, ``revoked``.
    :ivar events: in the period, by kind: ``handed-over``, ``lost``…
    :ivar expiring: certificates whose validity ends within 30, 60 and 90 days after the period; each count has those
        of the one before.
    """

    total: int
    states: list[Count] = []
    conditions: list[Count] = []
    events: list[Count] = []
    certificates: Certificates = Certificates()
    expiring: list[Count] = []


class UsageFigures(msgspec.Struct, frozen=True):
    """The figures of a period.

    :ivar made_at: when they were counted.
    :ivar signed: signatures made. :ivar failed: that the token made and that were thrown away.
    :ivar by_type: of document, in the words of the decree. :ivar by_act: see :class:`app.signing.model.Act`.
    :ivar by_month: every month of the period, ``2026-03``. :ivar by_key: ``organization`` (the agency's seal),
        ``person``, ``unknown``.
    :ivar units: that signed anything; the agency's own name where its certificate names no unit.
    :ivar checked: files checked, each once. :ivar by_conclusion: the last one of each.
    :ivar sealed_sessions, unsealed_sessions: of signing.
    :ivar documents: None where the archive could not be asked. :ivar devices: None where the register could not.
    """

    period: Period
    made_at: dt.datetime
    signed: int
    failed: int
    by_type: list[Count]
    by_act: list[Count]
    by_month: list[Count]
    by_signer: list[Count]
    by_unit: list[Count]
    by_key: list[Count]
    checked: int
    by_conclusion: list[Count]
    checked_by_month: list[Count]
    sealed_sessions: int
    unsealed_sessions: int
    documents: Issued | None
    devices: Devices | None

    @property
    def share(self) -> float | None:
        """Of the documents issued, how many are signed, 0 to 1; None where none was issued."""
        if self.documents is None or self.documents.issued == 0:
            return None
        return self.documents.signed / self.documents.issued


def usage(
    entries: Iterable[Entry],
    period: Period,
    *,
    documents: Callable[[Period], Issued | None],
    devices: Callable[[Period], Devices | None],
) -> UsageFigures:
    """Count.

    :param entries: of the ledger, those of the period among them.
    """
    counts = _Counts()
    for entry in entries:
        if period.start <= entry.time < period.end:
            counts.take(entry)
    by = counts.by
    months = period.months
    return UsageFigures(
        period=period,
        made_at=dt.datetime.now(dt.UTC),
        signed=by["result"]["signed"],
        failed=by["result"].total() - by["result"]["signed"],
        by_type=_listed(by["type"]),
        by_act=_listed(by["act"]),
        by_month=[Count(month, by["month"][month]) for month in months],
        by_signer=_listed(by["signer"]),
        by_unit=_listed(by["unit"]),
        by_key=_listed(by["key"]),
        checked=len(counts.checks),
        by_conclusion=_listed(Counter(result for result, _month in counts.checks.values())),
        checked_by_month=_months(months, (month for _result, month in counts.checks.values())),
        sealed_sessions=by["kind"]["seal"],
        unsealed_sessions=by["kind"]["unsealed"],
        documents=documents(period),
        devices=devices(period),
    )


def yearly(found: UsageFigures) -> Iterator[tuple[str, int | float | None]]:
    """The figures that reports to the authority carry (certificates issued, revoked and in operation, agencies and
    persons apart; units that apply signatures; use; devices lost and locked; persons trained).

    :return: code and figure; None where the office itself must fill it in.
    """
    documents, devices = found.documents, found.devices
    certificates = devices.certificates if devices else None
    for name in ("issued", "revoked", "operating"):
        counts = getattr(certificates, name) if certificates else None
        for kind in ("organization", "person"):
            yield f"certificates-{name}-{kind}", None if counts is None else _count(counts, kind)
    yield "units-signing", sum(bool(unit.name) for unit in found.by_unit)
    yield "documents-issued", documents.issued if documents else None
    yield "documents-signed", documents.signed if documents else None
    yield "share-signed", found.share
    yield "signatures", found.signed
    for act in ("attachment", "copy"):
        yield f"signatures-{act}", _count(found.by_act, act)
    yield "checked", found.checked
    for event in ("handed-over", "lost", "pin-locked"):
        yield f"devices-{event}", None if devices is None else _count(devices.events, event)
    yield "expiring-90", None if devices is None else _count(devices.expiring, "90")
    yield "persons-trained", None


class _Counts:
    """:ivar by: counts by what is counted. :ivar checks: conclusion and month of the last check of each file."""

    def __init__(self) -> None:
        names = ("result", "type", "act", "month", "signer", "unit", "key", "kind")
        self.by: dict[str, Counter[str]] = {name: Counter() for name in names}
        self.checks: dict[str, tuple[str, str]] = {}

    def take(self, entry: Entry) -> None:
        data = entry.data
        self.by["kind"][entry.kind] += 1
        month = f"{entry.time.astimezone(VIETNAM):%Y-%m}"
        if entry.kind == "verify":
            self.checks[_text(data, "sha256") or _text(data, "path")] = _text(data, "result"), month
        elif entry.kind == "sign":
            signed = data.get("result") == "signed"
            self.by["result"]["signed" if signed else "failed"] += 1
            if signed:
                self.by["month"][month] += 1
                for name in ("type", "act", "signer", "unit", "key"):
                    self.by[name][_text(data, name)] += 1


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _listed(counts: Counter[str]) -> list[Count]:
    """The most first, equal ones by name; what is not known last."""
    return [
        Count(name, count)
        for name, count in sorted(counts.items(), key=lambda item: (not item[0], -item[1], item[0]))
        if count
    ]


def _months(months: list[str], found: Iterable[str]) -> list[Count]:
    counts = Counter(found)
    return [Count(month, counts[month]) for month in months]


def _count(counts: Iterable[Count], name: str) -> int:
    return sum(each.count for each in counts if each.name == name)
