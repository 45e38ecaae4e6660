"""Sentences of what the examiner of ASiC containers finds: code → sentence, hint, severity."""

from __future__ import annotations

from typing import Final

from app.i18n import N_
from app.verification.hints import GENUINE
from app.verification.reasons_xmldsig import Severity

REASONS: Final[dict[str, tuple[str, str, Severity]]] = {
    "asic-mimetype": (
        N_("The container does not say properly what it is; programs may open it differently."),
        GENUINE,
        "fail",
    ),
    "asic-several-files": (
        N_("The container is of the kind that holds one document, but it holds another number of files."),
        GENUINE,
        "fail",
    ),
    "asic-no-files": (N_("The container holds signatures but no document."), GENUINE, "fail"),
    "asic-too-many-signatures": (N_("The container holds more signatures than any document needs."), GENUINE, "fail"),
    "asic-part-unreadable": (
        N_("The part {name} of the container, which belongs to its signatures, is damaged or not as it has to be."),
        GENUINE,
        "fail",
    ),
    "asic-list-missing": (N_("It is not clear which files the signature {name} covers."), GENUINE, "fail"),
    "asic-signature-missing": (
        N_("The container bore a signature ({name}) that was taken out of it."),
        GENUINE,
        "warn",
    ),
    "asic-time-stamp-broken": (
        N_("A time stamp of the container ({name}) does not hold: something was changed since."),
        GENUINE,
        "indeterminate",
    ),
    "asic-only-time-stamp": (
        N_("The container bears a time stamp ({when}) and no signature: it says when the document existed, not whose."),
        N_("Ask for the document with the signature of the one who answers for it."),
        "info",
    ),
    "asic-evidence": (
        N_("The container carries a time stamp or evidence over several files ({name}), which is not checked here."),
        N_("Nothing needs to be done."),
        "info",
    ),
}
