"""A report as PDF/A-2a, set by Typst from ``resources/templates/verification.typ``.

The template holds the layout and no words: all it prints comes from here, in the current language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec
import typst

from app.i18n import _, current_language, ngettext
from app.paths import RESOURCES
from app.times import VIETNAM, clock, day
from app.verification import words
from app.verification.model import Conclusion, FileReport, Reason, SignatureReport
from app.verification.printable import breakable, printable, wrapped
from app.verification.report import Occasion
from app.verification.sentences import who

_TEMPLATE = RESOURCES / "templates" / "verification.typ"

#: Reasons, changes and parts told of one signature at most; the spreadsheet and JSON have them all.
_MOST = 20


def render(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    """The PDF of a report."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(RESOURCES / "fonts")])
    data = msgspec.json.encode(_document(reports, occasion)).decode()
    compiled = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=fonts,
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards="a-2a",
        timestamp=occasion.at.astimezone(VIETNAM).replace(microsecond=0),
    )
    assert isinstance(compiled, bytes)
    return compiled


def _document(reports: Sequence[FileReport], occasion: Occasion) -> dict[str, Any]:
    at = occasion.at.astimezone(VIETNAM)
    return {
        "language": current_language(),
        "parent": printable(occasion.parent).upper(),
        "office": printable(occasion.office).upper(),
        "date": _place_and_date(occasion.place, at),
        "title": _("Result of checking digital signatures"),
        "checked": _checked(occasion),
        "running": _("Checked with Ấn Tín {version} · {time}").format(version=occasion.version, time=clock(at)),
        "page": _("Page {page} of {pages}"),
        "overview": _overview(reports) if len(reports) > 1 else None,
        "files": [_file(report, occasion.at) for report in reports],
    }


def _place_and_date(place: str, at: dt.datetime) -> str:
    """As the rules ask: day and month below 10 and 3 with a zero (Decree 30/2020, appendix I, part I, II.4)."""
    date = _("day {day} month {month} year {year}").format(
        day=f"{at.day:02d}", month=f"{at.month:02d}" if at.month < 3 else at.month, year=at.year
    )
    return f"{printable(place)}, {date}" if place else date[:1].upper() + date[1:]


def _checked(occasion: Occasion) -> str:
    told = _("Checked at {time}").format(time=clock(occasion.at))
    if occasion.as_of is None:
        return told
    return _("{checked}, judged as of {time}").format(checked=told, time=clock(occasion.as_of))


def _overview(reports: Sequence[FileReport]) -> dict[str, Any]:
    counts = [
        {"conclusion": str(found), "told": f"{number} {words.conclusion(found).lower()}"}
        for found in Conclusion
        if (number := sum(report.conclusion is found for report in reports))
    ]
    rows = [
        {
            "conclusion": str(report.conclusion),
            "verdict": words.conclusion(report.conclusion),
            "name": breakable(_name(report)),
            "signers": wrapped("; ".join(who(signature) for signature in report.signatures)),
        }
        for report in reports
    ]
    files = ngettext("{n} file", "{n} files", len(reports)).format(n=len(reports))
    head = [_("No."), _("File"), _("Signers"), _("Conclusion")]
    return {"files": files, "counts": counts, "head": head, "rows": rows}


def _file(report: FileReport, at: dt.datetime) -> dict[str, Any]:
    facts = [(_("File"), breakable(report.path))]
    if report.format not in ("", "unknown"):
        facts.append((_("Format"), words.format_name(report.format)))
    if report.sha256:
        facts.append(("SHA-256", report.sha256))
    return {
        "conclusion": str(report.conclusion),
        "verdict": words.conclusion(report.conclusion),
        "name": breakable(_name(report)),
        "summary": wrapped(report.summary),
        "next": wrapped(report.next_step),
        "next_title": _("What to do"),
        "facts": facts,
        "reasons": _reasons(report.reasons),
        "signatures": [
            _signature(number, signature, at) for number, signature in enumerate(report.signatures, start=1)
        ],
    }


def _signature(number: int, signature: SignatureReport, at: dt.datetime) -> dict[str, Any]:
    return {
        "conclusion": str(signature.conclusion),
        "verdict": words.conclusion(signature.conclusion),
        "title": _("Signature {number}").format(number=number),
        "facts": [(label, value) for label, value in _facts(signature, at) if value],
        "reasons": _reasons(signature.reasons),
    }


def _facts(signature: SignatureReport, at: dt.datetime) -> Iterator[tuple[str, str]]:
    yield _("Signer"), wrapped(signature.signer or _("an unknown signer"))
    if signature.organization != signature.signer:
        yield _("Organization"), wrapped(signature.organization)
    yield _("Certificate issued by"), wrapped(signature.issuer)
    if certificate := signature.certificate:
        period = _("from {start} to {end}").format(start=day(certificate.not_before), end=day(certificate.not_after))
        yield _("Certificate valid"), period
        yield _("Certificate number"), breakable(certificate.serial)
    if len(signature.path) > 1:
        yield _("Path of trust"), wrapped(" → ".join(signature.path))
    yield _("Signing time as stated"), clock(signature.claimed_time)
    yield _("Time stamp"), clock(signature.timestamp_time) or _("none")
    yield _("Level"), signature.level
    yield _("Protects"), words.protects(signature)
    yield _("Not protected"), _listed([breakable(part) for part in words.unprotected(signature)])
    yield _("Changed since"), _listed([breakable(told) for told in words.changed(signature)])
    yield "EN 319 102-1", words.indication(signature)
    yield _("Revocation"), words.evidence(signature.revocation, at)


def _listed(items: Sequence[str]) -> str:
    left = len(items) - _MOST
    rest = [_("and {n} further ones").format(n=left)] if left > 0 else []
    return "; ".join([*items[:_MOST], *rest])


def _reasons(reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    """Sentences with hints; of reasons in a row with the same hint the last one bears it."""
    told: list[tuple[str, str]] = []
    for hint, alike in groupby(reasons[:_MOST], key=lambda reason: reason.hint):
        messages = [wrapped(reason.message) for reason in alike]
        told += [*((message, "") for message in messages[:-1]), (messages[-1], wrapped(hint))]
    left = len(reasons) - _MOST
    return [*told, (_("and {n} further ones").format(n=left), "")] if left > 0 else told


def _name(report: FileReport) -> str:
    return report.path.replace("\\", "/").rstrip("/").rpartition("/")[2] or report.path
