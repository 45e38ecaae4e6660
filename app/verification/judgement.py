"""From facts and trust to the conclusion on one signature."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.i18n import _, ngettext
from app.trust.algorithms import AlgorithmUnknown, key_name, scheme_of
from app.trust.certificate import Certificate, read_certificate
from app.trust.der import DerError
from app.trust.errors import CertificateUnreadable
from app.trust.holder import Holder, holder
from app.trust.managing import managing_body
from app.trust.model import Problem, RevocationFacts, RevocationStatus, TrustFacts
from app.verification.indications import indication_of, sub_indication_of
from app.verification.model import (
    CertificateReport,
    Conclusion,
    Coverage,
    Integrity,
    Reason,
    RevocationReport,
    SignatureFacts,
    SignatureReport,
)
from app.verification.policy import Algorithms, Policy, Severity, is_weak_key
from app.verification.standing import Standings
from app.verification.time_proof import TimeProof

#: Clocks of workstations may be off by this much.
_SKEW = dt.timedelta(minutes=10)

_CONCLUSIONS = {
    Severity.FAIL: Conclusion.INVALID,
    Severity.INDETERMINATE: Conclusion.INDETERMINATE,
    Severity.WARN: Conclusion.WARNING,
}

#: Codes of format examiners that the policy judges from the facts themselves.
_JUDGED_HERE = {"pdf-sha1", "pdf-weak-key"}


@dataclass
class Verdict:
    """Reasons found so far, the gravest deciding."""

    policy: Policy
    found: list[tuple[Severity, Problem]] = field(default_factory=list)

    def add(self, problem: Problem, at_least: Severity = Severity.IGNORE) -> None:
        """:param at_least: what the policy may not go below."""
        severity = max(self.policy.severity(problem.code), at_least)
        if severity is not Severity.IGNORE and all(problem != known for _severity, known in self.found):
            self.found.append((severity, problem))

    @property
    def severity(self) -> Severity:
        return max((severity for severity, _problem in self.found), default=Severity.IGNORE)

    @property
    def conclusion(self) -> Conclusion:
        return _CONCLUSIONS.get(self.severity, Conclusion.VALID)

    @property
    def code(self) -> str:
        """Code of the reason that decides."""
        return next((problem.code for severity, problem in self.found if severity is self.severity), "")

    def reasons(self) -> list[Reason]:
        """The gravest first."""
        ordered = sorted(self.found, key=lambda pair: -pair[0])
        return [self.policy.sentence(problem.code, dict(problem.data)).reason() for _severity, problem in ordered]


def judge(
    facts: SignatureFacts,
    trust: TrustFacts | None,
    proof: TimeProof,
    policy: Policy,
    now: dt.datetime,
    standings: Standings | None = None,
) -> SignatureReport:
    """The report on one signature.

    :param trust: None where the signature has no certificate that can be read.
    :param proof: the time at which ``trust`` was judged, and whether it is proven.
    :param standings: of the certificate, to be told; they decide nothing.
    """
    verdict = Verdict(policy)
    certificate = _readable(facts.certificate)
    _judge_integrity(verdict, facts)
    integrity = _integrity(verdict, facts)
    if certificate is None or trust is None:
        if verdict.severity < Severity.INDETERMINATE:
            verdict.add(Problem("certificate-missing"), Severity.INDETERMINATE)
    else:
        _judge_trust(verdict, facts, trust, proof)
        _judge_algorithms(verdict, facts, certificate, trust, proof)
        _judge_claim(verdict, facts, certificate, proof, now)
    for problem in proof.problems:
        verdict.add(problem)
    return _report(facts, certificate, trust, proof, verdict, integrity, standings or Standings())


def _judge_integrity(verdict: Verdict, facts: SignatureFacts) -> None:
    for problem in facts.problems:
        if problem.code == "changed-after-signing":
            verdict.add(_changed(facts))
        elif problem.code not in _JUDGED_HERE:
            verdict.add(problem)
    if not facts.supported and verdict.severity < Severity.INDETERMINATE:
        verdict.add(Problem("signature-unsupported"), Severity.INDETERMINATE)
    elif facts.supported and not facts.intact and verdict.severity < Severity.FAIL:
        verdict.add(Problem("signature-broken"), Severity.FAIL)
    if not facts.changes_allowed and verdict.severity < Severity.FAIL:
        verdict.add(_changed(facts), Severity.FAIL)
    if facts.intact and facts.coverage is Coverage.PARTIAL and verdict.severity < Severity.FAIL:
        verdict.add(Problem("coverage-partial"), Severity.FAIL)


def _changed(facts: SignatureFacts) -> Problem:
    """What was changed, with its pages where they are known."""
    pages = sorted({change.page for change in facts.changes if change.kind == "content-changed" and change.page})
    if not pages:
        return Problem("changed-after-signing", (("what", _("The document was")),))
    told = ngettext("Page {pages} was", "Pages {pages} were", len(pages)).format(pages=", ".join(map(str, pages)))
    return Problem("changed-after-signing", (("what", told),))


def _integrity(verdict: Verdict, facts: SignatureFacts) -> Integrity:
    """What the reasons found so far, all of the signature and its content, come to."""
    if verdict.severity is Severity.FAIL:
        return Integrity.BROKEN
    return Integrity.INTACT if facts.intact and verdict.severity < Severity.INDETERMINATE else Integrity.UNKNOWN


def _judge_trust(verdict: Verdict, facts: SignatureFacts, trust: TrustFacts, proof: TimeProof) -> None:
    """Path first, then the certificate's own revocation, then what is said of its issuers."""
    if not trust.trusted:
        for problem in trust.problems or (Problem("chain-issuer-unknown"),):
            verdict.add(problem, Severity.INDETERMINATE)
        return
    problems = [_expired_then(problem, facts, proof) or problem for problem in trust.problems]
    for problem in problems:
        if problem.code.endswith(("-expired", "-expired-then", "-not-yet-valid")):
            verdict.add(problem, Severity.INDETERMINATE)
    revocation = trust.revocation
    issuer_revoked = any(problem.code == "issuer-revoked" for problem in trust.problems)
    if revocation.status is RevocationStatus.REVOKED and not issuer_revoked:
        when = revocation.revoked_at or trust.at
        before = facts.claimed_time is None or facts.claimed_time >= when or proof.proven
        code = "revoked" if before else "revoked-unproven"
        verdict.add(Problem(code, (("when", when.isoformat()),)), Severity.INDETERMINATE)
    elif revocation.status is RevocationStatus.UNKNOWN:
        verdict.add(_unknown(revocation, trust.at))
    elif revocation.server_silent and revocation.as_of is not None:
        verdict.add(Problem("revocation-kept", (("time", revocation.as_of.isoformat()),)))
    for problem in problems:
        verdict.add(problem, Severity.INDETERMINATE if problem.code == "issuer-revoked" else Severity.IGNORE)


