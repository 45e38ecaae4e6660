"""pyHanko's reader of PDF structure, as this program uses it.

Import this module only where a PDF is opened: pyHanko takes a seventh of a second to load.
"""

from __future__ import annotations

import logging
import re
import struct
import time
import zlib
from collections import OrderedDict
from io import BytesIO
from itertools import pairwise
from typing import IO, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeContext,
    DecodeLimits,
    DecodePurpose,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfError, PdfReadError, PdfStrictReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader, process_data_at_eof
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefBuilder, XRefCache

from app.documents.pdf_plain import plain_object, plain_value
from app.documents.pdf_syntax import ObjectTooLarge, SyntaxFault, dictionary_spans, object_header, value_end

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

#: What ends a value beyond doubt: before it stand no strings and no comments that could hold the word.
_ENDS = re.compile(rb"[^(%<]*(?:<<[^(%<]*)*(?<=[\0\t\n\f\r >\]])(?:endobj|stream)")
_SHORTEST = 32
_OPEN_STREAMS = 8
_HEAD, _WINDOW, _LARGEST_OUTLINE = 1 << 11, 1 << 18, 1 << 24
_LONG_CONTENTS = re.compile(rb"/Contents[\0\t\n\f\r ]*<[0-9A-Fa-f]{256}")
_DIGITS = re.compile(rb"<([0-9A-Fa-f]*)>")


#: Cross-reference entries of all revisions together; a document of an office has some thousands.
MAX_ENTRIES = 500_000
_SHORTEST_ENTRY = 18
#: Reads of the stream that cross-reference tables may take, and more of them for each entry: a thousand an update, of
#: which an office's document has a few dozen.
_READS, _READS_AN_ENTRY = 1 << 19, 16
#: Octets at the end of a file among which the place of the last table is looked for; programs look at 1 KiB.
_END = 1 << 13
_MAX_PACKED = 100_000
#: Object streams up to this hold no object that takes long.
_SMALL = 1 << 17
#: Octets of a value without its stream, signatures aside; of a signature with all the evidence inside.
_LARGEST_VALUE, _LARGEST_SIGNATURE = 1 << 20, 1 << 25
_VERSION = re.compile(rb"%PDF-(\d)\.(\d)")
_SUBSECTION = re.compile(rb"[\0\t\n\f\r ]*(\d{1,15})[\0\t\n\f\r ]+(\d{1,15})[\0\t\n\f\r ]")


#: What a stream may unfold to. A filter with a predictor takes a second for ten megabytes.
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=64 << 20),
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        DecodePurpose.OBJECT_STREAM: StreamDecodeLimits(max_ratio=100, ratio_floor=4 << 20, max_output_size=8 << 20),
        DecodePurpose.CRL: StreamDecodeLimits(max_ratio=50, ratio_floor=4 << 20, max_output_size=48 << 20),
    },
)


class TooSlow(Exception):
    """Reading goes on after the time that whoever reads allowed for it."""


class PasswordNeeded(Exception):
    """Encrypted, and the empty user password does not open it; or encrypted for named recipients."""


class _RationedStream:
    """A stream that can be read so many times: pyHanko passes over blanks octet by octet, however many there are.

    :ivar left: how many times more.
    """

    def __init__(self, stream: IO[bytes], left: int) -> None:
        self.left = left
        self._read, self.seek, self.tell = stream.read, stream.seek, stream.tell

    def read(self, length: int = -1) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise PdfReadError("Cross-reference tables take longer than any document needs")
        return self._read(length)


class _BoundedXRefBuilder(XRefBuilder):
    """Counts the entries that a table declares before they are read: a hundred octets can declare billions."""

    def __init__(self, reader: PdfFileReader, stream: IO[bytes], strict: bool, last_startxref: int, size: int) -> None:
        self._rationed = _RationedStream(stream, _READS)
        rationed: Any = self._rationed
        super().__init__(reader, rationed, strict, last_startxref)
        self._size, self._left = size, MAX_ENTRIES
        self.listed_twice = False

    def _read_xref_stream_object(self) -> tuple[generic.Reference, generic.StreamObject]:
        place = self.stream.tell()
        _check_size(self.stream, place)
        self.stream.seek(place)
        reference, stream = XRefBuilder._read_xref_stream_object(self)
        index = [int(number) for number in stream.get("/Index", [0, stream.get("/Size")])]
        self._take(sum(index[1::2]))
        return reference, stream

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        start = at = self.stream.tell()
        listed: list[range] = []
        while match := _SUBSECTION.match(self.stream.read(64)):
            self._take(int(match[2]))
            at += match.end() + _SHORTEST_ENTRY * int(match[2])
            if at > self._size:
                raise PdfReadError("More entries than the file can hold")
            at += 2 * int(match[2])
            self.stream.seek(at)
            listed.append(range(int(match[1]), int(match[1]) + int(match[2])))
        self.listed_twice |= _overlap(listed)
        self.stream.seek(at)
        trailer = self.stream.read(_HEAD).find(b"<<")
        if trailer >= 0:
            _check_size(self.stream, at + trailer, headed=False)
        self.stream.seek(start)
        previous: int | None = super()._read_xref_table(declared_startxref)
        return previous

    def _take(self, entries: int) -> None:
        self._left -= entries
        self._rationed.left += _READS_AN_ENTRY * entries
        if entries < 0 or self._left < 0:
            raise PdfReadError("More cross-reference entries than a document needs")


