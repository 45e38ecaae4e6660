"""What a document says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentInfo:
    """What was read from a document's first page (Decree 30/2020, appendix I), each field None where not found.

    :ivar type: one of the names of ``resources/document-types.toml``, such as ``Quyết định``.
    :ivar number: as written, leading zero kept: ``"05"``.
    :ivar symbol: as written: ``"QĐ-UBND"``.
    :ivar summary: the trích yếu, one line.
    :ivar secrecy: ``Mật``, ``Tối mật`` or ``Tuyệt mật`` where page one bears such a mark.
    """

    type: str | None = None
    number: str | None = None
    symbol: str | None = None
    date: dt.date | None = None
    summary: str | None = None
    issuer: str | None = None
    signer_title: str | None = None
    signer_name: str | None = None
    secrecy: str | None = None
