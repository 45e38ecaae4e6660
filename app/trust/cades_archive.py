"""Archive time stamps of CAdES, the third kind (ETSI EN 319 122-1, sections 5.5.2 and 5.5.3).

Such a stamp covers the content, the signature and, by way of an index of hashes that its own token carries, the
certificates, revocation lists and unsigned attributes that were there when it was made.
"""

from __future__ import annotations

import hashlib
from typing import Final

from app.trust import der
from app.trust.algorithms import HASH_OIDS, AlgorithmUnknown, hash_of
from app.trust.der import DerError
from app.trust.signed_data import SignedData, SignerInfo

ARCHIVE_TIME_STAMP: Final = "0.4.0.1733.2.4"
#: Older kinds (RFC 5126, section 6.4.1); they cover the whole SignedData, which therefore must not change.
OLDER_ARCHIVE_TIME_STAMPS: Final = ("1.2.840.113549.1.9.16.2.27", "1.2.840.113549.1.9.16.2.48")
_HASH_INDEX: Final = "0.4.0.19122.1.5"
_HASHED_LIMIT: Final = 1_000


def made_index(data: SignedData, signer: SignerInfo, hash_name: str) -> bytes:
    """DER of the index of all that is in a SignedData now."""

    def hashes(parts: tuple[bytes, ...]) -> bytes:
        listed = (der.encode(der.OCTET_STRING, hashlib.new(hash_name, part).digest()) for part in parts)
        return der.encode(der.SEQUENCE, b"".join(listed))

    algorithm = der.encode(der.SEQUENCE, der.encode_oid(HASH_OIDS[hash_name]))
    return der.encode(der.SEQUENCE, algorithm + b"".join(map(hashes, _hashed(data, signer))))


def with_index(token: bytes, index: bytes) -> bytes:
    """A time-stamp token that carries its index.

    :raises DerError: the token is not built as one.
    """
    data = SignedData.read(token)
    (signer,) = data.signers
    return data.of(signer.with_unsigned(_HASH_INDEX, index))


def stamped_octets(data: SignedData, signer: SignerInfo, content_digest: bytes, index: bytes) -> bytes:
    """What an archive time stamp stamps (section 5.5.3, item 3).

    :param content_digest: of the content, by the stamp's hash.
    """
    return data.content_type + content_digest + signer.leading + index


def index_of(token: bytes) -> bytes:
    """The one index of a token.

    :raises DerError: it has none, or several.
    """
    wanted = der.encode_oid(_HASH_INDEX)
    found = [value for one in SignedData.read(token).signers for kind, value in one.unsigned_values if kind == wanted]
    if len(found) != 1:
        raise DerError("hash index missing")
    return found[0]


def check_index(index: bytes, data: SignedData, signer: SignerInfo) -> None:
    """Everything that the index lists must still be there; what is not listed came later.

    :raises DerError: something is gone, or the index is not built as it has to be.
    """
    fields = der.read(index).fields()
    try:
        hash_name = hash_of(fields.next(der.SEQUENCE))
    except AlgorithmUnknown as error:
        raise DerError(f"hash of the index: {error}") from error
    for parts in _hashed(data, signer):
        listed = fields.next(der.SEQUENCE).children()
        if len(listed) > _HASHED_LIMIT or len(parts) > _HASHED_LIMIT:
            raise DerError("too much in the index")
        hashes = {hashlib.new(hash_name, part, usedforsecurity=False).digest() for part in parts}
        if any(item.octets() not in hashes for item in listed):
            raise DerError("something that was archived is gone")
    fields.end()


def _hashed(data: SignedData, signer: SignerInfo) -> tuple[tuple[bytes, ...], ...]:
    return data.certificates, data.crls, tuple(kind + value for kind, value in signer.unsigned_values)
