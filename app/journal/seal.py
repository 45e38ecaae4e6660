"""Seals: signatures of a token over the head of the ledger, made at the end of a signing session.

An entry of kind ``seal`` says in ``data["over"]`` which entry was the last (``seq``, ``hash``) and carries in
``data["cms"]``, as Base64, a detached CMS (RFC 5652, the certificate inside, a time stamp where there is one) over
:func:`content`. Entries of other workstations may stand between the entry it is over and its own.

A chain written anew has other hashes, which no old seal is over; new seals want the token and its PIN. Copies of the
seals kept apart (:class:`KeptSeals`) show a tail that was cut together with its seals.

Whoever has any certificate of a trusted root could seal a chain written anew, so a seal proves only where its
certificate is one of the office's own: in its register of tokens, or pinned in its settings.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from app.journal.entry import Entry

if TYPE_CHECKING:
    from app.trust.model import TimestampFacts

#: What a certificate is used for.
Usage = Literal["signature", "timestamp"]


class Judge(Protocol):
    """Tells whether a certificate led to a trusted root at a time."""

    def __call__(self, certificate: bytes, others: Sequence[bytes], at: dt.datetime, usage: Usage) -> bool:
        """:param certificate: DER. :param others: what may stand between. :param at: aware."""
        ...


#: The certificates of the office's own tokens: SHA-256 in hexadecimal, and when each ended by the register
#: (aware), None for one that did not.
OwnCertificates = Callable[[], Mapping[str, dt.datetime | None]]


def no_certificates() -> Mapping[str, dt.datetime | None]:
    """Of an office that has none on record."""
    return {}


class Standing(StrEnum):
    """What a seal is worth: of a token of the office; of another one that led to a trusted root; of any."""

    OFFICE = "office"
    UNREGISTERED = "unregistered"
    UNTRUSTED = "untrusted"


def content(seq: int, hash: str) -> bytes:
    """What a seal signs: one line that names the last entry."""
    return f"antin ledger {seq} {hash}\n".encode()


@dataclass(frozen=True)
class Seal:
    """A seal as it was read.

    :ivar over: number of the last entry that it covers; ``hash``: of that entry.
    :ivar intact: the signature holds over :func:`content`.
    :ivar certificate: DER, None where it is not inside. :ivar certificates: all inside.
    :ivar stamps: its time stamps that hold; whether their authorities are trusted is another question.
    """

    over: int
    hash: str
    intact: bool
    certificate: bytes | None
    certificates: tuple[bytes, ...]
    stamps: tuple[TimestampFacts, ...]

    @property
    def certificate_sha256(self) -> str:
        """Hexadecimal; empty where the certificate is not inside."""
        import hashlib

        return "" if self.certificate is None else hashlib.sha256(self.certificate).hexdigest()


def read_seal(entry: Entry) -> Seal | None:
    """The seal in an entry; None where the entry is none that can be read."""
    over, cms = entry.data.get("over"), entry.data.get("cms")
    if not isinstance(over, dict) or not isinstance(cms, str):
        return None
    seq, hash = over.get("seq"), over.get("hash")
    if not isinstance(seq, int) or not isinstance(hash, str):
        return None
    return read_cms(seq, hash, cms)


def read_cms(seq: int, hash: str, cms: str) -> Seal | None:
    """A seal over entry ``seq``.

    :param hash: of that entry. :param cms: Base64 of the DER.
    :return: None where it is no Base64.
    """
    import hashlib

    from app.trust.cms import read_signed_data

    try:
        data = base64.b64decode(cms, validate=True)
    except ValueError:  # binascii.Error, and letters that are no ASCII
        return None
    signed = content(seq, hash)
    facts = read_signed_data(data, digest_of=lambda name: hashlib.new(name, signed).digest())
    stamps = tuple(stamp for stamp in facts.timestamps if stamp.intact)
    return Seal(seq, hash, facts.intact, facts.certificate, facts.certificates, stamps)


class Sealers:
    """Tells what seals are worth. Each question is asked once a certificate and day: a year has many sessions.

    :param judge: asked of certificates; without it none led to a trusted root.
    :param own: asked once, at the first seal.
    """

    def __init__(self, judge: Judge | None, own: OwnCertificates) -> None:
        self._judge, self._own = judge, own
        self._certificates: Mapping[str, dt.datetime | None] | None = None
        self._judged: dict[tuple[bytes, dt.date, Usage], bool] = {}

    def stamped(self, seal: Seal) -> dt.datetime | None:
        """The earliest time stamp of an authority that led to a trusted root; aware."""
        return min((stamp.time for stamp in seal.stamps if self._relied_on(stamp)), default=None)

    def standing(self, seal: Seal, at: dt.datetime) -> Standing:
        """:param at: when it was made, as far as that is known; aware."""
        certificate = seal.certificate
        if certificate is None or not self._led_to_root(certificate, seal.certificates, at, "signature"):
            return Standing.UNTRUSTED
        return Standing.OFFICE if self._is_own(seal.certificate_sha256, at) else Standing.UNREGISTERED

    def may_accuse(self, seal: Seal, at: dt.datetime | None) -> bool:
        """Whether a seal kept apart can show that entries are gone: anybody may add a line to such a file, so it must
        be of a certificate of the office's own, whatever became of it since, or of one that led to a trusted root.

        :param at: when it says that it was made; its own time stamp goes before.
        """
        if seal.certificate is None:
            return False
        if seal.certificate_sha256 in self._known():
            return True
        moment = self.stamped(seal) or at
        return moment is not None and self.standing(seal, moment) is not Standing.UNTRUSTED

    def _is_own(self, sha256: str, at: dt.datetime) -> bool:
        known = self._known()
        if sha256 not in known:
            return False
        ended = known[sha256]
        return ended is None or at <= ended

    def _known(self) -> Mapping[str, dt.datetime | None]:
        if self._certificates is None:
            self._certificates = self._own()
        return self._certificates

    def _relied_on(self, stamp: TimestampFacts) -> bool:
        certificate = stamp.certificate
        return certificate is not None and self._led_to_root(certificate, stamp.certificates, stamp.time, "timestamp")

    def _led_to_root(self, certificate: bytes, others: Sequence[bytes], at: dt.datetime, usage: Usage) -> bool:
        if self._judge is None:
            return False
        which = certificate, at.date(), usage
        if which not in self._judged:
            self._judged[which] = self._judge(certificate, others, at, usage)
        return self._judged[which]
