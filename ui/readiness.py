"""Getting ready to sign while a person still looks at the documents, so that a run never keeps the window waiting.

The first signature of a program imports some thousand modules, and each full round of the garbage collector goes
through all they hold, which keeps the main thread from its events for more than a tenth of a second. While a run is
under way four threads compute; the main thread has its turn after each of them used up its share, five milliseconds by
default.
"""

from __future__ import annotations

import gc
import sys
from threading import Lock

#: How long a thread computes before another one has its turn, in seconds.
_SHARE = 0.001

_once = Lock()
_ready = False


def get_ready() -> None:
    """Load what a run uses, and set it apart from what the garbage collector goes through. To be called in a worker;
    does nothing the second time."""
    global _ready
    with _once:
        if _ready:
            return
        sys.setswitchinterval(_SHARE)
        gc.disable()
        try:
            _load()
            gc.freeze()
        finally:
            gc.enable()
        _ready = True


def _load() -> None:
    from app.archive import index
    from app.signing import loading
    from app.storage import store
    from app.verification import engine, guards

    _loaded = (engine, guards, index, store)
    loading.load()
