"""Handovers: a device proves itself and goes into other hands, with minutes that both sides sign.

The device changes hands when the handover is entered; its minutes stay open until both sides have signed them, in the
program or on paper, and are filed then.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from app.custody import log, numbering, proof, register
from app.custody.ahead import BANDS, Reminder, coming, papers_owed, reminders
from app.custody.custody import Custody, Happening
from app.custody.errors import (
    MinutesChanged,
    MinutesFinished,
    MinutesOutdated,
    MinutesUnknown,
    MinutesVoid,
    NotThatPerson,
    ProofMissing,
    ReceiverMissing,
    SealedCertificate,
    SideSigned,
    SideUnclear,
    SignerNotVouched,
)
from app.custody.minutes import MinutesContent, handed, render
from app.custody.model import Device, Kind, Minutes, MinutesState, Permission, Person, Proof, same_person, told
from app.custody.owed import Permissions
from app.custody.scans import check_minutes
from app.custody.services import Services
from app.custody.states import EventKind
from app.decoding import decodable
from app.errors import from_os_error
from app.storage.schema.custody import certificates
from app.storage.schema.custody import minutes as table
from app.storage.store import Store
from app.times import now
from app.trust.holder import identity_number

#: Both sign; a witness may.
_MUST_SIGN = ("giver", "receiver")


@dataclasses.dataclass(frozen=True)
class Handed:
    """A device that is handed over.

    :ivar wanted: serial number, nickname or label.
    :ivar proof: from :meth:`Handovers.prove`. :ivar unproven: else why there is none, such as a locked PIN.
    """

    wanted: str
    appearance: str = ""
    accessories: str = ""
    proof: Proof | None = None
    unproven: str = ""


@dataclasses.dataclass(frozen=True)
class Handover:
    """What is agreed on.

    :ivar kind: ``handed-over``, ``lent`` or ``returned``.
    :ivar giver: the holder of the devices, where not given.
    :ivar receiver: of a loan's return the lender, where not given.
    :ivar permission: ``scan`` names a file, which is filed.
    :ivar due: of a loan. :ivar place: where it is done.
    :ivar number: number and symbol of the minutes, such as ``05/BB-UBND``.
    :ivar paper: the minutes are printed and signed by hand.
    """

    kind: EventKind
    devices: Sequence[Handed]
    receiver: Person | None = None
    giver: Person | None = None
    witness: Person | None = None
    permission: Permission | None = None
    reason: str = ""
    due: dt.date | None = None
    at: dt.datetime | None = None
    place: str = ""
    number: str = ""
    paper: bool = False


class Handovers:
    """Makes handovers and keeps their minutes.

    :param custody: the register. :param store: opens the office's database.
    :ivar permissions: those of the register's events.
    """

    def __init__(self, custody: Custody, store: Callable[[], Store], services: Services) -> None:
        self._custody = custody
        self._store = store
        self._services = services
        self.permissions = Permissions(custody, store, services.file_away)

    def prove(self, wanted: str, key: proof.Key, pin_source: object) -> Proof:
        """Have a plugged-in token prove that it is a device of the register. Its PIN is asked as for signing: with the
        tries left, once, the last try only where it is agreed to.

        :param key: on that token. :param pin_source: see :data:`app.signing.model.PinSource`.
        :raises NotTheOneRecorded: it is another.
        :raises BridgeError, PinNotGiven: the token or its PIN stood in the way.
        """
        device = self._custody.device(wanted)
        proof.recorded(device, key)
        at = dt.datetime.now(dt.UTC)
        octets = proof.challenge(device.serial, at)
        signature = self._services.sign_octets(key, octets, pin_source)
        made = Proof(key.sha256, str(key.algorithm), octets.hex(), signature.hex(), at)
        with self._store().read() as connection:
            proof.check(device, _certificate(connection, device, made), made, at)
        return made

    def preview(self, handover: Handover) -> bytes:
        """The minutes as they would be, without entering anything.

        :raises AntinError: as :meth:`hand_over`, but for proofs, which may be missing yet.
        """
        with self._store().read() as connection:
            content = self._content(connection, handover, _now(handover))
            numbering.check_free(connection, content, self._services.number_bearer)
        return render(content)[0]

    def hand_over(self, handover: Handover) -> Minutes:
        """Enter a handover and make its minutes.

        :return: open minutes, to be signed by both sides or printed.
        :raises ProofMissing, NotTheOneRecorded: a device was not proven to be the one recorded, and nothing says why;
            or its proof is that of another handover.
        :raises MinutesNumberTaken: other minutes or another document bear the number.
        :raises AntinError: as :meth:`app.custody.custody.Custody.record`; nothing was entered.
        """
        at = _now(handover)
        handover = dataclasses.replace(handover, permission=self.permissions.filed(handover.permission))
        with self._store().write() as connection:
            content = self._content(connection, handover, at)
            pdf, _places = render(content)
            devices = [register.find(connection, one.wanted) for one in handover.devices]
            for device, one in zip(devices, handover.devices, strict=True):
                if one.proof is not None or not one.unproven.strip():
                    proof.check(device, _certificate(connection, device, one.proof), one.proof, at)
                if one.proof is not None and log.proves(connection, device.id, one.proof):
                    raise ProofMissing(serial=device.serial)
            numbering.check_free(connection, content, self._services.number_bearer)
            identifier = _insert(connection, content, pdf)
            events = [
                self._custody.add(connection, device, _happening(handover, one, content, identifier))
                for device, one in zip(devices, handover.devices, strict=True)
            ]
        self._custody.tell_ledger(events)
        return self.minutes(identifier)

    def minutes(self, identifier: int) -> Minutes:
        """:raises MinutesUnknown: there are none of that id."""
        with self._store().read() as connection:
            row = _row(connection, identifier)
        return _minutes(row, self._owed())

    def all_minutes(self, *, only_open: bool = False) -> list[Minutes]:
        """All minutes, the newest first."""
        wanted = sa.select(table).order_by(table.c.id.desc())
        if only_open:
            wanted = wanted.where(table.c.state == str(MinutesState.OPEN))
        owed = self._owed()
        with self._store().read() as connection:
            return [_minutes(row, owed) for row in connection.execute(wanted)]

    def reminders(self, *, within: int = BANDS[-1]) -> list[Reminder]:
        """What wants attention now, the most urgent first.

        :param within: days before the end of a certificate.
        """
        return reminders(
            self._custody.devices(),
            self.all_minutes(only_open=True),
            now().date(),
            owing=self.permissions.owing(),
            within=within,
        )

    def coming(self) -> list[Reminder]:
        """All that a calendar tells: what is coming, whenever it is, and what is owed."""
        today, minutes = now().date(), self.all_minutes(only_open=True)
        devices = self._custody.devices()
        return [*coming(devices, today), *papers_owed(devices, minutes, self.permissions.owing(), today)]

    def pdf(self, identifier: int) -> bytes:
        """The minutes as they stand: as set, with the signatures made so far, or the scan's PDF.

        :raises MinutesUnknown: there are none of that id.
        """
        with self._store().read() as connection:
            content: bytes = _row(connection, identifier).pdf
            return content

    def sign(self, identifier: int, key: proof.Key, pin_source: object) -> Minutes:
        """Have one side sign the minutes with a personal token of its own; which side follows from the certificate's
        name. When giver and receiver have signed, the minutes are filed.

        :raises MinutesFinished, SideSigned: nothing is left to sign, or not by that side.
        :raises MinutesVoid, MinutesOutdated: the handover was withdrawn, of all their devices or of some.
        :raises SealedCertificate, NotThatPerson: it is no person's certificate, or of somebody else.
        :raises SideUnclear: two sides bear the same name, and no identity number tells them apart.
        :raises SignerNotVouched: the certificate leads to no trusted root: a name alone can be anybody's.
        :raises MinutesNumberTaken: a document that was filed meanwhile bears their number; no PIN was asked.
        :raises BridgeError, PinNotGiven, AntinError: it was not signed.
        """
        row = self._open_row(identifier)
        content = msgspec.convert(row.content, decodable(MinutesContent))
        side = _side(content, key, row.signed_by)
        if not self._services.vouched(key):
            raise SignerNotVouched(holder=key.holder)
        numbering.check_filed(content, self._services.number_bearer)
        place = next(place for place in render(content)[1] if place.name == side)
        signed_by = [*row.signed_by, side]
        with tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True) as folder:
            source = Path(folder) / f"{_file_name(content, identifier)}.pdf"
            source.write_bytes(row.pdf)
            signed = self._services.sign_pdf(source, Path(folder), place, key, pin_source)
            if all(side in signed_by for side in _MUST_SIGN):
                return self._finish(row, content, signed, MinutesState.SIGNED, signed_by)
            self._keep(row, {"pdf": signed.read_bytes(), "signed_by": signed_by})
        return self.minutes(identifier)

    def attach_scan(self, identifier: int, scan: Path) -> Minutes:
        """File the scan of minutes that were printed and signed by hand.

        :raises MinutesFinished: there are signed ones. :raises MinutesVoid, MinutesOutdated: as :meth:`sign`.
        :raises FileMissing, FileNotReadable: the scan cannot be read.
        :raises ScanUnfit, ScanTooLarge: it is no PDF, or none of a few pages.
        :raises MinutesNumberTaken: a document that was filed meanwhile bears their number.
        """
        row = self._open_row(identifier)
        check_minutes(scan)
        content = msgspec.convert(row.content, decodable(MinutesContent))
        numbering.check_filed(content, self._services.number_bearer)
        return self._finish(row, content, scan, MinutesState.SCANNED, [*row.signed_by])

    def _finish(
        self, row: sa.Row[Any], content: MinutesContent, file: Path, state: MinutesState, signed: list[str]
    ) -> Minutes:
        try:
            octets = file.read_bytes()
        except OSError as error:
            raise from_os_error(error, file) from error
        path, sha256 = self._services.file_away(file, content)
        identifier: int = row.id
        self._keep(row, {"pdf": octets, "signed_by": signed, "state": str(state), "path": path, "sha256": sha256})
        self._services.append(
            "custody",
            event="minutes-finished",
            minutes=identifier,
            number=content.number,
            state=str(state),
            path=path,
            sha256=sha256,
            tokens=[device.serial for device in content.devices],
        )
        return self.minutes(identifier)

    def _keep(self, row: sa.Row[Any], values: dict[str, object]) -> None:
        with self._store().write() as connection:
            now = _row(connection, row.id)
            if (now.state, now.signed_by) != (row.state, row.signed_by):
                raise MinutesChanged(number=now.number or now.id)
            connection.execute(table.update().where(table.c.id == row.id).values(values))

    def _open_row(self, identifier: int) -> sa.Row[Any]:
        """Of minutes that may still be signed.

        :raises MinutesUnknown: there are none. :raises MinutesVoid, MinutesFinished, MinutesOutdated: they may not.
        """
        with self._store().read() as connection:
            row = _row(connection, identifier)
            withdrawn = log.withdrawn_of(connection, identifier)
        if row.state == MinutesState.VOID:
            raise MinutesVoid(number=row.number or row.id)
        if row.state != MinutesState.OPEN:
            raise MinutesFinished(number=row.number or row.id, path=row.path)
        if withdrawn:
            raise MinutesOutdated(number=row.number or row.id, serials=", ".join(withdrawn))
        return row

    def _owed(self) -> dict[int, list[str]]:
        """What is owed of permissions, by the id of the minutes."""
        return {event.minutes: event.permission_owed for _device, event in self.permissions.owing() if event.minutes}

    def _content(self, connection: sa.Connection, handover: Handover, at: dt.datetime) -> MinutesContent:
        devices = [register.find(connection, one.wanted) for one in handover.devices]
        giver = handover.giver or next((device.holder for device in devices if device.holder), None)
        receiver = handover.receiver or next(
            (found for device in devices if (found := self._custody.lender(connection, device))), None
        )
        if receiver is None or giver is None:
            raise ReceiverMissing(name=", ".join(device.name for device in devices))
        return MinutesContent(
            kind=handover.kind,
            agency=self._services.agency,
            number=handover.number.strip(),
            at=at,
            place=handover.place.strip(),
            giver=giver,
            receiver=receiver,
            witness=handover.witness,
            permission=handover.permission,
            devices=[
                handed(
                    device,
                    appearance=one.appearance,
                    accessories=one.accessories,
                    proof=one.proof,
                    unproven=one.unproven,
                )
                for device, one in zip(devices, handover.devices, strict=True)
            ],
            reason=handover.reason.strip(),
            due=handover.due,
            paper=handover.paper,
        )


def _now(handover: Handover) -> dt.datetime:
    return handover.at or dt.datetime.now(dt.UTC)


def _happening(handover: Handover, one: Handed, content: MinutesContent, minutes: int) -> Happening:
    return Happening(
        handover.kind,
        at=content.at,
        giver=content.giver,
        receiver=content.receiver,
        witness=handover.witness,
        permission=handover.permission,
        proof=one.proof,
        reason=handover.reason,
        appearance=one.appearance,
        accessories=one.accessories,
        note=one.unproven,
        due=handover.due,
        minutes=minutes,
    )


def _certificate(connection: sa.Connection, device: Device, made: Proof | None) -> bytes | None:
    """DER of the certificate of a proof, as the register keeps it among the device's present ones."""
    if made is None:
        return None
    der: bytes | None = connection.execute(
        sa.select(certificates.c.der).where(
            certificates.c.device_id == device.id,
            certificates.c.sha256 == made.certificate,
            certificates.c.ended.is_(None),
        )
    ).scalar()
    return der