def _check_size(stream: IO[bytes], offset: int, *, headed: bool = True) -> None:
    """Refuse what takes the parser below longer than any document needs, before it is parsed.

    What is no value here is none for the parser either; it might only find out later.

    :param offset: of an object, or of a trailer's dictionary where it is not ``headed``.
    :raises app.documents.pdf_syntax.ObjectTooLarge, app.documents.pdf_syntax.SyntaxFault: see there.
    """
    for length in (_HEAD, _WINDOW, _LARGEST_VALUE):
        stream.seek(offset)
        window = stream.read(length)
        if length <= _WINDOW and _ENDS.match(window):
            return
        try:
            value_end(window, object_header(window, 0)[2] if headed else 0)
            return
        except SyntaxFault as fault:
            if not fault.truncated or len(window) < length:
                raise
    raise ObjectTooLarge


def _last_table(stream: IO[bytes], size: int) -> int:
    """The place of the last cross-reference table, as the end of the file gives it.

    :raises PdfReadError: there is none.
    """
    stream.seek(max(0, size - _END))
    # Line ends at the very beginning would be walked over for ever.
    end = BytesIO(b"%" + stream.read())
    end.seek(-1, 2)
    place: int = process_data_at_eof(end)
    return place


def _overlap(listed: list[range]) -> bool:
    """Whether a number stands in several subsections of one table, against ISO 32000-2, 7.5.4."""
    ordered = sorted((part for part in listed if part), key=lambda part: part.start)
    return any(one.stop > other.start for one, other in pairwise(ordered))


