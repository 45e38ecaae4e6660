"""Signature algorithms and keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from app.trust import der
from app.trust.certificate import Certificate, read_certificate
from app.trust.der import DerError, Element
from app.trust.errors import CertificateUnreadable
from app.trust.holder import Holder as Holder
from app.trust.holder import holder as holder

#: Hash names (as hashlib has them) by object identifier. MD2 and MD5 are left out: they prove nothing.
HASHES = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
HASH_OIDS = {name: oid for oid, name in HASHES.items()}

Kind = Literal["rsa-pkcs1", "rsa-pss", "ecdsa", "ecdsa-raw"]

_SIGNATURES: dict[str, tuple[Kind, str]] = {
    "1.2.840.113549.1.1.5": ("rsa-pkcs1", "sha1"),
    "1.3.14.3.2.29": ("rsa-pkcs1", "sha1"),
    "1.2.840.113549.1.1.14": ("rsa-pkcs1", "sha224"),
    "1.2.840.113549.1.1.11": ("rsa-pkcs1", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa-pkcs1", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa-pkcs1", "sha512"),
    "2.16.840.1.101.3.4.3.13": ("rsa-pkcs1", "sha3_224"),
    "2.16.840.1.101.3.4.3.14": ("rsa-pkcs1", "sha3_256"),
    "2.16.840.1.101.3.4.3.15": ("rsa-pkcs1", "sha3_384"),
    "2.16.840.1.101.3.4.3.16": ("rsa-pkcs1", "sha3_512"),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3.1": ("ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "2.16.840.1.101.3.4.3.9": ("ecdsa", "sha3_224"),
    "2.16.840.1.101.3.4.3.10": ("ecdsa", "sha3_256"),
    "2.16.840.1.101.3.4.3.11": ("ecdsa", "sha3_384"),
    "2.16.840.1.101.3.4.3.12": ("ecdsa", "sha3_512"),
}

#: Key algorithms that some signers write in the place of a signature algorithm; the hash then stands elsewhere.
_BARE: dict[str, Kind] = {"1.2.840.113549.1.1.1": "rsa-pkcs1", "1.2.840.10045.2.1": "ecdsa"}

_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"

_CURVES = {
    "1.2.840.10045.3.1.7": "p256",
    "1.3.132.0.34": "p384",
    "1.3.132.0.35": "p521",
    "1.3.132.0.10": "secp256k1",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}


#: Of so many issuers it is remembered whether they signed a certificate.
_MOST_SIGNERS = 64


class AlgorithmUnknown(ValueError):
    """A signature or hash algorithm this program does not check; ``oid`` or name as its argument."""


@dataclass(frozen=True)
class SignatureScheme:
    """How a signature value is made.

    :ivar kind: ``ecdsa`` is the DER form of CMS and X.509, ``ecdsa-raw`` the ``r‖s`` of XML signatures and tokens.
    :ivar hash_name: as hashlib has it.
    :ivar mgf_hash: hash of MGF1 for PSS; the same hash without.
    :ivar salt_length: octets of salt for PSS; as long as the hash without.
    """

    kind: Kind
    hash_name: str
    mgf_hash: str | None = None
    salt_length: int | None = None

    @property
    def name(self) -> str:
        """Such as ``rsa-sha256``, ``rsa-pss-sha256``, ``ecdsa-sha384``."""
        family = {"rsa-pkcs1": "rsa", "rsa-pss": "rsa-pss"}.get(self.kind, "ecdsa")
        return f"{family}-{self.hash_name}"


def hash_of(algorithm: Element) -> str:
    """Hash name of an AlgorithmIdentifier.

    :raises AlgorithmUnknown: none of :data:`HASHES`, or one with parameters.
    """
    fields = algorithm.fields()
    oid = fields.next(der.OID).oid()
    fields.optional(der.NULL)
    if fields.more or oid not in HASHES:
        raise AlgorithmUnknown(oid)
    return HASHES[oid]


def scheme_of(algorithm: Element, hash_name: str | None = None) -> SignatureScheme:
    """The scheme of a signature's AlgorithmIdentifier.

    :param hash_name: hash given elsewhere, for identifiers that name none (RFC 3370, section 3.2).
    :raises AlgorithmUnknown: not one that this program checks.
    :raises DerError: its parameters are no such structure.
    """
    fields = algorithm.fields()
    oid = fields.next(der.OID).oid()
    if oid == _PSS:
        return _pss_scheme(fields.next(der.SEQUENCE)) if fields.more else SignatureScheme("rsa-pss", "sha1", "sha1", 20)
    fields.optional(der.NULL)
    if oid in _BARE and hash_name:
        return SignatureScheme(_BARE[oid], hash_name)
    if oid not in _SIGNATURES or fields.more:
        raise AlgorithmUnknown(oid)
    return SignatureScheme(*_SIGNATURES[oid])


def _pss_scheme(parameters: Element) -> SignatureScheme:
    """RSASSA-PSS-params (RFC 4055, section 3.1) with their defaults."""
    fields = parameters.fields()
    hashing, masking, salt, trailer = (fields.optional(der.context(number)) for number in range(4))
    fields.end()
    mgf_hash = "sha1"
    if masking:
        mask = masking.inner().fields()
        if (oid := mask.next(der.OID).oid()) != _MGF1:
            raise AlgorithmUnknown(oid)
        mgf_hash = hash_of(mask.next(der.SEQUENCE))
    salt_length = salt.inner().integer() if salt else 20
    if (trailer and trailer.inner().integer() != 1) or not 0 <= salt_length <= 512:
        raise AlgorithmUnknown(_PSS)
    return SignatureScheme("rsa-pss", hash_of(hashing.inner()) if hashing else "sha1", mgf_hash, salt_length)


def verify_signature(
    certificate_der: bytes, algorithm: SignatureScheme, signature: bytes, data: bytes, *, prehashed: bool = False
) -> bool:
    """Whether ``signature`` is the one that the certificate's key makes over ``data``.

    :param data: the octets signed, or with ``prehashed`` their digest by the scheme's hash.
    :return: False also where the key is of another kind than the scheme or cannot be used.
    :raises CertificateUnreadable: ``certificate_der`` is no certificate.
    :raises AlgorithmUnknown: the scheme's hash is none of :data:`HASHES`.
    """
    return verify_with(_read(certificate_der), algorithm, signature, data, prehashed=prehashed)


def verify_with(
    certificate: Certificate, algorithm: SignatureScheme, signature: bytes, data: bytes, *, prehashed: bool = False
) -> bool:
    """As :func:`verify_signature`, with a certificate already read."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

    def hasher(name: str) -> hashes.HashAlgorithm:
        if name not in HASH_OIDS:
            raise AlgorithmUnknown(name)
        made: hashes.HashAlgorithm = getattr(hashes, name.upper())()
        return made

    chosen = hasher(algorithm.hash_name)
    hashing = utils.Prehashed(chosen) if prehashed else chosen
    try:
        key = certificate.public_key
        if algorithm.kind in ("rsa-pkcs1", "rsa-pss"):
            if not isinstance(key, rsa.RSAPublicKey):
                return False
            if algorithm.kind == "rsa-pkcs1":
                key.verify(signature, data, padding.PKCS1v15(), hashing)
            else:
                mask = padding.MGF1(hasher(algorithm.mgf_hash or algorithm.hash_name))
                salt = chosen.digest_size if algorithm.salt_length is None else algorithm.salt_length
                key.verify(signature, data, padding.PSS(mask, salt), hashing)
            return True
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        if algorithm.kind == "ecdsa-raw":
            half = (key.curve.key_size + 7) // 8
            if len(signature) != 2 * half:
                return False
            r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            signature = utils.encode_dss_signature(r, s)
        key.verify(signature, data, ec.ECDSA(hashing))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, OverflowError):
        return False
    return True


