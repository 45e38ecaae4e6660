"""A note that gives back an electronic document, with the reasons, to whoever sent it.

An agency checks the authenticity and integrity of electronic documents that come in, and gives back what does not meet
this, telling the sender (Decree 30/2020, article 21, clause 2, points a and b).
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.printable import plain
from app.errors import AntinError
from app.i18n import _
from app.storage import writing
from app.times import clock, day
from app.verification.model import Conclusion, FileReport
from app.verification.report import Occasion, ReportExists
from app.verification.sentences import who

if TYPE_CHECKING:
    from app.documents.model import DocumentInfo

_WIDTH = 92


def is_refusable(report: FileReport) -> bool:
    """Whether the file itself is ground for a refusal: its signatures are not valid. Missing evidence is none."""
    return report.conclusion is Conclusion.INVALID


def read_document(report: FileReport) -> DocumentInfo | None:
    """What the document says of itself, for :func:`refusal_note`; None where the file is not there by itself (in a
    ZIP), is not the one that was checked any more, or cannot be read. Takes seconds at most."""
    from app.documents.hashing import sha256_file
    from app.documents.reading import read

    path = Path(report.path)
    try:
        if report.sha256 is None or not path.is_file() or sha256_file(path) != report.sha256:
            return None
        return read(path)
    except (AntinError, OSError, ValueError):
        return None


def refusal_note(
    report: FileReport, occasion: Occasion, *, document: DocumentInfo | None = None, wrapped: bool = True
) -> str:
    """The note on one file, plain text.

    :param report: of a file that :func:`is_refusable`.
    :param document: what it says of itself; its number and date are told.
    :param wrapped: in lines no longer than 92 letters; else a line a paragraph.
    """
    office = plain(occasion.office) or _("The receiving agency")
    reasons = _reasons(report) or [report.summary]
    blocks = [
        [*([office.upper()] if occasion.office else []), _("NOTE GIVING BACK AN ELECTRONIC DOCUMENT")],
        [_("To: the sender of the document")],
        [
            _("{office} received and at {time} checked {document}. It is not valid and is given back.").format(
                office=office, document=_document(report, document), time=clock(occasion.at)
            )
        ],
        [_("Reasons:"), *(f"{number}. {plain(reason)}" for number, reason in enumerate(reasons, start=1))],
        [_("Please check it and send the document again with a valid digital signature.")],
        [
            *_named(report),
            _("Basis: Decree 30/2020/NĐ-CP, article 21, clause 2, points a and b."),
            _("Checked with Ấn Tín {version}.").format(version=occasion.version),
            _("Fingerprint of the file checked (SHA-256):"),
            report.sha256 or _("none"),
        ],
    ]
    shaped = (map(_wrapped, block) if wrapped else block for block in blocks)
    return "\n\n".join("\n".join(lines) for lines in shaped) + "\n"


def save_note(path: Path, note: str) -> None:
    """Write a note as a new text file (UTF-8).

    :raises ReportExists: the name is taken; what is there is untouched.
    :raises AntinError: the system refused; nothing is left behind.
    """
    try:
        writing.write_new(path, note.encode())
    except FileExistsError as error:
        raise ReportExists(path=path) from error


def _document(report: FileReport, document: DocumentInfo | None) -> str:
    """The document by number and date, as far as they are known, and by its file."""
    name = plain(report.path.replace("\\", "/").rpartition("/")[2])
    if document is None or not document.number:
        return _("the file “{name}”").format(name=name)
    number = plain("/".join(filter(None, (document.number, document.symbol))))
    if document.date is None:
        return _("document no. {number}, file “{name}”").format(number=number, name=name)
    return _("document no. {number} of {day}, file “{name}”").format(number=number, day=day(document.date), name=name)


def _named(report: FileReport) -> list[str]:
    """Whom the file names as its signers. A file that is not valid does not prove that they had to do with it."""
    names = "; ".join(dict.fromkeys(plain(who(signature)) for signature in report.signatures))
    return [_("Signer as the file says (not confirmed): {names}").format(names=names)] if names else []


def _reasons(report: FileReport) -> list[str]:
    """What makes the file invalid, each sentence once."""
    bad = [signature for signature in report.signatures if signature.conclusion is Conclusion.INVALID]
    found = [*report.reasons, *(reason for signature in bad for reason in signature.reasons)]
    return list(dict.fromkeys(reason.message for reason in found))


def _wrapped(line: str) -> str:
    return textwrap.fill(line, _WIDTH, subsequent_indent="   " if line[:1].isdigit() else "", break_on_hyphens=False)
