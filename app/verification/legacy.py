"""Files of Word, Excel and PowerPoint before 2007: told apart by whether they bear a signature, never checked.

Their signatures stand in the stream ``_signatures`` or the storage ``_xmlsignatures`` (MS-OFFCRYPTO, sections 2.5.1 and
2.5.2); the older kind is bound to MD5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.documents.formats import compound_names
from app.trust.model import Problem
from app.verification.model import DocumentFacts

FORMAT: Final = "legacy-office"

_SIGNATURES: Final = frozenset({"_signatures", "_xmlsignatures"})


def examine(path: Path) -> DocumentFacts:
    """Not readable, with the reason.

    :raises app.errors.AntinError: the file is missing or may not be read.
    """
    signed = not _SIGNATURES.isdisjoint(compound_names(path))
    code = "legacy-signature-unchecked" if signed else "format-legacy-office"
    return DocumentFacts(FORMAT, readable=False, problems=(Problem(code),))
