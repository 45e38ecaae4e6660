"""Loading what signing imports only where it is used, before it is needed.

A window would stand still meanwhile; and two threads that load pyHanko, whose modules import each other in circles, at
the same moment get half-made modules.
"""

from __future__ import annotations

import threading

_loading = threading.Lock()


def load() -> None:
    """Import the parts that sign and confirm PDF, Office and OpenDocument files; nothing is opened or made."""
    load_pdf()
    from app.signing import acts, asice, cades, odf, ooxml

    _loaded = (acts, asice, cades, odf, ooxml)


def load_pdf() -> None:
    """Import what signs PDF files, in one thread; others wait until it is there."""
    with _loading:
        from pyhanko.sign import fields, signers
        from pyhanko.sign.signers import cms_embedder, pdf_byterange

        from app.signing import pdf

        _loaded = (cms_embedder, fields, pdf, pdf_byterange, signers)
