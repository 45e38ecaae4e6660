"""Later signatures told by their signers' names in the place of their fields' names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from app.i18n import _
from app.verification.model import Conclusion, SignatureReport
from app.verification.sentences import who

#: The kind of a change that is a further signature.
ADDED: Final = "signature-added"

_PROVEN: Final = (Conclusion.VALID, Conclusion.WARNING)


def named(signatures: Sequence[SignatureReport]) -> list[SignatureReport]:
    """The same signatures; changes that are further signatures say whose (:attr:`Change.who`).

    :param signatures: all of one file, for a change names the field of another one.
    """
    if not any(change.kind == ADDED for signature in signatures for change in signature.changes):
        return list(signatures)
    names = {signature.name: _told(signature) for signature in signatures}
    return [
        msgspec.structs.replace(
            signature,
            changes=[
                msgspec.structs.replace(change, who=names.get(change.what, "")) if change.kind == ADDED else change
                for change in signature.changes
            ],
        )
        for signature in signatures
    ]


def _told(signature: SignatureReport) -> str:
    if signature.conclusion in _PROVEN:
        return who(signature)
    return _("{who}, not confirmed").format(who=who(signature))
