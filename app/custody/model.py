"""What the register of tokens hands out.

A *device* keeps private keys (thiết bị lưu khóa bí mật): a USB token or a smart card. Its *certificates* are a person's
or the agency's seal. What happens to it are *events*; the last one that counts tells its *keeping* (in whose hands),
its *condition* and its *holder*.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import msgspec

from app.custody.states import Condition, EventKind, Keeping, State
from app.documents.text import spelling_key


class Kind(StrEnum):
    """Whose a certificate is; values as :attr:`app.trust.holder.Holder.kind` has them."""

    PERSON = "person"
    ORGANIZATION = "organization"
    UNKNOWN = "unknown"


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who gives, receives or witnesses (regulations of minutes: name, title, unit; identity number and telephone where
    the office wants them)."""

    name: str
    title: str = ""
    unit: str = ""
    identity: str = ""
    phone: str = ""


def same_person(one: Person, other: Person) -> bool:
    """Whether two are the same as far as names tell; identity numbers decide where both have one."""
    if one.identity and other.identity:
        return spelling_key(one.identity) == spelling_key(other.identity)
    return spelling_key(one.name) == spelling_key(other.name)


class Permission(msgspec.Struct, frozen=True, omit_defaults=True):
    """The written permission of the competent person (Decree 30/2020, article 32, clause 2, point b).

    :ivar number: number and symbol of the document.
    :ivar issuer: who gave it.
    :ivar scan: absolute path of the filed scan, or of the electronic document itself; ``sha256`` is its digest, None as
        long as it is not filed.
    :ivar completed_at: when date or scan were added to an event entered without them.
    """

    number: str
    date: dt.date | None = None
    issuer: str = ""
    scan: str | None = None
    sha256: str | None = None
    completed_at: dt.datetime | None = None


class Proof(msgspec.Struct, frozen=True):
    """That the token plugged in was the one recorded: it signed a challenge (see :mod:`app.custody.proof`).

    :ivar certificate: SHA-256 of the certificate whose key signed.
    :ivar algorithm: as :class:`pkcs11_bridge.protocol.SignatureAlgorithm` names it.
    :ivar challenge: the octets signed, hexadecimal. :ivar signature: hexadecimal, as the token gave it.
    """

    certificate: str
    algorithm: str
    challenge: str
    signature: str
    at: dt.datetime


class DeviceCertificate(msgspec.Struct, frozen=True):
    """A certificate on a device.

    :ivar sha256: of its DER; None where it was entered by hand.
    :ivar subject: whose it is, as a person would say. :ivar organization: whose seal, or where the person belongs.
    :ivar serial: hexadecimal, lower case.
    :ivar kind_corrected: the kind was set by hand.
    :ivar ended: ``renewed``, ``revoked`` or ``replaced``; None as long as it is the device's.
    """

    id: int
    sha256: str | None
    subject: str
    organization: str
    serial: str
    issuer: str
    not_before: dt.datetime | None
    not_after: dt.datetime | None
    kind: Kind
    kind_corrected: bool = False
    ended: str | None = None
    ended_at: dt.datetime | None = None