def _side(content: MinutesContent, key: proof.Key, signed: Sequence[str]) -> str:
    """Which side a certificate is of: by the identity number where minutes and certificate both have one, else by the
    name, where only one side bears it.

    :param signed: the sides that have signed.
    """
    if key.kind == Kind.ORGANIZATION:
        raise SealedCertificate(holder=key.holder)
    number = identity_number(key.certificate.der)
    sides = {"giver": content.giver, "receiver": content.receiver, "witness": content.witness}
    named = {side: person for side, person in sides.items() if person and same_person(Person(person.name), _who(key))}
    fitting = [side for side, person in named.items() if not _other_number(person, number)]
    certain = [side for side in fitting if number and _digits(named[side].identity)]
    if not fitting:
        names = ", ".join(person.name for person in sides.values() if person is not None)
        raise NotThatPerson(holder=key.holder, name=names)
    found = certain or fitting
    if len(found) > 1:
        raise SideUnclear(name=key.holder)
    if found[0] in signed:
        raise SideSigned(name=key.holder)
    return found[0]


def _who(key: proof.Key) -> Person:
    return Person(key.holder)


def _other_number(person: Person, number: str) -> bool:
    """Whether a person's identity number is another than the certificate's."""
    return bool(number and _digits(person.identity) and _digits(person.identity) != _digits(number))


