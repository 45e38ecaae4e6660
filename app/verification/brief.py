"""Reasons without the technical names of parts: as the one sentence on a file tells them.

The names stay in the reasons themselves, and in what a signature does not cover.
"""

from __future__ import annotations

from typing import Final

from app.i18n import N_, _
from app.verification.model import Reason

_CONTENT_CHANGED = N_("The content was changed after signing.")
_PART_MISSING = N_("A part of the document was removed after signing.")
_NOT_COVERED = N_("The signature is genuine, but a part of the document is not what was signed.")
_STATEMENT_CHANGED = N_("What the signature states of itself was changed after signing.")

#: By code of the reason.
_SENTENCES: Final = {
    "ooxml-part-changed": _CONTENT_CHANGED,
    "container-part-changed": _CONTENT_CHANGED,
    "xml-content-changed": _CONTENT_CHANGED,
    "ooxml-part-missing": _PART_MISSING,
    "container-part-missing": _PART_MISSING,
    "ooxml-content-type-changed": N_("A part of the document was given another type after signing."),
    "ooxml-relationships-changed": N_("Links between parts of the document were changed after signing."),
    "ooxml-libreoffice-relationships": N_(
        "The signature was made by LibreOffice, which digests the links of Office files wrongly."
    ),
    "xmldsig-properties-changed": _STATEMENT_CHANGED,
    "asic-part-unreadable": N_(
        "A part of the container, which belongs to its signatures, is damaged or not as it has to be."
    ),
    "asic-list-missing": N_("It is not clear which files the signature covers."),
    "asic-signature-missing": N_("The container bore a signature that was taken out of it."),
    "asic-evidence": N_(
        "The container carries a time stamp or evidence over several files, which is not checked here."
    ),
    "xml-uncovered": _NOT_COVERED,
    "xml-part-signed": N_("The signer signed only a part; the rest was added and signed by others."),
    "xml-frame": N_("Only a part is signed; whether that is the whole document cannot be told."),
    "xmldsig-content-not-xml": N_("What is signed as XML is not the plain XML that it has to be."),
    "xmldsig-too-complex": N_("A part of the document holds more tags than can be checked here."),
    "container-part-too-large": N_("A part of the document is too large to be checked here."),
    "container-comment": N_(
        "The document holds comments that the signature does not cover and programs read differently."
    ),
    "container-uncovered": N_("The signature does not cover all parts of the document."),
}


def told_briefly(reason: Reason) -> str:
    """The sentence of a reason, without the names of parts."""
    sentence = _SENTENCES.get(reason.code)
    return _(sentence) if sentence else reason.message
