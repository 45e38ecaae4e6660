"""Raising CAdES signatures to levels T, LT and LTA (ETSI EN 319 122-1, sections 5.3, 5.5 and 6.3).

The time stamp over the signature and the archive time stamps are unsigned attributes of their signer; certificates and
revocation information stand beside the signers, where an archive time stamp finds them by the hashes of its index.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.documents.hashing import digest_file
from app.signing.errors import SignatureNotUnderstood, SignedContentMissing
from app.signing.gathering import Used, authorities
from app.signing.model import Level
from app.signing.raising import HASH, Means, Outcome, climb
from app.storage.files import writing_error
from app.trust import cms_file
from app.trust.algorithms import digest
from app.trust.ber import to_der
from app.trust.cades_archive import (
    ARCHIVE_TIME_STAMP,
    OLDER_ARCHIVE_TIME_STAMPS,
    made_index,
    stamped_octets,
    with_index,
)
from app.trust.cms import SIGNATURE_TIME_STAMP, CmsFacts, DigestOf, read_signed_data
from app.trust.der import DerError, encode_oid
from app.trust.signed_data import SignedData, SignerInfo
from app.trust.timestamps import read_timestamp

_ARCHIVAL: Final = encode_oid(ARCHIVE_TIME_STAMP)


def raise_all(data: bytes, means: Means, digest_of: DigestOf) -> tuple[bytes, Outcome]:
    """Add to the signatures of a CMS what the level lacks; one that is at LTA gets fresh evidence and a further stamp.

    :param data: DER or BER.
    :param digest_of: digest of what is signed, by hash name.
    :return: DER, and what was reached; whatever was added is whole, also where something else failed.
    :raises SignatureNotUnderstood: nothing can be added to it.
    """
    try:
        signed = SignedData.read(to_der(data))
    except DerError as error:
        raise SignatureNotUnderstood(name="CMS", why=str(error)) from error
    if any(signer.has_unsigned(kind) for signer in signed.signers for kind in OLDER_ARCHIVE_TIME_STAMPS):
        raise SignatureNotUnderstood(name="CMS", why="cms-archive-timestamp")
    outcome = Outcome()
    for number in range(len(signed.signers)):
        raising = _Raising(signed, number, means, digest_of)
        if means.certificate is not None and raising.facts.certificate != means.certificate:
            continue
        level, note = raising.run()
        outcome.add(Outcome(level, () if note is None else (note,), raising.data != signed))
        signed = raising.data
    return signed.written(), outcome


class _Raising:
    """One signer on the way up.

    :ivar data: all that was there, and what was added.
    """

    def __init__(self, data: SignedData, number: int, means: Means, digest_of: DigestOf) -> None:
        self.data, self._number, self._means, self._digest_of = data, number, means, digest_of
        inside = data.content is not None
        self.facts: CmsFacts = read_signed_data(data.of(self._signer), digest_of=None if inside else digest_of)

    @property
    def _signer(self) -> SignerInfo:
        return self.data.signers[self._number]

    def run(self) -> tuple[Level, Exception | None]:
        steps = {Level.T: self._add_stamp, Level.LT: self._add_evidence, Level.LTA: self._add_archive_stamp}
        return climb(self._means.wanted, steps)

    def _add_stamp(self) -> None:
        if not self._signer.has_unsigned(SIGNATURE_TIME_STAMP):
            self._add(SIGNATURE_TIME_STAMP, self._means.token(hashlib.new(HASH, self._signer.value).digest()))

    def _add(self, kind: str, value: bytes) -> None:
        signers = list(self.data.signers)
        signers[self._number] = self._signer.with_unsigned(kind, value)
        self.data = replace(self.data, signers=tuple(signers))

    def _add_evidence(self) -> None:
        """:raises EvidenceMissing: it does not suffice."""
        if self.facts.certificate is None:
            raise SignatureNotUnderstood(name=str(self._number + 1), why="cms-signer-certificate-missing")
        kinds = (encode_oid(SIGNATURE_TIME_STAMP), _ARCHIVAL)
        tokens = [value for kind, value in self._signer.unsigned_values if kind in kinds]
        stamps = [read_timestamp(token, message=lambda _name: b"") for token in tokens]
        used = (Used(self.facts.certificate, self.facts.certificates, "signature"), *authorities(stamps))
        evidence = self._means.gathering.evidence(used)
        self.data = self.data.with_evidence(evidence.certificates, evidence.crls, evidence.ocsps)

    def _add_archive_stamp(self) -> None:
        index = made_index(self.data, self._signer, HASH)
        octets = stamped_octets(self.data, self._signer, self._digest_of(HASH), index)
        token = self._means.token(hashlib.new(HASH, octets).digest())
        self._add(ARCHIVE_TIME_STAMP, with_index(token, index))


def raise_level(path: Path, means: Means) -> tuple[Level, list[Exception]]:
    """Raise a signature file; a detached one needs its document beside it.

    :param path: written to where something could be added.
    :return: the level of the signature that has the least, and why it is not the one wanted.
    :raises SignedContentMissing, SignatureNotUnderstood: nothing can be added to it.
    :raises AntinError: it cannot be read or written.
    """
    data = cms_file.octets(path)
    if data is None:
        raise SignatureNotUnderstood(name=path.name, why="cms-file-too-large")
    raised, outcome = raise_all(data, means, _content_digest(path, data))
    if outcome.changed:
        try:
            with path.open("wb") as file:
                file.write(raised)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise writing_error(error, path) from error
    return outcome.level, list(outcome.notes)


def _content_digest(path: Path, data: bytes) -> DigestOf:
    """
    :raises SignedContentMissing: the document of a detached signature is not beside it.
    """
    try:
        content = SignedData.read(to_der(data)).content
    except DerError as error:
        raise SignatureNotUnderstood(name=path.name, why=str(error)) from error
    if content is not None:
        return lambda hash_name: digest(hash_name, content)
    document = cms_file.beside(path)
    if document is None:
        raise SignedContentMissing(path=path)
    return lambda hash_name: digest_file(document.path, hash_name)
