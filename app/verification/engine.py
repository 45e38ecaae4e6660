"""From a file to its report: format, facts, trust, time, conclusion, sentence."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.documents.formats import Format, detect, extension_lies, packed_kind
from app.documents.hashing import sha256_file, state
from app.errors import AntinError, describe
from app.i18n import N_
from app.trust.model import Problem
from app.trust.path import TrustEvaluator
from app.verification.changes.explain import explained
from app.verification.changes.signers import named
from app.verification.judgement import Verdict, judge
from app.verification.model import (
    Conclusion,
    DocumentFacts,
    FileReport,
    Reason,
    SignatureFacts,
    SignatureReport,
)
from app.verification.policy import Policy, Severity
from app.verification.sentences import summary, what_next
from app.verification.standing import evaluate_signer
from app.verification.time_proof import TimeProof, prove

#: The gravest first.
_ORDER = (Conclusion.INVALID, Conclusion.INDETERMINATE, Conclusion.WARNING, Conclusion.VALID)

#: Seconds from the beginning of an examination in which what was changed is looked for, to be told.
_EXPLAINING = 3.5

_UNSUPPORTED = {
    Format.ENCRYPTED_OFFICE: "format-encrypted",
    Format.ZIP: "format-unknown",
}


class FileChanged(AntinError):
    """What was hashed may not be what was examined."""

    code = "file-changed"
    message_id = N_("{path} was changed while it was being checked.")
    hint_id = N_("Close it where it is open, or wait until it is copied, and check it again.")


class ContentNotAsked(AntinError):
    code = "content-not-asked"
    message_id = N_("{path} holds what it signs; no other file belongs to it.")
    hint_id = N_("Check it without naming a content. Only a signature file (.p7s, .p7m) has one beside it.")


class MemoryLacking(AntinError):
    code = "memory-lacking"
    message_id = N_("There is not enough memory to check {path}.")
    hint_id = N_("Close other programs and check this file alone. If that does not help either, do not rely on it.")


class Verifier:
    """Says of a file whether its signatures hold, from whom they are, and what to do next."""

    def __init__(self, trust: TrustEvaluator, policy: Policy) -> None:
        self._trust, self._policy = trust, policy

    @property
    def policy(self) -> Policy:
        """What it makes of facts."""
        return self._policy

    def verify(self, path: Path, *, at: dt.datetime | None = None, content: Path | None = None) -> FileReport:
        """The report on one file. The file is only read.

        :param at: aware; judge as of that time instead of now.
        :param content: what a detached CMS signature (RFC 5652, 5.2) is said to sign; without, it is looked for beside
            the signature.
        :return: a report; whatever is wrong with the file stands in it, nothing is raised.
        """
        started = time.monotonic()
        format_ = Format.UNKNOWN
        sha256 = None
        try:
            before = state(path)
            format_ = detect(path)
            try:
                report, known = self._examined(path, format_, at or dt.datetime.now(dt.UTC), content)
            except Exception as error:
                report, known = _unreadable([_reason_of(error, path)]), ""
            sha256 = known or sha256_file(path)
            if state(path) != before:
                raise FileChanged(path=path)
        except Exception as error:
            sha256 = None if isinstance(error, FileChanged) else sha256
            report = _unreadable([_reason_of(error, path)])
        return FileReport(
            path=str(path),
            sha256=sha256,
            format=str(format_),
            conclusion=report.conclusion,
            summary=report.summary,
            next_step=report.next_step,
            reasons=report.reasons,
            signatures=report.signatures,
            seconds=round(time.monotonic() - started, 4),
        )

    def _examined(self, path: Path, format_: Format, now: dt.datetime, content: Path | None) -> tuple[FileReport, str]:
        """The report, and the file's SHA-256 where the examiner knows it."""
        examine = examiner(format_) if content is None else _examiner_with(content, path, format_)
        if examine is None:
            problem = _not_examined(path, format_)
            return _unreadable([self._policy.sentence(problem.code, dict(problem.data)).reason()]), ""
        until = time.monotonic() + _EXPLAINING
        document = explained(path, examine(path), until)
        if extension_lies(path, format_):
            data = ("suffix", path.suffix), ("format", str(format_))
            document = replace(document, problems=(*document.problems, Problem("format-other-than-named", data)))
        return self._concluded(document, now), document.sha256

    def _concluded(self, document: DocumentFacts, now: dt.datetime) -> FileReport:
        whole = Verdict(self._policy)
        for problem in document.problems:
            whole.add(problem)
        if not document.readable:
            if not whole.found:
                whole.add(Problem("file-damaged"), Severity.INDETERMINATE)
            return _unreadable(whole.reasons())
        proofs = prove(document, self._trust, self._policy, now)
        signers = [
            self._signature(facts, proof, now)
            for facts, proof in zip(document.signatures, proofs, strict=True)
            if not facts.document_timestamp
        ]
        if not signers and whole.conclusion in (Conclusion.VALID, Conclusion.WARNING):
            conclusion = Conclusion.UNSIGNED
        else:
            found = {whole.conclusion, *(signature.conclusion for signature in signers)}
            conclusion = next(grade for grade in _ORDER if grade in found)
        return _report(conclusion, named(signers), whole.reasons())

    def _signature(self, facts: SignatureFacts, proof: TimeProof, now: dt.datetime) -> SignatureReport:
        trust, standings = evaluate_signer(self._trust, facts, proof, now)
        return judge(facts, trust, proof, self._policy, now, standings)


