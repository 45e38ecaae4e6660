"""The process that confirms fresh signatures beside a batch: ``python -m app.verification.confirm_process``.

Questions are MessagePack of :class:`Question`, answers of a :class:`~app.verification.guards.Confirmation`, or
of None where the signature is not confirmed; see :mod:`app.verification.confirming`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from app.documents.packing import unpacked
from app.documents.pipe import serve
from app.verification.guards import Confirmation, confirm

#: Memory of the process in bytes.
_MAX_MEMORY: Final = 1 << 30


class Question(msgspec.Struct, frozen=True):
    """:ivar certificate: DER of the signer's."""

    path: Path
    certificate: bytes


def answer(question: Question) -> Confirmation | None:
    """What the file was; None where anything is wrong: the one who asks then looks for himself."""
    try:
        return confirm(question.path, question.certificate)
    except Exception:
        return None


def main() -> None:
    """Answer questions until the input ends."""
    serve(lambda message: msgspec.msgpack.encode(answer(unpacked(message, Question))), _MAX_MEMORY)


if __name__ == "__main__":
    main()
