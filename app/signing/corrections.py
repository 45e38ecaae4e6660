"""What a document says of itself, with what a person gave for signing it."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.documents.model import DocumentInfo, MainDocument
from app.signing.model import Act, SignOptions


def corrected(info: DocumentInfo, options: SignOptions) -> DocumentInfo:
    """What was read with what a person gave. Number, symbol and date given with an attachment are those of the document
    that it belongs to; of a number given alone, the symbol that the page shows is meant. The number may be given
    together with the symbol."""
    corrections: dict[str, Any] = {"type": options.document_type, "summary": options.summary}
    number, written = parted(options.number or "")
    symbol, date = options.symbol or written, options.date
    if options.act is Act.ATTACHMENT and (number or symbol):
        known = info.main or MainDocument(info.number or "", info.symbol or "")
        main = MainDocument(number or known.number, symbol or known.symbol, date or known.date, known.type)
        corrections["main"] = main
    else:
        corrections |= {"number": number or None, "symbol": symbol or None, "date": date}
    given = {name: value for name, value in corrections.items() if value is not None}
    return dataclasses.replace(info, **given)


def parted(number: str) -> tuple[str, str]:
    """Number and symbol of ``12/QĐ-UBND``; the symbol is empty where a number stands alone."""
    first, _stroke, symbol = number.partition("/")
    return first.strip(), symbol.strip()


def belongs_to(info: DocumentInfo) -> tuple[str, str]:
    """Number and symbol of the document that an attachment belongs to, each empty where it is not known. One that names
    no other document is numbered itself."""
    document = info.main or info
    return document.number or "", document.symbol or ""
