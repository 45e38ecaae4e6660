"""How long a thread computes before another one has its turn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: Seconds; five thousandths by default.
_SHORT: Final = 0.0005


@contextmanager
def short_turns() -> Iterator[None]:
    """Within the block threads take turns often: one that has waited for the disk or for another process goes on soon,
    even where others compute. For many threads that wait more than they compute."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SHORT))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