def _expired_then(problem: Problem, facts: SignatureFacts, proof: TimeProof) -> Problem | None:
    """Of a certificate that had run out when the signature says that it was made: no time stamp can help."""
    if problem.code != "certificate-expired" or facts.claimed_time is None or proof.proven:
        return None
    until = dict(problem.data)["until"]
    if facts.claimed_time - dt.datetime.fromisoformat(until) <= _SKEW:
        return None
    return Problem("certificate-expired-then", (("until", until), ("claimed", facts.claimed_time.isoformat())))


def _unknown(revocation: RevocationFacts, at: dt.datetime) -> Problem:
    """Evidence that had run out by then is told with its times."""
    if revocation.as_of is None or revocation.next_update is None or revocation.next_update >= at:
        return Problem("revocation-unknown")
    until = revocation.next_update.isoformat()
    return Problem("revocation-outdated", (("time", revocation.as_of.isoformat()), ("until", until)))


def _judge_algorithms(
    verdict: Verdict, facts: SignatureFacts, certificate: Certificate, trust: TrustFacts, proof: TimeProof
) -> None:
    rules = verdict.policy.algorithms
    age = _age(facts, certificate, proof, rules)
    used = {facts.digest_algorithm, facts.signature_algorithm.rpartition("-")[2]}
    for name in sorted(used & rules.weak_hashes):
        verdict.add(Problem(f"weak-hash-{age}", (("hash", name.upper()),)))
    if is_weak_key(certificate, verdict.policy):
        verdict.add(Problem(f"weak-key-{age}", (("key", _key_told(certificate.der)),)))
    for index, data in enumerate(trust.path[:-1]):
        link = _readable(data)
        if link is None:
            continue
        try:
            name = scheme_of(link.algorithm).hash_name
        except (AlgorithmUnknown, DerError):
            continue
        if name in rules.weak_hashes:
            code = "weak-issuer-signature" + ("" if link.not_before < rules.retired else "-new")
            verdict.add(Problem(code, (("hash", name.upper()),)))
        if index and is_weak_key(link, verdict.policy):
            verdict.add(Problem("weak-issuer-key", (("key", key_name(data)), ("name", _holder(link).name))))

    evidence = trust.revocation
    if evidence.as_of is not None and evidence.hash_name in rules.weak_hashes:
        code = "weak-evidence" if evidence.as_of < rules.retired else "weak-evidence-new"
        verdict.add(Problem(code, (("hash", evidence.hash_name.upper()),)))


def _key_told(certificate: bytes) -> str:
    """A key in an office's words: ``RSA 1024 bit``."""
    family, _dash, size = key_name(certificate).partition("-")
    return f"{family.upper()} {size} bit" if size.isdigit() else key_name(certificate)


