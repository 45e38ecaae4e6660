"""Checking the archive time stamps of CAdES, the third kind (ETSI EN 319 122-1, sections 5.5.2 and 5.5.3)."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Final

from app.trust import der
from app.trust.cades_archive import ARCHIVE_TIME_STAMP, check_index, index_of, stamped_octets
from app.trust.cms import DigestOf
from app.trust.der import DerError
from app.trust.model import TimestampFacts, problem
from app.trust.signed_data import SignedData, SignerInfo
from app.trust.timestamps import read_timestamp

_STAMPS_LIMIT: Final = 8


def archive_timestamps(data: bytes, digest_of: DigestOf, certificates: tuple[bytes, ...]) -> tuple[TimestampFacts, ...]:
    """The archive time stamps of a signature, the earliest first.

    :param data: DER of a CMS with one signer.
    :param digest_of: digest of the content by hash name.
    :param certificates: DER of further certificates among which an authority's may be.
    :return: facts, not intact where a stamp or its index does not hold; empty where the CMS cannot be read.
    """
    archival = der.encode_oid(ARCHIVE_TIME_STAMP)
    try:
        signed = SignedData.read(data)
        if len(signed.signers) != 1:
            return ()
        (signer,) = signed.signers
        tokens = [value for kind, value in signer.unsigned_values if kind == archival][:_STAMPS_LIMIT]
    except DerError:
        return ()
    found = [_stamp(token, signed, signer, digest_of, certificates) for token in tokens]
    return tuple(sorted(found, key=lambda stamp: stamp.time))


def _stamp(
    token: bytes, signed: SignedData, signer: SignerInfo, digest_of: DigestOf, certificates: tuple[bytes, ...]
) -> TimestampFacts:
    fault = ""
    index = b""
    try:
        index = index_of(token)
        check_index(index, signed, signer)
    except DerError as error:
        fault = str(error)

    def stamped(hash_name: str) -> bytes:
        octets = stamped_octets(signed, signer, digest_of(hash_name), index)
        return hashlib.new(hash_name, octets, usedforsecurity=False).digest()

    facts = read_timestamp(token, message=stamped, certificates=certificates)
    if not fault:
        return facts
    found = problem("timestamp-malformed", detail=fault)
    return dataclasses.replace(facts, intact=False, problems=(found, *facts.problems))
