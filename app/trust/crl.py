"""Certificate revocation lists (RFC 5280, section 5), complete and delta lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from app.trust import der
from app.trust.algorithms import AlgorithmUnknown, scheme_of, verify_with
from app.trust.certificate import Certificate, Extension, Name, Oids, read_extensions, read_name
from app.trust.der import DerError, Element
from app.trust.weighed_cache import WeighedCache

_ISSUING_POINT = "2.5.29.28"
_CRL_NUMBER = "2.5.29.20"
_DELTA_INDICATOR = "2.5.29.27"
_FRESHEST = "2.5.29.46"
_REASON = "2.5.29.21"
_INVALIDITY_DATE = "2.5.29.24"
_EXPIRED_CERTIFICATES = "2.5.29.60"

_CRL_SIGN = 6

#: Reasons of a revocation by their number (RFC 5280, 5.3.1). A number that is none of these is "other".
REASONS: Final = {
    0: "unspecified",
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
OTHER_REASON: Final = "other"

#: Octets of lists remembered, and answers remembered of one list.
_REMEMBERED, _MOST_ANSWERS = 48 * 1024 * 1024, 4096


@dataclass(frozen=True, eq=False)
class CertificateList:
    """A CRL's fields.

    :ivar usable: False for one that does not speak for all reasons of its issuer's own certificates in a way
        understood here: indirect, partial by reason, or with an unknown critical extension.
    :ivar number: its CRLNumber; None where it bears none.
    :ivar base_number: of a delta list, the number of the complete list from which on it can be used; else None.
    :ivar freshest: addresses of delta lists that complete it.
    """

    issuer: Name
    this_update: dt.datetime
    next_update: dt.datetime | None
    entries: Element | None
    tbs: Element
    algorithm: Element
    signature: bytes
    usable: bool
    only_users: bool
    only_authorities: bool
    points: frozenset[bytes]
    covers_expired: bool
    number: int | None
    base_number: int | None
    freshest: tuple[str, ...]
    _signers: dict[str, bool] = field(default_factory=dict, repr=False)

    @cached_property
    def hash_name(self) -> str:
        """Hash of its signature, as hashlib has it; empty where the algorithm is not known."""
        try:
            return scheme_of(self.algorithm).hash_name
        except (AlgorithmUnknown, DerError):
            return ""

    def is_issued_by(self, issuer: Certificate) -> bool:
        """Whether it is that authority's own: its name, a key that may sign lists, and its signature.

        :raises DerError: the authority's certificate is malformed.
        :raises AlgorithmUnknown: its signature is of a kind that is not checked.
        """
        usages = issuer.key_usage
        if self.issuer != issuer.subject or (usages is not None and _CRL_SIGN not in usages):
            return False
        known = self._signers.get(issuer.sha256)
        if known is not None:
            return known
        if len(self._signers) >= _MOST_ANSWERS:
            self._signers.clear()
        signed = verify_with(issuer, scheme_of(self.algorithm), self.signature, self.tbs.raw)
        self._signers[issuer.sha256] = signed
        return signed

    def concerns(self, certificate: Certificate) -> bool:
        """Whether it lists certificates of this kind and distribution point (RFC 5280, 6.3.3 b 2)."""
        if not self.usable or (self.only_users and certificate.is_ca):
            return False
        if self.only_authorities and not certificate.is_ca:
            return False
        return not self.points or not self.points.isdisjoint(_scopes(certificate))

    def completes(self, base: CertificateList) -> bool:
        """Whether it is a delta that says what happened since a complete list of the same authority (RFC 5280,
        5.2.4)."""
        return (
            self.base_number is not None
            and base.base_number is None
            and base.number is not None
            and self.number is not None
            and self.base_number <= base.number < self.number
            and base.this_update <= self.this_update
            and self.scope == base.scope
        )

    @property
    def scope(self) -> tuple[frozenset[bytes], bool, bool]:
        """What two lists of the same certificates have in common."""
        return self.points, self.only_users, self.only_authorities

    def revoked(self, certificate: Certificate) -> tuple[dt.datetime, str | None] | None:
        """When and why a certificate was revoked; None where it is not listed.

        A date of invalidity before the revocation counts in its place (RFC 5280, 5.3.2).

        :raises DerError: an entry of that number is malformed.
        """
        serial = der.encode_integer(certificate.serial)
        for entry in self.entries.members_beginning(serial) if self.entries is not None else ():
            fields = entry.fields()
            if fields.next(der.INTEGER).raw != serial:
                continue
            when, reason = fields.next().time(), None
            if fields.more:
                extensions = read_extensions(fields.next())
                if _REASON in extensions:
                    reason = REASONS.get(der.read(extensions[_REASON].value).integer(), OTHER_REASON)
                when = min(when, invalid_since(extensions) or when)
            return when, reason
        return None


def invalid_since(extensions: Mapping[str, Extension]) -> dt.datetime | None:
    """The date of invalidity among the extensions of an entry (RFC 5280, 5.3.2), or of an OCSP answer's (RFC 6960,
    4.4.5).

    :raises DerError: it is no time.
    """
    extension = extensions.get(_INVALIDITY_DATE)
    return None if extension is None else der.read(extension.value).time()


def read_crl(data: bytes) -> CertificateList:
    """The CRL of these octets.

    :param data: DER.
    :raises DerError: no CRL.
    """
    return _read_lists.get(data, _read)


_read_lists: WeighedCache[CertificateList] = WeighedCache(_REMEMBERED)


def _read(data: bytes) -> CertificateList:
    outer = der.read(data).fields()
    tbs = outer.next(der.SEQUENCE)
    algorithm, signature = outer.next(der.SEQUENCE), outer.next().bits()
    outer.end()
    fields = tbs.fields()
    fields.optional(der.INTEGER)
    if fields.next(der.SEQUENCE).raw != algorithm.raw:
        raise DerError("the two signature algorithms differ")
    issuer = read_name(fields.next(der.SEQUENCE))
    this_update = fields.next().time()
    next_update = fields.optional(der.UTC_TIME, der.GENERALIZED_TIME)
    entries = fields.optional(der.SEQUENCE)
    extensions = fields.optional(der.context(0))
    fields.end()
    found = read_extensions(extensions.inner() if extensions else None)
    known = (_ISSUING_POINT, _CRL_NUMBER, _DELTA_INDICATOR)
    usable = all(not item.critical or kind in known for kind, item in found.items())
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
        tbs=tbs,
        algorithm=algorithm,
        signature=signature,
        usable=usable,
        only_users=only_users,
        only_authorities=only_authorities,
        points=points,
        covers_expired=_EXPIRED_CERTIFICATES in found,
        number=der.read(found[_CRL_NUMBER].value).integer() if _CRL_NUMBER in found else None,
        base_number=der.read(found[_DELTA_INDICATOR].value).integer() if _DELTA_INDICATOR in found else None,
        freshest=_web(_names_of(found[_FRESHEST].value, issuer)) if _FRESHEST in found else (),
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


def _names_of(points: bytes, issuer: Name) -> Iterator[bytes]:
    """Names of the distribution points in a CRLDistributionPoints where the issuer itself publishes a list for all
    reasons."""
    for point in der.read(points).expect(der.SEQUENCE).children():
        fields = point.fields()
        names, reasons, other = (
            fields.optional(der.context(0)),
            fields.optional(der.context_primitive(1)),
            fields.optional(der.context(2)),
        )
        if names is not None and reasons is None and other is None:
            yield from _point_names(names.inner(), issuer)


def _points(certificate: Certificate, kind: str = Oids.CRL_DISTRIBUTION_POINTS) -> Iterator[bytes]:
    extension = certificate.extensions.get(kind)
    if extension is not None:
        yield from _names_of(extension.value, certificate.issuer)


@lru_cache(maxsize=512)
def _scopes(certificate: Certificate) -> frozenset[bytes]:
    """Names of the lists that speak for a certificate: its distribution points, and the issuer's name, which stands
    for a list without a name of its own (RFC 5280, 6.3.3)."""
    return frozenset((*_points(certificate), der.encode(der.context(4), certificate.issuer.raw)))


def _web(names: Iterator[bytes]) -> tuple[str, ...]:
    """The addresses among GeneralNames."""
    read = [der.read(name) for name in names]
    return tuple(name.content.decode("ascii", "replace") for name in read if name.tag == der.context_primitive(6))


@lru_cache(maxsize=512)
def distribution_points(certificate: Certificate) -> tuple[str, ...]:
    """Addresses where the certificate's issuer publishes its list.

    :raises DerError: the extension is malformed.
    """
    return _web(_points(certificate))


@lru_cache(maxsize=512)
def freshest_points(certificate: Certificate) -> tuple[str, ...]:
    """Addresses where the certificate's issuer publishes delta lists (RFC 5280, 4.2.1.15); errors as above."""
    return _web(_points(certificate, _FRESHEST))
