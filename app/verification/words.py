"""Codes of a report in words, for every place where a person reads them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from app.i18n import N_, _, ngettext
from app.times import clock
from app.verification.model import Change, Conclusion, Coverage, RevocationReport, SignatureReport

CONCLUSIONS: Final = {
    Conclusion.VALID: N_("VALID"),
    Conclusion.WARNING: N_("VALID, WITH A NOTE"),
    Conclusion.INDETERMINATE: N_("NOT ENOUGH EVIDENCE"),
    Conclusion.INVALID: N_("NOT VALID"),
    Conclusion.UNSIGNED: N_("NOT SIGNED"),
    Conclusion.UNREADABLE: N_("CANNOT BE READ"),
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

_FORMATS: Final = {
    "pdf": "PDF",
    "ooxml": "Office Open XML",
    "odf": "OpenDocument",
    "asice": "ASiC-E",
    "asics": "ASiC-S",
    "cms": "CMS",
    "xml": "XML",
}


def conclusion(found: Conclusion) -> str:
    return _(CONCLUSIONS[found])


def coverage(found: Coverage) -> str:
    """What a signature protects."""
    return _(_COVERAGE[found])


def protects(signature: SignatureReport) -> str:
    """What a signature protects; a dash where it is not valid and so protects nothing."""
    return "—" if signature.conclusion is Conclusion.INVALID else coverage(signature.coverage)


def format_name(code: str) -> str:
    return _FORMATS.get(code, code)


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
    if found.page is None:
        return found.what
    return _("page {page}: {what}").format(page=found.page, what=found.what)


def indication(found: SignatureReport) -> str:
    """Indication and sub-indication by ETSI EN 319 102-1, in the standard's own words."""
    return " / ".join(filter(None, (found.indication, found.sub_indication)))