def examiner(format_: Format) -> Callable[[Path], DocumentFacts] | None:
    """The examiner of a format, loaded only now; None where there is none."""
    match format_:
        case Format.PDF:
            from app.verification.pdf import examine
        case Format.OOXML:
            from app.verification.ooxml import examine
        case Format.ODF:
            from app.verification.odf import examine
        case Format.CMS:
            from app.verification.cms import examine
        case Format.ASICE:
            from app.verification.asic import examine
        case Format.XML:
            from app.verification.xml import examine
        case Format.LEGACY_OFFICE:
            from app.verification.legacy import examine
        case _:
            return None
    return examine


def _not_examined(path: Path, format_: Format) -> Problem:
    """Why there is no examiner for a file, with what it looks like."""
    if format_ is not Format.UNKNOWN:
        return Problem(_UNSUPPORTED.get(format_, "format-not-supported"), (("format", str(format_)),))
    if path.stat().st_size == 0:
        return Problem("format-empty")
    if kind := packed_kind(path):
        return Problem("format-packed", (("kind", kind),))
    if extension_lies(path, format_):
        suffix = path.suffix.lower()
        return Problem("format-misnamed", (("suffix", suffix), ("kind", suffix[1:].upper())))
    return Problem("format-unknown")


def _examiner_with(content: Path, path: Path, format_: Format) -> Callable[[Path], DocumentFacts]:
    """:raises ContentNotAsked: only a detached CMS signature has its content in another file."""
    if format_ is not Format.CMS:
        raise ContentNotAsked(path=path)
    from app.verification.cms import examine

    return partial(examine, content=content)


def _report(conclusion: Conclusion, signatures: list[SignatureReport], reasons: list[Reason]) -> FileReport:
    return FileReport(
        path="",
        sha256=None,
        format="",
        conclusion=conclusion,
        summary=summary(conclusion, signatures, reasons),
        next_step=what_next(conclusion, signatures, reasons),
        reasons=reasons,
        signatures=signatures,
        seconds=0.0,
    )


def _unreadable(reasons: list[Reason]) -> FileReport:
    return _report(Conclusion.UNREADABLE, [], reasons)


def _reason_of(error: Exception, path: Path) -> Reason:
    """Why a file could not be examined, in the words of the error itself."""
    found = describe(MemoryLacking(path=path) if isinstance(error, MemoryError) else error)
    return Reason(found.code, found.message, found.hint)
