"""The register of devices and their certificates in the store; the caller holds the transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from app.custody.errors import CertificateNotOnDevice, DeviceAmbiguous, DeviceUnknown, KindCertain
from app.custody.identity import CertificateFacts, DeviceFacts, serial_key
from app.custody.log import last_events
from app.custody.model import Device, DeviceCertificate, Event, Kind
from app.custody.states import Condition, Keeping
from app.documents.text import fold
from app.storage.schema.custody import certificates, devices

#: Fewer digits of a fingerprint than this name no certificate.
_LEAST_DIGITS = 6


def all_devices(connection: sa.Connection) -> list[Device]:
    """Every device, by nickname or label, then serial number."""
    rows = connection.execute(sa.select(devices)).all()
    return sorted(_devices(connection, rows), key=lambda device: (fold(device.name), device.serial))


def device(connection: sa.Connection, identifier: int) -> Device:
    rows = connection.execute(sa.select(devices).where(devices.c.id == identifier)).all()
    return _devices(connection, rows)[0]


def of_serial(connection: sa.Connection, serial: str) -> Device:
    """:raises DeviceUnknown: there is none."""
    rows = connection.execute(sa.select(devices).where(devices.c.serial_key == serial_key(serial))).all()
    if not rows:
        raise DeviceUnknown(serial=serial)
    return _devices(connection, rows)[0]


def find(connection: sa.Connection, wanted: str) -> Device:
    """The device of a serial number, nickname or label.

    :raises DeviceUnknown, DeviceAmbiguous: none, or several.
    """
    by_serial = connection.execute(sa.select(devices).where(devices.c.serial_key == serial_key(wanted))).all()
    rows = by_serial or [
        row
        for row in connection.execute(sa.select(devices))
        if fold(wanted) and fold(wanted) in (fold(row.nickname), fold(row.label))
    ]
    if not rows:
        raise DeviceUnknown(serial=wanted)
    if len(rows) > 1:
        raise DeviceAmbiguous(
            wanted=wanted, choices=", ".join(f"{row.nickname or row.label} ({row.serial})" for row in rows)
        )
    return _devices(connection, rows)[0]


def enter(connection: sa.Connection, facts: DeviceFacts, moment: dt.datetime, *, seen: bool) -> int:
    """Enter a device, or take over what is known of it by now; what people said of it stays.

    :param seen: it is plugged in.
    :return: its id.
    """
    key = serial_key(facts.serial)
    row = connection.execute(sa.select(devices).where(devices.c.serial_key == key)).first()
    stated = {name: value for name in ("maker", "model", "label") if (value := getattr(facts, name))}
    if seen:
        stated["confirmed_at"] = moment
    if row is not None:
        if stated:
            connection.execute(devices.update().where(devices.c.id == row.id).values(stated))
        identifier: int = row.id
    else:
        blank: dict[str, Any] = dict.fromkeys(("maker", "model", "label", "nickname", "place", "note"), "")
        result = connection.execute(
            devices.insert().values(
                {**blank, "serial": facts.serial, "serial_key": key, "registered_at": moment, **stated}
            )
        )
        (identifier,) = result.inserted_primary_key or (0,)
    if seen:
        _match(connection, identifier, facts.certificates, moment)
    else:
        for certificate in facts.certificates:
            _add(connection, identifier, certificate)
    return identifier


def describe(connection: sa.Connection, identifier: int, **values: str) -> None:
    """Set what people say of a device: ``nickname``, ``place``, ``note``, ``maker``, ``model``."""
    if values:
        connection.execute(devices.update().where(devices.c.id == identifier).values(values))


def confirm(connection: sa.Connection, identifier: int, moment: dt.datetime) -> None:
    """Note that the device was there at a moment."""
    connection.execute(devices.update().where(devices.c.id == identifier).values(confirmed_at=moment))


def certificate_of(found: Device, wanted: str | None) -> DeviceCertificate:
    """One certificate of a device.

    :param wanted: the first digits of its SHA-256, or its serial number; None: the only present one.
    :raises CertificateNotOnDevice: none fits, or several.
    """
    if wanted is None:
        fitting = found.present_certificates
    else:
        digits = wanted.lower().replace(":", "")
        fitting = [
            certificate
            for certificate in found.certificates
            if certificate.serial.lower().lstrip("0") == digits.lstrip("0")
            or (len(digits) >= _LEAST_DIGITS and (certificate.sha256 or "").startswith(digits))
        ]
    if len(fitting) != 1:
        raise CertificateNotOnDevice(serial=found.serial, wanted=wanted or "")
    return fitting[0]


def check_kind(connection: sa.Connection, certificate: DeviceCertificate, kind: Kind) -> None:
    """See whether a certificate may be said to be that.

    :raises KindCertain: it names an agency itself; see :func:`app.trust.holder.settled_kind`.
    """
    from app.trust.holder import holder, settled_kind

    der = connection.scalar(sa.select(certificates.c.der).where(certificates.c.id == certificate.id))
    if der is not None and settled_kind(holder(der).kind, kind) != kind:
        raise KindCertain(subject=certificate.subject)


def correct_kind(connection: sa.Connection, certificate: int, kind: Kind) -> None:
    """Say whose a certificate is that does not say it rightly itself."""
    connection.execute(
        certificates.update().where(certificates.c.id == certificate).values(kind=str(kind), kind_corrected=True)
    )


def end_certificates(
    connection: sa.Connection, identifier: int, why: str, moment: dt.datetime, *, only: int | None = None
) -> None:
    """The present certificates of a device, or one of them, are its own no more."""
    chosen = certificates.c.id == only if only is not None else sa.true()
    connection.execute(
        certificates.update()
        .where(certificates.c.device_id == identifier, certificates.c.ended.is_(None), chosen)
        .values(ended=why, ended_at=moment)
    )


def revive_certificates(connection: sa.Connection, identifier: int, why: str, moment: dt.datetime) -> None:
    """Undo what :func:`end_certificates` did at that moment for that reason."""
    connection.execute(
        certificates.update()
        .where(certificates.c.device_id == identifier, certificates.c.ended == why, certificates.c.ended_at == moment)
        .values(ended=None, ended_at=None)
    )


def _match(connection: sa.Connection, identifier: int, found: Iterable[CertificateFacts], moment: dt.datetime) -> None:
    """Bring the register's certificates in line with those on the token plugged in."""
    from app.trust.holder import settled_kind

    known = connection.execute(sa.select(certificates).where(certificates.c.device_id == identifier)).all()
    by_hash = {row.sha256: row for row in known if row.sha256}
    by_hand = {row.serial.lower().lstrip("0"): row for row in known if row.sha256 is None}
    here = set()
    for certificate in found:
        here.add(certificate.sha256)
        row = by_hash.get(certificate.sha256)
        if row is not None:
            if row.ended == "replaced":
                connection.execute(
                    certificates.update().where(certificates.c.id == row.id).values(ended=None, ended_at=None)
                )
            continue
        row = by_hand.get(certificate.serial.lstrip("0"))
        if row is None:
            _add(connection, identifier, certificate)
        else:
            values = _values(certificate)
            if row.kind_corrected:
                values["kind"] = settled_kind(values["kind"], row.kind)
            connection.execute(certificates.update().where(certificates.c.id == row.id).values(values))
    for row in known:
        if row.sha256 is not None and row.sha256 not in here and row.ended is None:
            end_certificates(connection, identifier, "replaced", moment, only=row.id)


