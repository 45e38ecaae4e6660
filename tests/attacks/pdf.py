"""Forgeries of signed PDF files and the genuine ones beside them; ``python -m tests.attacks --format pdf``
prints what the verifier makes of each.

What anybody can do to a signed file: :mod:`tests.attacks.pdf_structure`, :mod:`tests.attacks.pdf_altered`,
:mod:`tests.attacks.pdf_certified`, :mod:`tests.attacks.pdf_filling`; what the author of a document can hide in it
before somebody else signs: :mod:`tests.attacks.pdf_shadows`; what a cheating signer can do:
:mod:`tests.attacks.pdf_signers`. What is signed and still looks otherwise elsewhere: :mod:`tests.attacks.pdf_active`.
"""

from __future__ import annotations

from collections.abc import Callable

from app.verification.model import Conclusion
from tests.attacks import (
    pdf_active,
    pdf_altered,
    pdf_certified,
    pdf_filling,
    pdf_genuine,
    pdf_shadows,
    pdf_signers,
    pdf_structure,
)

GENUINE: dict[str, Callable[[], bytes]] = {
    **pdf_genuine.GENUINE,
    **pdf_filling.GENUINE,
    **pdf_active.GENUINE,
    **{name: make for name, (make, _code) in pdf_active.TOLD.items()},
}

_FORGERIES = {
    name: forgery
    for module in (pdf_structure, pdf_altered, pdf_shadows, pdf_signers, pdf_certified, pdf_filling)
    for name, forgery in module.FORGERIES.items()
}

ATTACKS: dict[str, Callable[[], bytes]] = {name: forgery.make for name, forgery in _FORGERIES.items()}

#: The code of a reason that must be given; empty for a file that bears no signature.
EXPECTED: dict[str, str] = {name: forgery.code for name, forgery in _FORGERIES.items()}

VERDICTS: dict[str, Conclusion] = {name: forgery.verdict for name, forgery in _FORGERIES.items()}

#: Genuine files that are valid with a note, and the code of its reason; empty for one of the policy.
WARNED: dict[str, str] = {"sha1-inside": "", **{name: code for name, (_make, code) in pdf_active.TOLD.items()}}

__all__ = ["ATTACKS", "EXPECTED", "GENUINE", "VERDICTS", "WARNED"]
