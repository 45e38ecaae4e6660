"""All reasons: code → sentence, hint and severity, wherever they stand."""

from __future__ import annotations

import importlib
from typing import Final

#: Modules with ``REASONS``.
MODULES: Final = (
    "app.verification.reasons_trust",
    "app.verification.reasons_pdf",
    "app.verification.reasons_ooxml",
    "app.verification.reasons_xmldsig",
    "app.verification.reasons_odf",
    "app.verification.reasons_cms",
    "app.verification.reasons_asic",
    "app.verification.reasons_xml",
)


def reasons_of(code: str) -> tuple[str, str, object] | None:
    """Sentence, hint and severity of a code; None where no module knows it. A module is loaded only if those before do
    not know the code."""
    for name in MODULES:
        try:
            reasons = importlib.import_module(name).REASONS
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        if code in reasons:
            sentence, hint, severity = reasons[code]
            return sentence, hint, severity
    return None
