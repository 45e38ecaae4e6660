"""The CMS of a PAdES or CAdES baseline signature (ETSI EN 319 142-1, section 6.3; ETSI EN 319 122-1; RFC 5652).

Signed attributes are content-type, message-digest, signing-certificate-v2 and the algorithm protection of RFC 6211.
The attribute signing-time has to be there in CAdES and must not be in PAdES, where the claimed time is ``/M`` of the
signature dictionary.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from app.signing.errors import SignatureValueWrong
from app.trust import der
from app.trust.algorithms import HASH_OIDS, Kind, SignatureScheme, verify_with
from app.trust.certificate import read_certificate
from app.trust.cms import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNATURE_TIME_STAMP,
    SIGNED_DATA,
    SIGNING_CERTIFICATE_V2,
    SIGNING_TIME,
)
from app.trust.errors import CertificateUnreadable
from pkcs11_bridge.protocol import SignatureAlgorithm

_PSS: Final = "1.2.840.113549.1.1.10"
_MGF1: Final = "1.2.840.113549.1.1.8"
_SIGNATURE_OIDS: Final = {
    SignatureAlgorithm.RSA_SHA256: "1.2.840.113549.1.1.11",
    SignatureAlgorithm.RSA_SHA384: "1.2.840.113549.1.1.12",
    SignatureAlgorithm.RSA_SHA512: "1.2.840.113549.1.1.13",
    SignatureAlgorithm.ECDSA_SHA256: "1.2.840.10045.4.3.2",
    SignatureAlgorithm.ECDSA_SHA384: "1.2.840.10045.4.3.3",
    SignatureAlgorithm.ECDSA_SHA512: "1.2.840.10045.4.3.4",
}
_NULL: Final = der.encode(der.NULL, b"")
_VERSION_1: Final = der.encode_integer(1)
_DIRECTORY_NAME: Final = der.context(4)


class CmsDraft:
    """A SignedData that waits for its signature value.

    :param digest: hash of the octets under ``/ByteRange``, or of the detached content, by ``algorithm.hash_name``.
    :param certificate: DER of the signer's certificate.
    :param chain: DER of its issuers; carried along.
    :param signing_time: aware, the claimed time of CAdES.
    :raises app.trust.errors.CertificateUnreadable: ``certificate`` is none.
    """

    def __init__(
        self,
        digest: bytes,
        certificate: bytes,
        chain: Sequence[bytes],
        algorithm: SignatureAlgorithm,
        signing_time: dt.datetime | None = None,
    ) -> None:
        try:
            self._certificate = read_certificate(certificate)
        except der.DerError as error:
            raise CertificateUnreadable(detail=str(error)) from error
        self._certificates = sorted({certificate, *chain})
        self._algorithm = algorithm
        self._digest_algorithm = _sequence(der.encode_oid(HASH_OIDS[algorithm.hash_name]))
        self._signature_algorithm = _signature_algorithm(algorithm)
        self._attributes = self._signed_attributes(digest, signing_time)

    @cached_property
    def to_be_signed(self) -> bytes:
        """DER of the signed attributes with the tag SET OF (RFC 5652, section 5.4)."""
        return der.encode(der.SET, self._attributes)

    def cms_value(self, signature: bytes) -> bytes:
        """Check the token's answer and give it the form that CMS carries.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :return: RSA octets unchanged, ECDSA as the DER sequence of r and s.
        :raises SignatureValueWrong: it does not verify with the signer's public key.
        """
        kind: Kind = "rsa-pkcs1"
        if self._algorithm.startswith("rsa-pss"):
            kind = "rsa-pss"
        elif self._algorithm.startswith("ecdsa"):
            kind = "ecdsa-raw"
        scheme = SignatureScheme(kind, self._algorithm.hash_name)
        if not verify_with(self._certificate, scheme, signature, self.to_be_signed):
            raise SignatureValueWrong()
        if kind != "ecdsa-raw":
            return signature
        half = len(signature) // 2
        return _sequence(
            *(der.encode_integer(int.from_bytes(part, "big")) for part in (signature[:half], signature[half:]))
        )

    def assemble(self, value: bytes, timestamp: bytes | None = None, *, content: bytes | None = None) -> bytes:
        """DER of the ContentInfo.

        :param value: in its CMS form.
        :param content: what was signed, where the signature is not detached from it.
        :param timestamp: DER of a TimeStampToken over ``value``, put into the attribute signature-time-stamp.
        """
        signer = [
            _VERSION_1,
            self._issuer_and_serial(),
            self._digest_algorithm,
            der.encode(der.context(0), self._attributes),
            self._signature_algorithm,
            der.encode(der.OCTET_STRING, value),
        ]
        if timestamp is not None:
            signer.append(der.encode(der.context(1), _attribute(SIGNATURE_TIME_STAMP, timestamp)))
        signed_data = _sequence(
            _VERSION_1,
            der.encode(der.SET, self._digest_algorithm),
            _sequence(
                der.encode_oid(DATA),
                *(() if content is None else (der.encode(der.context(0), der.encode(der.OCTET_STRING, content)),)),
            ),
            der.encode(der.context(0), b"".join(self._certificates)),
            der.encode(der.SET, _sequence(*signer)),
        )
        return _sequence(der.encode_oid(SIGNED_DATA), der.encode(der.context(0), signed_data))

    def _signed_attributes(self, digest: bytes, signing_time: dt.datetime | None) -> bytes:
        """The attributes of EN 319 142-1, table 1, or EN 319 122-1, table 1, for level B-B, in the order of DER."""
        hash_name = self._algorithm.hash_name
        reference = _sequence(
            *(() if hash_name == "sha256" else (self._digest_algorithm,)),  # sha256 is the default (RFC 5035, 4)
            der.encode(der.OCTET_STRING, hashlib.new(hash_name, self._certificate.der).digest()),
            self._issuer_serial(),
        )
        protection = _sequence(
            self._digest_algorithm, der.encode(der.context(1), der.read(self._signature_algorithm).content)
        )
        return b"".join(
            sorted(
                (
                    _attribute(CONTENT_TYPE, der.encode_oid(DATA)),
                    _attribute(MESSAGE_DIGEST, der.encode(der.OCTET_STRING, digest)),
                    _attribute(SIGNING_CERTIFICATE_V2, _sequence(_sequence(reference))),
                    _attribute(ALGORITHM_PROTECTION, protection),
                    *(() if signing_time is None else (_attribute(SIGNING_TIME, _time(signing_time)),)),
                )
            )
        )

    def _serial(self) -> bytes:
        fields = der.read(self._certificate.tbs).fields()
        fields.optional(der.context(0))
        return fields.next(der.INTEGER).raw

    def _issuer_and_serial(self) -> bytes:
        return _sequence(self._certificate.issuer.raw, self._serial())

    def _issuer_serial(self) -> bytes:
        """As ESS has it: the issuer as GeneralNames (RFC 5035, section 4)."""
        names = _sequence(der.encode(_DIRECTORY_NAME, self._certificate.issuer.raw))
        return _sequence(names, self._serial())


def room_for(certificate: bytes, chain: Sequence[bytes], timestamped: bool) -> int:
    """Octets to keep free for the finished CMS.

    Certificates as they are, 2,560 for attributes and the longest signature value (RSA-4096), the issuer's name twice
    (shorter than the certificate), and 16,384 for a time stamp with its authority's own chain.
    """
    return sum(map(len, {certificate, *chain})) + 2560 + 2 * len(certificate) + (16384 if timestamped else 0)


def _sequence(*elements: bytes) -> bytes:
    return der.encode(der.SEQUENCE, b"".join(elements))


def _attribute(kind: str, value: bytes) -> bytes:
    return _sequence(der.encode_oid(kind), der.encode(der.SET, value))


def _time(moment: dt.datetime) -> bytes:
    """UTCTime up to 2049, GeneralizedTime after it (RFC 5652, section 11.3)."""
    utc = moment.astimezone(dt.UTC)
    if utc.year < 2050:
        return der.encode(der.UTC_TIME, utc.strftime("%y%m%d%H%M%SZ").encode())
    return der.encode(der.GENERALIZED_TIME, utc.strftime("%Y%m%d%H%M%SZ").encode())


def _signature_algorithm(algorithm: SignatureAlgorithm) -> bytes:
    """AlgorithmIdentifier: PSS with its parameters (RFC 4055), PKCS#1 v1.5 with NULL, ECDSA without (RFC 5754)."""
    if algorithm.startswith("rsa-pss"):
        hashing = _sequence(der.encode_oid(HASH_OIDS[algorithm.hash_name]), _NULL)
        masking = _sequence(der.encode_oid(_MGF1), hashing)
        salt = der.encode_integer(hashlib.new(algorithm.hash_name).digest_size)
        tagged = (der.encode(der.context(number), value) for number, value in enumerate((hashing, masking, salt)))
        return _sequence(der.encode_oid(_PSS), _sequence(*tagged))
    parameters = _NULL if algorithm.startswith("rsa") else b""
    return _sequence(der.encode_oid(_SIGNATURE_OIDS[algorithm]), parameters)
