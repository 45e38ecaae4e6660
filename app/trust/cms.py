"""CMS signed data (RFC 5652) with one signer, as PAdES, CAdES and time stamps carry it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.trust import der
from app.trust.algorithms import (
    HASHES,
    AlgorithmUnknown,
    SignatureScheme,
    digest,
    hash_of,
    scheme_of,
    verify_with,
)
from app.trust.certificate import Certificate, Name, read_certificate
from app.trust.der import DerError, Element, Fields
from app.trust.model import Problem, TimestampFacts, problem

#: Digest of the signed content by a hash name of :data:`app.trust.algorithms.HASHES`.
DigestOf = Callable[[str], bytes]

#: A CMS larger than this is refused: revocation lists inside may be large, nothing else is.
MAX_SIZE = 64 * 1024 * 1024

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"

CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
ADOBE_REVOCATION = "1.2.840.113583.1.1.8"
_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"
_BASIC_OCSP = "1.3.6.1.5.5.7.48.1.1"

#: More certificates, lists or stamps than this in one signature are not read.
_MAX_CERTIFICATES, _MAX_EVIDENCE, _MAX_STAMPS = 64, 64, 8


@dataclass(frozen=True)
class CmsFacts:
    """What is cryptographically so of one CMS signature.

    :ivar intact: the signature verifies with the signer's certificate, over signed attributes that name the
        content's digest, or over the content itself where there are no signed attributes.
    :ivar supported: False where an algorithm or the structure lies outside what is checked; ``intact`` is then False.
    :ivar certificate: DER of the signer's certificate, None where it is not inside or cannot be read.
    :ivar certificates: DER of all certificates inside, and of those handed in.
    :ivar content_type: dotted type of the content signed.
    :ivar content: the content where it is inside, None for a detached signature.
    :ivar digest_algorithm: hash of the content, such as ``sha256``.
    :ivar signature_algorithm: such as ``rsa-sha256``, ``rsa-pss-sha256``, ``ecdsa-sha384``.
    :ivar signature: the signature value; what a signature time stamp is over.
    :ivar signed_attributes, unsigned_attributes: dotted types.
    :ivar signing_certificate: the signer's certificate is named by its hash among the signed attributes
        (ESS, RFC 5035), as every baseline level of ETSI asks.
    """

    intact: bool = False
    supported: bool = True
    problems: tuple[Problem, ...] = ()
    certificate: bytes | None = None
    certificates: tuple[bytes, ...] = ()
    content_type: str = ""
    content: bytes | None = None
    digest_algorithm: str = ""
    signature_algorithm: str = ""
    signature: bytes = b""
    claimed_time: dt.datetime | None = None
    timestamps: tuple[TimestampFacts, ...] = ()
    signed_attributes: tuple[str, ...] = ()
    unsigned_attributes: tuple[str, ...] = ()
    signing_certificate: bool = False
    embedded_crls: tuple[bytes, ...] = ()
    embedded_ocsps: tuple[bytes, ...] = ()


class _Broken(Exception):
    """The signature fails or cannot be judged for the reason of ``problem``."""

    def __init__(self, code: str, *, supported: bool = True, **data: str) -> None:
        super().__init__(code)
        self.problem, self.supported = problem(code, **data), supported


def read_signed_data(
    data: bytes, *, digest_of: DigestOf | None, certificates: Sequence[bytes] = (), stamped: bool = True
) -> CmsFacts:
    """Read and verify a CMS signature with exactly one signer.

    Only mathematics and structure: whether the certificate is to be trusted is asked of
    :class:`app.trust.path.TrustEvaluator`.

    :param data: the exact DER; octets after it are a problem.
    :param digest_of: digest of the detached content by hash name; None where the content is inside. A content
        that is inside although a detached one is expected is refused, since it would be doubtful which was signed.
    :param certificates: DER of further certificates among which the signer's may be (as in a PDF's DSS).
    :param stamped: read the time stamps over the signature; those over the signature of a time stamp prove nothing
        that its own successor does not, and may be nested without end.
    :return: facts; no input raises.
    """
    if len(data) > MAX_SIZE:
        return CmsFacts(supported=False, problems=(problem("cms-too-large"),))
    reading = _Reading(digest_of, tuple(certificates), stamped)
    try:
        reading.read(data)
    except _Broken as broken:
        reading.facts = replace(
            reading.facts,
            intact=False,
            supported=broken.supported,
            problems=(broken.problem, *reading.facts.problems),
        )
    except DerError as error:
        found = problem("cms-malformed", detail=str(error))
        reading.facts = replace(reading.facts, intact=False, supported=False, problems=(found, *reading.facts.problems))
    return reading.facts


class _Reading:
    """One pass over a CMS: ``facts`` grows as far as it can be read."""

    def __init__(self, digest_of: DigestOf | None, certificates: tuple[bytes, ...], stamped: bool) -> None:
        self.digest_of, self.given, self.stamped = digest_of, certificates, stamped
        self.facts = CmsFacts()

    def note(self, code: str, **data: str) -> None:
        self.add(problems=(*self.facts.problems, problem(code, **data)))

    def add(self, **changes: object) -> None:
        # A quarter of the time of dataclasses.replace, and there are a dozen for each signature.
        self.facts = CmsFacts(**{**vars(self.facts), **changes})

    def read(self, data: bytes) -> None:
        element, rest = der.read_prefix(data)
        if rest:
            raise _Broken("cms-trailing-data", octets=str(len(rest)))
        outer = element.fields()
        if outer.next(der.OID).oid() != SIGNED_DATA:
            raise _Broken("cms-not-signed-data", supported=False)
        fields = outer.next(der.context(0)).inner().fields()
        outer.end()
        fields.next(der.INTEGER)
        fields.next(der.SET)
        self._read_content(fields.next(der.SEQUENCE).fields())
        self._read_certificates(fields.optional(der.context(0)))
        self._read_revocation(fields.optional(der.context(1)))
        signers = fields.next(der.SET).children()
        fields.end()
        if len(signers) != 1:
            raise _Broken("cms-signer-count", supported=False, count=str(len(signers)))
        self._read_signer(signers[0].fields())

    def _read_content(self, fields: Fields) -> None:
        kind = fields.next(der.OID).oid()
        content = fields.optional(der.context(0))
        fields.end()
        self.add(content_type=kind, content=content.inner().octets() if content else None)
        if content and self.digest_of:
            raise _Broken("cms-content-inside", supported=False)
        if not content and not self.digest_of:
            raise _Broken("cms-content-missing", supported=False)

    def _read_certificates(self, element: Element | None) -> None:
        found = [item.raw for item in element or () if item.tag == der.SEQUENCE]
        if len(found) > _MAX_CERTIFICATES:
            raise _Broken("cms-too-many-certificates", supported=False)
        self.add(certificates=tuple(dict.fromkeys([*found, *self.given])))

    def _read_revocation(self, element: Element | None) -> None:
        crls: list[bytes] = []
        ocsps: list[bytes] = []
        for item in element or ():
            if item.tag == der.SEQUENCE:
                crls.append(item.raw)
            elif item.tag == der.context(1):
                other = Fields(item.children())
                if other.next(der.OID).oid() == _OCSP_RESPONSE:
                    ocsps.append(other.next().raw)
        self._add_evidence(crls, ocsps)

    def _add_evidence(self, crls: Sequence[bytes], ocsps: Sequence[bytes]) -> None:
        self.add(
            embedded_crls=(*self.facts.embedded_crls, *crls)[:_MAX_EVIDENCE],
            embedded_ocsps=(*self.facts.embedded_ocsps, *map(_whole_ocsp, ocsps))[:_MAX_EVIDENCE],
        )

    def _read_signer(self, fields: Fields) -> None:
        fields.next(der.INTEGER)
        identifier = fields.next(der.SEQUENCE, der.context_primitive(0))
        digest_algorithm = fields.next(der.SEQUENCE)
        attributes = fields.optional(der.context(0))
        signature_algorithm = fields.next(der.SEQUENCE)
        signature = fields.next().octets()
        unsigned = fields.optional(der.context(1))
        fields.end()
        self.add(signature=signature)
        signed = _attributes(attributes)
        self.add(signed_attributes=tuple(signed), claimed_time=_time(signed))
        self._read_unsigned(unsigned, signature)
        self._read_archival(signed)

        hash_name = self._algorithms(digest_algorithm, signature_algorithm)
        scheme = scheme_of(signature_algorithm, hash_name)
        signer = self._signer(identifier, signed)
        self.add(certificate=signer.der)
        if scheme.hash_name != hash_name:
            raise _Broken("cms-algorithms-differ", digest=hash_name, signature=scheme.hash_name)
        self._check(signer, scheme, attributes, signed, signature, digest_algorithm, signature_algorithm)

    def _algorithms(self, digest_algorithm: Element, signature_algorithm: Element) -> str:
        try:
            hash_name = hash_of(digest_algorithm)
            self.add(digest_algorithm=hash_name)
            self.add(signature_algorithm=scheme_of(signature_algorithm, hash_name).name)
        except AlgorithmUnknown as error:
            raise _Broken("algorithm-unknown", supported=False, algorithm=str(error)) from error
        return hash_name

    def _check(
        self,
        signer: Certificate,
        scheme: SignatureScheme,
        attributes: Element | None,
        signed: dict[str, list[Element]],
        signature: bytes,
        digest_algorithm: Element,
        signature_algorithm: Element,
    ) -> None:
        """The digest, the attributes that bind, and the signature value (RFC 5652, 5.4 and 5.6)."""
        actual = self._content_digest(scheme.hash_name)
        if attributes is None:
            if self.facts.content_type != DATA:
                raise _Broken("cms-attributes-missing")
            if (self.facts.content or b"")[:1] == bytes((der.SET,)):
                raise _Broken("cms-attributes-as-content")
            self.note("cms-no-signed-attributes")
            intact = verify_with(signer, scheme, signature, actual, prehashed=True)
        else:
            kind = _single(signed, CONTENT_TYPE)
            if kind is None or kind.oid() != self.facts.content_type:
                raise _Broken("cms-content-type-differs")
            stated = _single(signed, MESSAGE_DIGEST)
            if stated is None:
                raise _Broken("cms-message-digest-missing")
            if stated.octets() != actual:
                raise _Broken("digest-mismatch")
            protection = _single(signed, ALGORITHM_PROTECTION)
            if protection is not None:
                _check_protection(protection, digest_algorithm, signature_algorithm)
            if not self.facts.signing_certificate:
                self.note("cms-no-signing-certificate")
            intact = verify_with(signer, scheme, signature, der.encode(der.SET, attributes.content))
        if not intact:
            raise _Broken("signature-value-wrong")
        self.add(intact=True)

    def _content_digest(self, hash_name: str) -> bytes:
        if self.digest_of is not None:
            return self.digest_of(hash_name)
        return digest(hash_name, self.facts.content or b"")

    def _signer(self, identifier: Element, signed: dict[str, list[Element]]) -> Certificate:
        """The certificate that the signer info names, which must also be the one that ESS names."""
        candidates = [certificate for certificate in self._readable() if _identifies(identifier, certificate)]
        if not candidates:
            raise _Broken("cms-signer-certificate-missing", supported=False)
        references = _ess_references(signed)
        if not references:
            return candidates[0]
        for certificate in candidates:
            if all(_matches(reference, certificate) for reference in references):
                self.add(signing_certificate=True)
                return certificate
        self.add(certificate=candidates[0].der)
        raise _Broken("cms-signing-certificate-differs")

    def _readable(self) -> list[Certificate]:
        found = []
        for data in self.facts.certificates:
            try:
                found.append(read_certificate(data))
            except DerError:
                self.note("certificate-malformed")
        return found

    def _read_unsigned(self, element: Element | None, signature: bytes) -> None:
        from app.trust.timestamps import read_timestamp

        unsigned = _attributes(element)
        self.add(unsigned_attributes=tuple(unsigned))
        stamps = unsigned.get(SIGNATURE_TIME_STAMP, []) if self.stamped else []
        if len(stamps) > _MAX_STAMPS:
            raise _Broken("cms-too-many-timestamps", supported=False)
        self.add(
            timestamps=tuple(
                read_timestamp(stamp.raw, message=signature, certificates=self.facts.certificates) for stamp in stamps
            )
        )
        more = [item.raw for value in unsigned.get(CERTIFICATE_VALUES, []) for item in value.expect(der.SEQUENCE)]
        self.add(certificates=tuple(dict.fromkeys([*self.facts.certificates, *more]))[:_MAX_CERTIFICATES])
        for value in unsigned.get(REVOCATION_VALUES, []):
            fields = value.fields()
            crls, ocsps = fields.optional(der.context(0)), fields.optional(der.context(1))
            self._add_evidence(
                [item.raw for item in crls.inner()] if crls else [],
                [item.raw for item in ocsps.inner()] if ocsps else [],
            )

    def _read_archival(self, signed: dict[str, list[Element]]) -> None:
        """Adobe's revocation information (ISO 32000-2, 12.8.3.3.2)."""
        for value in signed.get(ADOBE_REVOCATION, []):
            fields = value.fields()
            crls, ocsps = fields.optional(der.context(0)), fields.optional(der.context(1))
            self._add_evidence(
                [item.raw for item in crls.inner()] if crls else [],
                [item.raw for item in ocsps.inner()] if ocsps else [],
            )


