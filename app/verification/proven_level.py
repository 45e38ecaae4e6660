"""Which baseline level a file's signatures really prove."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from app.verification.model import Conclusion, SignatureReport

if TYPE_CHECKING:
    from app.verification.engine import Verifier

_ORDER = ("B", "T", "LT", "LTA")
_HOLDING = (Conclusion.VALID, Conclusion.WARNING)


def proven_level(path: Path, certificate: bytes | None, *, informed: Verifier, alone: Verifier) -> str:
    """The lowest level among the signatures of a file.

    Level T asks for a time stamp of a trusted authority, LT and LTA for evidence in the file that is enough by itself.

    :param certificate: DER; only signatures of this signer are looked at. None: all.
    :param informed: a verifier that may use all that the office has and may fetch.
    :param alone: one that has nothing but the anchors and the file.
    :return: ``B``, ``T``, ``LT`` or ``LTA``; ``B`` for a file without such a signature.
    """
    levels = {_level(signature, certificate) for signature in alone.verify(path).signatures} - {None}
    if levels <= {"LT", "LTA"} and levels:
        return min((level for level in levels if level), key=_ORDER.index)
    stamped = [_stamped(signature) for signature in informed.verify(path).signatures if _is_of(signature, certificate)]
    return "T" if stamped and all(stamped) else "B"


def _level(signature: SignatureReport, certificate: bytes | None) -> str | None:
    """None for a signature of somebody else."""
    if not _is_of(signature, certificate):
        return None
    return signature.level if signature.conclusion in _HOLDING else "B"


def _stamped(signature: SignatureReport) -> bool:
    """Whether an authority that leads to a trusted root stamped it; its revocation may be unknown for now."""
    return signature.timestamp_time is not None or any(
        reason.code == "timestamp-revocation-unknown" for reason in signature.reasons
    )


def _is_of(signature: SignatureReport, certificate: bytes | None) -> bool:
    if certificate is None:
        return True
    return signature.certificate is not None and signature.certificate.sha256 == hashlib.sha256(certificate).hexdigest()
