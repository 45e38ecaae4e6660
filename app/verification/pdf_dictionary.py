"""What a PDF signature dictionary says besides its range (ISO 32000-2, table 255)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import FormField, entry
from app.documents.pdf_reader import FAULTS


def holder_of(field: FormField) -> generic.Reference | None:
    """The object that a signature's dictionary is or lies in; None where it has no number."""
    raw = field.dictionary.raw_get("/V")
    return raw.reference if isinstance(raw, generic.IndirectObject) else field.reference


def parsed_contents(value: Any) -> bytes | None:
    """The octets of ``/Contents`` as written, padding included; None where it is no string."""
    if "/Contents" not in value:
        return None
    raw = value.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if isinstance(raw, (generic.ByteStringObject, generic.TextStringObject)):
        octets: bytes = raw.original_bytes
        return octets
    return None


def without_padding(contents: bytes) -> tuple[bytes, bool]:
    """The DER element without its padding, and whether nothing but zeros follows it."""
    if len(contents) < 2:
        return contents, False
    length, header = contents[1], 2
    if length & 0x80:
        octets = length & 0x7F
        header += octets
        length = int.from_bytes(contents[2:header], "big")
    end = header + length
    return contents[:end], end <= len(contents) and not contents[end:].strip(b"\0")


def claimed_time(value: Any) -> dt.datetime | None:
    """``/M`` of the signature dictionary; None where it is no date or states no offset."""
    stated = entry(value, "/M")
    if not isinstance(stated, str):
        return None
    try:
        time = generic.parse_pdf_date(stated, strict=False)
    except FAULTS:
        return None
    return time if time.tzinfo is not None else None
