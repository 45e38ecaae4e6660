"""Keys, certificates, lists, answers and CMS signatures made for the tests of trust, correct or wrong on request."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.trust import cms, der
from app.trust.algorithms import HASH_OIDS

#: The moment around which everything is valid.
NOW = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(name: str = "", bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common: str, organization: str = "UBND xã Tân An", **more: str) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        *(x509.NameAttribute(getattr(NameOID, kind), text) for kind, text in more.items()),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    return x509.Name(parts)


@dataclass(frozen=True)
class Holder:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


def key_usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign "
        "crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{usage: usage in names for usage in every.split()})


def certificate(
    common: str,
    *,
    issuer: Holder | None = None,
    key: Any = None,
    ca: bool = False,
    path_length: int | None = None,
    usage: Sequence[str] | None = None,
    purposes: Sequence[x509.ObjectIdentifier] = (),
    purposes_critical: bool = True,
    start: dt.datetime = NOW - YEAR,
    end: dt.datetime = NOW + YEAR,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    subject: x509.Name | None = None,
    serial: int | None = None,
    basic_constraints: bool = True,
    hash_algorithm: Any = None,
) -> Holder:
    """A certificate; without ``issuer`` self-signed. EC keys unless ``key`` is given: they are made fast."""
    key = key or ec_key(common)
    subject = subject or name(common)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or int.from_bytes(hashlib.sha1(common.encode()).digest()[:8], "big") or 1)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if basic_constraints:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical=True)
    if issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if usage is None:
        usage = ("key_cert_sign", "crl_sign") if ca else ("digital_signature", "content_commitment")
    if usage:
        builder = builder.add_extension(key_usage(*usage), critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=purposes_critical)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    signing_key = issuer.key if issuer else key
    return Holder(builder.sign(signing_key, hash_algorithm or hashes.SHA256()), key)


@dataclass(frozen=True)
class Pki:
    """Root → issuing CA → a person, an agency; a time-stamp authority; an OCSP responder."""

    root: Holder
    ca: Holder
    person: Holder
    agency: Holder
    tsa: Holder
    responder: Holder


@cache
def pki() -> Pki:
    root = certificate("Root thử nghiệm", ca=True)
    ca = certificate("CA thử nghiệm", issuer=root, ca=True, path_length=0)
    return Pki(
        root=root,
        ca=ca,
        person=certificate("Nguyễn Văn An", issuer=ca, key=rsa_key("person")),
        agency=certificate("UBND xã Tân An", issuer=ca),
        tsa=certificate("TSA", issuer=ca, purposes=[ExtendedKeyUsageOID.TIME_STAMPING], usage=["digital_signature"]),
        responder=certificate(
            "OCSP",
            issuer=ca,
            purposes=[ExtendedKeyUsageOID.OCSP_SIGNING],
            usage=["digital_signature"],
            extensions=[(x509.OCSPNoCheck(), False)],
            end=NOW + 30 * YEAR,  # an answer is worth something as long as this lasts, in the machine's own time
        ),
    )


def crl(
    issuer: Holder,
    revoked: dict[int, dt.datetime] | None = None,
    *,
    at: dt.datetime = NOW,
    until: dt.datetime | None = None,
    key: Any = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """DER of a CRL of ``issuer``, signed with its key or with ``key``."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at - dt.timedelta(hours=1))
        .next_update(until or at + dt.timedelta(days=7))
    )
    for serial, when in (revoked or {}).items():
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(when)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def ocsp_answer(
    subject: Holder,
    issuer: Holder,
    responder: Holder,
    *,
    revoked_at: dt.datetime | None = None,
    unknown: bool = False,
    at: dt.datetime = NOW,
    until: dt.datetime | None = None,
    include: bool = True,
    by_key: bool = True,
) -> bytes:
    """DER of an OCSP answer for ``subject``, signed by ``responder``."""
    status = ocsp.OCSPCertStatus.GOOD
    if revoked_at:
        status = ocsp.OCSPCertStatus.REVOKED
    elif unknown:
        status = ocsp.OCSPCertStatus.UNKNOWN
    encoding = ocsp.OCSPResponderEncoding.HASH if by_key else ocsp.OCSPResponderEncoding.NAME
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=subject.certificate,
            issuer=issuer.certificate,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=at - dt.timedelta(minutes=5),
            next_update=until or at + dt.timedelta(hours=12),
            revocation_time=revoked_at,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked_at else None,
        )
        .responder_id(encoding, responder.certificate)
    )
    if include:
        builder = builder.certificates([responder.certificate])
    return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


