"""How the records of a ZIP file are laid out (PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5), for reading and writing."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

from app.documents import zip_errors as errors

STORED: Final = 0
DEFLATED: Final = 8

FLAG_DESCRIPTOR: Final = 0x0008
FLAG_UTF8: Final = 0x0800
FLAG_ENCRYPTED: Final = 0x0001

LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
CENTRAL_HEADER: Final = struct.Struct("<4s6H3L5H2L")
END_RECORD: Final = struct.Struct("<4s4H2LH")
END64_RECORD: Final = struct.Struct("<4sQ2H2L4Q")
END64_LOCATOR: Final = struct.Struct("<4sLQL")

LOCAL_MAGIC: Final = b"PK\x03\x04"
CENTRAL_MAGIC: Final = b"PK\x01\x02"
END_MAGIC: Final = b"PK\x05\x06"
END64_MAGIC: Final = b"PK\x06\x06"
LOCATOR_MAGIC: Final = b"PK\x06\x07"
DESCRIPTOR_MAGIC: Final = b"PK\x07\x08"
ZIP64_EXTRA: Final = 0x0001
_UNICODE_PATH_EXTRA: Final = 0x7075

MAX16: Final = 0xFFFF
MAX32: Final = 0xFFFFFFFF


def decode_name(raw: bytes, flags: int) -> str:
    """The entry's name; only ASCII or flagged UTF-8 is free of doubt (APPNOTE 4.4.4, bit 11).

    :param flags: the general purpose bits of its header.
    :raises ZipName: it is in doubt, or leads out of the archive.
    """
    try:
        name = raw.decode("utf-8" if flags & FLAG_UTF8 else "ascii")
    except UnicodeDecodeError as error:
        raise errors.ZipName(name=raw.decode("ascii", "backslashreplace")) from error
    segments = name.removesuffix("/").split("/")
    if (
        any(segment in ("", ".", "..") for segment in segments)
        or "\\" in name
        or any(ord(character) < 0x20 or ord(character) == 0x7F for character in name)
    ):
        raise errors.ZipName(name=name.encode("unicode_escape").decode("ascii"))
    return name


def extras_by_id(data: bytes, name: str) -> dict[int, bytes]:
    """The extra fields of a header by their id (APPNOTE 4.5.1).

    :param name: of the entry, for the error.
    :raises ZipHeadersDiffer: they are cut short or repeated, or give the entry another name (APPNOTE 4.6.9).
    """
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        if position + 4 > len(data):
            raise errors.ZipHeadersDiffer(name=name)
        kind, length = struct.unpack_from("<HH", data, position)
        position += 4
        if position + length > len(data) or kind in found or kind == _UNICODE_PATH_EXTRA:
            raise errors.ZipHeadersDiffer(name=name)
        found[kind] = data[position : position + length]
        position += length
    return found


def widen(extras: Mapping[int, bytes], name: str, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Replace values of all ones by those of the zip64 extra field (APPNOTE 4.5.3).

    :param extras: of :func:`extras_by_id`. :param name: of the entry, for the error.
    :return: size, packed size and offset.
    :raises ZipHeadersDiffer: the field lacks one of them.
    """
    data = extras.get(ZIP64_EXTRA, b"")
    values = [size, packed, offset]
    position = 0
    for index, value in enumerate(values):
        if value == MAX32:
            if position + 8 > len(data):
                raise errors.ZipHeadersDiffer(name=name)
            values[index] = struct.unpack_from("<Q", data, position)[0]
            position += 8
    return values[0], values[1], values[2]
