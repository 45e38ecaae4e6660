"""The time that counts: what trusted time stamps prove of when a signature existed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.trust.model import Problem, RevocationStatus, TimestampFacts
from app.trust.path import TrustEvaluator
from app.verification.model import DocumentFacts, SignatureFacts
from app.verification.policy import Policy


@dataclass
class TimeProof:
    """What is proven of a signature's time.

    :ivar at: the signature existed at this time; the time of judgement where nothing earlier is proven.
    :ivar proven: ``at`` comes from a trusted time stamp.
    :ivar told: time of the earliest stamp of a trusted authority, also where its revocation is unknown.
    :ivar archived: an intact time stamp over the whole document follows the signature.
    """

    at: dt.datetime
    proven: bool = False
    told: dt.datetime | None = None
    archived: bool = False
    problems: list[Problem] = field(default_factory=list)


def prove(document: DocumentFacts, trust: TrustEvaluator, policy: Policy, now: dt.datetime) -> list[TimeProof]:
    """The time proven for each signature of a document, in the document's order.

    A stamp is itself judged at the time proven by those after it, so that an authority whose certificate has since
    run out still counts under a later stamp (ETSI EN 319 102-1, 5.6).
    """
    current = TimeProof(now)
    proofs: list[TimeProof] = []
    for facts in reversed(document.signatures):
        own = TimeProof(current.at, current.proven, current.told, current.archived)
        for stamp in facts.timestamps:
            _apply(own, stamp, facts, trust, policy, judged_at=current.at)
        if facts.document_timestamp:
            if facts.intact:
                current = TimeProof(own.at, own.proven, own.told, archived=True)
            else:
                own = TimeProof(current.at, problems=[Problem("timestamp-not-intact")])
        proofs.append(own)
    return proofs[::-1]


def _apply(
    proof: TimeProof,
    stamp: TimestampFacts,
    facts: SignatureFacts,
    trust: TrustEvaluator,
    policy: Policy,
    *,
    judged_at: dt.datetime,
) -> None:
    if not stamp.intact or stamp.certificate is None:
        detail = stamp.problems[0].code if stamp.problems else ""
        proof.problems.append(Problem("timestamp-not-intact", (("detail", detail),)))
        return
    if stamp.time > judged_at:
        proof.problems.append(Problem("timestamp-later"))
        return
    found = trust.evaluate(
        stamp.certificate,
        _all(stamp.certificates, facts.certificates),
        at=judged_at,
        usage="timestamp",
        crls=facts.embedded_crls,
        ocsps=facts.embedded_ocsps,
    )
    if not found.trusted or not found.in_period or found.revocation.status is RevocationStatus.REVOKED:
        proof.problems.append(Problem("timestamp-untrusted"))
        return
    proof.told = min(proof.told or stamp.time, stamp.time)
    if stamp.digest_algorithm in policy.algorithms.weak_hashes and stamp.time >= policy.algorithms.retired:
        proof.problems.append(Problem("timestamp-weak", (("hash", stamp.digest_algorithm.upper()),)))
        return
    unknown_issuer = any(problem.code.startswith("issuer-") for problem in found.problems)
    if found.revocation.status is not RevocationStatus.GOOD or unknown_issuer:
        proof.problems.append(Problem("timestamp-revocation-unknown"))
        return
    proof.proven = True
    proof.at = min(proof.at, stamp.time)


def _all(*groups: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(certificate for group in groups for certificate in group))
