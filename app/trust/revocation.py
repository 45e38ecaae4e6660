"""Revocation of certificates, judged from lists and OCSP answers of a document, a file or a server.

Evidence counts only if it is signed by the certificate's own issuer, or for OCSP by a responder whom that
issuer empowered. A piece says *good* for a time only if it was issued after that time or had not yet run out at it;
*revoked* it says however old it is, and for good: only after a hold can a newer piece say otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from app.trust import ocsp
from app.trust.algorithms import AlgorithmUnknown
from app.trust.certificate import Certificate, Name, Oids
from app.trust.crl import CertificateList, distribution_points, freshest_points, read_crl
from app.trust.der import DerError
from app.trust.model import Problem, RevocationFacts, RevocationSource, RevocationStatus
from app.trust.ocsp import OcspAnswer, SingleResponse, read_ocsp
from app.trust.pem import unarmour
from app.trust.problems import about

if TYPE_CHECKING:
    from app.trust.fetch import Fetcher, Kept

#: Clocks of authorities may be ahead by this much.
_SKEW = dt.timedelta(minutes=5)

#: An OCSP answer without nextUpdate counts for this long.
_OCSP_LIFE = dt.timedelta(hours=1)

#: Pieces of each kind that a document may bring; those beyond are not looked at.
MAX_PIECES = 1000


@dataclass(frozen=True)
class _Evidence:
    """What one authenticated piece says of one certificate."""

    revoked_at: dt.datetime | None
    this_update: dt.datetime
    next_update: dt.datetime
    source: RevocationSource
    hash_name: str
    reason: str | None = None
    covers_expired: bool = False
    server_silent: bool = False

    def status(self, certificate: Certificate, at: dt.datetime) -> RevocationStatus:
        """What it says of a time. A certificate on a list of before is revoked, whatever date its entry bears."""
        if self.revoked_at is not None and min(self.revoked_at, self.this_update) <= at:
            return RevocationStatus.REVOKED
        if self.this_update > certificate.not_after and not self.covers_expired and self.revoked_at is None:
            return RevocationStatus.UNKNOWN
        if at <= self.this_update or at <= self.next_update:
            return RevocationStatus.GOOD
        return RevocationStatus.UNKNOWN

    def facts(self, status: RevocationStatus) -> RevocationFacts:
        return RevocationFacts(
            status=status,
            source=self.source,
            as_of=self.this_update,
            revoked_at=self.revoked_at if status is not RevocationStatus.UNKNOWN else None,
            reason=self.reason if status is not RevocationStatus.UNKNOWN else None,
            next_update=self.next_update,
            hash_name=self.hash_name,
            server_silent=self.server_silent,
        )


@dataclass(frozen=True)
class _List:
    """A list with where it comes from."""

    content: CertificateList
    source: RevocationSource
    server_silent: bool = False


class RevocationChecker:
    """Judges the revocation of paths from the evidence at hand and, where a fetcher is given, from servers or what was
    kept of their answers."""

    def __init__(self, crls: Sequence[bytes], fetcher: Fetcher | None) -> None:
        self._crls, self._fetcher = tuple(crls), fetcher

    @cached_property
    def _at_hand(self) -> dict[Name, list[CertificateList]]:
        """The lists given, by authority, so that only those of one are looked into."""
        found: dict[Name, list[CertificateList]] = defaultdict(list)
        for data in self._crls:
            for read in _readable_lists(data):
                found[read.issuer].append(read)
        return dict(found)

    def of_path(
        self, path: Sequence[Certificate], *, at: dt.datetime, brought: Brought
    ) -> tuple[RevocationFacts, tuple[Problem, ...]]:
        """Revocation of the first certificate of a valid path, with doubts about it and the ones above.

        The anchor is trusted by the store and not looked up. An issuer that is revoked makes the whole path
        revoked; one whose status is unknown although it says where to ask is told as a problem.

        :param brought: what the document brings; for other times of the same document the same.
        """
        if len(path) < 2:
            return RevocationFacts(RevocationStatus.UNKNOWN), ()
        facts, *above = [self._of(path[index], path[index + 1], at, brought) for index in range(len(path) - 1)]
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

    def _of(self, certificate: Certificate, issuer: Certificate, at: dt.datetime, brought: Brought) -> RevocationFacts:
        latest = max(at, dt.datetime.now(dt.UTC)) + _SKEW
        known = brought.gathered.get((certificate.der, issuer.der))
        if known is None:
            known = brought.gathered[certificate.der, issuer.der] = list(self._evidence(certificate, issuer, brought))
        evidence = [piece for piece in known if piece.this_update <= latest]
        evidence.sort(key=lambda piece: piece.this_update, reverse=True)
        judged = [(piece, piece.status(certificate, at)) for piece in evidence]
        lasting = [
            pair for pair in judged if pair[1] is RevocationStatus.REVOKED and pair[0].reason != "certificate-hold"
        ]
        for piece, status in lasting + judged:
            if status is not RevocationStatus.UNKNOWN:
                return piece.facts(status)
        return judged[0][0].facts(RevocationStatus.UNKNOWN) if judged else RevocationFacts(RevocationStatus.UNKNOWN)

    def _evidence(self, certificate: Certificate, issuer: Certificate, brought: Brought) -> Iterator[_Evidence]:
        for answer in brought.answers:
            yield from self._of_answer(answer, certificate, issuer, brought, RevocationSource.EMBEDDED)
        lists = [
            *(_List(item, RevocationSource.EMBEDDED) for item in brought.lists_of(issuer)),
            *(_List(item, RevocationSource.CRL) for item in self._at_hand.get(issuer.subject, ())),
        ]
        if self._fetcher is not None:
            answered = False
            for answer, kept in _asked(self._fetcher, certificate, issuer):
                for piece in self._of_answer(answer, certificate, issuer, brought, RevocationSource.OCSP, kept.old):
                    answered = answered or not kept.old
                    yield piece
            # A list kept from before may know of a revocation that an old answer, sent again, conceals.
            get = self._fetcher.kept_crl if answered else _lists_of(self._fetcher, issuer)
            lists += _fetched(get, distribution_points(certificate))
            own = [item.content for item in lists if _is_own(item.content, certificate, issuer)]
            more = [freshest_points(certificate), *(item.freshest for item in own)]
            lists += _fetched(get, dict.fromkeys(chain(*more)))
        yield from _of_lists(lists, certificate, issuer)

    def _of_answer(
        self,
        answer: OcspAnswer,
        certificate: Certificate,
        issuer: Certificate,
        brought: Brought,
        source: RevocationSource,
        server_silent: bool = False,
    ) -> Iterator[_Evidence]:
        single = answer.about(certificate, issuer)
        if single is None or single.unknown:
            return
        try:
            responder = self._responder(answer, issuer, brought)
            if responder is not None and answer.is_signed_by(responder):
                yield _of_single(single, certificate, responder, source, answer.hash_name, server_silent)
        except (DerError, AlgorithmUnknown):
            return

    def _responder(self, answer: OcspAnswer, issuer: Certificate, brought: Brought) -> Certificate | None:
        """Who may sign an answer (RFC 6960, 4.2.2.2): the issuer, or whom it certified for OCSP signing."""
        if answer.is_from(issuer):
            return issuer
        for delegate in answer.delegates(issuer):
            if Oids.OCSP_NO_CHECK in delegate.extensions or self._is_cleared(delegate, issuer, answer, brought):
                return delegate
        return None

    def _is_cleared(self, delegate: Certificate, issuer: Certificate, answer: OcspAnswer, brought: Brought) -> bool:
        """A responder without the no-check extension must be shown by a CRL not to be revoked (4.2.2.2.1).

        One that was revoked later counts no more either: whoever has its key also chooses the time in its answers.
        """
        lists = [
            _List(item, RevocationSource.CRL)
            for item in chain(brought.lists_of(issuer), self._at_hand.get(issuer.subject, ()))
        ]
        if self._fetcher is not None:
            lists += _fetched(_lists_of(self._fetcher, issuer), distribution_points(delegate))
        found = list(_of_lists(lists, delegate, issuer))
        return all(piece.revoked_at is None for piece in found) and any(
            piece.status(delegate, answer.produced) is RevocationStatus.GOOD for piece in found
        )


class Brought:
    """The evidence of a document, read once for whole paths and all times. What cannot be read is none.

    :param crls, ocsps: DER; :data:`MAX_PIECES` of each are looked at.
    :ivar gathered: what is known of a certificate of an issuer from here and everywhere else, by the DER of both.
    """

    def __init__(self, crls: Sequence[bytes], ocsps: Sequence[bytes]) -> None:
        self._crls, self._ocsps = crls[:MAX_PIECES], ocsps[:MAX_PIECES]
        self.gathered: dict[tuple[bytes, bytes], list[_Evidence]] = {}

    @cached_property
    def answers(self) -> list[OcspAnswer]:
        return [answer for data in self._ocsps for answer in _readable_answers(data)]

    @cached_property
    def _lists(self) -> list[CertificateList]:
        return [found for data in self._crls for found in _readable_lists(data)]

    def lists_of(self, issuer: Certificate) -> list[CertificateList]:
        return [found for found in self._lists if found.issuer == issuer.subject]


def _readable_lists(data: bytes) -> Iterator[CertificateList]:
    """The lists in DER or PEM."""
    try:
        yield from [read_crl(block) for block in unarmour(data)]
    except DerError:
        return


def _readable_answers(data: bytes) -> Iterator[OcspAnswer]:
    try:
        answer = read_ocsp(data)
    except DerError:
        return
    if answer is not None:
        yield answer


def _asked(fetcher: Fetcher, certificate: Certificate, issuer: Certificate) -> Iterator[tuple[OcspAnswer, Kept]]:
    """The answers of the servers that a certificate names."""
    try:
        addresses = certificate.access_locations(Oids.AD_OCSP)
    except DerError:
        return
    for address in addresses:
        request, nonce = ocsp.request(certificate, issuer)
        fits = partial(ocsp.fits, issuer=issuer, nonce=nonce)
        for kept in fetcher.ocsp(address, request, key=certificate.sha256, fits=fits):
            for answer in _readable_answers(kept.data):
                yield answer, kept


def _lists_of(fetcher: Fetcher, issuer: Certificate) -> Callable[[str], list[Kept]]:
    """Fetches lists of an authority."""

    def fits(data: bytes) -> bool:
        return any(_is_issued_by(found, issuer) for found in _readable_lists(data))

    return partial(fetcher.crl, fits=fits)


def _fetched(get: Callable[[str], list[Kept]], addresses: Iterable[str]) -> list[_List]:
    return [
        _List(found, RevocationSource.CRL, kept.old)
        for address in addresses
        for kept in get(address)
        for found in _readable_lists(kept.data)
    ]


def _says_where(certificate: Certificate) -> bool:
    try:
        return bool(distribution_points(certificate) or certificate.access_locations(Oids.AD_OCSP))
    except DerError:
        return True


def _of_single(
    single: SingleResponse,
    certificate: Certificate,
    responder: Certificate,
    source: RevocationSource,
    hash_name: str,
    server_silent: bool,
) -> _Evidence:
    """What an answer says; no longer than its responder's certificate lasts, whose key nobody guards afterwards."""
    next_update = single.next_update or single.this_update + _OCSP_LIFE
    return _Evidence(
        revoked_at=single.revoked_at,
        this_update=single.this_update,
        next_update=min(next_update, responder.not_after),
        source=source,
        hash_name=hash_name,
        reason=single.reason,
        covers_expired=single.kept_since is not None and single.kept_since <= certificate.not_after,
        server_silent=server_silent,
    )


