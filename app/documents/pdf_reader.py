"""pyHanko's reader of PDF structure, as this program uses it.

Import this module only where a PDF is opened: pyHanko takes a seventh of a second to load.
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections import OrderedDict
from io import BytesIO
from typing import IO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfError, PdfReadError, PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader

# Every oddity of every file read is logged there, hostile text included; what matters becomes a problem of ours.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)

#: What comes out of pyHanko for files of hostile structure.
FAULTS: tuple[type[Exception], ...] = (
    PdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

_SHORTEST = 32
_OPEN_STREAMS = 8


class PasswordNeeded(Exception):
    """Encrypted, and the empty user password does not open it; or encrypted for named recipients."""


class DocumentReader(PdfFileReader):
    """A reader that decodes an object stream once, not once for each object in it."""

    def __init__(self, stream: IO[bytes], *, strict: bool) -> None:
        self._open_streams: OrderedDict[int, tuple[bytes, list[tuple[int, int]]]] = OrderedDict()
        super().__init__(stream, strict=strict)

    def object_at(self, number: int, generation: int, revision: int) -> generic.PdfObject:
        """An object as it was at a revision; not cached, so that large streams are not kept."""
        reference = generic.Reference(number, generation, self)
        found: generic.PdfObject = PdfFileReader.get_object(self, reference, revision=revision)
        return found

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> generic.PdfObject:
        data, places = self._object_stream(stmnum)
        if not 0 <= idx < len(places) or places[idx][0] != idnum:
            if self.strict:
                raise PdfStrictReadError("Object is not where the cross-reference table says")
            return generic.NullObject()
        content = BytesIO(data)
        content.seek(places[idx][1])
        found = generic.read_object(content, generic.Reference(idnum, 0, self))
        if isinstance(found, (generic.StreamObject, generic.IndirectObject)):
            raise PdfReadError("An object stream holds what it must not")
        return found

    def _object_stream(self, number: int) -> tuple[bytes, list[tuple[int, int]]]:
        """Decoded content, and number and offset of each object in it (ISO 32000-2, 7.5.7)."""
        if number in self._open_streams:
            self._open_streams.move_to_end(number)
            return self._open_streams[number]
        stream = generic.Reference(number, 0, self).get_object()
        if not isinstance(stream, generic.StreamObject) or stream["/Type"] != "/ObjStm":
            raise PdfReadError("No object stream where one is named")
        first = int(stream["/First"])
        data = stream.read_data(DecodePurpose.OBJECT_STREAM)
        header = [int(word) for word in data[:first].split()[: 2 * int(stream["/N"])]]
        places = [(header[at], first + header[at + 1]) for at in range(0, len(header) - 1, 2)]
        self._open_streams[number] = data, places
        while len(self._open_streams) > _OPEN_STREAMS:
            self._open_streams.popitem(last=False)
        return data, places


def open_reader(stream: IO[bytes], *, strict: bool = False) -> DocumentReader:
    """Read trailer and cross-reference tables, and unlock with the empty user password where encrypted.

    :param strict: refuse small faults of syntax.
    :raises PasswordNeeded: see there.
    :raises OSError: the file cannot be read, or says to seek before its beginning (``EINVAL``).
    :raises Exception: one of :data:`FAULTS` for a damaged file.
    """
    stream.seek(0, 2)
    if stream.tell() < _SHORTEST:
        raise PdfReadError("Too short")
    reader = DocumentReader(stream, strict=strict)
    handler = reader.security_handler
    if handler is not None and (
        not isinstance(handler, StandardSecurityHandler) or reader.decrypt(b"").status is AuthStatus.FAILED
    ):
        raise PasswordNeeded
    return reader
