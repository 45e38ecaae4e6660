"""What a signer's certificate was worth when it signed, and is worth now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.trust.model import RevocationStatus, TrustFacts
from app.trust.path import TrustEvaluator
from app.verification.model import SignatureFacts, Standing
from app.verification.time_proof import TimeProof


@dataclass(frozen=True)
class Standings:
    """The standing of a certificate at the time of signing and at the time of judgement."""

    at_signing: Standing = Standing.UNKNOWN
    now: Standing = Standing.UNKNOWN


def evaluate_signer(
    trust: TrustEvaluator, facts: SignatureFacts, proof: TimeProof, now: dt.datetime
) -> tuple[TrustFacts | None, Standings]:
    """The signer's certificate at the time that counts, and its standings.

    A claimed time alone makes nothing valid: a certificate that is no longer valid may have signed after its end and
    claimed a time before it.

    :return: no facts where the signature has no certificate.
    """
    if facts.certificate is None:
        return None, Standings()
    at = trust.assess(
        facts.certificate,
        facts.certificates,
        usage="signature",
        crls=facts.embedded_crls,
        ocsps=facts.embedded_ocsps,
    ).at
    counting = at(proof.at)
    present = standing(counting if proof.at == now else at(now))
    if proof.proven:
        return counting, Standings(standing(counting), present)
    if facts.claimed_time is None:
        return counting, Standings(Standing.UNKNOWN, present)
    claimed = standing(at(min(facts.claimed_time, now)))
    if claimed is Standing.VALID and present is not Standing.VALID:
        claimed = Standing.UNKNOWN
    return counting, Standings(claimed, present)


def standing(trust: TrustFacts) -> Standing:
    """What the facts on a certificate at one time come to, the gravest first."""
    codes = [problem.code for problem in trust.problems]
    if not trust.trusted:
        return Standing.UNTRUSTED
    if trust.revocation.status is RevocationStatus.REVOKED or "issuer-revoked" in codes:
        return Standing.REVOKED
    if not trust.in_period:
        return Standing.EXPIRED if any(code.endswith("-expired") for code in codes) else Standing.NOT_YET_VALID
    if trust.revocation.status is not RevocationStatus.GOOD or "issuer-revocation-unknown" in codes:
        return Standing.UNKNOWN
    return Standing.VALID
