"""The time that counts: what trusted time stamps prove of when a signature existed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.trust.algorithms import key_name
from app.trust.certificate import read_certificate
from app.trust.model import Problem, RevocationStatus, TimestampFacts, TrustFacts
from app.trust.path import TrustEvaluator
from app.verification.model import DocumentFacts, SignatureFacts
from app.verification.policy import Policy, Severity, is_weak_key

#: Reasons for which an authority is closed although nobody else has its key.
_CLOSED = {"unspecified", "affiliation-changed", "superseded", "cessation-of-operation"}


@dataclass
class TimeProof:
    """What is proven of a signature's time.

    :ivar at: the signature existed at this time; the time of judgement where nothing earlier is proven.
    :ivar proven: ``at`` comes from a trusted time stamp.
    :ivar told: time of the earliest stamp of a trusted authority, also where its revocation is unknown.
    :ivar archived: a time stamp that covers the signature and its evidence is relied on.
    :ivar sealed: names of the signatures whose evidence is covered by a stamp over the whole document that is relied
        on.
    """

    at: dt.datetime
    proven: bool = False
    told: dt.datetime | None = None
    archived: bool = False
    sealed: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)


def prove(document: DocumentFacts, trust: TrustEvaluator, policy: Policy, now: dt.datetime) -> list[TimeProof]:
    """The time proven for each signature of a document, in the document's order.

    A time stamp over the whole document proves something only of what it covers: of a PDF the signatures in the octets
    before its end, wherever its field stands in the form.

    A stamp is itself judged at the time proven by those after it, so that an authority whose certificate has since
    run out still counts under a later stamp (ETSI EN 319 102-1, 5.6).
    """
    current = TimeProof(now)
    proofs: dict[int, TimeProof] = {}
    for index in _latest_first(document.signatures):
        facts = document.signatures[index]
        own = replace(current, problems=list(current.problems), archived=facts.name in current.sealed)
        for stamp in reversed(facts.archive_timestamps):
            if _apply(own, stamp, facts, trust, policy, judged_at=own.at):
                own.archived = True
        judged_at = own.at
        relied = [_apply(own, stamp, facts, trust, policy, judged_at=judged_at) for stamp in facts.timestamps]
        if facts.document_timestamp:
            current = _under_seal(current, own, facts, relied=any(relied))
        proofs[index] = own
    return [proofs[index] for index in range(len(document.signatures))]


def _latest_first(signatures: Sequence[SignatureFacts]) -> list[int]:
    """Indices of signatures, each before those that it covers."""

    def extent(index: int) -> tuple[int, bool]:
        size = signatures[index].signed_size
        return (0, False) if size is None else (size, not signatures[index].document_timestamp)

    return sorted(range(len(signatures)), key=extent)[::-1]


def _under_seal(current: TimeProof, sealed: TimeProof, stamp: SignatureFacts, *, relied: bool) -> TimeProof:
    """What is proven of the signatures below a time stamp over the whole document.

    :param current: what is proven by the stamps after it.
    :param sealed: what it proves together with those.
    :param stamp: intact where the document is the one that was stamped.
    :param relied: whether the stamp itself is relied on. A seal that is not changes nothing of what is proven; why is
        told of each signature below.
    """
    problems = list(sealed.problems)
    if stamp.intact and relied:
        return replace(sealed, archived=False, sealed=current.sealed.union(stamp.seals), problems=problems)
    if not stamp.intact and not any(problem.code == "timestamp-not-intact" for problem in problems):
        problems.append(Problem("timestamp-not-intact"))
    return replace(current, problems=problems)


def _apply(
    proof: TimeProof,
    stamp: TimestampFacts,
    facts: SignatureFacts,
    trust: TrustEvaluator,
    policy: Policy,
    *,
    judged_at: dt.datetime,
) -> bool:
    """Add what a stamp proves, or why it proves nothing.

    :param judged_at: the time at which its authority is judged.
    :return: whether it is relied on.
    """
    if not stamp.intact or stamp.certificate is None:
        detail = stamp.problems[0].code if stamp.problems else ""
        proof.problems.append(Problem("timestamp-not-intact", (("detail", detail),)))
        return False
    if stamp.time > judged_at:
        proof.problems.append(Problem("timestamp-later"))
        return False
    certificate = stamp.certificate
    authority_at = trust.assess(
        certificate,
        _all(stamp.certificates, facts.certificates),
        usage="timestamp",
        crls=facts.embedded_crls,
        ocsps=facts.embedded_ocsps,
    ).at
    found = authority_at(judged_at)
    if fault := _authority_fault(found, stamp.time):
        proof.problems.append(fault)
        return False
    if stamp.time < read_certificate(certificate).not_before:
        proof.problems.append(Problem("timestamp-untrusted"))
        return False
    proof.told = min(proof.told or stamp.time, stamp.time)
    if weakness := _weakness(stamp, found, policy, judged_at):
        proof.problems.append(Problem("timestamp-weak", (("hash", weakness),)))
        return False
    if not _not_revoked(found) and not _closed_later(found, stamp.time):
        if not _not_revoked(authority_at(stamp.time)):
            proof.problems.append(Problem("timestamp-revocation-unknown"))
            return False
        proof.problems.append(Problem("timestamp-revocation-then"))
        if policy.severity("timestamp-revocation-then") >= Severity.INDETERMINATE:
            return False
    proof.proven = True
    proof.at = min(proof.at, stamp.time)
    return True


def _weakness(stamp: TimestampFacts, found: TrustFacts, policy: Policy, judged_at: dt.datetime) -> str:
    """The algorithm for which a stamp is not relied on; empty where there is none.

    What was hashed weakly when that was accepted stays what it was. A weak key may have been broken since, so that its
    stamps count only under a later one.
    """
    rules = policy.algorithms
    hashes = {stamp.digest_algorithm, stamp.signature_hash} & rules.weak_hashes
    if hashes and stamp.time >= rules.retired:
        return min(hashes).upper()
    if judged_at < rules.retired:
        return ""
    authorities = map(read_certificate, found.path[:-1] or found.path)
    return next((key_name(item.der) for item in authorities if is_weak_key(item, policy)), "")


def _authority_fault(found: TrustFacts, stamped: dt.datetime) -> Problem | None:
    """Why a stamp's authority is not relied on; what is merely unknown of its revocation aside.

    :param stamped: the time that the stamp states.
    """
    if not found.trusted:
        return Problem("timestamp-untrusted")
    for problem in found.problems:
        if problem.code == "issuer-revoked":
            return Problem("timestamp-revoked", problem.data)
        if problem.code.endswith("-expired"):
            return Problem("timestamp-expired", problem.data)
    if not found.in_period:
        return Problem("timestamp-untrusted")
    if found.revocation.status is RevocationStatus.REVOKED and not _closed_later(found, stamped):
        when = found.revocation.revoked_at
        return Problem("timestamp-revoked", (("when", when.isoformat() if when else ""),))
    return None


def _closed_later(found: TrustFacts, stamped: dt.datetime) -> bool:
    """Whether the authority was closed after the stamp without its key being lost: its earlier stamps then remain
    valid. Without a stated reason none does (RFC 3161, section 4, item 1)."""
    revocation = found.revocation
    return (
        revocation.status is RevocationStatus.REVOKED
        and revocation.reason in _CLOSED
        and revocation.revoked_at is not None
        and stamped < revocation.revoked_at
        and not any(problem.code.startswith("issuer-") for problem in found.problems)
    )


def _not_revoked(found: TrustFacts) -> bool:
    """Whether the authority and those above it are known to have been in good standing."""
    unknown_issuer = any(problem.code.startswith("issuer-") for problem in found.problems)
    return found.trusted and found.in_period and found.revocation.status is RevocationStatus.GOOD and not unknown_issuer


def _all(*groups: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(certificate for group in groups for certificate in group))