def _add(connection: sa.Connection, identifier: int, certificate: CertificateFacts) -> None:
    connection.execute(
        certificates.insert().values({**_values(certificate), "device_id": identifier, "kind_corrected": False})
    )


def _values(certificate: CertificateFacts) -> dict[str, Any]:
    return {
        "sha256": certificate.sha256,
        "der": certificate.der,
        "subject": certificate.subject,
        "organization": certificate.organization,
        "serial": certificate.serial.lower(),
        "issuer": certificate.issuer,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "kind": str(certificate.kind),
    }


def _devices(connection: sa.Connection, rows: Iterable[sa.Row[Any]]) -> list[Device]:
    rows = list(rows)
    wanted = [row.id for row in rows]
    owned: dict[int, list[DeviceCertificate]] = {identifier: [] for identifier in wanted}
    ordered = sa.select(certificates).order_by(certificates.c.ended.isnot(None), certificates.c.id.desc())
    for row in connection.execute(ordered.where(certificates.c.device_id.in_(wanted))):
        owned[row.device_id].append(_certificate(row))
    last = last_events(connection, wanted)
    return [_device(row, owned[row.id], last.get(row.id)) for row in rows]


def _device(row: sa.Row[Any], owned: list[DeviceCertificate], last: Event | None) -> Device:
    state = (Keeping.REGISTERED, Condition.WORKING) if last is None else (last.keeping, last.condition)
    return Device(
        id=row.id,
        serial=row.serial,
        maker=row.maker,
        model=row.model,
        label=row.label,
        nickname=row.nickname,
        place=row.place,
        note=row.note,
        registered_at=row.registered_at,
        confirmed_at=row.confirmed_at,
        keeping=state[0],
        condition=state[1],
        holder=None if last is None else last.holder,
        since=row.registered_at if last is None else last.since,
        due=None if last is None else last.due,
        certificates=owned,
    )


def _certificate(row: sa.Row[Any]) -> DeviceCertificate:
    return DeviceCertificate(
        id=row.id,
        sha256=row.sha256,
        subject=row.subject,
        organization=row.organization,
        serial=row.serial,
        issuer=row.issuer,
        not_before=row.not_before,
        not_after=row.not_after,
        kind=Kind(row.kind),
        kind_corrected=row.kind_corrected,
        ended=row.ended,
        ended_at=row.ended_at,
    )
