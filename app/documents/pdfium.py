"""PDFium, one thread at a time: the library is not made for several.

Whoever renders or reads pages holds :data:`LOCK` from opening a document until it is closed.
"""

from __future__ import annotations

import threading

LOCK = threading.RLock()
