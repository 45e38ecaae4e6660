"""What all XML signatures of the desk share: the scheme of the key, the check of the token's answer, the time stamp."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from lxml import etree

from app.errors import AntinError
from app.signing.errors import AlgorithmUnfit, SignatureValueWrong, TimestamperMissing
from app.signing.model import Level, SignatureRequest
from app.trust.algorithms import SignatureScheme, key_name, verify_signature
from app.xmldsig.detached import DetachedTerms, FileReference, signature_markup
from app.xmldsig.draft import SignatureDraft
from app.xmldsig.markup import Element
from pkcs11_bridge.protocol import SignatureAlgorithm

_SCHEMES: Final = {
    SignatureAlgorithm.RSA_SHA256: SignatureScheme("rsa-pkcs1", "sha256"),
    SignatureAlgorithm.RSA_SHA384: SignatureScheme("rsa-pkcs1", "sha384"),
    SignatureAlgorithm.RSA_SHA512: SignatureScheme("rsa-pkcs1", "sha512"),
    SignatureAlgorithm.ECDSA_SHA256: SignatureScheme("ecdsa-raw", "sha256"),
    SignatureAlgorithm.ECDSA_SHA384: SignatureScheme("ecdsa-raw", "sha384"),
    SignatureAlgorithm.ECDSA_SHA512: SignatureScheme("ecdsa-raw", "sha512"),
}


def scheme_of(request: SignatureRequest) -> SignatureScheme:
    """The scheme of a request's algorithm.

    :raises AlgorithmUnfit: XML signatures are not written with it, or not with that key.
    :raises app.trust.errors.CertificateUnreadable: the certificate is none.
    """
    scheme = _SCHEMES.get(request.algorithm)
    key = key_name(request.certificate)
    if scheme is None or not key.startswith("rsa-" if scheme.kind == "rsa-pkcs1" else "ec-"):
        raise AlgorithmUnfit(algorithm=str(request.algorithm), key=key)
    return scheme


def append_detached(
    root: Element,
    request: SignatureRequest,
    scheme: SignatureScheme,
    references: Sequence[FileReference],
    *,
    prefix: str,
    dated_object: bool = False,
) -> SignatureDraft:
    """Put a signature that waits for its value behind those of a container.

    :param root: of the file with the container's signatures.
    :param references: to all files that are signed.
    :param prefix: of the identifier. :param dated_object: see :class:`app.xmldsig.detached.DetachedTerms`.
    """
    terms = DetachedTerms(
        identifier=f"{prefix}{secrets.token_hex(16)}",
        algorithm=scheme.name,
        hash_name=scheme.hash_name,
        certificate=request.certificate,
        chain=request.chain,
        time=request.signing_time,
        city=request.location,
        dated_object=dated_object,
    )
    root.append(etree.fromstring(signature_markup(terms, references)))
    return SignatureDraft(root[-1], scheme.hash_name)


def sign(
    draft: SignatureDraft, request: SignatureRequest, scheme: SignatureScheme, value: bytes
) -> tuple[Level, list[Exception]]:
    """Put the token's answer into a draft, and a time stamp where one is wanted and to be had.

    :param value: RSA octets, or ECDSA ``r‖s`` of fixed length.
    :return: the level reached, T at most, and why it is less than wanted; what is beyond T comes after.
    :raises SignatureValueWrong: the value does not verify with the certificate.
    """
    if not verify_signature(request.certificate, scheme, value, draft.to_be_signed):
        raise SignatureValueWrong()
    stamped = draft.set_value(value)
    if request.level == Level.B:
        return Level.B, []
    if request.timestamper is None:
        return Level.B, [TimestamperMissing()]
    imprint = hashlib.new(scheme.hash_name, stamped).digest()
    try:
        token = request.timestamper.token(imprint, scheme.hash_name)
    except AntinError as error:
        return Level.B, [error]
    draft.set_timestamp(token)
    return Level.T, []
