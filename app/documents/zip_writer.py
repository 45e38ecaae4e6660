"""Writing a ZIP file: as a copy of another, the compressed octets of unchanged entries untouched, or around one file.

Every entry gets a new local header with its sizes and check sum in it, so that no data descriptor is needed;
zip64 records appear only where a number needs them (PKWARE APPNOTE 6.3.10, section 4.3).
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from app.documents import zip_records as records
from app.documents.strict_zip import StrictZip
from app.documents.zip_records import MAX16, MAX32
from app.errors import from_os_error

_VERSION: Final = 20
_VERSION_ZIP64: Final = 45
#: Sizes and offsets from here on need zip64.
_WIDE_FROM = MAX32
#: 1 January 1980, midnight: what Office programs write.
_DATE_TIME: Final = (0, 0x21)
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class _Header:
    """What the local and the central header of one entry say."""

    raw_name: bytes
    method: int
    flags: int
    crc: int
    compressed_size: int
    size: int
    offset: int
    date_time: tuple[int, int] = _DATE_TIME
    made_by: int = _VERSION
    external_attributes: int = 0

    def local(self) -> bytes:
        wide = max(self.compressed_size, self.size) >= _WIDE_FROM
        extra = _wide_field(self.size, self.compressed_size) if wide else b""
        return (
            records.LOCAL_HEADER.pack(
                records.LOCAL_MAGIC,
                _VERSION_ZIP64 if wide else _VERSION,
                self.flags,
                self.method,
                *self.date_time,
                self.crc,
                MAX32 if wide else self.compressed_size,
                MAX32 if wide else self.size,
                len(self.raw_name),
                len(extra),
            )
            + self.raw_name
            + extra
        )

    def central(self) -> bytes:
        numbers = (self.size, self.compressed_size, self.offset)
        extra = _wide_field(*(number for number in numbers if number >= _WIDE_FROM))
        return (
            records.CENTRAL_HEADER.pack(
                records.CENTRAL_MAGIC,
                self.made_by,
                _VERSION_ZIP64 if extra else _VERSION,
                self.flags,
                self.method,
                *self.date_time,
                self.crc,
                _narrow(self.compressed_size),
                _narrow(self.size),
                len(self.raw_name),
                len(extra),
                0,
                0,
                0,
                self.external_attributes,
                _narrow(self.offset),
            )
            + self.raw_name
            + extra
        )


def copy_archive(
    source: StrictZip,
    target: Path,
    *,
    replaced: Mapping[str, bytes],
    added: Mapping[str, bytes],
    dropped: Collection[str] = (),
) -> None:
    """Write a copy of an archive, flushed to disk.

    :param target: must not exist; removed again where anything fails.
    :param replaced: new content of entries that exist, by name; they keep their place.
    :param added: content of new entries, by name, appended in this order.
    :param dropped: names of entries that are left out.
    :raises app.errors.AntinError: the target exists or cannot be written, or the source has become unreadable.
    """
    with _written(target) as out:
        headers = []
        for entry in source.entries.values():
            if entry.name in dropped:
                continue
            if entry.name in replaced:
                headers.append(_write_new(out, entry.raw_name, replaced[entry.name]))
                continue
            header = _Header(
                entry.raw_name,
                entry.method,
                entry.flags & ~records.FLAG_DESCRIPTOR,
                entry.crc,
                entry.compressed_size,
                entry.size,
                out.tell(),
                entry.date_time,
                entry.made_by,
                entry.external_attributes,
            )
            out.write(header.local())
            for chunk in source.raw_chunks(entry):
                out.write(chunk)
            headers.append(header)
        headers.extend(_write_new(out, name.encode(), content) for name, content in added.items())
        _write_end(out, headers)


def write_container(target: Path, mimetype: bytes, name: str, content: Path, added: Mapping[str, bytes]) -> None:
    """Write a new archive around one file, flushed to disk: first ``mimetype``, stored, then the file as it is.

    :param target: must not exist; removed again where anything fails.
    :param name: of the entry for the file ``content``, which is read in pieces.
    :param added: content of further entries, by name, in this order.
    :raises app.errors.AntinError: the target exists or cannot be written, or the file cannot be read.
    """
    try:
        reading = content.open("rb")
    except OSError as error:
        raise from_os_error(error, content) from error
    with reading, _written(target) as out:
        headers = [_write_stored(out, b"mimetype", [mimetype])]
        headers.append(_write_stored(out, name.encode(), iter(lambda: reading.read(_CHUNK), b"")))
        headers.extend(_write_new(out, name.encode(), content) for name, content in added.items())
        _write_end(out, headers)


@contextmanager
def _written(target: Path) -> Iterator[BinaryIO]:
    """A new file, flushed in the end, gone where anything fails."""
    try:
        out = target.open("xb")
    except OSError as error:
        raise from_os_error(error, target) from error
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise from_os_error(error, target) from error
        raise


def _write_stored(out: BinaryIO, raw_name: bytes, pieces: Iterable[bytes]) -> _Header:
    """An entry whose size and check sum are put into its header after its content is written; below 4 GiB."""
    offset = out.tell()
    flags = 0 if raw_name.isascii() else records.FLAG_UTF8
    header = _Header(raw_name, records.STORED, flags, 0, 0, 0, offset)
    out.write(header.local())
    start, crc = out.tell(), 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        out.write(piece)
    size = out.tell() - start
    if size >= _WIDE_FROM:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    header = replace(header, crc=crc, compressed_size=size, size=size)
    out.seek(offset)
    out.write(header.local())
    out.seek(0, os.SEEK_END)
    return header


def _write_new(out: BinaryIO, raw_name: bytes, content: bytes) -> _Header:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    method = records.DEFLATED
    if len(packed) >= len(content):
        packed, method = content, records.STORED
    flags = 0 if raw_name.isascii() else records.FLAG_UTF8
    header = _Header(raw_name, method, flags, zlib.crc32(content), len(packed), len(content), out.tell())
    out.write(header.local())
    out.write(packed)
    return header


def _write_end(out: BinaryIO, headers: list[_Header]) -> None:
    offset = out.tell()
    for header in headers:
        out.write(header.central())
    end = out.tell()
    size, count = end - offset, len(headers)
    if count >= MAX16 or size >= _WIDE_FROM or offset >= _WIDE_FROM:
        record = records.END64_RECORD
        out.write(
            record.pack(
                records.END64_MAGIC,
                record.size - 12,
                _VERSION_ZIP64,
                _VERSION_ZIP64,
                0,
                0,
                count,
                count,
                size,
                offset,
            )
        )
        out.write(records.END64_LOCATOR.pack(records.LOCATOR_MAGIC, 0, end, 1))
    short = min(count, MAX16)
    out.write(records.END_RECORD.pack(records.END_MAGIC, 0, 0, short, short, _narrow(size), _narrow(offset), 0))


def _narrow(number: int) -> int:
    """The number as a field of 32 bits, all ones where zip64 says it."""
    return MAX32 if number >= _WIDE_FROM else number


def _wide_field(*numbers: int) -> bytes:
    """The zip64 extra field with these numbers; empty without any (APPNOTE 4.5.3)."""
    if not numbers:
        return b""
    return struct.pack(f"<HH{len(numbers)}Q", records.ZIP64_EXTRA, 8 * len(numbers), *numbers)
