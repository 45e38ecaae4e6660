"""A verification in words: the facts of a signature as rows, everything as plain text."""

from __future__ import annotations

import datetime as dt
from pathlib import PurePath

from app.i18n import _
from app.times import local
from app.verification import words
from app.verification.model import Conclusion, FileReport, SignatureReport
from app.verification.sentences import moment
from ui import wording
from ui.wording import beginning

#: Caption and value.
Row = tuple[str, str]


def file_name(report: FileReport) -> str:
    return PurePath(report.path).name


def signer(signature: SignatureReport) -> str:
    """Who signed, by the certificate; words for "not known" where it does not say."""
    return signature.signer or signature.organization or _("signer not known")


def organization(signature: SignatureReport) -> str:
    """The signer's organisation, empty where it is the signer itself."""
    return signature.organization if signature.organization != signer(signature) else ""


def signed_when(signature: SignatureReport) -> str:
    """When it was signed and who says so, in one line."""
    if (proven := signature.timestamp_time or signature.proven_time) is not None:
        return _("Signed {time}, confirmed by a time stamp").format(time=moment(proven))
    if signature.claimed_time is not None:
        return _("Signed {time}, as the signer states").format(time=moment(signature.claimed_time))
    return _("It is not known when it was signed")


def time_of(signature: SignatureReport) -> dt.datetime | None:
    """The proven time, else the claimed one, in Vietnam's zone."""
    time = signature.timestamp_time or signature.proven_time or signature.claimed_time
    return local(time) if time is not None else None


def signature_rows(signature: SignatureReport, now: dt.datetime) -> list[Row]:
    """The facts of a signature in the order people ask for them: who, when, what, and how that is known.

    :param now: aware; the age of evidence is told as of then.
    """
    rows = [
        (_("Signer"), signature.signer or "—"),
        (_("Organisation"), signature.organization or "—"),
        (_("Certificate issued by"), signature.issuer or "—"),
        (_("Managing body"), signature.managing_body or "—"),
        (_("Trusted source"), words.domain(signature.domain) or "—"),
        (_("Signing time (as claimed)"), wording.moment(signature.claimed_time)),
        (_("Signing time (proven)"), wording.moment(signature.proven_time) if signature.proven_time else _("None")),
        (_("Level of the signature"), beginning(words.level(signature.level))),
        (_("Content"), beginning(words.integrity(signature.integrity))),
    ]
    if signature.conclusion is not Conclusion.INVALID:
        rows.append((_("What it protects"), beginning(words.coverage(signature.coverage))))
    if left_out := words.unprotected(signature):
        rows.append((_("Not protected"), beginning("; ".join(left_out))))
    rows += [(_("Changed afterwards"), beginning(told)) for told in words.changed(signature)]
    rows += [
        (_("Certificate when signed"), beginning(words.standing(signature.valid_at_signing))),
        (_("Certificate now"), beginning(words.standing(signature.valid_now))),
        (_("Revocation of the certificate"), beginning(words.evidence(signature.revocation, now))),
    ]
    if (certificate := signature.certificate) is not None:
        period = _("{start} to {end}").format(
            start=wording.day(certificate.not_before), end=wording.day(certificate.not_after)
        )
        rows += [
            (_("Certificate period"), period),
            (_("Certificate serial"), certificate.serial),
            (_("Certificate SHA-256"), certificate.sha256),
        ]
    if signature.path:
        rows.append((_("Path of trust"), " → ".join(signature.path)))
    rows.append((_("EN 319 102-1"), words.indication(signature)))
    return rows


def file_rows(report: FileReport) -> list[Row]:
    """What the file is."""
    rows = [(_("File"), report.path)]
    if report.format not in ("", "unknown"):
        rows.append((_("Format"), words.format_name(report.format)))
    return [*rows, (_("SHA-256"), report.sha256 or "—")]


def _has_own_step(report: FileReport) -> bool:
    """Whether the next step says more than the advice above it."""
    return report.next_step not in ("", wording.advice(report.conclusion))


def whole_text(report: FileReport, now: dt.datetime) -> str:
    """Everything a card can show, as plain text for a message or a file note."""
    lines = [
        f"{words.verdict(report.conclusion)}: {file_name(report)}",
        wording.advice(report.conclusion),
        report.summary,
        *([_("What to do: {step}").format(step=report.next_step)] if _has_own_step(report) else []),
    ]
    for index, signature in enumerate(report.signatures, start=1):
        lines += ["", _("Signature {n}: {signer}").format(n=index, signer=signer(signature))]
        lines += [f"{name}: {value}" for name, value in signature_rows(signature, now)]
        lines += [f"- {reason.message} {reason.hint}".rstrip() for reason in signature.reasons]
    lines += [f"- {reason.message} {reason.hint}".rstrip() for reason in report.reasons]
    lines += ["", *(f"{name}: {value}" for name, value in file_rows(report))]
    return "\n".join(lines)