def _attributes(element: Element | None) -> dict[str, list[Element]]:
    """Values by dotted type.

    :raises _Broken: one type stands twice (RFC 5652, 5.3 allows no second instance).
    """
    found: dict[str, list[Element]] = {}
    for attribute in element.children() if element else ():
        fields = attribute.fields()
        kind = fields.next(der.OID).oid()
        values = fields.next(der.SET).children()
        fields.end()
        if kind in found:
            if kind in (CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, ALGORITHM_PROTECTION):
                raise _Broken("cms-attribute-twice", attribute=kind)
            values = found[kind] + values
        found[kind] = values
    return found


def _single(attributes: dict[str, list[Element]], kind: str) -> Element | None:
    values = attributes.get(kind)
    if values is None:
        return None
    if len(values) != 1:
        raise _Broken("cms-attribute-twice", attribute=kind)
    return values[0]


def _time(signed: dict[str, list[Element]]) -> dt.datetime | None:
    value = _single(signed, SIGNING_TIME)
    return None if value is None else value.time()


def _check_protection(protection: Element, digest_algorithm: Element, signature_algorithm: Element) -> None:
    """The algorithms named inside the signed attributes are those used (RFC 6211, section 3)."""
    fields = protection.fields()
    stated_digest = fields.next(der.SEQUENCE)
    stated_signature = fields.optional(der.context(1))
    if stated_signature is None:
        raise _Broken("cms-algorithm-protection-differs")
    restored = der.read(der.encode(der.SEQUENCE, stated_signature.content))
    try:
        same = hash_of(stated_digest) == hash_of(digest_algorithm) and _same_algorithm(restored, signature_algorithm)
    except AlgorithmUnknown as error:
        raise _Broken("cms-algorithm-protection-differs") from error
    if not same:
        raise _Broken("cms-algorithm-protection-differs")


