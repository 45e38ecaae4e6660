"""Sentences of what the examiner of signed XML files finds: code → sentence, hint, severity.

Those about the signature's own markup stand in :mod:`app.verification.reasons_xmldsig`.
"""

from __future__ import annotations

from typing import Final

from app.i18n import N_
from app.verification.hints import GENUINE
from app.verification.reasons_xmldsig import Severity

_SHOWN: Final = N_("Do not use this document. Ask the signer for a copy signed as a whole.")
_NOTHING: Final = N_("Nothing needs to be done.")
_PARTS: Final = N_("Rely only on the part that is signed, or ask the signer for a copy signed as a whole.")

REASONS: Final[dict[str, tuple[str, str, Severity]]] = {
    "xml-too-large": (
        N_("The XML file is too large to be checked here."),
        N_("Ask the sender for smaller files."),
        "indeterminate",
    ),
    "xml-too-complex": (
        N_("The signature covers so much so often that it was not checked."),
        GENUINE,
        "indeterminate",
    ),
    "xml-too-many-signatures": (N_("The file holds more signatures than any document needs."), GENUINE, "fail"),
    "xml-not-plain": (
        N_("The file is damaged, or it is built so that programs could read it differently (document type, entities)."),
        N_("Ask the sender for the file again; if it comes the same way, do not rely on it."),
        "fail",
    ),
    "xml-external-reference": (
        N_("The signature is about something outside of this file ({uri}), which is not checked here."),
        N_("Check it with the program it was made with, or ask the signer for a document that holds its signature."),
        "indeterminate",
    ),
    "xml-content-changed": (N_("The part {name} of the document was changed after signing."), GENUINE, "fail"),
    "xml-nothing-signed": (N_("The signature signs nothing of this document."), GENUINE, "fail"),
    "xml-uncovered": (
        N_("The signature is genuine, but {count} parts of the document are not what was signed: {names}"),
        _SHOWN,
        "fail",
    ),
    "xml-part-signed": (
        N_("The signer signed only {parts}; the rest ({names}) was added and signed by others."),
        _PARTS,
        "indeterminate",
    ),
    "xml-frame": (
        N_("Only {names} is signed, not what it stands in; whether that is the whole document cannot be told."),
        _PARTS,
        "indeterminate",
    ),
    "xml-frame-known": (N_("What is signed is {names}, as documents of this kind have it."), _NOTHING, "info"),
    "xml-invoice-additions": (
        N_("The invoice is signed; what was added later ({names}) is not part of this signature."),
        N_("Look the invoice up on the tax authority's site if its code matters."),
        "warn",
    ),
    "xml-invoice-code-unsigned": (
        N_("The invoice bears a code of the tax authority that nobody signed."),
        N_("Look the invoice up on the tax authority's site before you accept it."),
        "indeterminate",
    ),
    "xml-comment-in-text": (
        N_("Comments stand inside the document's text, which signatures do not cover and programs read differently."),
        GENUINE,
        "fail",
    ),
    "xml-comments": (N_("The document holds {count} comments, which no signature covers."), _NOTHING, "info"),
    "xml-stylesheet": (
        N_("The document is shown by way of a style sheet, which is not signed and can change what is seen."),
        N_("Do not rely on how the document looks in a browser, only on its data."),
        "warn",
    ),
}
