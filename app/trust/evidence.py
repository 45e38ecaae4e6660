"""Gathering the evidence that lets a signature be judged for years without a network (ETSI EN 319 142-1, level LT):
the certificates of a path and what its authorities say of revocation now."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.trust.certificate import read_certificate
from app.trust.crl import read_crl
from app.trust.fetch import Fetcher, Kept
from app.trust.model import RevocationStatus, TrustFacts
from app.trust.path import TrustEvaluator, Usage
from app.trust.pem import unarmour
from app.trust.store import TrustStore

if TYPE_CHECKING:
    from app.settings import Settings


@dataclass(frozen=True)
class Evidence:
    """DER of what was gathered, each piece once."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.crls + other.crls)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
        )


class RecordingFetcher(Fetcher):
    """A fetcher that remembers what it gave.

    :ivar crls, ocsps: DER, as given since the last :meth:`forget`.
    """

    crls: list[bytes]
    ocsps: list[bytes]

    def forget(self) -> None:
        self.crls, self.ocsps = [], []

    def crl(self, url: str, *, fits: Callable[[bytes], bool]) -> list[Kept]:
        found = super().crl(url, fits=fits)
        self.crls += [block for kept in found for block in unarmour(kept.data)]
        return found

    def ocsp(self, url: str, request: bytes, *, key: str, fits: Callable[[bytes], bool]) -> list[Kept]:
        found = super().ocsp(url, request, key=key, fits=fits)
        self.ocsps += [kept.data for kept in found]
        return found


class EvidenceGatherer:
    """Gathers evidence from the addresses that certificates name, and from the lists at hand. Thread-safe.

    :param store: anchors, intermediates and lists.
    :param fetcher: asks, or offline gives what was kept.
    """

    def __init__(self, store: TrustStore, fetcher: RecordingFetcher) -> None:
        self._store, self._fetcher = store, fetcher
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings, store: TrustStore, *, offline: bool) -> EvidenceGatherer:
        return cls(store, RecordingFetcher.from_settings(settings, offline=offline))

    def gather(
        self, certificate: bytes, others: Sequence[bytes], *, at: dt.datetime, usage: Usage
    ) -> tuple[TrustFacts, Evidence]:
        """What is known of a certificate now and the pieces that say so.

        :param others: DER of certificates that may stand between it and an anchor.
        :param at: aware; the time judged.
        :return: facts, and evidence: the path with its anchor, and lists and answers about the path's certificates.
        """
        with self._lock:
            self._fetcher.forget()
            facts = TrustEvaluator(self._store, self._fetcher).evaluate(certificate, others, at=at, usage=usage)
            served = Evidence(facts.path, tuple(self._fetcher.crls), tuple(self._fetcher.ocsps)) + Evidence()
        if self._carries(facts, served, at, usage):
            return facts, served
        return facts, served + Evidence(crls=tuple(self._at_hand(facts)))

    def _carries(self, facts: TrustFacts, evidence: Evidence, at: dt.datetime, usage: Usage) -> bool:
        """Whether the evidence alone, without lists at hand, says that nothing in the path is revoked."""
        if not facts.trusted:
            return True
        alone = TrustEvaluator(TrustStore(lambda: [facts.path[-1]]), None)
        found = alone.evaluate(facts.path[0], facts.path, at=at, usage=usage, crls=evidence.crls, ocsps=evidence.ocsps)
        return found.revocation.status is RevocationStatus.GOOD and not found.problems

    def _at_hand(self, facts: TrustFacts) -> list[bytes]:
        issuers = [read_certificate(data) for data in facts.path[1:]]
        return [crl for crl in self._store.crls if any(read_crl(crl).is_issued_by(issuer) for issuer in issuers)]
