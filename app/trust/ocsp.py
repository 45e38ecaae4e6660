"""OCSP requests and answers (RFC 6960)."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.trust import der
from app.trust.algorithms import HASHES, AlgorithmUnknown, digest, scheme_of, signed_by, verify_with
from app.trust.certificate import Certificate, Name, Oids, read_certificate, read_extensions
from app.trust.crl import OTHER_REASON, REASONS, invalid_since
from app.trust.der import DerError, Element
from app.trust.weighed_cache import WeighedCache

_NONCE = "1.3.6.1.5.5.7.48.1.2"
_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_BASIC = "1.3.6.1.5.5.7.48.1.1"
_CERT_HASH = "1.3.36.8.3.13"
_SHA1 = "1.3.14.3.2.26"

_DIGITAL_SIGNATURE = 0

#: An answer larger than this is not read; real ones have one to five kilobytes.
MAX_SIZE = 64 * 1024

#: Octets of answers remembered; certificates looked at in one; certificates that one answers for.
_REMEMBERED, _MOST_CERTIFICATES, _MOST_SINGLES = 16 * 1024 * 1024, 16, 32

#: Clocks of a responder's machines may differ by this much.
_SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class SingleResponse:
    """What an answer says of one certificate (RFC 6960, 4.2.1).

    :ivar kept_since: archive cutoff (4.4.4): certificates that ran out after it are still answered for.
    :ivar hash_of_certificate: hash name and digest of the certificate that is meant (CertHash of the Common PKI
        specification), where the answer names it.
    """

    hash_name: str
    name_hash: bytes
    key_hash: bytes
    serial: int
    unknown: bool
    revoked_at: dt.datetime | None
    reason: str | None
    this_update: dt.datetime
    next_update: dt.datetime | None
    kept_since: dt.datetime | None
    hash_of_certificate: tuple[str, bytes] | None

    def is_about(self, certificate: Certificate, issuer: Certificate) -> bool:
        """Whether it speaks of this very certificate."""
        if self.serial != certificate.serial or self.key_hash != digest(self.hash_name, issuer.key_bits):
            return False
        names = {digest(self.hash_name, issuer.subject.raw), digest(self.hash_name, certificate.issuer.raw)}
        if self.name_hash not in names:
            return False
        meant = self.hash_of_certificate
        return meant is None or digest(meant[0], certificate.der) == meant[1]


@dataclass(frozen=True, eq=False)
class OcspAnswer:
    """A BasicOCSPResponse."""

    responder: Element
    produced: dt.datetime
    singles: tuple[SingleResponse, ...]
    nonce: bytes | None
    tbs: bytes
    algorithm: Element
    signature: bytes
    certificates: tuple[bytes, ...]
    _signers: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def hash_name(self) -> str:
        """Hash of its signature, as hashlib has it; empty where the algorithm is not known."""
        try:
            return scheme_of(self.algorithm).hash_name
        except (AlgorithmUnknown, DerError):
            return ""

    def about(self, certificate: Certificate, issuer: Certificate) -> SingleResponse | None:
        """What it says of a certificate, the worst first; None where it says nothing of it."""
        found = [single for single in self.singles if single.is_about(certificate, issuer)]
        return min(found, key=lambda single: single.revoked_at is None, default=None)

    def is_from(self, certificate: Certificate) -> bool:
        """Whether the responder id is this certificate's name or key."""
        if self.responder.tag == der.context(1):
            return Name(self.responder.inner().raw) == certificate.subject
        return self.responder.inner().octets() == digest("sha1", certificate.key_bits)

    def is_signed_by(self, responder: Certificate) -> bool:
        """Whether its signature is of that key.

        :raises AlgorithmUnknown, DerError: it is of a kind that is not checked.
        """
        if responder.sha256 not in self._signers:
            holds = verify_with(responder, scheme_of(self.algorithm), self.signature, self.tbs)
            self._signers[responder.sha256] = holds
        return self._signers[responder.sha256]

    def is_of(self, issuer: Certificate) -> bool:
        """Whether the issuer signed it, or somebody whom it empowered; errors as :meth:`is_signed_by`."""
        responders = [issuer] if self.is_from(issuer) else self.delegates(issuer)
        return any(self.is_signed_by(responder) for responder in responders)

    def delegates(self, issuer: Certificate) -> Sequence[Certificate]:
        """The certificates in it of whom the issuer empowered to answer (RFC 6960, 4.2.2.2), valid when it was
        produced; their revocation aside."""
        found = []
        for data in self.certificates:
            try:
                delegate = read_certificate(data)
                if self.is_from(delegate) and _is_empowered(delegate, issuer, self.produced):
                    found.append(delegate)
            except DerError:
                continue
        return found


def _is_empowered(delegate: Certificate, issuer: Certificate, at: dt.datetime) -> bool:
    return (
        delegate.issuer == issuer.subject
        and Oids.KP_OCSP_SIGNING in (delegate.extended_key_usage or ())
        and _DIGITAL_SIGNATURE in (delegate.key_usage or {_DIGITAL_SIGNATURE})
        and not delegate.unknown_critical_extensions
        and delegate.not_before <= at <= delegate.not_after
        and signed_by(delegate, issuer)
    )


def read_ocsp(data: bytes) -> OcspAnswer | None:
    """The basic answer inside an OCSPResponse; None where the server answered with an error.

    :raises DerError: no OCSPResponse, too large, with more than 32 certificates answered for, or with a critical
        extension that is not known.
    """
    if len(data) > MAX_SIZE:
        raise DerError("OCSP answer too large")
    return _answers.get(data, _read)


