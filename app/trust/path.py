"""Judging a certificate: a path to an anchor that holds, its period, its revocation (RFC 5280, section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Literal

from app.trust import constraints
from app.trust.certificate import Certificate, Oids, read_certificate
from app.trust.der import DerError
from app.trust.model import Problem, RevocationFacts, RevocationStatus, TrustFacts
from app.trust.problems import about
from app.trust.revocation import Brought, RevocationChecker
from app.trust.search import Search

if TYPE_CHECKING:
    from app.trust.fetch import Fetcher
    from app.trust.store import TrustStore

Usage = Literal["signature", "timestamp"]

_ANY_PURPOSE = "2.5.29.37.0"

#: Purposes under which a certificate may sign documents: any, e-mail, document signing (RFC 9336, Microsoft, Adobe),
#: and client authentication, which Vietnamese certificates for signing carry.
_SIGNING_PURPOSES = {
    _ANY_PURPOSE,
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.10.3.12",
    "1.2.840.113583.1.1.5",
    "1.3.6.1.5.5.7.3.2",
}

_DIGITAL_SIGNATURE, _CONTENT_COMMITMENT, _CERTIFICATE_SIGN = 0, 1, 5


class TrustEvaluator:
    """Says what is known of a certificate, seen from the anchors of a store."""

    def __init__(self, store: TrustStore, fetcher: Fetcher | None) -> None:
        """
        :param fetcher: asks the servers that certificates name; None: nothing is contacted.
        """
        self.store, self._fetcher = store, fetcher
        self._revocation = RevocationChecker(store.crls, fetcher)

    def issuers(self, certificate: bytes) -> list[bytes]:
        """The intermediates that lead from a certificate towards an anchor, as far as they are known: what a signature
        carries so that others find the way.

        :return: DER, the nearest first, without the anchor.
        :raises CertificateUnreadable: ``certificate`` is none.
        """
        chain = self.store.chain(certificate, self._fetcher)
        return [issuer.der for issuer in chain if not self.store.is_anchor(issuer)]

    def evaluate(
        self,
        certificate: bytes,
        others: Sequence[bytes],
        *,
        at: dt.datetime,
        usage: Usage,
        crls: Sequence[bytes] = (),
        ocsps: Sequence[bytes] = (),
    ) -> TrustFacts:
        """Path, period and revocation of a certificate.

        :param others: DER of certificates that may stand between it and an anchor, as the document brings them.
        :param at: aware; the time that is judged, for the period and for revocation.
        :param usage: what the certificate was used for.
        :param crls, ocsps: DER of evidence that the document brings.
        :return: facts; no input raises. Of several valid paths the first whose period holds is taken.
        """
        return self.assess(certificate, others, usage=usage, crls=crls, ocsps=ocsps).at(at)

    def assess(
        self,
        certificate: bytes,
        others: Sequence[bytes],
        *,
        usage: Usage,
        crls: Sequence[bytes] = (),
        ocsps: Sequence[bytes] = (),
    ) -> Assessment:
        """What :meth:`evaluate` looks at, to be asked about several times: paths are searched and evidence is gathered
        once. Parameters as there."""
        brought = Brought(crls, ocsps)
        return Assessment(self.store, self._fetcher, self._revocation, certificate, others, usage, brought)


class Assessment:
    """One certificate, its paths and the evidence on them. Made by :meth:`TrustEvaluator.assess`; for one thread."""

    def __init__(
        self,
        store: TrustStore,
        fetcher: Fetcher | None,
        revocation: RevocationChecker,
        certificate: bytes,
        others: Sequence[bytes],
        usage: Usage,
        brought: Brought,
    ) -> None:
        self._store, self._revocation = store, revocation
        self._certificate, self._usage, self._brought = certificate, usage, brought
        self._search = Search(store, fetcher, others)
        self._faults: list[Problem] = []
        self._paths: list[tuple[Certificate, ...]] = []
        self._more = self._valid_paths()
        self._malformed: Problem | None = None

    def at(self, moment: dt.datetime) -> TrustFacts:
        """Path, period and revocation at a time.

        :param moment: aware.
        :return: as :meth:`TrustEvaluator.evaluate`.
        """
        try:
            if self._malformed is None:
                return self._at(moment)
        except DerError as error:
            self._malformed = Problem("certificate-malformed", (("detail", str(error)),))
        unknown = RevocationFacts(RevocationStatus.UNKNOWN)
        return TrustFacts(False, (self._certificate,), False, unknown, moment, (self._malformed,))

    def _at(self, moment: dt.datetime) -> TrustFacts:
        best: tuple[tuple[Certificate, ...], list[Problem]] | None = None
        for path in chain(self._paths, self._more):
            late = _period_faults(path, moment)
            if best is None or (best[1] and not late):
                best = path, late
            if not late:
                break
        if best is None:
            problems = tuple(self._faults[:1]) or (self._search.dead_end(),)
            known = tuple(item.der for item in self._search.known_part)
            return TrustFacts(False, known, False, RevocationFacts(RevocationStatus.UNKNOWN), moment, problems)
        path, late = best
        revocation, doubts = self._revocation.of_path(path, at=moment, brought=self._brought)
        return TrustFacts(
            trusted=True,
            path=tuple(item.der for item in path),
            in_period=not late,
            revocation=revocation,
            at=moment,
            problems=(*late, *doubts),
            domain=self._store.domain_of(path[-1]),
        )

    def _valid_paths(self) -> Iterator[tuple[Certificate, ...]]:
        """Paths that break no rule, times and revocation aside; each is kept, as is what is wrong with the others."""
        for path in self._search.paths(read_certificate(self._certificate)):
            fault = _fault(path, self._usage)
            if fault is None:
                self._paths.append(path)
                yield path
            else:
                self._faults.append(fault)


def _fault(path: tuple[Certificate, ...], usage: Usage) -> Problem | None:
    """The first rule of RFC 5280, 6.1, that a path breaks; times and revocation aside.

    :param path: from the certificate judged up to the anchor.
    """
    leaf, anchor = path[0], path[-1]
    try:
        if len(path) > 1:
            for certificate in path[1:]:
                if fault := _authority_fault(certificate, anchor, usage):
                    return fault
            if too_long := _length_fault(path):
                return too_long
        for certificate in path[:-1] or path:
            if unknown := certificate.unknown_critical_extensions:
                return about("chain-critical-extension", certificate, extension=unknown[0])
        if not _may_be_used(leaf, usage):
            return about("certificate-purpose-wrong", leaf)
        ordered = tuple(reversed(path[:-1] or path))
        if refused := constraints.name_fault(ordered, anchor):
            return about("chain-name-constraints", refused)
        if not constraints.policies_hold(ordered):
            return about("chain-policy", leaf)
    except DerError as error:
        return about("chain-malformed", leaf, detail=str(error))
    return None


def _authority_fault(certificate: Certificate, anchor: Certificate, usage: Usage) -> Problem | None:
    """What an issuer must be. An anchor of version 1 carries no constraints and is one by the store's word."""
    if certificate is anchor and certificate.version < 3:
        return None
    if not certificate.is_ca:
        return about("chain-not-a-ca", certificate)
    usages = certificate.key_usage
    if usages is not None and _CERTIFICATE_SIGN not in usages:
        return about("chain-key-usage", certificate)
    purposes = certificate.extended_key_usage
    if purposes is not None and not _purpose_fits(purposes, usage):
        return about("chain-purpose", certificate)
    return None


