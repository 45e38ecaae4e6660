"""A CMS of several signers, taken apart into one for each of them (RFC 5652, section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.trust import der
from app.trust.cms import SIGNED_DATA
from app.trust.der import DerError

_SIGNERS_LIMIT: Final = 16


@dataclass(frozen=True)
class SignedParts:
    """A SignedData.

    :ivar content: what is signed, None for a detached signature.
    :ivar signatures: DER of a CMS with one signer each; empty where there are only certificates.
    """

    content: bytes | None
    signatures: tuple[bytes, ...]


def content_type_of(data: bytes) -> str:
    """The dotted type of what a CMS is, such as that of signed or of enveloped data.

    :raises DerError: it is no CMS.
    """
    return der.read(data).fields().next(der.OID).oid()


def split(data: bytes) -> SignedParts:
    """Take a CMS apart by its signers.

    :param data: DER.
    :raises DerError: no DER, not of this structure, or with more than 16 signers.
    """
    outer = der.read(data).fields()
    if outer.next(der.OID).oid() != SIGNED_DATA:
        raise DerError("no signed data")
    fields = outer.next(der.context(0)).inner().fields()
    outer.end()
    leading = [fields.next(der.INTEGER).raw, fields.next(der.SET).raw]
    encapsulated = fields.next(der.SEQUENCE)
    leading.append(encapsulated.raw)
    for number in (0, 1):
        optional = fields.optional(der.context(number))
        if optional is not None:
            leading.append(optional.raw)
    signers = fields.next(der.SET).children()
    fields.end()
    if len(signers) > _SIGNERS_LIMIT:
        raise DerError("too many signers")
    inside = encapsulated.fields()
    inside.next(der.OID)
    content = inside.optional(der.context(0))
    return SignedParts(
        content=content.inner().octets() if content else None,
        signatures=(data,) if len(signers) == 1 else tuple(_alone(leading, signer.raw) for signer in signers),
    )


def _alone(leading: list[bytes], signer: bytes) -> bytes:
    body = der.encode(der.SEQUENCE, b"".join(leading) + der.encode(der.SET, signer))
    return der.encode(der.SEQUENCE, der.encode_oid(SIGNED_DATA) + der.encode(der.context(0), body))