def _digits(number: str) -> str:
    """Of an identity number, however it is spaced; of a passport its letter too."""
    return "".join(letter for letter in number.upper() if letter.isalnum())


def _insert(connection: sa.Connection, content: MinutesContent, pdf: bytes) -> int:
    result = connection.execute(
        table.insert().values(
            state=str(MinutesState.OPEN),
            number=content.number,
            made_at=content.at,
            content=told(content),
            pdf=pdf,
            signed_by=[],
        )
    )
    (identifier,) = result.inserted_primary_key or (0,)
    return int(identifier)


def _row(connection: sa.Connection, identifier: int) -> sa.Row[Any]:
    row = connection.execute(sa.select(table).where(table.c.id == identifier)).first()
    if row is None:
        raise MinutesUnknown(number=identifier)
    return row


def _minutes(row: sa.Row[Any], owed: Mapping[int, list[str]]) -> Minutes:
    content = msgspec.convert(row.content, decodable(MinutesContent))
    return Minutes(
        id=row.id,
        state=MinutesState(row.state),
        number=row.number,
        made_at=row.made_at,
        devices=[device.serial for device in content.devices],
        giver=content.giver,
        receiver=content.receiver,
        signed_by=list(row.signed_by),
        path=row.path,
        sha256=row.sha256,
        permission_owed=owed.get(row.id, []),
    )


def _file_name(content: MinutesContent, identifier: int) -> str:
    return f"Biên bản bàn giao {identifier}" if not content.number else f"Biên bản {content.number.replace('/', '_')}"
