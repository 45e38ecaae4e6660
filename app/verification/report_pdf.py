"""A report as PDF/A-2a, set by Typst from ``resources/templates/verification.typ``.

The template holds the layout and no words: all it prints comes from here, in the current language.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

from app.documents.printable import breakable, printable, wrapped
from app.documents.typesetting import TEMPLATES, typeset
from app.i18n import _, current_language, ngettext
from app.times import VIETNAM, clock, day
from app.verification import words
from app.verification.model import Conclusion, FileReport, Reason, SignatureReport
from app.verification.report import Occasion
from app.verification.report_pictures import Illustrator, Picture
from app.verification.sentences import who

_TEMPLATE = TEMPLATES / "verification.typ"

#: Reasons, changes and parts told of one signature at most; the spreadsheet and JSON have them all.
_MOST = 20

#: Files whose details are told, and rows of the overview.
_MOST_DETAILED, _MOST_ROWS = 100, 2000

#: What is told first where not all can be.
_GRAVITY = (
    Conclusion.INVALID,
    Conclusion.UNREADABLE,
    Conclusion.INDETERMINATE,
    Conclusion.WARNING,
    Conclusion.UNSIGNED,
)


def render(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    """The PDF of a report: an overview of several files, and of each the details; of more than :data:`_MOST_DETAILED`
    files the details of those only that are not valid, so that the report of a folder of thousands stays bounded."""
    with Illustrator() as illustrator, tempfile.TemporaryDirectory(prefix="antin-") as folder:
        root = Path(folder)
        template = Path(shutil.copy(_TEMPLATE, root))
        return typeset(template, _document(reports, occasion, _Shelf(root, illustrator)), occasion.at).pdf


@dataclass
class _Shelf:
    """Puts the pictures of files beside the template.

    :ivar root: a private folder; names in it are the program's own.
    """

    root: Path
    illustrator: Illustrator
    count: int = 0

    def pictures(self, report: FileReport) -> dict[str, Any] | None:
        found = self.illustrator.pictures(report)
        if not found.signed:
            return None
        more = ngettext("and {n} further page", "and {n} further pages", found.further).format(n=found.further)
        return {
            "title": _("What was signed"),
            "signed": [self._put(picture) for picture in found.signed],
            "more": more if found.further else "",
            "altered_title": _("What was altered since"),
            "altered": [[self._put(side) if side else None for side in pair] for pair in found.altered],
            "missing": _("no such page"),
        }

    def _put(self, picture: Picture) -> dict[str, str]:
        self.count += 1
        name = f"{self.count}.jpg"
        (self.root / name).write_bytes(picture.jpeg)
        return {"name": name, "caption": picture.caption}


def _document(reports: Sequence[FileReport], occasion: Occasion, shelf: _Shelf) -> dict[str, Any]:
    at = occasion.at.astimezone(VIETNAM)
    detailed = _detailed(reports)
    told = _names(reports)
    several = len(reports) > 1
    names = {
        id(report): f"{number}. {name}" if several else name
        for number, (report, name) in enumerate(zip(reports, told, strict=True), start=1)
    }
    return {
        "language": current_language(),
        "parent": printable(occasion.parent).upper(),
        "office": printable(occasion.office).upper(),
        "date": _place_and_date(occasion.place, at),
        "title": _("Result of checking digital signatures"),
        "checked": _checked(occasion),
        "running": _("Checked with Ấn Tín {version} · {time}").format(version=occasion.version, time=clock(at)),
        "page": _("Page {page} of {pages}"),
        "overview": _overview(reports, told) if several else None,
        "left_out": _left_out(len(reports), len(detailed)),
        "files": [_file(report, names[id(report)], occasion.at, shelf) for report in detailed],
    }


def _names(reports: Sequence[FileReport]) -> list[str]:
    """What tells the files of a report apart: their number and where they lie below what is common to all; of one
    file its bare name."""
    if len(reports) == 1:
        return [_parts(reports[0])[-1]]
    paths = [_parts(report) for report in reports]
    levels = zip(*(path[:-1] for path in paths), strict=False)
    common = sum(1 for _level in takewhile(lambda level: len(set(level)) == 1, levels))
    return [" / ".join(path[common:]) for path in paths]


def _parts(report: FileReport) -> list[str]:
    return report.path.replace("\\", "/").rstrip("/").split("/")


def _detailed(reports: Sequence[FileReport]) -> Sequence[FileReport]:
    if len(reports) <= _MOST_DETAILED:
        return reports
    wanted = [report for report in reports if report.conclusion is not Conclusion.VALID]
    return sorted(wanted, key=lambda report: _GRAVITY.index(report.conclusion))[:_MOST_DETAILED]


def _left_out(files: int, detailed: int) -> str:
    """That the details of some files are not told; empty where all are."""
    if files == detailed:
        return ""
    return _(
        "This report covers {files} files: below are the details of {detailed} that are not plainly valid, the gravest "
        "first. The details of all stand in the spreadsheet and JSON."
    ).format(files=files, detailed=detailed)


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


def _overview(reports: Sequence[FileReport], names: Sequence[str]) -> dict[str, Any]:
    counts = [
        {"conclusion": str(found), "told": f"{number} {words.conclusion(found).lower()}"}
        for found in Conclusion
        if (number := sum(report.conclusion is found for report in reports))
    ]
    rows = [
        {
            "conclusion": str(report.conclusion),
            "verdict": words.conclusion(report.conclusion),
            "name": breakable(name),
            "signers": wrapped("; ".join(dict.fromkeys(who(signature) for signature in report.signatures))),
        }
        for report, name in zip(reports[:_MOST_ROWS], names, strict=False)
    ]
    left = len(reports) - len(rows)
    files = ngettext("{n} file", "{n} files", len(reports)).format(n=len(reports))
    head = [_("No."), _("File"), _("Signers"), _("Conclusion")]
    more = ngettext("and {n} further file", "and {n} further files", left).format(n=left) if left else ""
    return {"files": files, "counts": counts, "head": head, "rows": rows, "more": more}


def _file(report: FileReport, name: str, at: dt.datetime, shelf: _Shelf) -> dict[str, Any]:
    told = {report.next_step}
    facts = [(_("File"), breakable(report.path))]
    if report.format not in ("", "unknown"):
        facts.append((_("Format"), words.format_name(report.format)))
    if report.sha256:
        facts.append(("SHA-256", report.sha256))
    return {
        "conclusion": str(report.conclusion),
        "verdict": words.conclusion(report.conclusion),
        "name": breakable(name),
        "summary": wrapped(report.summary),
        "next": wrapped(report.next_step),
        "next_title": _("What to do"),
        "facts": facts,
        "reasons": _reasons(report.reasons, told),
        "pictures": shelf.pictures(report),
        "signatures": [
            _signature(number, signature, at, told) for number, signature in enumerate(report.signatures, start=1)
        ],
    }


def _signature(number: int, signature: SignatureReport, at: dt.datetime, told: set[str]) -> dict[str, Any]:
    """:param told: hints that stand above already."""
    return {
        "conclusion": str(signature.conclusion),
        "verdict": words.conclusion(signature.conclusion),
        "title": _("Signature {number}").format(number=number),
        "facts": [(label, value) for label, value in _facts(signature, at) if value],
        "reasons": _reasons(signature.reasons, told),
        "technical_title": _("Technical details"),
        "technical": [f"{label}: {value}" for label, value in _technical(signature) if value],
    }


def _facts(signature: SignatureReport, at: dt.datetime) -> Iterator[tuple[str, str]]:
    yield _("Signer"), wrapped(signature.signer or _("an unknown signer"))
    if signature.organization != signature.signer:
        yield _("Organization"), wrapped(signature.organization)
    yield _("Certificate issued by"), wrapped(signature.issuer)
    if certificate := signature.certificate:
        period = _("from {start} to {end}").format(start=day(certificate.not_before), end=day(certificate.not_after))
        yield _("Certificate valid"), period
    yield _("Signing time as stated"), clock(signature.claimed_time) or _("not known")
    yield _("Time stamp"), clock(signature.timestamp_time) or _("none")
    yield _("Protects"), words.protects(signature)
    yield _("Not protected"), _listed([breakable(part) for part in words.unprotected(signature)])
    yield _("Changed since"), _listed([breakable(told) for told in words.changed(signature)])
    yield _("Revocation"), words.evidence(signature.revocation, at)


def _technical(signature: SignatureReport) -> Iterator[tuple[str, str]]:
    """What a person of information technology asks for."""
    yield _("Level of the signature"), words.level(signature.level)
    yield "EN 319 102-1", words.indication(signature)
    if signature.certificate is not None:
        yield _("Certificate number"), breakable(signature.certificate.serial)
    if len(signature.path) > 1:
        yield _("Path of trust"), wrapped(" → ".join(signature.path))


def _listed(items: Sequence[str]) -> str:
    left = len(items) - _MOST
    rest = [_("and {n} further ones").format(n=left)] if left > 0 else []
    return "; ".join([*items[:_MOST], *rest])


def _reasons(reasons: Sequence[Reason], told: set[str]) -> list[tuple[str, str]]:
    """Sentences with hints; of reasons in a row with the same hint the last one bears it.

    :param told: hints that stand above already and are not told again; those told here are added.
    """
    found: list[tuple[str, str]] = []
    for hint, alike in groupby(reasons[:_MOST], key=lambda reason: reason.hint):
        messages = [wrapped(reason.message) for reason in alike]
        found += [*((message, "") for message in messages[:-1]), (messages[-1], "" if hint in told else wrapped(hint))]
        told.add(hint)
    left = len(reasons) - _MOST
    return [*found, (_("and {n} further ones").format(n=left), "")] if left > 0 else found