def _same_algorithm(one: Element, other: Element) -> bool:
    null = der.encode(der.NULL, b"")
    return one.content.removesuffix(null) == other.content.removesuffix(null)


def _identifies(identifier: Element, certificate: Certificate) -> bool:
    """Whether a SignerIdentifier names this certificate (RFC 5652, 5.3)."""
    if identifier.tag == der.context_primitive(0):
        return certificate.subject_key_id == identifier.content
    fields = identifier.fields()
    issuer, serial = Name(fields.next(der.SEQUENCE).raw), fields.next(der.INTEGER).integer()
    return certificate.serial == serial and certificate.issuer == issuer


@dataclass(frozen=True)
class _Reference:
    """The first certificate of a signing-certificate attribute, which is the signer's (RFC 5035, section 3)."""

    hash_name: str
    digest: bytes
    serial: int | None


def _ess_references(signed: dict[str, list[Element]]) -> list[_Reference]:
    references = []
    for kind in (SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2):
        value = _single(signed, kind)
        if value is None:
            continue
        listed = value.fields().next(der.SEQUENCE).children()
        if not listed:
            raise _Broken("cms-signing-certificate-differs")
        fields = listed[0].fields()
        hash_name = "sha1"
        if kind == SIGNING_CERTIFICATE_V2:
            stated = fields.optional(der.SEQUENCE)
            hash_name = "sha256" if stated is None else HASHES.get(stated.fields().next(der.OID).oid(), "")
        if not hash_name:
            raise _Broken("algorithm-unknown", supported=False, algorithm="ESS")
        named = fields.next().octets()
        issuer_serial = fields.optional(der.SEQUENCE)
        serial = None
        if issuer_serial is not None:
            pair = issuer_serial.fields()
            pair.next(der.SEQUENCE)
            serial = pair.next(der.INTEGER).integer()
        references.append(_Reference(hash_name, named, serial))
    return references


def _matches(reference: _Reference, certificate: Certificate) -> bool:
    return digest(reference.hash_name, certificate.der) == reference.digest and reference.serial in (
        None,
        certificate.serial,
    )


def _whole_ocsp(data: bytes) -> bytes:
    """An OCSPResponse: CAdES stores only the BasicOCSPResponse inside it (RFC 5126, 6.3.4)."""
    first = next(iter(der.read(data)), None)
    if first is None or first.tag != der.SEQUENCE:
        return data
    inside = der.encode_oid(_BASIC_OCSP) + der.encode(der.OCTET_STRING, data)
    wrapped = der.encode(der.context(0), der.encode(der.SEQUENCE, inside))
    return der.encode(der.SEQUENCE, der.encode(der.ENUMERATED, b"\x00") + wrapped)