def _of_lists(lists: Sequence[_List], certificate: Certificate, issuer: Certificate) -> Iterator[_Evidence]:
    """What the issuer's own lists say: each complete one, and each with the deltas that complete it (RFC 5280, 5.2.4).
    A delta without its complete list can only say that a certificate was revoked."""
    own = [item for item in lists if _is_own(item.content, certificate, issuer)]
    bases = [item for item in own if item.content.base_number is None]
    for item in bases:
        yield from _of_list(item, certificate)
    for delta in own:
        if delta.content.base_number is None:
            continue
        completed = [base for base in bases if delta.content.completes(base.content)]
        if completed or delta.content.revoked(certificate) is not None:
            yield from _of_list(delta, certificate, max(completed, key=_number, default=None))


def _is_own(found: CertificateList, certificate: Certificate, issuer: Certificate) -> bool:
    try:
        return found.concerns(certificate) and _is_issued_by(found, issuer)
    except DerError:
        return False


def _is_issued_by(found: CertificateList, issuer: Certificate) -> bool:
    try:
        return found.is_issued_by(issuer)
    except (DerError, AlgorithmUnknown):
        return False


def _number(item: _List) -> int:
    return item.content.number or 0


def _of_list(item: _List, certificate: Certificate, base: _List | None = None) -> Iterator[_Evidence]:
    """
    :param base: the complete list below ``item``, where that is a delta.
    """
    found = item.content
    try:
        revoked = found.revoked(certificate)
        if revoked is None and base is not None:
            revoked = base.content.revoked(certificate)
    except DerError:
        return
    if revoked is not None and revoked[1] == "remove-from-crl":
        if base is None:
            return
        revoked = None
    yield _Evidence(
        revoked_at=revoked[0] if revoked else None,
        this_update=found.this_update,
        next_update=found.next_update or found.this_update,
        source=item.source,
        hash_name=found.hash_name,
        reason=revoked[1] if revoked else None,
        covers_expired=found.covers_expired,
        server_silent=item.server_silent,
    )