def _length_fault(path: tuple[Certificate, ...]) -> Problem | None:
    """RFC 5280, 6.1.4 (l) and (m): self-issued certificates do not count."""
    for index in range(1, len(path)):
        limit = path[index].basic_constraints[1]
        below = sum(not item.self_issued for item in path[1:index])
        if limit is not None and below > limit:
            return about("chain-path-length", path[index])
    return None


def _may_be_used(leaf: Certificate, usage: Usage) -> bool:
    usages = leaf.key_usage
    if usages is not None and not usages & {_DIGITAL_SIGNATURE, _CONTENT_COMMITMENT}:
        return False
    purposes = leaf.extended_key_usage
    if usage == "timestamp":
        return purposes is not None and Oids.KP_TIME_STAMPING in purposes
    return purposes is None or _purpose_fits(purposes, usage)


def _purpose_fits(purposes: Sequence[str], usage: Usage) -> bool:
    """Purposes of an issuer bind what it issues, as is usual although RFC 5280 leaves it open: a root for time
    stamps is no root for signers."""
    wanted = {_ANY_PURPOSE, Oids.KP_TIME_STAMPING} if usage == "timestamp" else _SIGNING_PURPOSES
    return not wanted.isdisjoint(purposes)


def _period_faults(path: tuple[Certificate, ...], at: dt.datetime) -> list[Problem]:
    """Certificates below the anchor that were not valid at that time."""
    faults = []
    for index, certificate in enumerate(path[:-1] or path):
        who = "issuer" if index else "certificate"
        if at < certificate.not_before:
            faults.append(about(f"{who}-not-yet-valid", certificate, since=certificate.not_before.isoformat()))
        elif at > certificate.not_after:
            faults.append(about(f"{who}-expired", certificate, until=certificate.not_after.isoformat()))
    return faults