class Device(msgspec.Struct, frozen=True):
    """A device as it stands now.

    :ivar label: what the token calls itself; empty where it was entered by hand.
    :ivar nickname: what the office calls it. :ivar place: where it is kept.
    :ivar holder: who answers for it; the last one who did, where it is lost; None where nobody did yet.
    :ivar since: since when keeping and holder are as they are.
    :ivar due: until when it is lent.
    :ivar confirmed_at: when somebody last saw it there, or it was plugged in.
    :ivar certificates: the present ones first, the newest first.
    """

    id: int
    serial: str
    maker: str
    model: str
    label: str
    nickname: str
    place: str
    note: str
    registered_at: dt.datetime
    confirmed_at: dt.datetime | None
    keeping: Keeping
    condition: Condition
    holder: Person | None
    since: dt.datetime
    due: dt.date | None
    certificates: list[DeviceCertificate]

    @property
    def state(self) -> State:
        return State(self.keeping, self.condition)

    @property
    def present_certificates(self) -> list[DeviceCertificate]:
        return [certificate for certificate in self.certificates if certificate.ended is None]

    @property
    def kind(self) -> Kind:
        """The agency's where any certificate is; then a person's; by all it ever had where none is left."""
        kinds = {certificate.kind for certificate in self.present_certificates or self.certificates}
        return next((kind for kind in (Kind.ORGANIZATION, Kind.PERSON) if kind in kinds), Kind.UNKNOWN)

    @property
    def name(self) -> str:
        """How people tell it from another: nickname, else label, else maker and model."""
        return self.nickname or self.label or f"{self.maker} {self.model}".strip() or self.serial


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a device.

    :ivar at: when it happened. :ivar entered_at: when it was entered.
    :ivar appearance: of the device as it was handed over (tình trạng).
    :ivar minutes: id of the minutes.
    :ivar keeping, condition, holder, since, due: the state it left behind; see :class:`Device`.
    :ivar withdrawn_at: it was entered by mistake and does not count; ``withdrawn_why`` says more.
    :ivar permission_owed: ``date``, ``scan``: what is still to be given of the permission, where one is required; told
        by :meth:`app.custody.custody.Custody.history`.
    """

    id: int
    device: int
    kind: EventKind
    at: dt.datetime
    entered_at: dt.datetime
    giver: Person | None
    receiver: Person | None
    witness: Person | None
    permission: Permission | None
    proof: Proof | None
    reason: str
    appearance: str
    accessories: str
    note: str
    due: dt.date | None
    minutes: int | None
    keeping: Keeping
    condition: Condition
    holder: Person | None
    since: dt.datetime
    withdrawn_at: dt.datetime | None = None
    withdrawn_why: str | None = None
    permission_owed: list[str] = []


class MinutesState(StrEnum):
    """How far minutes are: not yet signed by both, signed in the program by both, signed on paper and scanned, or void,
    as the handover was withdrawn before."""

    OPEN = "open"
    SIGNED = "signed"
    SCANNED = "scanned"
    VOID = "void"


class Minutes(msgspec.Struct, frozen=True):
    """Minutes of a handover.

    :ivar number: number and symbol, empty where none was given.
    :ivar signed_by: sides that signed, ``giver`` and ``receiver``, in their order.
    :ivar devices: serial numbers.
    :ivar path: absolute, where the finished minutes are filed. :ivar sha256: of what is filed.
    :ivar permission_owed: as of the events; see :class:`Event`.
    """

    id: int
    state: MinutesState
    number: str
    made_at: dt.datetime
    devices: list[str]
    giver: Person
    receiver: Person
    signed_by: list[str]
    path: str | None
    sha256: str | None
    permission_owed: list[str] = []


class HeldAt(msgspec.Struct, frozen=True):
    """In whose hands a device was at a moment.

    :ivar state: ``held``, ``lent``, ``outside`` (known, and in nobody's hands), ``unregistered``, or ``unknown`` while
        the register cannot be reached.
    """

    state: str
    holder: Person | None = None

    @property
    def outside(self) -> bool:
        return self.state == "outside"


class SignatureOutside(msgspec.Struct, frozen=True):
    """A signature made while its token was in nobody's custody.

    :ivar seq: of the ledger's entry. :ivar path: of the document that was signed.
    """

    seq: int
    time: dt.datetime
    token: str
    signer: str
    path: str
    sha256: str | None


def held_in(keeping: str, holder: Person | None) -> HeldAt:
    """What a keeping means for whoever asks in whose hands a device is."""
    return HeldAt(keeping if keeping in (Keeping.HELD, Keeping.LENT) else "outside", holder)


def told(record: msgspec.Struct | None) -> Any:
    """A record as JSON keeps it."""
    return None if record is None else msgspec.to_builtins(record)
