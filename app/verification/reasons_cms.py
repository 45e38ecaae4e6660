"""Sentences of what the examiner of signature files finds: code → sentence, hint, severity.

Those about the signature itself stand in :mod:`app.verification.reasons_trust`.
"""

from __future__ import annotations

from typing import Final

from app.i18n import N_
from app.verification.reasons_xmldsig import Severity

_NOTHING: Final = N_("Nothing needs to be done.")
_BOTH: Final = N_("Ask the sender for the document together with its signature file, in one folder.")

REASONS: Final[dict[str, tuple[str, str, Severity]]] = {
    "cms-file-too-large": (
        N_("The signature file is too large to be checked here."),
        N_("Ask the sender for the document and its signature as two files."),
        "indeterminate",
    ),
    "cms-encrypted": (
        N_("The file is encrypted for its recipients and cannot be checked."),
        N_("Open it with the program it was sent with, and check what comes out."),
        "fail",
    ),
    "cms-content-not-found": (
        N_("The document that this file signs was not found."),
        N_(
            "Press “Choose the signed document…” and choose the file that came with this one "
            "(on the command line: --content)."
        ),
        "indeterminate",
    ),
    "cms-content-beside": (N_("What is signed is the file {name} beside it."), _NOTHING, "info"),
    "cms-content-differs": (
        N_("The file {name} is not the one that was signed, or it was changed after signing."),
        _BOTH,
        "fail",
    ),
    "cms-content-inside-told": (
        N_("What is signed is inside this file."),
        N_("Rely only on the document that is taken out of this file."),
        "info",
    ),
    "cms-beside-differs": (
        N_("What is signed is inside this file and is something else than the file {name} beside it."),
        N_("Do not rely on the file beside it; only what is inside this file was signed."),
        "indeterminate",
    ),
    "cms-content-kind": (
        N_("What is signed is no document but data of the kind {kind}."),
        _BOTH,
        "indeterminate",
    ),
    "cms-countersignature": (
        N_("The signature carries further signatures over it (countersignatures), which are not checked here."),
        _NOTHING,
        "info",
    ),
    "cms-archive-timestamp": (
        N_("The signature carries archive time stamps of an older kind, which are not checked here."),
        _NOTHING,
        "info",
    ),
}
