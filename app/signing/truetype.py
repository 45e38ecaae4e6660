"""A TrueType font cut down to the glyphs of one text, for embedding (OpenType 1.9; ISO 32000-2, 9.9).

Glyph numbers stay as they are and unused outlines are emptied, so that no table but ``loca`` and ``glyf`` need be
rewritten: a mark costs some milliseconds and a few kilobytes, and a batch of a hundred files does not wait for it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_EMBEDDED_TABLES = (b"cvt ", b"fpgm", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep")
# Composite glyph flags.
_WORD_ARGUMENTS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


@dataclass(frozen=True)
class TrueTypeFont:
    """A font file read for drawing with it.

    :ivar name: PostScript name.
    :ivar units: units of an em; all measures below are in them.
    :ivar box: left, bottom, right, top around all glyphs.
    """

    name: str
    tables: dict[bytes, bytes]
    units: int
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    _glyphs: dict[int, int] = field(repr=False)

    def missing(self, text: str) -> str:
        """The letters of the text that the font lacks, each once."""
        return "".join(dict.fromkeys(letter for letter in text if ord(letter) not in self._glyphs))

    def glyphs(self, text: str) -> list[int]:
        """:raises KeyError: a letter is missing."""
        return [self._glyphs[ord(letter)] for letter in text]

    def advance(self, glyph: int) -> int:
        (count,) = struct.unpack_from(">H", self.tables[b"hhea"], 34)
        (advance,) = struct.unpack_from(">H", self.tables[b"hmtx"], 4 * min(glyph, count - 1))
        return int(advance)

    def width(self, text: str) -> int:
        return sum(map(self.advance, self.glyphs(text)))

    def subset(self, glyphs: frozenset[int]) -> bytes:
        """A font file with the outlines of these glyphs, of their parts and of ``.notdef`` only."""
        (long_offsets,) = struct.unpack_from(">h", self.tables[b"head"], 50)
        (count,) = struct.unpack_from(">H", self.tables[b"maxp"], 4)
        loca = self.tables[b"loca"]
        offsets = (
            struct.unpack_from(f">{count + 1}I", loca)
            if long_offsets
            else [2 * offset for offset in struct.unpack_from(f">{count + 1}H", loca)]
        )
        glyf = self.tables[b"glyf"]
        wanted, waiting = {0}, [0, *glyphs]
        while waiting:
            glyph = waiting.pop()
            wanted.add(glyph)
            waiting.extend(part for part in _parts(glyf[offsets[glyph] : offsets[glyph + 1]]) if part not in wanted)
        outlines, places = bytearray(), []
        for glyph in range(count):
            places.append(len(outlines))
            if glyph in wanted:
                outlines += glyf[offsets[glyph] : offsets[glyph + 1]]
                outlines += bytes(-len(outlines) % 4)
        places.append(len(outlines))
        tables = {tag: self.tables[tag] for tag in _EMBEDDED_TABLES if tag in self.tables}
        tables[b"glyf"] = bytes(outlines)
        tables[b"loca"] = struct.pack(f">{count + 1}I", *places)
        (advances,) = struct.unpack_from(">H", tables[b"hhea"], 34)
        metrics = bytearray(len(tables[b"hmtx"]))
        for glyph in range(count):
            if glyph in wanted or glyph >= advances - 1:
                at, end = (4 * glyph, 4 * glyph + 4) if glyph < advances else _bearing(advances, glyph)
                metrics[at:end] = tables[b"hmtx"][at:end]
        tables[b"hmtx"] = bytes(metrics)
        head = bytearray(tables[b"head"])
        struct.pack_into(">I", head, 8, 0)
        struct.pack_into(">h", head, 50, 1)
        tables[b"head"] = bytes(head)
        return _font_file(tables)


@cache
def load(path: Path) -> TrueTypeFont:
    """Read a font of the program's own resources.

    :raises OSError, struct.error, KeyError: it is not such a font, that is, the installation is broken.
    """
    data = path.read_bytes()
    (count,) = struct.unpack_from(">H", data, 4)
    tables = {}
    for index in range(count):
        tag, _checksum, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        tables[tag] = data[offset : offset + length]
    (units,) = struct.unpack_from(">H", tables[b"head"], 18)
    ascent, descent = struct.unpack_from(">hh", tables[b"hhea"], 4)
    return TrueTypeFont(
        name=path.stem,
        tables=tables,
        units=units,
        box=struct.unpack_from(">4h", tables[b"head"], 36),
        ascent=ascent,
        descent=descent,
        _glyphs=_character_map(tables[b"cmap"]),
    )


def _character_map(table: bytes) -> dict[int, int]:
    """Glyph numbers by code point, from the Windows Unicode subtable of format 4."""
    (count,) = struct.unpack_from(">H", table, 2)
    records = [struct.unpack_from(">HHI", table, 4 + 8 * index) for index in range(count)]
    start = next(offset for platform, encoding, offset in records if (platform, encoding) == (3, 1))
    (segments,) = struct.unpack_from(">H", table, start + 6)
    segments //= 2
    ends = struct.unpack_from(f">{segments}H", table, start + 14)
    starts = struct.unpack_from(f">{segments}H", table, start + 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", table, start + 16 + 4 * segments)
    ranges_at = start + 16 + 6 * segments
    ranges = struct.unpack_from(f">{segments}H", table, ranges_at)
    glyphs = {}
    for index in range(segments):
        for code in range(starts[index], min(ends[index], 0xFFFE) + 1):
            if ranges[index] == 0:
                glyph = code + deltas[index]
            else:
                at = ranges_at + 2 * index + ranges[index] + 2 * (code - starts[index])
                (glyph,) = struct.unpack_from(">H", table, at)
                glyph += deltas[index] if glyph else 0
            if glyph & 0xFFFF:
                glyphs[code] = glyph & 0xFFFF
    return glyphs


def _bearing(advances: int, glyph: int) -> tuple[int, int]:
    """Where ``hmtx`` keeps the left side bearing of a glyph that shares the last advance."""
    at = 4 * advances + 2 * (glyph - advances)
    return at, at + 2


def _parts(outline: bytes) -> list[int]:
    """The glyphs of which a composite glyph consists: a Vietnamese letter is a base and its marks."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    parts, at, flags = [], 10, _MORE
    while flags & _MORE:
        flags, part = struct.unpack_from(">HH", outline, at)
        parts.append(part)
        at += 4 + (4 if flags & _WORD_ARGUMENTS else 2)
        at += 2 if flags & _SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0
    return parts


def _font_file(tables: dict[bytes, bytes]) -> bytes:
    power = len(tables).bit_length() - 1
    header = struct.pack(">IHHHH", 0x00010000, len(tables), 16 << power, power, 16 * len(tables) - (16 << power))
    offset = len(header) + 16 * len(tables)
    directory, body = b"", b""
    for tag in sorted(tables):
        padded = tables[tag] + bytes(-len(tables[tag]) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, checksum, offset + len(body), len(tables[tag]))
        body += padded
    return header + directory + body
