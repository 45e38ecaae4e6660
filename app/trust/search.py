"""From a certificate to an anchor: finding the paths, without judging them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.trust.algorithms import signed_by
from app.trust.certificate import Certificate, Oids, read_certificate
from app.trust.der import DerError
from app.trust.exchange import server_of
from app.trust.holder import COMMON_NAME
from app.trust.model import Problem
from app.trust.problems import about

if TYPE_CHECKING:
    from app.trust.fetch import Fetcher
    from app.trust.store import TrustStore

#: A path has at most this many certificates; building stops after so many signatures verified and paths found.
_MAX_LENGTH, _MAX_VERIFICATIONS, _MAX_PATHS, _MAX_FETCHES = 8, 100, 16, 3

#: Certificates of a document that are looked at.
_MAX_OTHERS = 512


class Search:
    """Depth-first search for paths to an anchor, bounded in length and in work."""

    def __init__(self, store: TrustStore, fetcher: Fetcher | None, others: Sequence[bytes]) -> None:
        self._store, self._fetcher = store, fetcher
        self._others: list[Certificate] = []
        for data in others[:_MAX_OTHERS]:
            try:
                self._others.append(read_certificate(data))
            except DerError:
                continue
        self._verifications = self._found = self._fetches = 0
        self._wrong_signature = False
        self._distrusted: Certificate | None = None
        self.known_part: tuple[Certificate, ...] = ()

    def paths(self, leaf: Certificate) -> Iterator[tuple[Certificate, ...]]:
        """Paths from ``leaf`` to an anchor, each signed throughout."""
        self.known_part = (leaf,)
        if self._store.is_anchor(leaf):
            yield (leaf,)
            return
        yield from self._extend((leaf,))

    def _extend(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        if len(path) > len(self.known_part):
            self.known_part = path
        if len(path) >= _MAX_LENGTH:
            return
        subject = path[-1]
        for anchor in self._store.anchors_named(subject.issuer):
            if self._found < _MAX_PATHS and self._signed_by(subject, anchor):
                self._found += 1
                yield (*path, anchor)
        for issuer in self._issuers(subject):
            repeated = any(issuer.spki == item.spki and issuer.subject == item.subject for item in path)
            if repeated or self._store.is_anchor(issuer) or not self._signed_by(subject, issuer):
                continue
            if self._store.is_distrusted(issuer):
                self._distrusted = self._distrusted or issuer
                continue
            yield from self._extend((*path, issuer))

    def _issuers(self, subject: Certificate) -> Iterator[Certificate]:
        """Who may have issued it: from the document, then the store, then from where the certificate says."""
        seen: set[bytes] = set()
        for issuer in (item for item in self._others if item.subject == subject.issuer):
            seen.add(issuer.der)
            yield issuer
        for issuer in self._store.intermediates_named(subject.issuer):
            if issuer.der not in seen:
                seen.add(issuer.der)
                yield issuer
        if self._found or seen or self._fetcher is None or subject.self_issued:
            return
        for address in subject.access_locations(Oids.AD_CA_ISSUERS):
            if self._fetches == _MAX_FETCHES:
                return
            self._fetches += 1
            trusted = server_of(address) in self._store.known_hosts
            fetched = self._fetcher.issuers(address, trusted=trusted)
            yield from (item for item in fetched if item.subject == subject.issuer)

    def _signed_by(self, subject: Certificate, issuer: Certificate) -> bool:
        if self._verifications >= _MAX_VERIFICATIONS:
            return False
        self._verifications += 1
        signed = signed_by(subject, issuer)
        self._wrong_signature |= not signed
        return signed

    def dead_end(self) -> Problem:
        """Why no path was found."""
        if self._distrusted is not None:
            return about("chain-distrusted", self._distrusted)
        last = self.known_part[-1]
        if last.self_issued:
            if len(self.known_part) == 1 and signed_by(last, last):
                return about("chain-self-made", last)
            namesakes = self._store.anchors_named(last.subject)
            return about("chain-root-namesake" if namesakes else "chain-root-unknown", last)
        if self._wrong_signature:
            return about("chain-signature-wrong", last, issuer=_issuer_name(last))
        return Problem("chain-issuer-unknown", (("name", _issuer_name(last)),))


def _issuer_name(certificate: Certificate) -> str:
    try:
        attributes = certificate.issuer.attributes
    except DerError:
        return ""
    return certificate.issuer.first(COMMON_NAME) or (attributes[-1][1] if attributes else "")
