"""Seals: signatures of a token over the head of the ledger, made at the end of a signing session.

An entry of kind ``seal`` says in ``data["over"]`` which entry was the last (``seq``, ``hash``) and carries in
``data["cms"]``, as Base64, a detached CMS (RFC 5652, the certificate inside, a time stamp where there is one) over
:func:`content`. Entries of other workstations may stand between the entry it is over and its own.

A chain written anew has other hashes, which no old seal is over; new seals want the token and its PIN. Copies of the
seals kept apart (:class:`KeptSeals`) show a tail that was cut together with its seals.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from app.decoding import decodable
from app.errors import AntinError
from app.journal.entry import Entry
from app.storage.files import writing_error

if TYPE_CHECKING:
    from app.trust.model import TimestampFacts

#: What a certificate is used for.
Usage = Literal["signature", "timestamp"]


class Judge(Protocol):
    """Tells whether a certificate led to a trusted root at a time."""

    def __call__(self, certificate: bytes, others: Sequence[bytes], at: dt.datetime, usage: Usage) -> bool:
        """:param certificate: DER. :param others: what may stand between. :param at: aware."""
        ...


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


def read_seal(entry: Entry) -> Seal | None:
    """The seal in an entry; None where the entry is none that can be read."""
    over, cms = entry.data.get("over"), entry.data.get("cms")
    if not isinstance(over, dict) or not isinstance(cms, str):
        return None
    seq, hash = over.get("seq"), over.get("hash")
    if not isinstance(seq, int) or not isinstance(hash, str):
        return None
    return _read(seq, hash, cms)


def _read(seq: int, hash: str, cms: str) -> Seal | None:
    import hashlib

    from app.trust.cms import read_signed_data

    try:
        data = base64.b64decode(cms, validate=True)
    except binascii.Error:
        return None
    signed = content(seq, hash)
    facts = read_signed_data(data, digest_of=lambda name: hashlib.new(name, signed).digest())
    stamps = tuple(stamp for stamp in facts.timestamps if stamp.intact)
    return Seal(seq, hash, facts.intact, facts.certificate, facts.certificates, stamps)


class _Kept(msgspec.Struct, frozen=True):
    """A line of a file of kept seals: the entry of the seal, what it is over, the CMS."""

    seq: int
    hash: str
    over: int
    over_hash: str
    cms: str


class KeptSeals:
    """Copies of seals in files apart from the ledger, one JSON object a line, only ever appended.

    :param paths: the files, each best on a disk or share of its own.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)

    def keep(self, entry: Entry) -> list[AntinError]:
        """Add a seal to every file that can be written.

        :return: why others could not be.
        """
        over = entry.data["over"]
        line = msgspec.json.encode(_Kept(entry.seq, entry.hash, over["seq"], over["hash"], entry.data["cms"]))
        failures = []
        for path in self._paths:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
                try:
                    os.write(descriptor, line + b"\n")
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            except OSError as error:
                failures.append(writing_error(error, path))
        return failures

    def contradiction(self, hashes: Sequence[bytes]) -> int | None:
        """Number of the first entry that a kept seal covers and the ledger has no more, or has otherwise.

        :param hashes: of the entries, in order, as octets. A kept line that is no seal of any token says nothing.
        """
        found = None
        for kept in self._read():
            for seq, hash in ((kept.over, kept.over_hash), (kept.seq, kept.hash)):
                there = 0 < seq <= len(hashes) and hashes[seq - 1].hex() == hash
                if there or (found is not None and seq >= found):
                    continue
                seal = _read(kept.over, kept.over_hash, kept.cms)
                if seal is not None and seal.intact:
                    found = min(seq, len(hashes) + 1)
        return found

    def _read(self) -> Iterator[_Kept]:
        seen = set()
        decoder = msgspec.json.Decoder(decodable(_Kept))
        for path in self._paths:
            try:
                lines = path.read_bytes().splitlines()
            except OSError:
                continue
            for line in lines:
                try:
                    kept = decoder.decode(line)
                except msgspec.DecodeError:
                    continue
                if kept not in seen:
                    seen.add(kept)
                    yield kept
