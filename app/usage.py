"""How signatures were used: what the report takes from the archive and the register of tokens, and which were made
outside anybody's custody."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.custody.model import Device, DeviceCertificate, Event, SignatureOutside
from app.custody.states import Condition, Keeping
from app.journal.usage import Certificates, Count, Devices, Issued, Period

if TYPE_CHECKING:
    from app.custody.custody import Custody
    from app.journal.ledger import Ledger
    from app.storage.store import Store

#: Days after the period within which certificates that end are told of.
_AHEAD = (30, 60, 90)


def documents_of(store: Store, period: Period) -> Issued:
    """Documents dated in the period, those without a date by the day of filing; counted in the database.

    :raises AntinError: the database cannot be read.
    """
    import sqlalchemy as sa

    from app.storage.schema.archive import documents, filed_copies

    copy = filed_copies.c
    of_it = copy.document_id == documents.c.id
    signed = sa.exists().where(of_it, sa.cast(copy.signers, sa.Text) != "[]")
    filed = sa.exists().where(of_it, copy.filed_at >= period.start, copy.filed_at < period.end)
    day = sa.func.coalesce(sa.case((documents.c.incoming, documents.c.arrived_on)), documents.c.date)
    in_period = sa.or_(day.between(period.first, period.last), sa.and_(day.is_(None), filed))
    count = sa.select(sa.func.count()).select_from(documents).where(in_period)
    with store.read(unhurried=True) as connection:
        received = connection.scalar(count.where(documents.c.incoming)) or 0
        issued = connection.scalar(count.where(sa.not_(documents.c.incoming))) or 0
        with_signature = connection.scalar(count.where(sa.not_(documents.c.incoming), signed)) or 0
    return Issued(issued, with_signature, received)


def devices_of(custody: Custody, period: Period) -> Devices:
    """The register as it stood at the end of the period, and what happened in it.

    :raises AntinError: the database cannot be read.
    """
    states: Counter[str] = Counter()
    conditions: Counter[str] = Counter()
    events: Counter[str] = Counter()
    certificates: list[tuple[DeviceCertificate, bool]] = []
    for device in custody.devices():
        history = [event for event in custody.history(device.serial) if event.withdrawn_at is None]
        events.update(str(event.kind) for event in history if period.start <= event.at < period.end)
        if (state := _state_at(device, history, period.end)) is None:
            continue
        keeping, condition = state
        states[str(keeping)] += 1
        conditions[str(condition)] += 1
        in_use = condition is not Condition.REVOKED and keeping not in (Keeping.HANDED_BACK, Keeping.LOST)
        certificates += [(certificate, in_use) for certificate in device.certificates]
    return Devices(
        total=states.total(),
        states=_listed(states),
        conditions=_listed(conditions),
        events=_listed(events),
        certificates=_certificates(certificates, period),
        expiring=list(_expiring(certificates, period)),
    )


def _state_at(device: Device, history: Iterable[Event], end: dt.datetime) -> tuple[Keeping, Condition] | None:
    """As the last event before a moment left it; None where the register did not have it yet."""
    before = [event for event in history if event.at < end]
    if before:
        last = max(before, key=lambda event: (event.at, event.id))
        return last.keeping, last.condition
    return (Keeping.REGISTERED, Condition.WORKING) if device.registered_at < end else None


def _certificates(found: Iterable[tuple[DeviceCertificate, bool]], period: Period) -> Certificates:
    issued: Counter[str] = Counter()
    revoked: Counter[str] = Counter()
    expired: Counter[str] = Counter()
    operating: Counter[str] = Counter()
    for certificate, in_use in found:
        kind = str(certificate.kind)
        issued[kind] += _within(certificate.not_before, period)
        revoked[kind] += certificate.ended == "revoked" and _within(certificate.ended_at, period)
        expired[kind] += certificate.ended is None and _within(certificate.not_after, period)
        operating[kind] += in_use and _operating(certificate, period.end)
    return Certificates(_listed(issued), _listed(revoked), _listed(expired), _listed(operating))


def _expiring(found: Iterable[tuple[DeviceCertificate, bool]], period: Period) -> Iterator[Count]:
    operating = [each for each, in_use in found if in_use and _operating(each, period.end) and each.not_after]
    for days in _AHEAD:
        until = period.end + dt.timedelta(days=days)
        yield Count(str(days), sum(each.not_after is not None and each.not_after < until for each in operating))


def _operating(certificate: DeviceCertificate, at: dt.datetime) -> bool:
    begun = certificate.not_before is None or certificate.not_before < at
    ended = certificate.ended is not None and (certificate.ended_at is None or certificate.ended_at < at)
    return begun and not ended and (certificate.not_after is None or certificate.not_after >= at)


def _within(moment: dt.datetime | None, period: Period) -> bool:
    return moment is not None and period.start <= moment < period.end


def _listed(counts: Counter[str]) -> list[Count]:
    return [Count(name, count) for name, count in counts.most_common() if count]


def signatures_outside(ledger: Ledger, custody: Custody) -> list[SignatureOutside]:
    """As :meth:`app.office.Office.signatures_outside`."""
    signed = [it for it in ledger.entries(kinds=("sign",)) if it.data.get("result") == "signed"]
    flags = custody.signatures_outside([(str(it.data.get("token")), it.time) for it in signed])
    return [
        SignatureOutside(
            entry.seq,
            entry.time,
            str(entry.data.get("token")),
            str(entry.data.get("signer")),
            str(entry.data.get("input")),
            entry.data.get("output_sha256"),
        )
        for entry, outside in zip(signed, flags, strict=True)
        if outside
    ]
