"""A request to send a document again, where its file alone does not suffice to receive it.

The agency that receives checks the authenticity and integrity of an electronic document and tells the sender at once
what stands against its reception (Decree 30/2020, article 21, clause 2). What is not valid is given back instead:
:mod:`app.verification.refusal`.
"""

from __future__ import annotations

from typing import Final

from app.documents.printable import plain
from app.i18n import N_, _
from app.times import clock
from app.verification.model import Conclusion, FileReport
from app.verification.report import Occasion

#: What is asked for, by what was found.
_ASKED: Final = {
    Conclusion.UNSIGNED: N_("Please send the file that bears the digital signature of the issuing agency."),
    Conclusion.UNREADABLE: N_("Please send the file again as it was issued; keep its name and do not convert it."),
    Conclusion.INDETERMINATE: N_(
        "Please send what is missing, or the document signed anew with a certificate that can be verified."
    ),
}


def can_be_asked_for_again(report: FileReport) -> bool:
    """Whether a better file would help: this one is unsigned, unreadable or lacks evidence."""
    return report.conclusion in _ASKED


def request_note(report: FileReport, occasion: Occasion) -> str:
    """The request on one file, plain text, a line a paragraph.

    :param report: of a file that :func:`can_be_asked_for_again`.
    """
    name = plain(report.path.replace("\\", "/").rpartition("/")[2])
    office = plain(occasion.office)
    found = _("On {time} {office} checked the file “{name}” that was received.").format(
        time=clock(occasion.at), office=office or _("the receiving agency"), name=name
    )
    blocks = [
        [*([office.upper()] if office else []), _("REQUEST TO SEND AN ELECTRONIC DOCUMENT AGAIN")],
        [_("To: the sender of the document")],
        [found, _("Result: {summary}").format(summary=plain(report.summary))],
        [_(_ASKED[report.conclusion])],
        [
            _("Basis: Decree 30/2020/NĐ-CP, article 21, clause 2."),
            _("Fingerprint of the file checked (SHA-256): {sha256}").format(sha256=report.sha256 or _("none")),
        ],
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"
