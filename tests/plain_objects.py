"""Plain objects as this program reads them, held against pyHanko's own reading."""

from __future__ import annotations

import re
from io import BytesIO

from pyhanko.pdf_utils import generic

from app.documents.pdf_plain import plain_object

_HEADER = re.compile(rb"([1-9]\d{0,9}) (\d{1,5}) obj")


class ReadOtherwise(AssertionError):
    """One object, two readings."""


def compare(window: bytes) -> bool:
    """Read the object that begins a window in both ways.

    :return: whether it is plain.
    :raises ReadOtherwise: it is, and pyHanko reads something else, or nothing.
    """
    header = _HEADER.match(window)
    if header is None:
        return False
    reference = generic.Reference(int(header[1]), int(header[2]))
    read = plain_object(window, reference)
    if read is None:
        return False
    ours, end = read
    stream = BytesIO(window)
    stream.seek(header.end())
    generic.read_non_whitespace(stream, seek_back=True)
    try:
        theirs = generic.read_object(stream, reference)
        generic.read_non_whitespace(stream, seek_back=True)
    except Exception as error:
        raise ReadOtherwise(window) from error
    if stream.read(6) != b"endobj" or stream.tell() != end or _told(ours) != _told(theirs):
        raise ReadOtherwise(window, _told(ours), _told(theirs))
    return True


def _told(value: generic.PdfObject) -> object:
    """A value with all types, keys in order, and the object it says it belongs to."""
    told: object = value
    if isinstance(value, generic.IndirectObject):
        told = value.reference
    elif isinstance(value, generic.BooleanObject):
        told = value.value
    elif isinstance(value, generic.TextStringObject):
        told = str(value), value.autodetected_encoding, value.original_bytes
    elif isinstance(value, generic.ArrayObject):
        told = [_told(value.raw_get(index)) for index in range(len(value))]
    elif isinstance(value, generic.DictionaryObject):
        told = [(_told(key), _told(value.raw_get(key))) for key in value]
    return type(value), told, repr(value) if isinstance(value, generic.FloatObject) else "", value.container_ref
