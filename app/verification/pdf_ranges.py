"""What octets a PDF signature covers, judged on the raw file (ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 5.5).

A signature counts only where its ``/ByteRange`` is the one shape that leaves nothing out: two ranges, the first from
the beginning, the second up to the end of the revision, between them exactly the hexadecimal string of this very
dictionary's ``/Contents``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

from app.documents.hashing import PrefixDigests
from app.documents.pdf_syntax import SyntaxFault, dictionary_spans, object_header
from app.trust.model import Problem

_FIRST_WINDOW, _LARGEST_WINDOW = 1 << 18, 1 << 26
_CHUNK = 1 << 20
_RANGES = re.compile(rb"\[\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s*\]")
_CONTENTS = re.compile(rb"<[0-9A-Fa-f]*>")
_END = re.compile(rb"startxref\s+(\d{1,15})\s+%%EOF\s*\Z")
_TAIL = 1024
_NUMBERED = re.compile(rb"(?<![0-9])(\d{1,10})[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+\Z")
_LONGEST_HEADER = 48
_BLANK = b"\0\t\n\f\r "
_BLANKS = frozenset(_BLANK[index : index + 1] for index in range(len(_BLANK)))


@dataclass(frozen=True)
class SignedRange:
    """What one signature covers.

    :ivar gap: offsets of ``/Contents`` with its delimiters.
    :ivar end: where the second range ends.
    :ivar startxref: of the revision that ends there.
    :ivar contents: the octets of ``/Contents``, padding included.
    """

    gap: tuple[int, int]
    end: int
    startxref: int
    contents: bytes


class RangeFault(Exception):
    """The signature does not cover what it should; ``problem`` says why."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.problem = Problem(code, tuple((name, str(value)) for name, value in data.items()))


def signed_range(file: IO[bytes], size: int, offset: int, path: tuple[str, ...] = ()) -> SignedRange:
    """Read the place of a signature from the raw file.

    :param size: of the file.
    :param offset: of the indirect object that holds the signature dictionary.
    :param path: keys from that object down to the dictionary; empty where the object is the dictionary.
    :raises RangeFault: the range is missing or of another shape.
    """
    spans, window, start = _spans(file, offset, path)
    contents, ranges = spans.get("/Contents", []), spans.get("/ByteRange", [])
    if len(contents) != 1 or len(ranges) != 1:
        raise RangeFault("pdf-signature-incomplete")
    raw_contents, raw_range = window[slice(*contents[0])], window[slice(*ranges[0])]
    if not _CONTENTS.fullmatch(raw_contents):
        raise RangeFault("pdf-contents-malformed")
    match = _RANGES.fullmatch(raw_range)
    if match is None:
        raise RangeFault("pdf-byterange-malformed")
    first, gap_start, gap_end, rest = (int(number) for number in match.groups())
    if first != 0:
        raise RangeFault("pdf-byterange-start")
    if (gap_start, gap_end) != (start + contents[0][0], start + contents[0][1]):
        raise RangeFault("pdf-byterange-gap")
    end = gap_end + rest
    if end > size:
        raise RangeFault("pdf-byterange-end")
    digits = raw_contents[1:-1]
    return SignedRange(
        gap=(gap_start, gap_end),
        end=end,
        startxref=_startxref(file, end, gap_end),
        contents=bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")),
    )


def trailing(file: IO[bytes], size: int, end: int) -> str:
    """What stands between ``end`` and the end of the file: ``nothing``, ``blank`` or ``octets``."""
    if end == size:
        return "nothing"
    if size - end > _TAIL:
        return "octets"
    file.seek(end)
    return "blank" if not file.read(size - end).strip(_BLANK) else "octets"


def end_of_last_revision(file: IO[bytes], size: int) -> int:
    """Where the last end-of-file marker ends; the reader has found one within the last kilobyte."""
    start = max(0, size - 2 * _TAIL)
    file.seek(start)
    tail = file.read(size - start)
    return start + tail.rfind(b"%%EOF") + len(b"%%EOF")


class ObjectHeader(NamedTuple):
    """Where in the raw file an object seems to begin.

    :ivar places: offsets that a cross-reference table may give for it: its number, or a blank before it.
    """

    number: int
    places: range


def object_headers(file: IO[bytes], start: int, end: int) -> Iterator[ObjectHeader]:
    """All places between two offsets that read like the beginning of an object, those within streams included."""
    at = start
    while at < end:
        before = min(at - start, _LONGEST_HEADER)
        file.seek(at - before)
        chunk = file.read(before + min(_CHUNK, end - at))
        found = chunk.find(b"obj", before)
        while found >= 0:
            begin = max(0, found - _LONGEST_HEADER)
            match = _NUMBERED.search(chunk, begin, found) if chunk[found - 1 : found] in _BLANKS else None
            if match is not None:
                blank = begin + len(chunk[begin : match.start()].rstrip(_BLANK))
                yield ObjectHeader(int(match[1]), range(at - before + blank, at - before + match.start() + 1))
            found = chunk.find(b"obj", found + 3)
        if len(chunk) < before + min(_CHUNK, end - at):
            return
        at += _CHUNK - 2


def unlisted_object(file: IO[bytes], start: int, size: int, offsets: set[int]) -> bool:
    """Whether an object stands after ``start`` that no cross-reference table of a later revision points to.

    Programs that rebuild a broken table would show it.

    :param offsets: where the tables say objects begin.
    """
    return any(offsets.isdisjoint(header.places) for header in object_headers(file, start, size))


class RangeDigests:
    """Digests of the octets a signature covers."""

    def __init__(self, digests: PrefixDigests, covered: SignedRange) -> None:
        self._digests, self._covered = digests, covered
        self._known: dict[str, bytes] = {}

    def __call__(self, hash_name: str) -> bytes:
        """:param hash_name: as hashlib names it."""
        if hash_name not in self._known:
            (gap_start, gap_end), end = self._covered.gap, self._covered.end
            self._known[hash_name] = self._digests(hash_name, [(0, gap_start), (gap_end, end)])
        return self._known[hash_name]


def _spans(file: IO[bytes], offset: int, path: tuple[str, ...]) -> tuple[dict[str, list[tuple[int, int]]], bytes, int]:
    """Places of the dictionary's values within a window, the window, and the window's own place."""
    length = _FIRST_WINDOW
    while True:
        file.seek(offset)
        window = file.read(length)
        try:
            spans, _end = dictionary_spans(window, object_header(window, 0)[2])
            for key in path:
                places = spans.get(key, [])
                if len(places) != 1:
                    raise RangeFault("pdf-signature-incomplete")
                spans, _end = dictionary_spans(window, places[0][0])
            return spans, window, offset
        except SyntaxFault as fault:
            if not fault.truncated or len(window) < length or length >= _LARGEST_WINDOW:
                raise RangeFault("pdf-signature-malformed") from fault
            length *= 16


def _startxref(file: IO[bytes], end: int, gap_end: int) -> int:
    start = max(gap_end, end - _TAIL)
    file.seek(start)
    match = _END.search(file.read(end - start))
    if match is None:
        raise RangeFault("pdf-byterange-not-revision")
    return int(match[1])
