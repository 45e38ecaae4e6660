"""Forgeries that play with the ZIP file around a signed document, for every format that is one.

What two programs could read differently is not read at all; what lies beside the document is never covered.
Sources: PKWARE APPNOTE 6.3.10; reference/ooxml-signatures, sections 5.1 and 6.2; overlapping entries after Fifield, "A
better zip bomb", WOOT 2019.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.verification.model import Conclusion
from tests.attacks.model import Attack, Workshop

_END = b"PK\x05\x06"
_UNREADABLE = Conclusion.UNREADABLE


@dataclass(frozen=True)
class Victim:
    """A signed file and another of the same format.

    :ivar main: name of an entry that is signed.
    """

    signed: bytes
    other: bytes
    main: str


_Trick = Callable[[Victim], bytes]
_TRICKS: list[tuple[str, _Trick, Conclusion, str]] = []


def attacks(format: str, suffix: str, victim: Callable[[Workshop], Victim]) -> list[Attack]:
    """All forgeries of this kind of a format.

    :param suffix: ending of the forged files' names.
    """

    def make(trick: _Trick, workshop: Workshop, folder: Path) -> Path:
        forged = folder / f"forged{suffix}"
        forged.write_bytes(trick(victim(workshop)))
        return forged

    prefix = _OWN_CODES.get(format, "container")
    own = {"stray": f"{prefix}-stray-bytes", "uncovered": f"{prefix}-uncovered"}
    return [
        Attack(format, f"zip_{name}", partial(make, trick), verdict, own.get(code, code))
        for name, trick, verdict, code in _TRICKS
    ]


#: Formats whose reasons for stray bytes and uncovered parts are their own.
_OWN_CODES = {"ooxml": "ooxml"}


def _trick(verdict: Conclusion, code: str) -> Callable[[_Trick], _Trick]:
    def register(trick: _Trick) -> _Trick:
        _TRICKS.append((trick.__name__, trick, verdict, code))
        return trick

    return register


def _with(victim: Victim, *entries: tuple[str, bytes]) -> bytes:
    """The signed file with entries added, whatever their names."""
    buffer = io.BytesIO(victim.signed)
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, content)
    return buffer.getvalue()


def _in_other_case(name: str) -> str:
    folder, _, last = name.rpartition("/")
    return f"{folder}/{last.capitalize()}" if folder else last.swapcase()


# Names.


@_trick(_UNREADABLE, "zip-duplicate")
def duplicate_entry(victim: Victim) -> bytes:
    return _with(victim, (victim.main, b"<other/>"))


@_trick(_UNREADABLE, "zip-duplicate")
def duplicate_entry_in_other_case(victim: Victim) -> bytes:
    return _with(victim, (_in_other_case(victim.main), b"<other/>"))


@_trick(_UNREADABLE, "zip-duplicate")
def folder_named_as_a_signed_entry(victim: Victim) -> bytes:
    return _with(victim, (f"{victim.main}/", b""))


for _name, _entry in {
    "parent_folder": "../../etc/x",
    "inner_parent_folder": "a/../../x",
    "backslash": "a\\evil.xml",
    "absolute": "/etc/x",
    "double_slash": "a//x",
    "dot": "./x",
    "line_break": "a\nb",
    "folder_with_content": "folder/",
}.items():
    _TRICKS.append((f"name_{_name}", lambda victim, name=_entry: _with(victim, (name, b"x")), _UNREADABLE, "zip-name"))  # type: ignore[misc]


@_trick(_UNREADABLE, "zip-name")
def name_in_a_local_code_page(victim: Victim) -> bytes:
    """The name of the last entry is not flagged as UTF-8."""
    data = _with(victim, ("\u1ebd.xml", b"x"))
    changed = bytearray(data)
    for record, flags in ((data.rindex(b"PK\x03\x04"), 6), (data.rindex(b"PK\x01\x02"), 8)):
        changed[record + flags + 1] &= ~0x08 & 0xFF
    return bytes(changed)


# Archives joined.


@_trick(_UNREADABLE, "zip-hidden-content")
def other_prepended(victim: Victim) -> bytes:
    return victim.other + victim.signed


@_trick(_UNREADABLE, "zip-hidden-content")
def other_appended(victim: Victim) -> bytes:
    return victim.signed + victim.other


def prepended(first: bytes, second: bytes) -> bytes:
    """The second archive behind foreign bytes, all its offsets put right."""
    shift = len(first)
    data = bytearray(second)
    end = data.rindex(_END)
    count, size, offset = struct.unpack_from("<HLL", data, end + 10)
    struct.pack_into("<L", data, end + 16, offset + shift)
    position = offset
    for _ in range(count):
        lengths = struct.unpack_from("<3H", data, position + 28)
        local = struct.unpack_from("<L", data, position + 42)[0]
        struct.pack_into("<L", data, position + 42, local + shift)
        position += 46 + sum(lengths)
    assert position == offset + size
    return first + bytes(data)


@_trick(_UNREADABLE, "zip-hidden-content")
def other_prepended_with_offsets_put_right(victim: Victim) -> bytes:
    return prepended(victim.other[: victim.other.rindex(_END)], victim.signed)


@_trick(_UNREADABLE, "format-misnamed")
def program_prepended(victim: Victim) -> bytes:
    return prepended(b"#!/bin/sh\nexit 0\n", victim.signed)


@_trick(_UNREADABLE, "zip-hidden-content")
def entry_missing_from_the_directory(victim: Victim) -> bytes:
    """A local header with content that only programs reading from the front see."""
    content, name = zlib.compress(b"<x/>")[2:-4], b"hidden.xml"
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, zlib.crc32(b"<x/>"), len(content), 4, len(name), 0)
    return prepended(header + name + content, victim.signed)


@_trick(Conclusion.INVALID, "stray")
def trailing_bytes(victim: Victim) -> bytes:
    return victim.signed + b"something behind the end"


@_trick(Conclusion.INVALID, "stray")
def archive_comment(victim: Victim) -> bytes:
    comment = b"a comment"
    return victim.signed[:-2] + struct.pack("<H", len(comment)) + comment


@_trick(_UNREADABLE, "zip-hidden-content")
def second_end_record_in_the_comment(victim: Victim) -> bytes:
    """Programs that look for the end from behind and from the front open different directories."""
    end = victim.signed[victim.signed.rindex(_END) :]
    return victim.signed[:-2] + struct.pack("<H", len(end)) + end


# Headers.


def _patched(victim: Victim, patch: Callable[[bytearray, int, int], None]) -> bytes:
    """The signed file with bytes changed in the local and central header of the main entry."""
    data = bytearray(victim.signed)
    with zipfile.ZipFile(io.BytesIO(victim.signed)) as archive:
        local = archive.getinfo(victim.main).header_offset
    position = struct.unpack_from("<L", data, data.rindex(_END) + 16)[0]
    while True:
        length, extra, comment = struct.unpack_from("<3H", data, position + 28)
        if data[position + 46 : position + 46 + length] == victim.main.encode():
            break
        position += 46 + length + extra + comment
    patch(data, local, position)
    return bytes(data)


@_trick(_UNREADABLE, "zip-headers-differ")
def local_name_differs(victim: Victim) -> bytes:
    def patch(data: bytearray, local: int, central: int) -> None:
        data[local + 30] ^= 1

    return _patched(victim, patch)


@_trick(_UNREADABLE, "zip-headers-differ")
def local_method_differs(victim: Victim) -> bytes:
    def patch(data: bytearray, local: int, central: int) -> None:
        data[local + 8] ^= 8

    return _patched(victim, patch)


@_trick(_UNREADABLE, "zip-headers-differ")
def local_size_differs(victim: Victim) -> bytes:
    return _patched(victim, lambda data, local, central: struct.pack_into("<L", data, local + 22, 5))


def _both(data: bytearray, local: int, central: int, *, at: tuple[int, int], mask: int) -> None:
    data[local + at[0]] ^= mask
    data[central + at[1]] ^= mask


@_trick(_UNREADABLE, "zip-headers-differ")
def descriptor_promised_but_missing(victim: Victim) -> bytes:
    return _patched(victim, partial(_both, at=(6, 8), mask=8))


@_trick(_UNREADABLE, "zip-encrypted")
def entry_marked_encrypted(victim: Victim) -> bytes:
    return _patched(victim, partial(_both, at=(6, 8), mask=1))


@_trick(_UNREADABLE, "zip-method")
def entry_in_unknown_method(victim: Victim) -> bytes:
    def patch(data: bytearray, local: int, central: int) -> None:
        data[local + 8] = data[central + 10] = 12

    return _patched(victim, patch)


@_trick(_UNREADABLE, "zip-data-damaged")
def wrong_check_sum(victim: Victim) -> bytes:
    """The content is as signed, but programs would offer to repair the file."""
    return _patched(victim, partial(_both, at=(14, 16), mask=1))


@_trick(_UNREADABLE, "zip-data-damaged")
def declared_size_too_small(victim: Victim) -> bytes:
    def patch(data: bytearray, local: int, central: int) -> None:
        struct.pack_into("<L", data, local + 22, 10)
        struct.pack_into("<L", data, central + 24, 10)

    return _patched(victim, patch)


# Sizes and numbers.


@_trick(_UNREADABLE, "zip-too-large")
def declared_size_of_four_gigabytes(victim: Victim) -> bytes:
    def patch(data: bytearray, local: int, central: int) -> None:
        struct.pack_into("<L", data, local + 22, 0xFFFFFFFE)
        struct.pack_into("<L", data, central + 24, 0xFFFFFFFE)

    return _patched(victim, patch)


@_trick(_UNREADABLE, "zip-structure")
def two_entries_on_one_content(victim: Victim) -> bytes:
    """A second directory record shows the content of the first entry under another name."""
    data = victim.signed
    end = data.rindex(_END)
    count, size, offset = struct.unpack_from("<HLL", data, end + 10)
    directory = data[offset : offset + size]
    first = directory[: 46 + sum(struct.unpack_from("<3H", directory, 28))]
    twin = first[:42] + struct.pack("<L", offset - 4) + bytes((first[46] ^ 1,)).join((b"", first[47:]))
    record = struct.pack("<4s4H2LH", _END, 0, 0, count + 1, count + 1, size + len(twin), offset, 0)
    return data[:offset] + directory + twin + record


@_trick(_UNREADABLE, "zip-overlap")
def overlapping_entries(victim: Victim) -> bytes:
    """One content of zeros is the content of two hundred entries, each beginning with the header of the next."""
    headers = [
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
        for name in (f"z{number:03}".encode() for number in range(200))
    ]
    content = bytes(1 << 20)
    body, records, places = b"", b"", []
    for header in headers:
        places.append(len(body))
        body += header
    body += content
    for number, place in enumerate(places):
        inside = body[place + len(headers[number]) :]
        fields = (zlib.crc32(inside), len(inside), len(inside))
        body = body[: place + 14] + struct.pack("<3L", *fields) + body[place + 26 :]
    for number, place in enumerate(places):
        crc, packed, size = struct.unpack_from("<3L", body, place + 14)
        name = headers[number][30:]
        fields = (20, 20, 0, 0, 0, 0, crc, packed, size, len(name), 0, 0, 0, 0, 0, place)
        records += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields) + name
    data = prepended(body, victim.signed)
    end = data.rindex(_END)
    count, size, offset = struct.unpack_from("<HLL", data, end + 10)
    total = count + len(headers)
    record = struct.pack("<4s4H2LH", _END, 0, 0, total, total, size + len(records), offset, 0)
    return data[: offset + size] + records + record


@_trick(_UNREADABLE, "zip-too-many-entries")
def ten_thousand_entries(victim: Victim) -> bytes:
    return _with(victim, *((f"x/{number}.xml", b"") for number in range(10_001)))


@_trick(_UNREADABLE, "zip-too-large")
def bomb_beside_the_document(victim: Victim) -> bytes:
    """300 MB of zeros in an unsigned entry."""
    buffer = io.BytesIO(victim.signed)
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("bomb.bin", "w") as out,
    ):
        for _ in range(300):
            out.write(bytes(1 << 20))
    return buffer.getvalue()


@_trick(Conclusion.INVALID, "uncovered")
def archive_inside_the_archive(victim: Victim) -> bytes:
    """A bomb in a bomb: what is inside an entry is never opened."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("zeros", bytes(16 << 20))
    return _with(victim, *((f"inner{number}.zip", inner.getvalue()) for number in range(20)))
