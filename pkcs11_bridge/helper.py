"""The programs of an installed package that load vendors' modules: one of the program's own word size, and on Windows a
second one for vendors who have 32-bit modules only, in a folder beside it. Both speak the same protocol."""

from __future__ import annotations

import struct
import sys
from pathlib import Path


def own_word_size() -> int:
    """Bits of this program."""
    return 8 * struct.calcsize("P")


def helper(bits: int) -> Path | None:
    """The helper for modules of a word size; None where there is none, as in a program run from its source.

    :param bits: 32 or 64.
    """
    if not getattr(sys, "frozen", False):
        return None
    program = Path(sys.executable)
    own = program.with_name(f"antin-token-host{program.suffix}")
    if bits == own_word_size():
        return own
    other = program.with_name(f"host{bits}") / own.name
    return other if other.is_file() else None


def loadable_word_sizes() -> frozenset[int]:
    """Word sizes of modules that can be used here."""
    return frozenset(bits for bits in (32, 64) if bits == own_word_size() or helper(bits) is not None)