def signed_by(subject: Certificate, issuer: Certificate) -> bool:
    """Whether a certificate's signature is that of another's key; names aside. Remembered with ``subject``: of the same
    two certificates the answer never changes."""
    known = subject.signers.get(issuer.sha256)
    if known is not None:
        return known
    try:
        signed = verify_with(issuer, scheme_of(subject.algorithm), subject.signature, subject.tbs)
    except (AlgorithmUnknown, DerError):
        signed = False
    if len(subject.signers) < _MOST_SIGNERS:
        subject.signers[issuer.sha256] = signed
    return signed


def digest(hash_name: str, data: bytes) -> bytes:
    """Digest of ``data``.

    :raises AlgorithmUnknown: none of :data:`HASHES`.
    """
    if hash_name not in HASH_OIDS:
        raise AlgorithmUnknown(hash_name)
    return hashlib.new(hash_name, data, usedforsecurity=False).digest()


def key_name(certificate_der: bytes) -> str:
    """The key in a word: ``rsa-2048``, ``ec-p256``; ``unknown-`` with the dotted type for others, ``unknown`` where
    there is none.

    :raises CertificateUnreadable: ``certificate_der`` is no certificate.
    """
    try:
        fields = der.read(_read(certificate_der).spki).fields()
        algorithm = fields.next().fields()
        oid = algorithm.next(der.OID).oid()
        if oid in ("1.2.840.113549.1.1.1", _PSS):
            return f"rsa-{der.read(fields.next().bits()).fields().next(der.INTEGER).integer().bit_length()}"
        if oid == "1.2.840.10045.2.1":
            curve = algorithm.next(der.OID).oid()
            return f"ec-{_CURVES.get(curve, curve)}"
    except DerError:
        return "unknown"
    return f"unknown-{oid}"


def key_strength(certificate: Certificate) -> tuple[str, int]:
    """Family (``rsa``, ``ec`` or ``unknown``) and size of the key in bits."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = certificate.public_key
    except (ValueError, UnsupportedAlgorithm):
        return "unknown", 0
    family = "ec" if hasattr(key, "curve") else "rsa" if hasattr(key, "public_numbers") else "unknown"
    return family, getattr(key, "key_size", 0)


def _read(certificate_der: bytes) -> Certificate:
    try:
        return read_certificate(certificate_der)
    except DerError as error:
        raise CertificateUnreadable(detail=str(error)) from error
