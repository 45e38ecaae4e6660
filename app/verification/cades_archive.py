"""Archive time stamps of CAdES, the third kind (ETSI EN 319 122-1, sections 5.5.2 and 5.5.3).

Such a stamp covers the content, the signature and, by way of an index of hashes that its own token carries, the
certificates, revocation lists and unsigned attributes that were there when it was made.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.trust import der
from app.trust.algorithms import AlgorithmUnknown, hash_of
from app.trust.cms import DigestOf, problem
from app.trust.der import DerError, Element
from app.trust.model import TimestampFacts
from app.trust.timestamps import read_timestamp

ARCHIVE_TIME_STAMP: Final = "0.4.0.1733.2.4"
_HASH_INDEX: Final = "0.4.0.19122.1.5"
_STAMPS_LIMIT: Final = 8
_HASHED_LIMIT: Final = 1_000


@dataclass(frozen=True)
class _Signed:
    """The parts of a SignedData with one signer that archive time stamps are about, as DER.

    :ivar before_index: signer's version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm and signature.
    :ivar attributes: type and value of each value of an unsigned attribute.
    """

    content_type: bytes
    before_index: bytes
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    attributes: tuple[tuple[bytes, bytes], ...]


def archive_timestamps(data: bytes, digest_of: DigestOf, certificates: tuple[bytes, ...]) -> tuple[TimestampFacts, ...]:
    """The archive time stamps of a signature, the earliest first.

    :param data: DER of a CMS with one signer.
    :param digest_of: digest of the content by hash name.
    :param certificates: DER of further certificates among which an authority's may be.
    :return: facts, not intact where a stamp or its index does not hold; empty where the CMS cannot be read.
    """
    try:
        signed = _read(data)
        archival = der.encode_oid(ARCHIVE_TIME_STAMP)
        tokens = [value for kind, value in signed.attributes if kind == archival][:_STAMPS_LIMIT]
    except DerError:
        return ()
    found = [_stamp(token, signed, digest_of, certificates) for token in tokens]
    return tuple(sorted(found, key=lambda stamp: stamp.time))


def _stamp(token: bytes, signed: _Signed, digest_of: DigestOf, certificates: tuple[bytes, ...]) -> TimestampFacts:
    fault = ""
    index = b""
    try:
        index = _index_of(token)
        _check_index(der.read(index), signed)
    except DerError as error:
        fault = str(error)

    def stamped(hash_name: str) -> bytes:
        octets = signed.content_type + digest_of(hash_name) + signed.before_index + index
        return hashlib.new(hash_name, octets, usedforsecurity=False).digest()

    facts = read_timestamp(token, message=stamped, certificates=certificates)
    if not fault:
        return facts
    found = problem("timestamp-malformed", detail=fault)
    return dataclasses.replace(facts, intact=False, problems=(found, *facts.problems))


def _read(data: bytes) -> _Signed:
    outer = der.read(data).fields()
    outer.next(der.OID)
    fields = outer.next(der.context(0)).inner().fields()
    fields.next(der.INTEGER)
    fields.next(der.SET)
    content_type = fields.next(der.SEQUENCE).fields().next(der.OID).raw
    certificates, crls = fields.optional(der.context(0)), fields.optional(der.context(1))
    signers = fields.next(der.SET).children()
    if len(signers) != 1:
        raise DerError("number of signers")
    signer = signers[0].fields()
    leading = [signer.next(der.INTEGER).raw, signer.next(der.SEQUENCE, der.context_primitive(0)).raw]
    leading.append(signer.next(der.SEQUENCE).raw)
    attributes = signer.optional(der.context(0))
    leading.append(attributes.raw if attributes else b"")
    leading += [signer.next(der.SEQUENCE).raw, signer.next().raw]
    return _Signed(
        content_type=content_type,
        before_index=b"".join(leading),
        certificates=_raw(certificates),
        crls=_raw(crls),
        attributes=tuple(_values(signer.optional(der.context(1)))),
    )


def _raw(element: Element | None) -> tuple[bytes, ...]:
    return tuple(item.raw for item in element.children()) if element else ()


def _values(unsigned: Element | None) -> Iterable[tuple[bytes, bytes]]:
    for attribute in unsigned.children() if unsigned else ():
        fields = attribute.fields()
        kind = fields.next(der.OID).raw
        for value in fields.next(der.SET).children():
            yield kind, value.raw


def _index_of(token: bytes) -> bytes:
    """The one index of a token."""
    wanted = der.encode_oid(_HASH_INDEX)
    found = [value for kind, value in _read(token).attributes if kind == wanted]
    if len(found) != 1:
        raise DerError("hash index missing")
    return found[0]


def _check_index(index: Element, signed: _Signed) -> None:
    """Everything that the index lists must still be there; what is not listed came later.

    :raises DerError: something is gone, or the index is not built as it has to be.
    """
    fields = index.fields()
    try:
        hash_name = hash_of(fields.next(der.SEQUENCE))
    except AlgorithmUnknown as error:
        raise DerError(f"hash of the index: {error}") from error
    present = (signed.certificates, signed.crls, tuple(kind + value for kind, value in signed.attributes))
    for parts in present:
        listed = fields.next(der.SEQUENCE).children()
        if len(listed) > _HASHED_LIMIT or len(parts) > _HASHED_LIMIT:
            raise DerError("too much in the index")
        hashes = {hashlib.new(hash_name, part, usedforsecurity=False).digest() for part in parts}
        if any(item.octets() not in hashes for item in listed):
            raise DerError("something that was archived is gone")
    fields.end()
