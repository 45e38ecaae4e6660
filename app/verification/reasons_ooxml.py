"""Sentences for what the examiner of Office packages finds: code → sentence, hint, suggested severity.

Severities: ``fail`` the signature cannot be believed; ``indeterminate`` it cannot be judged; ``warn`` and ``info`` it
holds, with something to read. Codes of files that were not opened come from their error classes.
"""

from __future__ import annotations

from typing import Final, Literal

from app.documents import zip_errors
from app.i18n import N_
from app.ooxml import errors as package_errors
from app.verification.hints import GENUINE

Severity = Literal["fail", "indeterminate", "warn", "info"]

_SHOWN: Final = N_("Do not use this document. Ask the signer for a copy signed as a whole.")
_NOTHING: Final = N_("Nothing needs to be done.")

_FOUND: Final[dict[str, tuple[str, str, Severity]]] = {
    # The signature's markup.
    "ooxml-signature-cut-off": (
        N_("The document holds a signature, but the way to it was removed."),
        GENUINE,
        "warn",
    ),
    "ooxml-signature-type": (N_("A signature in the document is declared as something else."), GENUINE, "fail"),
    "ooxml-signature-unreadable": (N_("The signature is empty or damaged."), GENUINE, "fail"),
    "ooxml-package-not-signed": (
        N_("The signature does not belong to this document: it signs none of its content."),
        GENUINE,
        "fail",
    ),
    # Content.
    "ooxml-part-changed": (N_("{name} was changed after signing."), GENUINE, "fail"),
    "ooxml-part-missing": (N_("{name} was removed after signing."), GENUINE, "fail"),
    "ooxml-content-type-changed": (
        N_("{name} was declared to be of another kind after signing."),
        GENUINE,
        "fail",
    ),
    "ooxml-relationships-changed": (
        N_("Links between parts of the document were changed after signing: {name}."),
        GENUINE,
        "fail",
    ),
    "ooxml-libreoffice-relationships": (
        N_("The signature was made by LibreOffice, which digests the links of Office files wrongly ({name})."),
        N_("Ask the signer to sign the document with another program, or to sign a PDF of it."),
        "fail",
    ),
    "legacy-signature-unchecked": (
        N_(
            "The file is signed in the format of Word, Excel and PowerPoint before 2007; "
            "such a signature is not checked."
        ),
        N_("Ask the sender for a signed PDF or a newer Office file."),
        "indeterminate",
    ),
    # Coverage.
    "ooxml-uncovered": (
        N_("The signature is genuine, but the document shown is NOT what was signed: {count} parts are not covered."),
        _SHOWN,
        "fail",
    ),
    "ooxml-custom-xml-uncovered": (
        N_("Data that the document may show (customXml) is not signed, as some Office programs leave it out."),
        _SHOWN,
        "fail",
    ),
    "ooxml-metadata-uncovered": (
        N_("The content is signed; author, title and other properties of the file are not."),
        N_("Do not rely on author and title as the Office program shows them."),
        "info",
    ),
    "ooxml-property-shown": (
        N_("The document shows “{shown}”, a property of the file that is not signed, in the place of “{signed}”."),
        _SHOWN,
        "indeterminate",
    ),
    "ooxml-stray-bytes": (
        N_("The file holds {count} bytes that belong to no part of the document."),
        _SHOWN,
        "fail",
    ),
    "ooxml-main-part": (
        N_("What the file contains does not fit the ending of its name ({suffix})."),
        _SHOWN,
        "fail",
    ),
    # Worth knowing of the document.
    "ooxml-external-content": (
        N_("The document loads something from elsewhere that is not signed and can change: {target}"),
        N_("Look at the document only where that place is trusted."),
        "warn",
    ),
    "ooxml-foreign-content": (
        N_("The document embeds another document, which is converted when it is opened: {target}"),
        N_("Open the document with care and compare what you see with the signer's copy."),
        "info",
    ),
    "ooxml-macros": (
        N_("The document contains macros."),
        N_("Run them only where you know what they do."),
        "info",
    ),
    "ooxml-dangling-relationship": (
        N_("The document refers to a part that it does not hold: {target}"),
        _NOTHING,
        "info",
    ),
    "ooxml-orphan-part": (N_("The document holds a part that nothing refers to: {name}"), _NOTHING, "info"),
}


def _rejections() -> dict[str, tuple[str, str, Severity]]:
    """Sentences of the classes of errors that end the reading of a file."""
    return {
        kind.code: (kind.message_id, kind.hint_id, "fail")
        for module in (zip_errors, package_errors)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, zip_errors.ArchiveRejected)
    }


REASONS: Final[dict[str, tuple[str, str, Severity]]] = _rejections() | _FOUND