def _age(facts: SignatureFacts, certificate: Certificate, proof: TimeProof, rules: Algorithms) -> str:
    """Whether a document is from before the weak algorithms were retired: ``old`` where that is proven, ``unproven``
    where it is claimed and possible, else ``new``."""
    if proof.proven:
        return "old" if proof.at < rules.retired else "new"
    claimed = facts.claimed_time
    possible = claimed is not None and claimed < rules.retired and certificate.not_before < rules.retired
    return "unproven" if possible else "new"


def _judge_claim(
    verdict: Verdict, facts: SignatureFacts, certificate: Certificate, proof: TimeProof, now: dt.datetime
) -> None:
    claimed = facts.claimed_time
    if not facts.timestamps and not proof.proven:
        verdict.add(Problem("timestamp-missing"))
    if claimed is None:
        return
    if claimed - now > _SKEW:
        verdict.add(Problem("claimed-time-in-future"))
    told = any(problem.code == "certificate-expired-then" for _severity, problem in verdict.found)
    if not told and (certificate.not_before - claimed > _SKEW or claimed - certificate.not_after > _SKEW):
        verdict.add(Problem("claimed-time-outside-certificate"))
    if proof.told is not None and claimed - proof.told > _SKEW:
        verdict.add(Problem("claimed-time-after-timestamp"))


def _report(
    facts: SignatureFacts,
    certificate: Certificate | None,
    trust: TrustFacts | None,
    proof: TimeProof,
    verdict: Verdict,
    integrity: Integrity,
    standings: Standings,
) -> SignatureReport:
    whose = _holder(certificate)
    conclusion = verdict.conclusion
    revocation = trust.revocation if trust else RevocationFacts(RevocationStatus.UNKNOWN)
    path = [read for data in (trust.path if trust else ()) if (read := _readable(data))]
    domain = trust.domain if trust else None
    return SignatureReport(
        name=facts.name,
        conclusion=conclusion,
        indication=indication_of(conclusion),
        sub_indication=sub_indication_of(conclusion, verdict.code),
        reasons=verdict.reasons(),
        signer=whose.name,
        organization=whose.organization,
        issuer=_issuer(certificate),
        certificate=_certificate_report(certificate),
        claimed_time=facts.claimed_time,
        timestamp_time=proof.told,
        level=level_of(facts, proof),
        coverage=facts.coverage,
        uncovered=list(facts.uncovered),
        changes=list(facts.changes),
        revocation=_revocation_report(revocation),
        kind=whose.kind,
        path=[_holder(item).name for item in path],
        managing_body=managing_body(certificate.der, trust.path if trust else (), domain) if certificate else "",
        domain=str(domain or ""),
        integrity=integrity,
        valid_at_signing=standings.at_signing,
        valid_now=standings.now,
        proven_time=proof.at if proof.proven else None,
        signed_size=facts.signed_size if facts.intact else None,
    )


def level_of(facts: SignatureFacts, proof: TimeProof) -> str:
    """The baseline level whose parts are there: B, T with a time, LT with evidence beside it; empty below B.

    A baseline signature names its certificate among what is signed (ETSI EN 319 142-1, 6.3; EN 319 132-1, 6.3).
    """
    unnamed = {
        *("cms-no-signed-attributes", "cms-no-signing-certificate"),
        "xmldsig-certificate-not-named",
    }
    if not facts.intact or any(problem.code in unnamed for problem in facts.problems):
        return ""
    own = any(stamp.intact for stamp in facts.timestamps)
    if not own and proof.told is None:
        return "B"
    if not facts.embedded_crls and not facts.embedded_ocsps:
        return "T"
    return "LTA" if proof.archived else "LT"


def _readable(data: bytes | None) -> Certificate | None:
    try:
        return read_certificate(data) if data else None
    except DerError:
        return None


def _holder(certificate: Certificate | None) -> Holder:
    try:
        return holder(certificate.der) if certificate else Holder("", "", "", "unknown")
    except CertificateUnreadable:
        return Holder("", "", "", "unknown")


def _issuer(certificate: Certificate | None) -> str:
    if certificate is None:
        return ""
    try:
        names: Sequence[tuple[str, str]] = certificate.issuer.attributes
    except DerError:
        return ""
    found = dict(names)
    return found.get("2.5.4.3") or found.get("2.5.4.10") or (names[-1][1] if names else "")


def _revocation_report(found: RevocationFacts) -> RevocationReport:
    return RevocationReport(
        status=str(found.status),
        source=str(found.source),
        as_of=found.as_of,
        next_update=found.next_update,
        revoked_at=found.revoked_at,
        reason=found.reason,
    )


def _certificate_report(certificate: Certificate | None) -> CertificateReport | None:
    if certificate is None:
        return None
    return CertificateReport(
        sha256=certificate.sha256,
        serial=f"{certificate.serial:x}",
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )
