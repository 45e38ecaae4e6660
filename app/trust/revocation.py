"""Revocation: CRLs (RFC 5280, section 5) and OCSP answers (RFC 6960), from a document, a file or a server.

Evidence counts only if it is signed by the certificate's own issuer, or for OCSP by a responder whom that
issuer empowered. A piece says *good* for a time only if it was issued after that time or had not yet run out at it;
*revoked* it says however old it is, and for good: only after a hold can a newer piece say otherwise.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

from app.trust import der
from app.trust.algorithms import HASHES, AlgorithmUnknown, digest, scheme_of, signed_by, verify_with
from app.trust.certificate import Certificate, Name, Oids, read_certificate, read_extensions
from app.trust.der import DerError, Element
from app.trust.model import Problem, RevocationFacts, RevocationSource, RevocationStatus
from app.trust.problems import about

if TYPE_CHECKING:
    from app.trust.fetch import Fetcher

_ISSUING_POINT = "2.5.29.28"
_CRL_NUMBER = "2.5.29.20"
_REASON = "2.5.29.21"
_INVALIDITY_DATE = "2.5.29.24"
_EXPIRED_CERTIFICATES = "2.5.29.60"
_NONCE = "1.3.6.1.5.5.7.48.1.2"
_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_BASIC = "1.3.6.1.5.5.7.48.1.1"
_SHA1 = "1.3.14.3.2.26"

_DIGITAL_SIGNATURE, _CRL_SIGN = 0, 6

#: Clocks of authorities may be ahead by this much.
_SKEW = dt.timedelta(minutes=5)

#: An OCSP answer without nextUpdate counts for this long.
_OCSP_LIFE = dt.timedelta(hours=1)

_REASONS = {
    1: "key-compromise",
    2: "ca-compromise",
    3: "affiliation-changed",
    4: "superseded",
    5: "cessation-of-operation",
    6: "certificate-hold",
    8: "remove-from-crl",
    9: "privilege-withdrawn",
    10: "aa-compromise",
}


@dataclass(frozen=True)
class _Evidence:
    """What one authenticated piece says of one certificate."""

    revoked_at: dt.datetime | None
    this_update: dt.datetime
    next_update: dt.datetime
    source: RevocationSource
    reason: str | None = None
    covers_expired: bool = False

    def status(self, certificate: Certificate, at: dt.datetime) -> RevocationStatus:
        if self.revoked_at is not None and self.revoked_at <= at:
            return RevocationStatus.REVOKED
        if self.this_update > certificate.not_after and not self.covers_expired and self.revoked_at is None:
            return RevocationStatus.UNKNOWN
        if at <= self.this_update or at <= self.next_update:
            return RevocationStatus.GOOD
        return RevocationStatus.UNKNOWN


@dataclass(frozen=True)
class CertificateList:
    """A CRL's fields. ``usable`` is False for one that does not speak for all certificates and reasons of its issuer
    in a way understood here: indirect, partial by reason, or with an unknown critical extension."""

    issuer: Name
    this_update: dt.datetime
    next_update: dt.datetime | None
    entries: Element | None
    tbs: bytes
    algorithm: Element
    signature: bytes
    usable: bool
    only_users: bool
    only_authorities: bool
    points: frozenset[bytes]
    covers_expired: bool

    def concerns(self, certificate: Certificate) -> bool:
        """Whether it lists certificates of this kind and distribution point (RFC 5280, 6.3.3 b 2)."""
        if not self.usable or (self.only_users and certificate.is_ca):
            return False
        if self.only_authorities and not certificate.is_ca:
            return False
        return not self.points or not self.points.isdisjoint(_scopes(certificate))

    def revoked(self, certificate: Certificate) -> tuple[dt.datetime, str | None] | None:
        """When and why a certificate was revoked; None where it is not listed.

        A date of invalidity before the revocation counts in its place (RFC 5280, 5.3.2).
        """
        serial = der.encode(der.INTEGER, _integer_octets(certificate.serial))
        if self.entries is None or not self.entries.contains(serial):
            return None
        for entry in self.entries:
            fields = entry.fields()
            if fields.next(der.INTEGER).raw != serial:
                continue
            when, reason = fields.next().time(), None
            if fields.more:
                extensions = read_extensions(fields.next())
                if _REASON in extensions:
                    reason = _REASONS.get(der.read(extensions[_REASON].value).integer(), "unspecified")
                if _INVALIDITY_DATE in extensions:
                    when = min(when, der.read(extensions[_INVALIDITY_DATE].value).time())
            return when, reason
        return None


def _integer_octets(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


@lru_cache(maxsize=16)
def read_crl(data: bytes) -> CertificateList:
    """The CRL of these octets.

    :raises DerError: no CRL.
    """
    outer = der.read(data).fields()
    tbs = outer.next(der.SEQUENCE)
    algorithm, signature = outer.next(der.SEQUENCE), outer.next().bits()
    outer.end()
    fields = tbs.fields()
    fields.optional(der.INTEGER)
    if fields.next(der.SEQUENCE).raw != algorithm.raw:
        raise DerError("the two signature algorithms differ")
    issuer = Name(fields.next(der.SEQUENCE).raw)
    this_update = fields.next().time()
    next_update = fields.optional(der.UTC_TIME, der.GENERALIZED_TIME)
    entries = fields.optional(der.SEQUENCE)
    extensions = fields.optional(der.context(0))
    fields.end()
    found = read_extensions(extensions.inner() if extensions else None)
    usable = all(not item.critical or kind in (_ISSUING_POINT, _CRL_NUMBER) for kind, item in found.items())
    only_users = only_authorities = False
    points: frozenset[bytes] = frozenset()
    if _ISSUING_POINT in found:
        scope = der.read(found[_ISSUING_POINT].value).fields()
        point = scope.optional(der.context(0))
        users, authorities = scope.optional(der.context_primitive(1)), scope.optional(der.context_primitive(2))
        reasons, indirect = scope.optional(der.context_primitive(3)), scope.optional(der.context_primitive(4))
        attributes = scope.optional(der.context_primitive(5))
        scope.end()
        only_users, only_authorities = _flag(users), _flag(authorities)
        usable = usable and reasons is None and not _flag(indirect) and not _flag(attributes)
        if point is not None:
            points = frozenset(_point_names(point.inner(), issuer))
            usable = usable and bool(points)
    return CertificateList(
        issuer=issuer,
        this_update=this_update,
        next_update=next_update.time() if next_update else None,
        entries=entries,
        tbs=tbs.raw,
        algorithm=algorithm,
        signature=signature,
        usable=usable,
        only_users=only_users,
        only_authorities=only_authorities,
        points=points,
        covers_expired=_EXPIRED_CERTIFICATES in found,
    )


def _flag(element: Element | None) -> bool:
    return element is not None and element.boolean()


def _point_names(point: Element, issuer: Name) -> Iterator[bytes]:
    """DER of the GeneralNames of a DistributionPointName; one relative to the issuer is made whole."""
    if point.tag == der.context(0):
        yield from (name.raw for name in point.children())
    elif point.tag == der.context(1):
        names = der.read(issuer.raw).content + der.encode(der.SET, point.content)
        yield der.encode(der.context(4), der.encode(der.SEQUENCE, names))


def _points(certificate: Certificate) -> Iterator[bytes]:
    """Names of the distribution points where the issuer itself publishes a list for all reasons."""
    extension = certificate.extensions.get(Oids.CRL_DISTRIBUTION_POINTS)
    for point in der.read(extension.value).expect(der.SEQUENCE).children() if extension else ():
        fields = point.fields()
        names, reasons, issuer = (
            fields.optional(der.context(0)),
            fields.optional(der.context_primitive(1)),
            fields.optional(der.context(2)),
        )
        if names is not None and reasons is None and issuer is None:
            yield from _point_names(names.inner(), certificate.issuer)


def _scopes(certificate: Certificate) -> set[bytes]:
    """Names of the lists that speak for a certificate: its distribution points, and the issuer's name, which stands
    for a list without a name of its own (RFC 5280, 6.3.3)."""
    return {*_points(certificate), der.encode(der.context(4), certificate.issuer.raw)}


def distribution_points(certificate: Certificate) -> tuple[str, ...]:
    """Addresses where the certificate's issuer publishes its list.

    :raises DerError: the extension is malformed.
    """
    names = [der.read(name) for name in _points(certificate)]
    return tuple(name.content.decode("ascii", "replace") for name in names if name.tag == der.context_primitive(6))


class RevocationChecker:
    """Judges the revocation of paths from the evidence at hand and, where a fetcher is given, from servers or what was
    kept of their answers."""

    def __init__(self, crls: Sequence[bytes], fetcher: Fetcher | None) -> None:
        self._crls, self._fetcher = tuple(crls), fetcher

    @cached_property
    def _at_hand(self) -> dict[Name, list[bytes]]:
        """The lists given, by authority, so that only those of one are looked into."""
        found: dict[Name, list[bytes]] = defaultdict(list)
        for data in self._crls:
            try:
                found[read_crl(data).issuer].append(data)
            except DerError:
                continue
        return dict(found)

    def of_path(
        self, path: Sequence[Certificate], *, at: dt.datetime, crls: Sequence[bytes], ocsps: Sequence[bytes]
    ) -> tuple[RevocationFacts, tuple[Problem, ...]]:
        """Revocation of the first certificate of a valid path, with doubts about it and the ones above.

        The anchor is trusted by the store and not looked up. An issuer that is revoked makes the whole path
        revoked; one whose status is unknown although it says where to ask is told as a problem.

        :param crls, ocsps: DER of evidence that the document brings.
        """
        if len(path) < 2:
            return RevocationFacts(RevocationStatus.UNKNOWN), ()
        facts, *above = [self._of(path[index], path[index + 1], at, crls, ocsps) for index in range(len(path) - 1)]
        problems: list[Problem] = []
        for certificate, found in zip(path[1:-1], above, strict=True):
            if found.status is RevocationStatus.REVOKED:
                when = found.revoked_at.isoformat() if found.revoked_at else ""
                problems.append(about("issuer-revoked", certificate, when=when))
                if facts.status is not RevocationStatus.REVOKED:
                    facts = found
            elif found.status is RevocationStatus.UNKNOWN and _says_where(certificate):
                problems.append(about("issuer-revocation-unknown", certificate))
        return facts, tuple(problems)

    def _of(
        self,
        certificate: Certificate,
        issuer: Certificate,
        at: dt.datetime,
        crls: Sequence[bytes],
        ocsps: Sequence[bytes],
    ) -> RevocationFacts:
        evidence = sorted(self._evidence(certificate, issuer, at, crls, ocsps), key=lambda piece: piece.this_update)
        judged = [(piece, piece.status(certificate, at)) for piece in reversed(evidence)]
        lasting = [
            pair for pair in judged if pair[1] is RevocationStatus.REVOKED and pair[0].reason != "certificate-hold"
        ]
        for piece, status in lasting + judged:
            if status is not RevocationStatus.UNKNOWN:
                return _facts(piece, status)
        if judged:
            stale = judged[0][0]
            return RevocationFacts(
                RevocationStatus.UNKNOWN, stale.source, stale.this_update, next_update=stale.next_update
            )
        return RevocationFacts(RevocationStatus.UNKNOWN)

    def _evidence(
        self,
        certificate: Certificate,
        issuer: Certificate,
        at: dt.datetime,
        crls: Sequence[bytes],
        ocsps: Sequence[bytes],
    ) -> Iterator[_Evidence]:
        latest = max(at, dt.datetime.now(dt.UTC)) + _SKEW
        for data, source in self._pieces(certificate, issuer, crls, ocsps):
            try:
                if source[1] == "crl":
                    piece = _from_crl(data, certificate, issuer)
                else:
                    piece = self._from_ocsp(data, certificate, issuer, crls)
            except (DerError, AlgorithmUnknown):
                continue
            if piece is not None and piece.this_update <= latest:
                yield replace(piece, source=source[0])

    def _pieces(
        self, certificate: Certificate, issuer: Certificate, crls: Sequence[bytes], ocsps: Sequence[bytes]
    ) -> Iterator[tuple[bytes, tuple[RevocationSource, str]]]:
        for data in ocsps:
            yield data, (RevocationSource.EMBEDDED, "ocsp")
        for data in crls:
            yield data, (RevocationSource.EMBEDDED, "crl")
        for data in self._at_hand.get(issuer.subject, ()):
            yield data, (RevocationSource.CRL, "crl")
        if self._fetcher is None:
            return
        answered = False
        for address in _addresses(certificate, Oids.AD_OCSP):
            request, nonce = _ocsp_request(certificate, issuer)
            fits = partial(_nonce_fits, nonce=nonce)
            for data in self._fetcher.ocsp(address, request, key=certificate.sha256, fits=fits):
                answered = True
                yield data, (RevocationSource.OCSP, "ocsp")
        if not answered or self._fetcher.offline:  # a kept answer may be older than a kept list
            for address in distribution_points(certificate):
                for data in self._fetcher.crl(address):
                    yield data, (RevocationSource.CRL, "crl")

    def _from_ocsp(
        self, data: bytes, certificate: Certificate, issuer: Certificate, crls: Sequence[bytes]
    ) -> _Evidence | None:
        answer = _read_ocsp(data)
        if answer is None:
            return None
        single = next((item for item in answer.singles if item.names(certificate, issuer)), None)
        if single is None or single.unknown:
            return None
        responder = self._responder(answer, certificate, issuer, crls)
        if responder is None:
            return None
        if not verify_with(responder, scheme_of(answer.algorithm), answer.signature, answer.tbs):
            return None
        next_update = single.next_update or single.this_update + _OCSP_LIFE
        return _Evidence(
            revoked_at=single.revoked_at,
            this_update=single.this_update,
            next_update=next_update,
            source=RevocationSource.OCSP,
            reason=single.reason,
            covers_expired=single.kept_since is not None and single.kept_since <= certificate.not_after,
        )

    def _responder(
        self, answer: _OcspAnswer, certificate: Certificate, issuer: Certificate, crls: Sequence[bytes]
    ) -> Certificate | None:
        """Who may sign an answer (RFC 6960, 4.2.2.2): the issuer, or whom it certified for OCSP signing."""
        if answer.is_from(issuer):
            return issuer
        for data in answer.certificates:
            try:
                delegate = read_certificate(data)
                if (
                    not answer.is_from(delegate)
                    or delegate.issuer != issuer.subject
                    or Oids.KP_OCSP_SIGNING not in (delegate.extended_key_usage or ())
                    or _DIGITAL_SIGNATURE not in (delegate.key_usage or {_DIGITAL_SIGNATURE})
                    or delegate.unknown_critical_extensions
                    or not delegate.not_before <= answer.produced <= delegate.not_after
                    or not signed_by(delegate, issuer)
                ):
                    continue
                if Oids.OCSP_NO_CHECK in delegate.extensions or self._proven_by_list(
                    delegate, issuer, answer.produced, crls
                ):
                    return delegate
            except (DerError, AlgorithmUnknown):
                continue
        return None

    def _proven_by_list(
        self, delegate: Certificate, issuer: Certificate, at: dt.datetime, crls: Sequence[bytes]
    ) -> bool:
        """A responder without the no-check extension must be shown by a CRL not to be revoked (4.2.2.2.1)."""
        lists = [*crls, *self._at_hand.get(issuer.subject, ())]
        if self._fetcher is not None:
            for address in distribution_points(delegate):
                lists += self._fetcher.crl(address)
        statuses = set()
        for data in lists:
            try:
                piece = _from_crl(data, delegate, issuer)
            except (DerError, AlgorithmUnknown):
                continue
            if piece is not None:
                statuses.add(piece.status(delegate, at))
        return RevocationStatus.GOOD in statuses and RevocationStatus.REVOKED not in statuses


def _facts(piece: _Evidence, status: RevocationStatus) -> RevocationFacts:
    return RevocationFacts(
        status, piece.source, piece.this_update, piece.revoked_at, piece.reason, next_update=piece.next_update
    )


def _says_where(certificate: Certificate) -> bool:
    try:
        return bool(distribution_points(certificate) or certificate.access_locations(Oids.AD_OCSP))
    except DerError:
        return True


def _addresses(certificate: Certificate, method: str) -> tuple[str, ...]:
    try:
        return certificate.access_locations(method)
    except DerError:
        return ()


def _from_crl(data: bytes, certificate: Certificate, issuer: Certificate) -> _Evidence | None:
    """What a CRL says, if it is the issuer's own and concerns the certificate."""
    for block in _lists(data):
        found = read_crl(block)
        if not is_issued_by(block, issuer) or not found.concerns(certificate):
            continue
        revoked = found.revoked(certificate)
        return _Evidence(
            revoked_at=revoked[0] if revoked else None,
            this_update=found.this_update,
            next_update=found.next_update or found.this_update,
            source=RevocationSource.CRL,
            reason=revoked[1] if revoked else None,
            covers_expired=found.covers_expired,
        )
    return None


