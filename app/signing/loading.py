"""Loading what signing imports only where it is used, before it is needed: a window would stand still meanwhile."""

from __future__ import annotations


def load() -> None:
    """Import the parts that sign and confirm PDF, Office and OpenDocument files; nothing is opened or made."""
    from pyhanko.sign import fields, signers
    from pyhanko.sign.signers import cms_embedder, pdf_byterange

    from app.signing import acts, asice, cades, odf, ooxml, pdf

    _loaded = (acts, asice, cades, cms_embedder, fields, odf, ooxml, pdf, pdf_byterange, signers)
