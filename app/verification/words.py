"""Codes of a report in words, for every place where a person reads them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from app.i18n import N_, _, ngettext, pgettext
from app.times import clock
from app.verification.changes import sentences
from app.verification.model import (
    Change,
    Conclusion,
    Coverage,
    Integrity,
    RevocationReport,
    SignatureReport,
    Standing,
)

_CONCLUSIONS: Final = {
    Conclusion.VALID: lambda: pgettext("verdict", "Valid"),
    Conclusion.WARNING: lambda: pgettext("verdict", "Valid, with a note"),
    Conclusion.INDETERMINATE: lambda: pgettext("verdict", "Not enough evidence"),
    Conclusion.INVALID: lambda: pgettext("verdict", "Not valid"),
    Conclusion.UNSIGNED: lambda: pgettext("verdict", "Not signed"),
    Conclusion.UNREADABLE: lambda: pgettext("verdict", "Cannot be read"),
}

_COVERAGE: Final = {
    Coverage.WHOLE: N_("the whole document"),
    Coverage.WHOLE_EXCEPT_METADATA: N_("the whole content, not the file's properties"),
    Coverage.EARLIER_REVISION: N_("the document as it was when signed; added to since"),
    Coverage.PARTIAL: N_("a part of the document only"),
}

_REVOCATION: Final = {
    "good": N_("not revoked"),
    "revoked": N_("revoked"),
    "unknown": N_("not known"),
}

_SOURCES: Final = {
    "ocsp": N_("answer of the authority's server (OCSP)"),
    "crl": N_("revocation list (CRL)"),
    "embedded": N_("evidence inside the file"),
    "none": N_("no evidence"),
}

_LEVELS: Final = {
    "B": N_("signature without a time stamp"),
    "T": N_("with a time stamp"),
    "LT": N_("with a time stamp and the evidence on the certificate"),
    "LTA": N_("with a time stamp and evidence, protected for long keeping"),
}

_INTEGRITY: Final = {
    Integrity.INTACT: N_("unchanged since it was signed"),
    Integrity.BROKEN: N_("changed, or not signed with this certificate"),
    Integrity.UNKNOWN: N_("could not be checked"),
}

_STANDING: Final = {
    Standing.VALID: N_("valid"),
    Standing.REVOKED: N_("revoked"),
    Standing.EXPIRED: N_("run out"),
    Standing.NOT_YET_VALID: N_("not yet valid"),
    Standing.UNTRUSTED: N_("of an authority that is not trusted here"),
    Standing.UNKNOWN: N_("not known"),
}

_FORMATS: Final = {
    "pdf": "PDF",
    "ooxml": "Word, Excel, PowerPoint",
    "odf": "OpenDocument",
    "asice": "ASiC-E",
    "asics": "ASiC-S",
    "cms": N_("Signature file (.p7s, .p7m)"),
    "xml": "XML",
    "zip": "ZIP",
    "legacy-office": N_("Word, Excel, PowerPoint before 2007"),
    "encrypted-office": N_("Word, Excel, PowerPoint with a password"),
    "unknown": N_("not known"),
}


def verdict(found: Conclusion) -> str:
    """A conclusion as a word or two."""
    return _CONCLUSIONS[found]()


def conclusion(found: Conclusion) -> str:
    """The same in capitals, as reports print it."""
    return verdict(found).upper()


def level(code: str) -> str:
    """A baseline level (ETSI EN 319 142-1, 6) in words: what it carries; a dash below B."""
    return f"{_(_LEVELS[code])} ({code})" if code in _LEVELS else "—"


def coverage(found: Coverage) -> str:
    """What a signature protects."""
    return _(_COVERAGE[found])


def protects(signature: SignatureReport) -> str:
    """What a signature protects; a dash where it is not valid and so protects nothing."""
    if signature.conclusion is Conclusion.INVALID:
        return "—"
    if any(reason.code == "cms-content-not-found" for reason in signature.reasons):
        return _("not clear (the document is missing)")
    return coverage(signature.coverage)


def integrity(found: Integrity) -> str:
    """Whether what was signed is what is there."""
    return _(_INTEGRITY[found])


def standing(found: Standing) -> str:
    """What the certificate was worth at a time."""
    return _(_STANDING[found])


def domain(code: str) -> str:
    """For whom the anchor above a certificate vouches; empty where there is none."""
    from app.trust import words as of_trust
    from app.trust.shipped import Domain

    return of_trust.domain(Domain(code)) if code else ""


def format_name(code: str) -> str:
    """A format as people call it; empty for none."""
    return _(_FORMATS[code]) if code in _FORMATS else code


def revocation_status(found: RevocationReport) -> str:
    return _(_REVOCATION.get(found.status, found.status))


def revocation_source(found: RevocationReport) -> str:
    return _(_SOURCES.get(found.source, found.source))


def evidence(found: RevocationReport, at: dt.datetime) -> str:
    """Status, source and age of what is known of a revocation.

    :param at: when the file was checked; the age is told as of then.
    """
    if found.as_of is None:
        return f"{revocation_status(found)} – {revocation_source(found)}"
    if (at - found.as_of).total_seconds() < 60:
        return _("{status} – {source} of {time}, right before the check").format(
            status=revocation_status(found), source=revocation_source(found), time=clock(found.as_of)
        )
    return _("{status} – {source} of {time}, {age} old when checked").format(
        status=revocation_status(found), source=revocation_source(found), time=clock(found.as_of), age=age(found, at)
    )


def age(found: RevocationReport, at: dt.datetime) -> str:
    """How old the evidence was, in whole minutes, hours or days; empty where there is none."""
    if found.as_of is None:
        return ""
    seconds = max(0.0, (at - found.as_of).total_seconds())
    if seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    if seconds < 2 * 86400:
        hours = int(seconds // 3600)
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    days = int(seconds // 86400)
    return ngettext("{n} day", "{n} days", days).format(n=days)


def change(found: Change) -> str:
    """A change after signing."""
    what = sentences.told(found)
    return what if found.page is None else _("page {page}: {what}").format(page=found.page, what=what)


def changed(signature: SignatureReport) -> list[str]:
    """The changes after signing: what is seen on pages one by one, then what was altered inside, each once."""
    return sentences.changed(signature.changes)


def unprotected(signature: SignatureReport) -> list[str]:
    """What a signature leaves out, in words where they are known, else by the names in the file."""
    told = list(dict.fromkeys(found.what for found in signature.changes if found.kind == sentences.UNSIGNED))
    if not told and signature.coverage is Coverage.WHOLE_EXCEPT_METADATA:
        return [_("properties of the file (title, author, dates)")]
    return told or signature.uncovered


def indication(found: SignatureReport) -> str:
    """Indication and sub-indication by ETSI EN 319 102-1, in the standard's own words."""
    return " / ".join(filter(None, (found.indication, found.sub_indication)))