def is_issued_by(data: bytes, issuer: Certificate) -> bool:
    """Whether a CRL is that authority's own: its name, a key that may sign lists, and its signature.

    :param data: DER.
    :raises DerError: no CRL, or the authority's certificate is malformed.
    :raises AlgorithmUnknown: its signature is of a kind that is not checked.
    """
    usages = issuer.key_usage
    if read_crl(data).issuer != issuer.subject or (usages is not None and _CRL_SIGN not in usages):
        return False
    return _signed(data, issuer)


def _lists(data: bytes) -> list[bytes]:
    from app.trust.pem import unarmour

    return unarmour(data)


@lru_cache(maxsize=16)
def _signed(data: bytes, issuer: Certificate) -> bool:
    found = read_crl(data)
    return verify_with(issuer, scheme_of(found.algorithm), found.signature, found.tbs)


@dataclass(frozen=True)
class _Single:
    """A SingleResponse (RFC 6960, 4.2.1).

    :ivar kept_since: archive cutoff (4.4.4): certificates that ran out after it are still answered for.
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

    def names(self, certificate: Certificate, issuer: Certificate) -> bool:
        return (
            self.serial == certificate.serial
            and self.key_hash == digest(self.hash_name, issuer.key_bits)
            and self.name_hash
            in (digest(self.hash_name, issuer.subject.raw), digest(self.hash_name, certificate.issuer.raw))
        )


@dataclass(frozen=True)
class _OcspAnswer:
    """A BasicOCSPResponse."""

    responder: Element
    produced: dt.datetime
    singles: tuple[_Single, ...]
    nonce: bytes | None
    tbs: bytes
    algorithm: Element
    signature: bytes
    certificates: tuple[bytes, ...]

    def is_from(self, certificate: Certificate) -> bool:
        """Whether the responder id is this certificate's name or key."""
        if self.responder.tag == der.context(1):
            return Name(self.responder.inner().raw) == certificate.subject
        return self.responder.inner().octets() == digest("sha1", certificate.key_bits)


