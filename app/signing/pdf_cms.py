"""The CMS of a PAdES baseline signature (ETSI EN 319 142-1, section 6.3; ETSI EN 319 122-1; RFC 5652).

Signed attributes are content-type, message-digest, signing-certificate-v2 and the algorithm protection of RFC 6211.
The attribute signing-time must not be there: in PAdES the claimed time is ``/M`` of the signature dictionary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property

from asn1crypto import algos, cms, core, tsp, x509

from app.signing.pdf_errors import SignatureValueWrong
from pkcs11_bridge.protocol import SignatureAlgorithm


class CmsDraft:
    """A SignedData that waits for its signature value.

    :param digest: hash of the octets under ``/ByteRange``, by ``algorithm.hash_name``.
    :param certificate: DER of the signer's certificate.
    :param chain: DER of its issuers; carried along, in any order.
    """

    def __init__(
        self, digest: bytes, certificate: bytes, chain: Sequence[bytes], algorithm: SignatureAlgorithm
    ) -> None:
        self._certificate = x509.Certificate.load(certificate)
        self._chain = [x509.Certificate.load(der) for der in chain if der != certificate]
        self._algorithm = algorithm
        self._digest_algorithm = algos.DigestAlgorithm({"algorithm": algorithm.hash_name})
        self._attributes = self._signed_attributes(digest, certificate)

    @cached_property
    def to_be_signed(self) -> bytes:
        """DER of the signed attributes with the tag SET OF (RFC 5652, section 5.4)."""
        dump: bytes = self._attributes.dump()
        return dump

    def cms_value(self, signature: bytes) -> bytes:
        """The signature as CMS carries it: ECDSA as the DER sequence of r and s, RSA unchanged.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises SignatureValueWrong: the length cannot be that of an ECDSA signature.
        """
        if not self._algorithm.startswith("ecdsa"):
            return signature
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        half, odd = divmod(len(signature), 2)
        if odd or not half:
            raise SignatureValueWrong()
        return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))

    def verify(self, value: bytes) -> None:
        """Check the value (in its CMS form) with the signer's public key.

        :raises SignatureValueWrong: it does not hold.
        """
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        key = load_der_public_key(self._certificate.public_key.dump())
        digests = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
        digest = digests[self._algorithm.hash_name]
        try:
            if isinstance(key, rsa.RSAPublicKey) and self._algorithm.startswith("rsa-pss"):
                pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
                key.verify(value, self.to_be_signed, pss, digest)
            elif isinstance(key, rsa.RSAPublicKey) and self._algorithm.startswith("rsa"):
                key.verify(value, self.to_be_signed, padding.PKCS1v15(), digest)
            elif isinstance(key, ec.EllipticCurvePublicKey) and self._algorithm.startswith("ecdsa"):
                key.verify(value, self.to_be_signed, ec.ECDSA(digest))
            else:
                raise SignatureValueWrong()
        except InvalidSignature:
            raise SignatureValueWrong() from None

    def assemble(self, value: bytes, timestamp: bytes | None = None) -> bytes:
        """DER of the ContentInfo.

        :param value: in its CMS form.
        :param timestamp: DER of a TimeStampToken over ``value``, put into the attribute signature-time-stamp.
        """
        info = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value=cms.IssuerAndSerialNumber(
                    {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
                ),
            ),
            "digest_algorithm": self._digest_algorithm,
            "signed_attrs": self._attributes,
            "signature_algorithm": self._signature_algorithm(),
            "signature": value,
        }
        if timestamp is not None:
            token = cms.ContentInfo.load(timestamp)
            info["unsigned_attrs"] = cms.CMSAttributes(
                [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
            )
        signed_data = cms.SignedData(
            {
                "version": "v1",
                "digest_algorithms": cms.DigestAlgorithms((self._digest_algorithm,)),
                "encap_content_info": {"content_type": "data"},
                "certificates": [self._certificate, *self._chain],
                "signer_infos": [cms.SignerInfo(info)],
            }
        )
        dump: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump()
        return dump

    def _signed_attributes(self, digest: bytes, certificate: bytes) -> cms.CMSAttributes:
        """The attributes of EN 319 142-1, table 1, for level B-B."""
        hash_name = self._algorithm.hash_name
        reference = tsp.ESSCertIDv2(
            {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": hash_name}),
                "cert_hash": hashlib.new(hash_name, certificate).digest(),
                "issuer_serial": {
                    "issuer": [x509.GeneralName(name="directory_name", value=self._certificate.issuer)],
                    "serial_number": self._certificate.serial_number,
                },
            }
        )
        protection = cms.CMSAlgorithmProtection(
            {"digest_algorithm": self._digest_algorithm, "signature_algorithm": self._signature_algorithm()}
        )
        values = {
            "content_type": "data",
            "message_digest": digest,
            "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [reference]}),
            "cms_algorithm_protection": protection,
        }
        return cms.CMSAttributes(
            [cms.CMSAttribute({"type": name, "values": [value]}) for name, value in values.items()]
        )

    def _signature_algorithm(self) -> algos.SignedDigestAlgorithm:
        hash_name = self._algorithm.hash_name
        if self._algorithm.startswith("rsa-pss"):
            parameters = algos.RSASSAPSSParams(
                {
                    "hash_algorithm": algos.DigestAlgorithm({"algorithm": hash_name}),
                    "mask_gen_algorithm": algos.MaskGenAlgorithm(
                        {"algorithm": "mgf1", "parameters": algos.DigestAlgorithm({"algorithm": hash_name})}
                    ),
                    "salt_length": hashlib.new(hash_name).digest_size,
                }
            )
            return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
        if self._algorithm.startswith("rsa"):
            return algos.SignedDigestAlgorithm({"algorithm": f"{hash_name}_rsa", "parameters": core.Null()})
        return algos.SignedDigestAlgorithm({"algorithm": f"{hash_name}_ecdsa"})


def room_for(certificate: bytes, chain: Sequence[bytes], timestamped: bool) -> int:
    """Octets to keep free for the finished CMS.

    Certificates as they are, 2,560 for attributes and the longest signature value (RSA-4096), and 16,384 for a time
    stamp with its authority's own chain.
    """
    return sum(map(len, {certificate, *chain})) + 2560 + 2 * len(certificate) + (16384 if timestamped else 0)