_answers: WeighedCache[OcspAnswer | None] = WeighedCache(_REMEMBERED)


def _read(data: bytes) -> OcspAnswer | None:
    outer = der.read(data).fields()
    if outer.next(der.ENUMERATED).integer() != 0:
        return None
    wrapped = outer.next(der.context(0)).inner().fields()
    if wrapped.next(der.OID).oid() != _BASIC:
        return None
    basic = der.read(wrapped.next().octets()).fields()
    tbs = basic.next(der.SEQUENCE)
    algorithm, signature = basic.next(der.SEQUENCE), basic.next().bits()
    certificates = basic.optional(der.context(0))
    basic.end()
    fields = tbs.fields()
    fields.optional(der.context(0))
    responder = fields.next(der.context(1), der.context(2))
    produced = fields.next().time()
    responses = fields.next(der.SEQUENCE).children()
    if len(responses) > _MOST_SINGLES:
        raise DerError("too many answers in one")
    singles = [_read_single(item, produced) for item in responses]
    extensions = fields.optional(der.context(1))
    fields.end()
    found = read_extensions(extensions.inner() if extensions else None)
    if any(item.critical and kind != _NONCE for kind, item in found.items()):
        raise DerError("critical extension of an OCSP answer")
    embedded = certificates.inner().children()[:_MOST_CERTIFICATES] if certificates else ()
    return OcspAnswer(
        responder=responder,
        produced=produced,
        singles=tuple(single for single in singles if single is not None),
        nonce=found[_NONCE].value if _NONCE in found else None,
        tbs=tbs.raw,
        algorithm=algorithm,
        signature=signature,
        certificates=tuple(item.raw for item in embedded),
    )


def _read_single(element: Element, produced: dt.datetime) -> SingleResponse | None:
    """None for one that is not understood: another hash, a critical extension, or times that contradict each other.

    :param produced: when the answer was signed; it cannot know of later (RFC 6960, 2.4).
    """
    fields = element.fields()
    identifier = fields.next(der.SEQUENCE).fields()
    hash_name = HASHES.get(identifier.next(der.SEQUENCE).fields().next(der.OID).oid())
    name_hash, key_hash = identifier.next().octets(), identifier.next().octets()
    serial = identifier.next(der.INTEGER).integer()
    status = fields.next(der.context_primitive(0), der.context(1), der.context_primitive(2))
    this_update = fields.next().time()
    next_update = fields.optional(der.context(0))
    until = next_update.inner().time() if next_update else None
    extensions = fields.optional(der.context(1))
    fields.end()
    known = read_extensions(extensions.inner() if extensions else None)
    meant = _read_cert_hash(known[_CERT_HASH].value) if _CERT_HASH in known else None
    critical = any(item.critical and kind != _CERT_HASH for kind, item in known.items())
    contradicting = this_update - produced > _SKEW or (until is not None and until < this_update)
    if hash_name is None or critical or contradicting:
        return None
    revoked_at = reason = None
    if status.tag == der.context(1):
        revoked = der.Fields(status.children())
        revoked_at = revoked.next().time()
        revoked_at = min(revoked_at, invalid_since(known) or revoked_at)
        stated = revoked.optional(der.context(0))
        reason = REASONS.get(stated.inner().integer(), OTHER_REASON) if stated else None
    return SingleResponse(
        hash_name=hash_name,
        name_hash=name_hash,
        key_hash=key_hash,
        serial=serial,
        unknown=status.tag == der.context_primitive(2),
        revoked_at=revoked_at,
        reason=reason,
        this_update=this_update,
        next_update=until,
        kept_since=der.read(known[_ARCHIVE_CUTOFF].value).time() if _ARCHIVE_CUTOFF in known else None,
        hash_of_certificate=meant,
    )


def _read_cert_hash(value: bytes) -> tuple[str, bytes]:
    """
    :raises DerError: no CertHash, or one whose hash cannot be taken.
    """
    fields = der.read(value).fields()
    name = HASHES.get(fields.next(der.SEQUENCE).fields().next(der.OID).oid())
    stated = fields.next().octets()
    fields.end()
    if name is None:
        raise DerError("hash of the certificate meant")
    return name, stated


def request(certificate: Certificate, issuer: Certificate) -> tuple[bytes, bytes]:
    """An OCSPRequest for one certificate, and the DER of its nonce (RFC 9654)."""

    def seq(*parts: bytes) -> bytes:
        return der.encode(der.SEQUENCE, b"".join(parts))

    nonce = der.encode(der.OCTET_STRING, os.urandom(32))
    identifier = seq(
        seq(der.encode_oid(_SHA1), der.encode(der.NULL, b"")),
        der.encode(der.OCTET_STRING, digest("sha1", certificate.issuer.raw)),
        der.encode(der.OCTET_STRING, digest("sha1", issuer.key_bits)),
        der.encode_integer(certificate.serial),
    )
    extension = seq(der.encode_oid(_NONCE), der.encode(der.OCTET_STRING, nonce))
    extensions = der.encode(der.context(2), seq(extension))
    return seq(seq(seq(seq(identifier)), extensions)), nonce


def fits(data: bytes, issuer: Certificate, nonce: bytes) -> bool:
    """Whether an answer is of whom the issuer lets answer. A nonce in it must be the one asked with; servers of stored
    answers send none."""
    try:
        answer = read_ocsp(data)
        return answer is not None and answer.nonce in (None, nonce) and answer.is_of(issuer)
    except (DerError, AlgorithmUnknown):
        return False
