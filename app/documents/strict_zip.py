"""A ZIP reader that refuses every file which two programs could read differently.

Formats that are signed inside a ZIP (OOXML, ODF, ASiC) are safe only where all programs see the same entries.
The rules are those of reference/ooxml-signatures, section 5.1: the central directory is believed only after each
local header said the same, and the entries must tile the file from its first byte to the central directory.
Sources: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3; ISO/IEC 21320-1. How its records are laid out is in
:mod:`app.documents.zip_records`.

Nothing is ever extracted to disk, and content is read in pieces, never beyond its declared size.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

from app.documents import zip_errors as errors
from app.documents.zip_records import (
    CENTRAL_HEADER,
    CENTRAL_MAGIC,
    DEFLATED,
    DESCRIPTOR_MAGIC,
    END64_LOCATOR,
    END64_MAGIC,
    END64_RECORD,
    END_MAGIC,
    END_RECORD,
    FLAG_DESCRIPTOR,
    FLAG_ENCRYPTED,
    FLAG_UTF8,
    LOCAL_HEADER,
    LOCAL_MAGIC,
    LOCATOR_MAGIC,
    MAX16,
    MAX32,
    STORED,
    ZIP64_EXTRA,
    decode_name,
    extras_by_id,
    widen,
)
from app.errors import from_os_error

_FLAGS_ALLOWED: Final = 0x0002 | 0x0004 | FLAG_DESCRIPTOR | FLAG_UTF8

#: Highest version of the format known to APPNOTE 6.3; the upper byte names a system.
_VERSION_LIMIT: Final = 63

_CHUNK: Final = 1 << 20
_INFLATE_INPUT: Final = 1 << 18


@dataclass(frozen=True)
class Limits:
    """Bounds on what is opened; all in entries or bytes.

    :ivar size: declared size of all entries together when unpacked.
    :ivar directory: size of the central directory.
    :ivar ratio: largest ratio of unpacked to packed content where more than ``ratio_from`` bytes come out.
    """

    entries: int = 10_000
    size: int = 4 << 30
    directory: int = 16 << 20
    ratio: int = 20
    ratio_from: int = 256 << 20


@dataclass(frozen=True)
class Entry:
    """One entry, as the central directory and its local header agree on it.

    :ivar name: as written, without change of case or escapes.
    :ivar raw_name: the octets of the name.
    :ivar offset: of the local header, in bytes from the start of the file.
    :ivar data_offset: of the first compressed byte.
    :ivar date_time: MS-DOS time and date, as in the header.
    """

    name: str
    raw_name: bytes
    method: int
    flags: int
    crc: int
    compressed_size: int
    size: int
    offset: int
    data_offset: int
    date_time: tuple[int, int]
    made_by: int
    external_attributes: int

    @property
    def is_directory(self) -> bool:
        return self.name.endswith("/")


@dataclass(frozen=True)
class _End:
    """Where the central directory lies, and how many records follow it."""

    count: int
    directory_offset: int
    directory_size: int
    #: first byte after the last end record (its comment not counted)
    end: int


class StrictZip:
    """An opened archive; a context manager.

    :ivar entries: by name, in the order of the central directory.
    :ivar stray_bytes: bytes of the file that belong to no record; a verdict on such a file can never be "whole".
    """

    def __init__(self, path: Path, limits: Limits | None = None, *, file: BinaryIO | None = None) -> None:
        """Open and check the whole structure; no content is read.

        :param file: the archive, where it lies inside another file; ``path`` then only names it.
        :raises app.documents.zip_errors.ArchiveRejected: a subclass says why.
        :raises app.errors.AntinError: the file is missing or cannot be read.
        """
        self.path = path
        self._limits = limits or Limits()
        try:
            self._file: BinaryIO = path.open("rb") if file is None else file
        except OSError as error:
            raise from_os_error(error, path) from error
        try:
            self._length = self._file.seek(0, os.SEEK_END)
            self.stray_bytes = 0
            end = self._find_end()
            self._entries = self._read_directory(end)
            self._check_tiling(end)
        except OSError as error:
            self._file.close()
            raise from_os_error(error, path) from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def fingerprint(self) -> tuple[int, int]:
        """Size and modification time (ns) of the opened file, to notice that somebody wrote into it."""
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    def read(self, entry: Entry, limit: int) -> bytes:
        """The unpacked content.

        :param limit: most bytes wanted.
        :raises ZipTooLarge: the entry is larger than ``limit``.
        :raises ZipDataDamaged: the content does not unpack to the declared size and check sum.
        """
        if entry.size > limit:
            raise errors.ZipTooLarge(name=entry.name, limit=limit)
        return b"".join(bytes(chunk) for chunk in self.chunks(entry))

    def digest(self, entry: Entry, hash_name: str) -> bytes:
        """The digest of the unpacked content, in constant memory.

        :param hash_name: a hashlib name.
        :raises ZipDataDamaged: see :meth:`read`.
        """
        state = hashlib.new(hash_name, usedforsecurity=False)
        for chunk in self.chunks(entry):
            state.update(chunk)
        return state.digest()

    def chunks(self, entry: Entry) -> Iterator[bytes | memoryview]:
        """The unpacked content in pieces; each is valid only until the next is asked for.

        :raises ZipDataDamaged: at the latest with the last piece.
        """
        crc = 0
        size = 0
        pieces = self.raw_chunks(entry) if entry.method == STORED else self._inflated(entry)
        for piece in pieces:
            size += len(piece)
            if size > entry.size:
                raise errors.ZipDataDamaged(name=entry.name)
            crc = zlib.crc32(piece, crc)
            yield piece
        if size != entry.size or crc != entry.crc:
            raise errors.ZipDataDamaged(name=entry.name)

    def raw_chunks(self, entry: Entry) -> Iterator[memoryview]:
        """The compressed content as it lies in the file; each piece is valid only until the next is asked for."""
        return self._pieces(entry, _CHUNK)

    def _pieces(self, entry: Entry, length: int) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(min(length, max(entry.compressed_size, 1))))
        left = entry.compressed_size
        self._file.seek(entry.data_offset)
        while left:
            got = self._file.readinto(buffer[: min(len(buffer), left)])  # type: ignore[attr-defined]
            if not got:
                raise errors.ZipDataDamaged(name=entry.name)
            left -= got
            yield buffer[:got]

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for piece in self._pieces(entry, _INFLATE_INPUT):
                pending: bytes | memoryview = piece
                while pending and not inflater.eof:
                    unpacked = inflater.decompress(pending, _CHUNK)
                    pending = inflater.unconsumed_tail
                    if unpacked:
                        yield unpacked
                if inflater.eof and (inflater.unused_data or pending):
                    raise errors.ZipDataDamaged(name=entry.name)
            while not inflater.eof:
                unpacked = inflater.decompress(b"", _CHUNK)
                if not unpacked:
                    break
                yield unpacked
        except zlib.error as error:
            raise errors.ZipDataDamaged(name=entry.name) from error
        if not inflater.eof:
            raise errors.ZipDataDamaged(name=entry.name)

    def _at(self, offset: int, length: int) -> bytes:
        if offset < 0 or offset + length > self._length:
            raise errors.ZipStructure(detail="a record reaches outside the file")
        self._file.seek(offset)
        data = self._file.read(length)
        if len(data) != length:
            raise errors.NotZip()
        return data

    def _find_end(self) -> _End:
        """Find the one end record; what follows it (a comment, too) is stray."""
        tail_length = min(self._length, MAX16 + END_RECORD.size)
        if tail_length < END_RECORD.size:
            raise errors.NotZip()
        tail = self._at(self._length - tail_length, tail_length)
        position = tail.rfind(END_MAGIC)
        if position < 0 or position + END_RECORD.size > len(tail):
            raise errors.NotZip()
        start = self._length - tail_length + position
        _, disk, start_disk, count_here, count, size, offset, comment = END_RECORD.unpack_from(tail, position)
        end = start + END_RECORD.size
        if comment > self._length - end:
            raise errors.ZipStructure(detail="comment length")
        directory_end = start
        if start >= END64_LOCATOR.size and (
            (locator := self._at(start - END64_LOCATOR.size, END64_LOCATOR.size)).startswith(LOCATOR_MAGIC)
        ):
            _, locator_disk, record_offset, disks = END64_LOCATOR.unpack(locator)
            record = self._at(record_offset, END64_RECORD.size)
            (magic, length, _made, _needed, disk64, start64, here64, count64, size64, offset64) = END64_RECORD.unpack(
                record
            )
            if magic != END64_MAGIC or locator_disk or disks > 1 or disk64 or start64 or here64 != count64:
                raise errors.ZipStructure(detail="zip64 end record")
            if record_offset + 12 + length != start - END64_LOCATOR.size or length != END64_RECORD.size - 12:
                raise errors.ZipStructure(detail="zip64 end record")
            for value, full, unknown in (
                (count_here, here64, MAX16),
                (count, count64, MAX16),
                (size, size64, MAX32),
                (offset, offset64, MAX32),
            ):
                if value not in (unknown, full):
                    raise errors.ZipStructure(detail="zip64 end record")
            count, size, offset, directory_end = count64, size64, offset64, record_offset
        elif disk or start_disk or count_here != count:
            raise errors.ZipStructure(detail="end record")
        if disk not in (0, MAX16) or start_disk not in (0, MAX16):
            raise errors.ZipStructure(detail="several disks")
        if count > self._limits.entries:
            raise errors.ZipTooManyEntries(limit=self._limits.entries)
        if size > self._limits.directory:
            raise errors.ZipStructure(detail="size of the central directory")
        if offset + size != directory_end or END_MAGIC in tail[max(0, offset - (start - position)) : position]:
            raise errors.ZipHiddenContent()
        self._stray(end, self._length)
        return _End(count, offset, size, end)

    def _read_directory(self, end: _End) -> dict[str, Entry]:
        directory = self._at(end.directory_offset, end.directory_size)
        entries: dict[str, Entry] = {}
        seen: set[str] = set()
        total = 0
        position = 0
        for _ in range(end.count):
            if position + CENTRAL_HEADER.size > len(directory):
                raise errors.ZipStructure(detail="central directory")
            fields = CENTRAL_HEADER.unpack_from(directory, position)
            magic, made_by, needed, flags, method, time, date, crc, packed, size = fields[:10]
            name_length, extra_length, comment_length, disk, _internal, external, offset = fields[10:]
            if magic != CENTRAL_MAGIC:
                raise errors.ZipStructure(detail="central directory")
            position += CENTRAL_HEADER.size
            record_end = position + name_length + extra_length + comment_length
            if record_end > len(directory):
                raise errors.ZipStructure(detail="central directory")
            raw_name = directory[position : position + name_length]
            extra = directory[position + name_length : position + name_length + extra_length]
            name = decode_name(raw_name, flags)
            if comment_length or disk not in (0, MAX16) or needed & 0xFF > _VERSION_LIMIT:
                raise errors.ZipStructure(detail="entry comment, disk number or version")
            position = record_end
            size, packed, offset = widen(extras_by_id(extra, name), name, size, packed, offset)
            _check_kind(name, flags, method, packed, size)
            folded = name.lower().removesuffix("/")
            if folded in seen:
                raise errors.ZipDuplicate(name=name)
            seen.add(folded)
            total += size
            if total > self._limits.size:
                raise errors.ZipTooLarge(name=name, limit=self._limits.size)
            data_offset = self._check_local(name, raw_name, flags, method, crc, packed, size, offset)
            entries[name] = Entry(
                name, raw_name, method, flags, crc, packed, size, offset, data_offset, (time, date), made_by, external
            )
        if position != len(directory):
            raise errors.ZipStructure(detail="central directory")
        if total > max(self._limits.ratio_from, self._limits.ratio * self._length):
            raise errors.ZipTooLarge(name="*", limit=self._limits.ratio_from)
        return entries

    def _check_local(
        self, name: str, raw_name: bytes, flags: int, method: int, crc: int, packed: int, size: int, offset: int
    ) -> int:
        """Compare an entry's local header with the central one; return the offset of its data."""
        header = self._at(offset, LOCAL_HEADER.size)
        (magic, needed, local_flags, local_method, _time, _date, local_crc, local_packed, local_size, length, more) = (
            LOCAL_HEADER.unpack(header)
        )
        if magic != LOCAL_MAGIC or needed & 0xFF > _VERSION_LIMIT:
            raise errors.ZipStructure(detail="local header")
        rest = self._at(offset + LOCAL_HEADER.size, length + more)
        if rest[:length] != raw_name or local_flags != flags or local_method != method:
            raise errors.ZipHeadersDiffer(name=name)
        found = extras_by_id(rest[length:], name)
        wide = found.get(ZIP64_EXTRA)
        if wide is not None and MAX32 in (local_size, local_packed):
            local_size, local_packed, _ = widen({ZIP64_EXTRA: wide}, name, local_size, local_packed, 0)
        deferred = bool(flags & FLAG_DESCRIPTOR)
        for local, central in ((local_crc, crc), (local_packed, packed), (local_size, size)):
            if local != central and not (deferred and local == 0):
                raise errors.ZipHeadersDiffer(name=name)
        return offset + LOCAL_HEADER.size + len(rest)

    def _check_tiling(self, end: _End) -> None:
        """Every byte before the central directory must belong to exactly one entry."""
        cursor = 0
        ordered = sorted(self._entries.values(), key=lambda entry: entry.offset)
        nexts = [*(entry.offset for entry in ordered[1:]), end.directory_offset][: len(ordered)]
        for entry, following in zip(ordered, nexts, strict=True):
            if entry.offset < cursor:
                raise errors.ZipOverlap(name=entry.name)
            self._stray(cursor, entry.offset)
            cursor = entry.data_offset + entry.compressed_size
            if cursor > following:
                raise errors.ZipOverlap(name=entry.name)
            if entry.flags & FLAG_DESCRIPTOR:
                self._check_descriptor(entry, cursor, following)
                cursor = following
        self._stray(cursor, end.directory_offset)

    def _check_descriptor(self, entry: Entry, start: int, end: int) -> None:
        """The data descriptor (APPNOTE 4.3.9) must fill the gap and agree with the directory."""
        found = self._at(start, min(end - start, 24))
        for layout in ("<LLL", "<LQQ"):
            if layout == "<LLL" and max(entry.size, entry.compressed_size) > MAX32:
                continue
            descriptor = struct.pack(layout, entry.crc, entry.compressed_size, entry.size)
            if end - start == len(found) and found in (descriptor, DESCRIPTOR_MAGIC + descriptor):
                return
        raise errors.ZipHeadersDiffer(name=entry.name)

    def _stray(self, start: int, end: int) -> None:
        """Count stray bytes; refuse the file where they hold a ZIP record."""
        overlap = b""
        self._file.seek(start)
        self.stray_bytes += max(0, end - start)
        while start < end:
            piece = self._file.read(min(_CHUNK, end - start))
            if not piece:
                raise errors.NotZip()
            start += len(piece)
            window = overlap + piece
            if any(magic in window for magic in (LOCAL_MAGIC, CENTRAL_MAGIC, END_MAGIC)):
                raise errors.ZipHiddenContent()
            overlap = window[-3:]


def _check_kind(name: str, flags: int, method: int, packed: int, size: int) -> None:
    if flags & FLAG_ENCRYPTED:
        raise errors.ZipEncrypted(name=name)
    if method not in (STORED, DEFLATED):
        raise errors.ZipMethod(name=name)
    if flags & ~_FLAGS_ALLOWED:
        raise errors.ZipStructure(detail="flags")
    if method == STORED and packed != size:
        raise errors.ZipStructure(detail="size of a stored entry")
    if name.endswith("/") and size:
        raise errors.ZipName(name=name)
