"""Objects of a PDF at one revision, compared and walked without following more than is asked."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from typing import IO, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.xref import XRefSectionData

from app.documents.pdf_reader import FAULTS, DocumentReader, TooSlow
from app.documents.pdf_syntax import dictionary_spans, object_header
from app.verification.pdf_ranges import object_headers

#: Where an object refers to another: number of the object, and keys and indices within it. The trailer is 0.
Edge = tuple[int, tuple[str | int, ...]]

MAX_OBJECTS = 250_000
_STREAM = re.compile(rb"[\0\t\n\f\r ]*stream\r?\n")
_STREAM_END = re.compile(rb"[\0\t\n\f\r ]*endstream")
_TAIL = 32
#: Each takes some microseconds, or as long as reading one object.
_HEADERS_A_LOOK = 16
#: Octets up to which an object is read through and not parsed for where its data end.
_LONG = 1 << 16
_LARGEST_DICTIONARY = 1 << 20


class TooComplex(Exception):
    """More objects, or more time for them, than a document of an office needs."""


@dataclass(frozen=True)
class Table:
    """The cross-reference entries in force at a revision.

    :ivar entries: generation and place by object number; a place is an offset or a position in an object stream.
    :ivar containers: numbers of object streams and cross-reference streams.
    """

    entries: dict[int, tuple[int, object]] = field(default_factory=dict)
    containers: set[int] = field(default_factory=set)

    @property
    def offsets(self) -> Iterator[int]:
        return (place for _generation, place in self.entries.values() if isinstance(place, int))


def table(reader: DocumentReader, revision: int) -> Table:
    """Merge the cross-reference sections from the first up to ``revision``."""
    merged = Table()
    for index in range(revision + 1):
        _merge(merged, reader, index, lenient=True)
    return merged


def table_after(reader: DocumentReader, before: Table, revisions: range) -> Table:
    """The table of a revision continued by later ones, in which any free entry frees its object.

    Readers differ on free entries of a wrong generation; after signing the stricter reading counts.
    """
    merged = Table(dict(before.entries), set(before.containers))
    for index in revisions:
        _merge(merged, reader, index, lenient=False)
    return merged


def offsets_of(reader: DocumentReader, revisions: range) -> set[int]:
    """Where the cross-reference sections of these revisions say that objects begin."""
    found: set[int] = set()
    for index in revisions:
        data: XRefSectionData = reader.xrefs.get_xref_data(index)
        sections = [data] if data.hybrid is None else [data, data.hybrid.xref_data]
        found.update(offset for section in sections for _generation, offset in section.standard_xrefs.values())
    return found


def _merge(merged: Table, reader: DocumentReader, index: int, *, lenient: bool) -> None:
    """Apply one section as ISO 32000-2, 7.5.8.4 has it: its table, then its hybrid stream, then older sections.

    :param lenient: a free entry frees only the generation before the one that it names.
    """
    main: XRefSectionData = reader.xrefs.get_xref_data(index)
    for number, generation in main.freed.items():
        known = merged.entries.get(number)
        if known is not None and not (lenient and known[0] != generation - 1):
            del merged.entries[number]
    if main.hybrid is not None:
        hidden = _entries(main.hybrid.xref_data)
        merged.entries.update(
            (number, place) for number, place in hidden.items() if main.freed.get(number, 0) - 1 != place[0]
        )
        _note_containers(merged, main.hybrid.xref_data, main.hybrid.meta_info.stream_ref)
    merged.entries.update(_entries(main))
    _note_containers(merged, main, reader.xrefs.get_xref_container_info(index).stream_ref)


def _entries(data: XRefSectionData) -> dict[int, tuple[int, object]]:
    packed = {number: (0, place) for number, place in data.xrefs_in_objstm.items()}
    return {**data.standard_xrefs, **packed}


def _note_containers(merged: Table, data: XRefSectionData, reference: generic.Reference | None) -> None:
    merged.containers.update(data.obj_streams_used)
    if reference is not None:
        merged.containers.add(reference.idnum)


def trailer_at(reader: DocumentReader, revision: int) -> generic.DictionaryObject:
    flattened: generic.DictionaryObject = reader.trailer.flatten(revision)
    return flattened


def children(
    value: generic.PdfObject, access: generic.EncryptedObjAccess = generic.EncryptedObjAccess.TRANSPARENT
) -> Iterator[tuple[str | int, generic.PdfObject]]:
    """Keys or indices of a dictionary or array, with values as they stand: references are not followed."""
    if isinstance(value, generic.DictionaryObject):
        for key in value:
            yield str(key), value.raw_get(key, access)
    elif isinstance(value, generic.ArrayObject):
        for index in range(len(value)):
            yield index, value.raw_get(index, access)


def same(one: Any, other: Any) -> bool:
    """Whether two values are written alike, references compared by number only.

    Streams are alike where their encoded octets are.
    """
    if isinstance(one, generic.IndirectObject) or isinstance(other, generic.IndirectObject):
        return (
            isinstance(one, generic.IndirectObject)
            and isinstance(other, generic.IndirectObject)
            and (one.idnum, one.generation) == (other.idnum, other.generation)
        )
    if isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
        streams = [value for value in (one, other) if isinstance(value, generic.StreamObject)]
        if set(one) != set(other) or len(streams) == 1:
            return False
        if streams and streams[0].encoded_data != streams[1].encoded_data:
            return False
        return all(same(one.raw_get(key), other.raw_get(key)) for key in one)
    if isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
        return len(one) == len(other) and all(
            same(one.raw_get(index), other.raw_get(index)) for index in range(len(one))
        )
    if isinstance(one, generic.NullObject) and isinstance(other, generic.NullObject):
        return True
    return isinstance(one, generic.NameObject) == isinstance(other, generic.NameObject) and bool(one == other)


def differing(old: generic.PdfObject | None, new: generic.PdfObject | None) -> set[str]:
    """Keys of two dictionaries whose values are not alike or that only one has."""
    left = dict(children(old)) if isinstance(old, generic.DictionaryObject) else {}
    right = dict(children(new)) if isinstance(new, generic.DictionaryObject) else {}
    return {
        str(key)
        for key in left.keys() | right.keys()
        if key not in left or key not in right or not same(left[key], right[key])
    }


def references(value: generic.PdfObject) -> Iterator[tuple[tuple[str | int, ...], generic.IndirectObject]]:
    """The references within one object, with the keys that lead to each."""
    stack: list[tuple[tuple[str | int, ...], generic.PdfObject]] = [((), value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, generic.IndirectObject):
            yield path, item
        else:
            inside = children(item, generic.EncryptedObjAccess.RAW)
            stack.extend(((*path, key), child) for key, child in inside)


def edges_to(
    reader: DocumentReader, revision: int, known: Table, wanted: set[int], until: float
) -> dict[int, list[Edge]]:
    """All places in the document, as it was at ``revision``, that refer to the objects wanted.

    :param known: the table of that revision.
    :param until: in processor seconds of this thread, when to give up.
    :raises TooComplex: beyond the limits of this module.
    """
    found: dict[int, list[Edge]] = {number: [] for number in wanted}
    seen: set[int] = set()
    waiting: deque[int] = deque()

    def follow(number: int, value: generic.PdfObject) -> None:
        for path, reference in references(value):
            if reference.idnum in wanted:
                found[reference.idnum].append((number, path))
            if reference.idnum not in seen and reference.idnum in known.entries:
                seen.add(reference.idnum)
                waiting.append(reference.idnum)

    follow(0, trailer_at(reader, revision))
    while waiting:
        number = waiting.popleft()
        if len(seen) > MAX_OBJECTS or time.thread_time() > until:
            raise TooComplex
        follow(number, reader.outline_at(number, known.entries[number][0], revision))
    return found


def covers_own_objects(known: Table, gap: tuple[int, int], end: int) -> bool:
    """Whether all objects of a revision lie within what its signature covers."""
    return all(offset < gap[0] or gap[1] <= offset < end for offset in known.offsets)


def defined_twice(reader: DocumentReader, file: IO[bytes], end: int, until: float) -> bool:
    """Whether the file holds, before ``end``, a body of an object beside those that its tables point to.

    What reads like an object within a stream, as in an attached file, is none; long streams are not read.

    :param until: in processor seconds of this thread, when to give up.
    :raises app.documents.pdf_reader.TooSlow: there is too much that reads like objects.
    """
    listed = offsets_of(reader, range(reader.total_revisions))
    numbers = {number for index in range(reader.total_revisions) for number in _numbers(reader, index)}
    streams = _Streams(reader, file, sorted(listed))
    for start, stop in streams.between_long_ones(end):
        for count, header in enumerate(object_headers(file, start, stop)):
            if count % _HEADERS_A_LOOK == 0 and time.thread_time() > until:
                raise TooSlow
            if header.number in numbers and listed.isdisjoint(header.places) and header.places.start not in streams:
                return True
    return False


def _numbers(reader: DocumentReader, index: int) -> Iterator[int]:
    data: XRefSectionData = reader.xrefs.get_xref_data(index)
    for section in [data] if data.hybrid is None else [data, data.hybrid.xref_data]:
        yield from section.standard_xrefs
        yield from section.xrefs_in_objstm


class _Streams:
    """Where in the raw file the data of the streams lie that the tables point to.

    :param known: offsets of objects in ascending order.
    """

    def __init__(self, reader: DocumentReader, file: IO[bytes], known: list[int]) -> None:
        self._reader, self._file, self._known = reader, file, known
        self._data: dict[int, range] = {}

    def __contains__(self, place: int) -> bool:
        """Whether an offset lies in the data of the object that begins before it."""
        index = bisect_right(self._known, place) - 1
        return index >= 0 and place in self._data_of(self._known[index])

    def between_long_ones(self, end: int) -> Iterator[tuple[int, int]]:
        """The parts of the file before ``end`` that are left without the data of long streams."""
        start = 0
        for offset, following in pairwise([*(one for one in self._known if one < end), end]):
            data = self._data_of(offset) if following - offset > _LONG else range(0)
            if start <= data.start and data.stop <= end:
                yield start, data.start
                start = data.stop
        yield start, end

    def _data_of(self, offset: int) -> range:
        """Offsets of an object's stream data; empty where it is no stream that ends where it says."""
        if offset not in self._data:
            try:
                self._data[offset] = self._read(offset)
            except FAULTS:
                self._data[offset] = range(0)
        return self._data[offset]

    def _read(self, offset: int) -> range:
        self._file.seek(offset)
        window = self._file.read(_LARGEST_DICTIONARY)
        spans, end = dictionary_spans(window, object_header(window, 0)[2])
        data = _STREAM.match(window, end)
        if data is None or len(spans.get("/Length", [])) != 1:
            return range(0)
        written = window[slice(*spans["/Length"][0])] + b" "
        stated = generic.read_object(BytesIO(written), generic.TrailerReference(self._reader))
        length = stated.get_object() if isinstance(stated, generic.IndirectObject) else stated
        if not isinstance(length, int) or length <= 0:
            return range(0)
        start = offset + data.end()
        self._file.seek(start + length)
        return range(start, start + length) if _STREAM_END.match(self._file.read(_TAIL)) else range(0)