# CMS, written octet by octet so that every part can be wrong.


def seq(*parts: bytes) -> bytes:
    return der.encode(der.SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return der.encode(der.SET, b"".join(sorted(parts)))


def algorithm(oid: str, parameters: bytes = b"\x05\x00") -> bytes:
    return seq(der.encode_oid(oid), parameters)


def hash_algorithm(hash_name: str) -> bytes:
    return algorithm(HASH_OIDS[hash_name])


def attribute(kind: str, *values: bytes) -> bytes:
    return seq(der.encode_oid(kind), set_of(*values))


RSA_SHA256 = algorithm("1.2.840.113549.1.1.11")
ECDSA_SHA256 = algorithm("1.2.840.10045.4.3.2", b"")


def pss_algorithm(hash_name: str = "sha256", salt: int = 32) -> bytes:
    mask = algorithm("1.2.840.113549.1.1.8", hash_algorithm(hash_name))
    return algorithm(
        "1.2.840.113549.1.1.10",
        seq(
            der.encode(der.context(0), hash_algorithm(hash_name)),
            der.encode(der.context(1), mask),
            der.encode(der.context(2), der.encode_integer(salt)),
        ),
    )


def sign_with(key: Any, data: bytes, hash_name: str = "sha256", pss: bool = False) -> bytes:
    chosen = getattr(hashes, hash_name.upper())()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(chosen))
    if pss:
        return key.sign(data, padding.PSS(padding.MGF1(chosen), chosen.digest_size), chosen)
    return key.sign(data, padding.PKCS1v15(), chosen)


