"""What the reading process of PDF pages is asked: one octet, then the path."""

from __future__ import annotations

from typing import Final

#: The fields of a document, answered by MessagePack of :class:`app.documents.reading.Reading`.
FIELDS: Final = b"F"
#: Its text in UTF-8.
TEXT: Final = b"T"
#: The fields, the text folded for search, and the signatures: MessagePack of what
#: :class:`app.documents.reading.Whole` has.
BOTH: Final = b"B"
#: The same without the signatures, for which the whole file is read.
UNSIGNED: Final = b"U"