class DocumentReader(PdfFileReader):
    """A reader with bounds on its tables, that decodes an object stream once, not once for each object in it, and
    that reads the long hexadecimal string of a signature in one go, not digit by digit.

    :ivar deadline: in processor seconds of this thread, when to give up with :class:`TooSlow`; None: never.
    :ivar most_held: octets of objects that are kept once they are read; in memory some need a hundred times as much.
        None: all, for whoever changes objects and needs one of each.
    :ivar listed_twice: a cross-reference table gives two entries for one number, of which programs take either.
    """

    def __init__(self, stream: IO[bytes], *, strict: bool) -> None:
        # In the place of the constructor above, which leaves no room for another builder.
        self._open_streams: OrderedDict[int, tuple[bytes, list[tuple[int, int]]]] = OrderedDict()
        self.deadline: float | None = None
        self.most_held: int | None = None
        self._security_handler = None
        self._input_version = None
        self._embedded_signatures = None
        self._historical_resolver_cache: dict[int, HistoricalResolver] = {}
        self.resolved_objects: dict[tuple[int, int], generic.PdfObject] = {}
        # Of those kept, in octets; and of the object read last.
        self._lengths: dict[tuple[int, int], int] = {}
        self._held = self._length = 0
        self.strict, self.stream = strict, stream
        size = stream.seek(0, 2)
        self._decode_context = DecodeContext(_LIMITS, input_size=size)
        stream.seek(0)
        version = _VERSION.match(stream.read(20))
        if version is None:
            raise PdfReadError("No PDF header")
        self._header_version = int(version[1]), int(version[2])
        builder = _BoundedXRefBuilder(self, stream, strict, _last_table(stream, size), size)
        self.xrefs = XRefCache(self, XRefBuilder.read_xrefs(builder))
        self.listed_twice = builder.listed_twice
        self.last_startxref, self.trailer = builder.last_startxref, builder.trailer
        self.has_xref_stream = builder.has_xref_stream

    def object_at(self, number: int, generation: int, revision: int) -> generic.PdfObject:
        """An object as it was at a revision; not cached, so that large streams are not kept."""
        reference = generic.Reference(number, generation, self)
        found: generic.PdfObject = PdfFileReader.get_object(self, reference, revision=revision)
        return found

    def outline_at(self, number: int, generation: int, revision: int) -> generic.PdfObject:
        """As :meth:`object_at`, but of a long stream only the dictionary, and undecrypted."""
        reference = generic.Reference(number, generation, self)
        offset = self.xrefs.get_historical_ref(reference, revision)
        if isinstance(offset, int):
            read = self._read_at_once(reference, offset)
            if read is not None:
                return read
            self.stream.seek(offset)
            window = self.stream.read(_HEAD)
            if b"endobj" not in window:
                return self._outline(reference, window)
        return self.object_at(number, generation, revision)

    def _outline(self, reference: generic.Reference, window: bytes) -> generic.PdfObject:
        while True:
            try:
                number, generation, start = object_header(window, 0)
                end = value_end(window, start)
                break
            except SyntaxFault as fault:
                more = self.stream.read(3 * len(window)) if fault.truncated and len(window) < _LARGEST_OUTLINE else b""
                if not more:
                    raise
                window += more
        if (number, generation) != (reference.idnum, reference.generation):
            raise PdfReadError("Another object where the cross-reference table points")
        found: generic.PdfObject = generic.read_object(BytesIO(window[start:end] + b" "), reference)
        return found

    def _read_object(
        self,
        ref: generic.Reference,
        marker: int | ObjStreamRef | None,
        never_decrypt: bool = False,
        as_metadata_stream: bool = False,
    ) -> generic.PdfObject:
        self._check_time()
        if isinstance(marker, int):
            read = None if as_metadata_stream else self._read_at_once(ref, marker)
            if read is not None:
                clear = never_decrypt or not self.encrypted
                return read if clear else generic.proxy_encrypted_obj(read, self.security_handler)
            _check_size(self.stream, marker)
        found: generic.PdfObject = super()._read_object(ref, marker, never_decrypt, as_metadata_stream)
        if isinstance(marker, int):
            self._length = self.stream.tell() - marker
        return found

    def cache_indirect_object(self, generation: int, idnum: int, obj: generic.PdfObject) -> generic.PdfObject:
        """Keep an object that was just read; where :attr:`most_held` says so, only the last of them."""
        key = generation, idnum
        self._held += self._length - self._lengths.pop(key, 0)
        self._lengths[key], self.resolved_objects[key] = self._length, obj
        while self.most_held is not None and self._held > self.most_held and len(self._lengths) > 1:
            oldest = next(iter(self._lengths))
            self._held -= self._lengths.pop(oldest)
            del self.resolved_objects[oldest]
        return obj

    def _check_time(self) -> None:
        if self.deadline is not None and time.thread_time() > self.deadline:
            raise TooSlow

    def _read_at_once(self, ref: generic.Reference, offset: int) -> generic.PdfObject | None:
        """The object at this offset where it is plain or plainly a signature; None leaves it to the general way."""
        self.stream.seek(offset)
        head = self.stream.read(_HEAD)
        plain = plain_object(head, ref)
        if plain is None:
            return self._signature_dictionary(ref, offset, head)
        value, self._length = plain
        return value

    def _signature_dictionary(
        self, ref: generic.Reference, offset: int, head: bytes
    ) -> generic.DictionaryObject | None:
        """The dictionary at this offset where it plainly is that of a signature; None leaves it to the general way.

        :param head: the octets from there on.
        """
        contents = _LONG_CONTENTS.search(head)
        if contents is None or head.find(b"endobj", 0, contents.start()) >= 0:
            return None
        self.stream.seek(offset + len(head))
        window = head + self.stream.read(_WINDOW)
        while True:
            try:
                number, generation, start = object_header(window, 0)
                spans, end = dictionary_spans(window, start)
                break
            except SyntaxFault as fault:
                room = min(15 * len(window), _LARGEST_SIGNATURE - len(window))
                more = self.stream.read(room) if fault.truncated and room > 0 else b""
                if not more:
                    return None
                window += more
        if (number, generation) != (ref.idnum, ref.generation) or not window[end:].lstrip().startswith(b"endobj"):
            return None
        if any(len(places) != 1 for places in spans.values()):
            return None
        self._length = end
        found = generic.DictionaryObject()
        found.container_ref = ref
        for key, [(first, last)] in spans.items():
            digits = _DIGITS.fullmatch(window, first, last) if key == "/Contents" else None
            if digits is not None and len(digits[1]) % 2 == 0:
                value: generic.PdfObject = generic.ByteStringObject(bytes.fromhex(digits[1].decode("ascii")))
            else:
                plain = plain_value(window, first, last, ref)
                value = generic.read_object(BytesIO(window[first:last] + b" "), ref) if plain is None else plain
            found[generic.NameObject(key)] = value
        return found

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> generic.PdfObject:
        data, places = self._object_stream(stmnum)
        if not 0 <= idx < len(places) or places[idx][0] != idnum:
            if self.strict:
                raise PdfStrictReadError("Object is not where the cross-reference table says")
            return generic.NullObject()
        if len(data) > _SMALL:
            value_end(data, places[idx][1])
        content = BytesIO(data)
        content.seek(places[idx][1])
        found = generic.read_object(content, generic.Reference(idnum, 0, self))
        if isinstance(found, (generic.StreamObject, generic.IndirectObject)):
            raise PdfReadError("An object stream holds what it must not")
        self._length = content.tell() - places[idx][1]
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
        count = int(stream["/N"])
        if not 0 <= count <= _MAX_PACKED:
            raise PdfReadError("More objects in a stream than a document needs")
        header = [int(word) for word in data[:first].split(None, 2 * count)[: 2 * count]]
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
