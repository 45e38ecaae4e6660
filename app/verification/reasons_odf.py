"""Sentences of what the examiner of OpenDocument packages finds: code → sentence, hint, severity."""

from __future__ import annotations

from typing import Final

from app.i18n import N_
from app.verification.hints import GENUINE
from app.verification.reasons_xmldsig import Severity

REASONS: Final[dict[str, tuple[str, str, Severity]]] = {
    "odf-encrypted": (
        N_("The document is protected by a password and cannot be checked."),
        N_("Remove the password in the Office program, save the file, then try again."),
        "fail",
    ),
    "odf-signatures-unreadable": (N_("The document's list of signatures is damaged."), GENUINE, "fail"),
    "odf-too-many-signatures": (N_("The document holds more signatures than any document needs."), GENUINE, "fail"),
    "odf-mimetype": (
        N_("The document says of itself in two ways what kind it is; programs may open it differently."),
        GENUINE,
        "fail",
    ),
    "odf-macros": (
        N_("The document contains macros."),
        N_("Run them only where you know what they do."),
        "info",
    ),
    "odf-macro-signatures": (
        N_("The document's macros bear signatures of their own, which are not checked here."),
        N_("Run the macros only where you know what they do."),
        "info",
    ),
    "odf-external-content": (
        N_("The document loads something from elsewhere that is not signed and can change: {target}"),
        N_("Look at the document only where that place is trusted."),
        "warn",
    ),
}