def raw_ecdsa(signature: bytes) -> bytes:
    r, s = utils.decode_dss_signature(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def ess_v2(certificate_der: bytes, serial: int | None = None, issuer: bytes = b"") -> bytes:
    reference = der.encode(der.OCTET_STRING, hashlib.sha256(certificate_der).digest())
    if serial is not None:
        general = seq(der.encode(der.context(4), issuer))
        reference += seq(general, der.encode_integer(serial))
    return attribute(cms.SIGNING_CERTIFICATE_V2, seq(seq(seq(reference))))


@dataclass
class CmsMaker:
    """Makes one CMS signature; each field may be set to something wrong before :meth:`make`."""

    signer: Holder
    content: bytes = b"noi dung van ban"
    hash_name: str = "sha256"
    content_type: str = cms.DATA
    attached: bool = False
    pss: bool = False
    digest: bytes | None = None
    ess: bytes | None = None
    with_ess: bool = True
    with_attributes: bool = True
    signing_time: dt.datetime | None = NOW
    extra_signed: list[bytes] = field(default_factory=list)
    extra_unsigned: list[bytes] = field(default_factory=list)
    certificates: list[bytes] | None = None
    stated_type: str | None = None
    by_key_id: bool = False
    signature_algorithm: bytes | None = None
    digest_algorithm: bytes | None = None
    timestamp: Callable[[bytes], bytes] | None = None
    signers: int = 1
    content_info_suffix: bytes = b""

    def make(self) -> bytes:
        digest_algorithm = self.digest_algorithm or hash_algorithm(self.hash_name)
        signature_algorithm = self.signature_algorithm or self._signature_algorithm()
        signer = self._signer_info(digest_algorithm, signature_algorithm)
        content = seq(
            der.encode_oid(self.content_type),
            der.encode(der.context(0), der.encode(der.OCTET_STRING, self.content)) if self.attached else b"",
        )
        embedded = [self.signer.der] if self.certificates is None else self.certificates
        signed_data = seq(
            der.encode_integer(1),
            set_of(digest_algorithm),
            content,
            der.encode(der.context(0), b"".join(embedded)) if embedded else b"",
            der.encode(der.SET, signer * self.signers),
        )
        return seq(der.encode_oid(cms.SIGNED_DATA), der.encode(der.context(0), signed_data)) + self.content_info_suffix

    def _signature_algorithm(self) -> bytes:
        if isinstance(self.signer.key, ec.EllipticCurvePrivateKey):
            numbers = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3"}
            return algorithm(numbers[self.hash_name], b"")
        if self.pss:
            return pss_algorithm(self.hash_name)
        numbers = {"sha1": "1.2.840.113549.1.1.5", "sha256": "1.2.840.113549.1.1.11", "sha512": "1.2.840.113549.1.1.13"}
        return algorithm(numbers[self.hash_name])

    def _signer_info(self, digest_algorithm: bytes, signature_algorithm: bytes) -> bytes:
        subject = self.signer.certificate
        if self.by_key_id:
            value = subject.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            identifier = der.encode(der.context_primitive(0), value)
        else:
            identifier = seq(subject.issuer.public_bytes(), der.encode_integer(subject.serial_number))
        if not self.with_attributes:
            signature, attributes = sign_with(self.signer.key, self.content, self.hash_name, self.pss), b""
        else:
            signed = set_of(*self._attributes())
            signature = sign_with(self.signer.key, signed, self.hash_name, self.pss)
            attributes = bytes((der.context(0),)) + signed[1:]
        unsigned = list(self.extra_unsigned)
        if self.timestamp:
            unsigned.append(attribute(cms.SIGNATURE_TIME_STAMP, self.timestamp(signature)))
        return seq(
            der.encode_integer(1),
            identifier,
            digest_algorithm,
            attributes,
            signature_algorithm,
            der.encode(der.OCTET_STRING, signature),
            der.encode(der.context(1), b"".join(sorted(unsigned))) if unsigned else b"",
        )

    def _attributes(self) -> list[bytes]:
        digest = self.digest or hashlib.new(self.hash_name, self.content).digest()
        attributes = [
            attribute(cms.CONTENT_TYPE, der.encode_oid(self.stated_type or self.content_type)),
            attribute(cms.MESSAGE_DIGEST, der.encode(der.OCTET_STRING, digest)),
            *self.extra_signed,
        ]
        if self.signing_time:
            text = self.signing_time.strftime("%y%m%d%H%M%SZ").encode()
            attributes.append(attribute(cms.SIGNING_TIME, der.encode(der.UTC_TIME, text)))
        if self.with_ess:
            attributes.append(self.ess or ess_v2(self.signer.der))
        return attributes


def timestamp(
    message: bytes,
    *,
    authority: Holder | None = None,
    at: dt.datetime = NOW,
    imprint: bytes | None = None,
    hash_name: str = "sha256",
    nonce: int | None = None,
    version: int = 1,
    **options: Any,
) -> bytes:
    """DER of a time-stamp token over ``message``; ``options`` go to :class:`CmsMaker`."""
    value = hashlib.new(hash_name, message).digest() if imprint is None else imprint
    info = seq(
        der.encode_integer(version),
        der.encode_oid("1.2.3.4"),
        seq(hash_algorithm(hash_name), der.encode(der.OCTET_STRING, value)),
        der.encode_integer(77),
        der.encode(der.GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode()),
        der.encode_integer(nonce) if nonce is not None else b"",
    )
    maker = CmsMaker(authority or pki().tsa, content=info, content_type=cms.TST_INFO, attached=True, signing_time=None)
    for option, value_ in options.items():
        setattr(maker, option, value_)
    return maker.make()


def digest_of(content: bytes) -> Callable[[str], bytes]:
    return lambda hash_name: hashlib.new(hash_name, content).digest()
