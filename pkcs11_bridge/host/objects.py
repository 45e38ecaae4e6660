"""Certificates and private keys among a token's objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pkcs11.attributes import AttributeMapper
from pkcs11.constants import Attribute, CertificateType, ObjectClass
from pkcs11.exceptions import AttributeTypeInvalid, FunctionFailed, PKCS11Error
from pkcs11.mechanisms import KeyType

from pkcs11_bridge.protocol import TokenCertificate

#: Octets of a coordinate by the DER of the curve's name (CKA_EC_PARAMS; RFC 5480, section 2.1.1.1).
_CURVES = {
    bytes.fromhex("06082a8648ce3d030107"): 32,
    bytes.fromhex("06052b81040022"): 48,
    bytes.fromhex("06052b81040023"): 66,
}


@dataclass(frozen=True)
class PrivateKey:
    """What must be known of a private key on a token.

    :ivar handle: the object's handle, good as long as the session it was found in.
    :ivar always_authenticate: CKA_ALWAYS_AUTHENTICATE.
    :ivar coordinate: octets of a coordinate of an elliptic curve's point; 0 for RSA or where the curve is not known.
    """

    handle: int
    key_type: KeyType
    always_authenticate: bool
    coordinate: int


def open_session(slot: Any, rw: bool = False) -> Any:
    """A session without log-in on the token in that slot, tolerant of labels that are not UTF-8."""
    mapper = AttributeMapper()
    mapper.register_handler(Attribute.LABEL, str.encode, lambda value: value.decode("utf-8", errors="replace"))
    return slot.get_token().open(rw=rw, attribute_mapper=mapper)


@contextmanager
def short_session(slot: Any, rw: bool = False) -> Iterator[Any]:
    """A session that is closed again; that it cannot be closed, as on a token pulled out, does not matter."""
    session = open_session(slot, rw)
    try:
        yield session
    finally:
        with suppress(PKCS11Error):
            session.close()


def certificates(session: Any) -> list[TokenCertificate]:
    """The X.509 certificates; one whose value cannot be read is left out."""
    template = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509}
    found = []
    for item in list(session.get_objects(template)):
        der = _optional(item, Attribute.VALUE)
        if der:
            label = _optional(item, Attribute.LABEL) or ""
            found.append(TokenCertificate(bytes(_optional(item, Attribute.ID) or b""), label, bytes(der)))
    return found


def private_key(session: Any, key_id: bytes) -> PrivateKey | None:
    """The private key of that CKA_ID; None where there is none or it is not visible without a log-in."""
    template = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}
    for item in list(session.get_objects(template)):
        key_type = item[Attribute.KEY_TYPE]
        curve = _optional(item, Attribute.EC_PARAMS) if key_type == KeyType.EC else None
        return PrivateKey(
            handle=item.handle,
            key_type=key_type,
            always_authenticate=bool(_optional(item, Attribute.ALWAYS_AUTHENTICATE)),
            coordinate=_CURVES.get(bytes(curve or b""), 0),
        )
    return None


def _optional(item: Any, attribute: Attribute) -> Any:
    """An attribute that older tokens do not know."""
    try:
        return item[attribute]
    except (AttributeTypeInvalid, FunctionFailed):
        return None
