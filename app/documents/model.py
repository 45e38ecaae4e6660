"""What a document says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class MainDocument:
    """What an attachment says it belongs to: ``(Kèm theo Quyết định số 12/QĐ-UBND ngày 05 tháng 11 năm 2026)``."""

    number: str
    symbol: str
    date: dt.date | None = None
    type: str | None = None


@dataclass(frozen=True)
class DocumentInfo:
    """What was read from a document's first page (Decree 30/2020, appendix I), each field None where not found.

    :ivar type: one of the names of ``resources/document-types.toml``, such as ``Quyết định``.
    :ivar number: as written, leading zero kept: ``"05"``.
    :ivar symbol: as written: ``"QĐ-UBND"``.
    :ivar summary: the trích yếu, one line.
    :ivar secrecy: ``Mật``, ``Tối mật`` or ``Tuyệt mật`` where page one bears such a mark.
    :ivar place: where it was issued: ``Hà Nội``.
    :ivar urgency: ``Khẩn``, ``Thượng khẩn`` or ``Hỏa tốc`` where page one bears such a mark.
    :ivar main: the document that this one is attached to.
    :ivar pages: how many it has, where the format tells.
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
    place: str | None = None
    urgency: str | None = None
    main: MainDocument | None = None
    pages: int | None = None