@lru_cache(maxsize=256)
def _read_ocsp(data: bytes) -> _OcspAnswer | None:
    """The basic answer inside an OCSPResponse; None where the server answered with an error.

    :raises DerError: no OCSPResponse, or a critical extension that is not known.
    """
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
    singles = [_read_single(item) for item in fields.next(der.SEQUENCE).children()]
    extensions = fields.optional(der.context(1))
    fields.end()
    found = read_extensions(extensions.inner() if extensions else None)
    if any(item.critical and kind != _NONCE for kind, item in found.items()):
        raise DerError("critical extension of an OCSP answer")
    return _OcspAnswer(
        responder=responder,
        produced=produced,
        singles=tuple(single for single in singles if single is not None),
        nonce=found[_NONCE].value if _NONCE in found else None,
        tbs=tbs.raw,
        algorithm=algorithm,
        signature=signature,
        certificates=tuple(item.raw for item in certificates.inner().children()[:16]) if certificates else (),
    )


def _read_single(element: Element) -> _Single | None:
    fields = element.fields()
    identifier = fields.next(der.SEQUENCE).fields()
    hash_name = HASHES.get(identifier.next(der.SEQUENCE).fields().next(der.OID).oid())
    name_hash, key_hash = identifier.next().octets(), identifier.next().octets()
    serial = identifier.next(der.INTEGER).integer()
    status = fields.next(der.context_primitive(0), der.context(1), der.context_primitive(2))
    this_update = fields.next().time()
    next_update = fields.optional(der.context(0))
    extensions = fields.optional(der.context(1))
    fields.end()
    known = read_extensions(extensions.inner() if extensions else None)
    if hash_name is None or any(item.critical for item in known.values()):
        return None
    revoked_at = reason = None
    if status.tag == der.context(1):
        revoked = der.Fields(status.children())
        revoked_at = revoked.next().time()
        stated = revoked.optional(der.context(0))
        reason = _REASONS.get(stated.inner().integer(), "unspecified") if stated else None
    return _Single(
        hash_name=hash_name,
        name_hash=name_hash,
        key_hash=key_hash,
        serial=serial,
        unknown=status.tag == der.context_primitive(2),
        revoked_at=revoked_at,
        reason=reason,
        this_update=this_update,
        next_update=next_update.inner().time() if next_update else None,
        kept_since=der.read(known[_ARCHIVE_CUTOFF].value).time() if _ARCHIVE_CUTOFF in known else None,
    )


def _ocsp_request(certificate: Certificate, issuer: Certificate) -> tuple[bytes, bytes]:
    """An OCSPRequest for one certificate, and the DER of its nonce (RFC 9654)."""

    def seq(*parts: bytes) -> bytes:
        return der.encode(der.SEQUENCE, b"".join(parts))

    nonce = der.encode(der.OCTET_STRING, os.urandom(32))
    identifier = seq(
        seq(der.encode_oid(_SHA1), der.encode(der.NULL, b"")),
        der.encode(der.OCTET_STRING, digest("sha1", certificate.issuer.raw)),
        der.encode(der.OCTET_STRING, digest("sha1", issuer.key_bits)),
        der.encode(der.INTEGER, _integer_octets(certificate.serial)),
    )
    extension = seq(der.encode_oid(_NONCE), der.encode(der.OCTET_STRING, nonce))
    extensions = der.encode(der.context(2), seq(extension))
    return seq(seq(seq(seq(identifier)), extensions)), nonce


def _nonce_fits(data: bytes, nonce: bytes) -> bool:
    """A nonce in the answer must be the one asked with; servers of stored answers send none."""
    try:
        answer = _read_ocsp(data)
    except DerError:
        return False
    return answer is not None and answer.nonce in (None, nonce)
