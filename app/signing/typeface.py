"""Tinos, the metric twin of Times New Roman that Decree 30/2020 (appendix I) asks for, embedded as a subset."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from app.paths import RESOURCES
from app.signing import truetype
from app.signing.pdf_errors import MarkTextUnprintable

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import BasePdfFileWriter

Alignment = Literal["left", "centre", "right"]

_FONTS: Final = RESOURCES / "fonts"
#: Degrees by which the slanted face leans, counter-clockwise; flags of a font descriptor (ISO 32000-2, table 121).
_SLANT, _SYMBOLIC, _ITALIC = -16, 4, 64
#: Distance of baselines, in type sizes.
LEADING: Final = 1.15
_VOWELS: Final = "aăâeêioôơuưy"
_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


def _face(italic: bool) -> truetype.TrueTypeFont:
    return truetype.load(_FONTS / ("Tinos-Italic.ttf" if italic else "Tinos-Regular.ttf"))


def loaded(text: str, *, italic: bool = False) -> truetype.TrueTypeFont:
    """The font.

    :raises MarkTextUnprintable: it lacks a letter of the text.
    """
    font = _face(italic)
    if missing := font.missing(text):
        raise MarkTextUnprintable(letters=missing)
    return font


@lru_cache(maxsize=1)
def vietnamese() -> str:
    """The letters of Vietnamese in both cases, and what else a form is filled with."""
    small = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES) + "đ"
    return "".join(map(chr, range(0x20, 0x7F))) + small + small.upper()


def line(
    text: str,
    size: float,
    width: float,
    height: float,
    alignment: Alignment,
    *,
    italic: bool = False,
    ink: bytes = b"0 g",
) -> bytes:
    """Operators that show one line, in the middle of a height, smaller where the width asks for it.

    :param ink: operator that sets the colour.

    The font is named ``/T``. :raises MarkTextUnprintable: see :func:`loaded`.
    """
    font = loaded(text, italic=italic)
    wide = font.width(text) / font.units
    size = min(size, width / wide if wide else size)
    left = indent(alignment, width - size * wide)
    codes = b"".join(b"%04X" % glyph for glyph in font.glyphs(text))
    return b"BT %s /T %.3f Tf 1 0 0 1 %.3f %.3f Tm <%s> Tj ET" % (ink, size, left, baseline(size, height), codes)


def indent(alignment: Alignment, free: float) -> float:
    """Where a line begins that leaves so much of its width free."""
    return {"left": 0.0, "centre": free / 2, "right": free}[alignment]


def widths(lines: Sequence[str], size: float) -> list[float]:
    """How wide lines are. :raises MarkTextUnprintable: see :func:`loaded`."""
    font = loaded("".join(lines))
    return [size * font.width(line) / font.units for line in lines]


def baseline(size: float, height: float) -> float:
    """Where a line in the middle of a height stands, from below."""
    font = _face(italic=False)
    return (height - size * (font.ascent + font.descent) / font.units) / 2


def embed(writer: BasePdfFileWriter, letters: str, *, italic: bool = False) -> generic.IndirectObject:
    """A composite font whose codes are glyph numbers (ISO 32000-2, 9.7), with a map back to Unicode.

    :param letters: those it must have; the order does not matter.
    :return: the font's dictionary, an object of the writer.
    :raises MarkTextUnprintable: see :func:`loaded`.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name, pdf_string

    font = loaded(letters, italic=italic)
    text = "".join(sorted(set(letters)))
    glyphs = dict(zip(font.glyphs(text), text, strict=True))
    tag = "".join(chr(65 + digit % 26) for digit in zlib.crc32(text.encode()).to_bytes(4, "big") + b"AT")
    name = NameObject(f"/{tag}+{font.name}")

    def scaled(value: int) -> NumberObject:
        return NumberObject(round(1000 * value / font.units))

    program, length = _font_program(frozenset(glyphs), italic)
    font_file = generic.StreamObject(
        {pdf_name("/Length1"): NumberObject(length), pdf_name("/Filter"): NameObject("/FlateDecode")},
        encoded_data=program,
    )
    descriptor = generic.DictionaryObject(
        {
            pdf_name("/Type"): NameObject("/FontDescriptor"),
            pdf_name("/FontName"): name,
            pdf_name("/Flags"): NumberObject(_SYMBOLIC | _ITALIC if italic else _SYMBOLIC),
            pdf_name("/FontBBox"): generic.ArrayObject(map(scaled, font.box)),
            pdf_name("/ItalicAngle"): NumberObject(_SLANT if italic else 0),
            pdf_name("/Ascent"): scaled(font.ascent),
            pdf_name("/Descent"): scaled(font.descent),
            pdf_name("/CapHeight"): scaled(font.ascent),
            pdf_name("/StemV"): NumberObject(80),
            pdf_name("/FontFile2"): writer.add_object(font_file),
        }
    )
    widths = generic.ArrayObject()
    for first, last in _neighbours(sorted(glyphs)):
        advances = (scaled(font.advance(glyph)) for glyph in range(first, last + 1))
        widths.extend([NumberObject(first), generic.ArrayObject(advances)])
    descendant = generic.DictionaryObject(
        {
            pdf_name("/Type"): NameObject("/Font"),
            pdf_name("/Subtype"): NameObject("/CIDFontType2"),
            pdf_name("/BaseFont"): name,
            pdf_name("/CIDSystemInfo"): generic.DictionaryObject(
                {
                    pdf_name("/Registry"): pdf_string("Adobe"),
                    pdf_name("/Ordering"): pdf_string("Identity"),
                    pdf_name("/Supplement"): NumberObject(0),
                }
            ),
            pdf_name("/FontDescriptor"): writer.add_object(descriptor),
            pdf_name("/W"): widths,
            pdf_name("/CIDToGIDMap"): NameObject("/Identity"),
        }
    )
    to_unicode = generic.StreamObject(
        {pdf_name("/Filter"): NameObject("/FlateDecode")}, encoded_data=_to_unicode(tuple(sorted(glyphs.items())))
    )
    return writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): NameObject("/Font"),
                pdf_name("/Subtype"): NameObject("/Type0"),
                pdf_name("/BaseFont"): name,
                pdf_name("/Encoding"): NameObject("/Identity-H"),
                pdf_name("/DescendantFonts"): generic.ArrayObject([writer.add_object(descendant)]),
                pdf_name("/ToUnicode"): writer.add_object(to_unicode),
            }
        )
    )


@lru_cache(maxsize=64)
def _font_program(glyphs: frozenset[int], italic: bool) -> tuple[bytes, int]:
    """The subset, deflated, and its length before."""
    program = _face(italic).subset(glyphs)
    return zlib.compress(program), len(program)


def _neighbours(glyphs: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of glyphs that follow one another."""
    first = glyphs[0] if glyphs else 0
    for glyph, following in pairwise([*glyphs, -1]):
        if following != glyph + 1:
            yield first, glyph
            first = following


@lru_cache(maxsize=64)
def _to_unicode(glyphs: tuple[tuple[int, str], ...]) -> bytes:
    """ISO 32000-2, 9.10.3, deflated."""
    rows = [b"<%04X> <%04X>" % (glyph, ord(letter)) for glyph, letter in glyphs]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    mapping = b"\n".join(b"%d beginbfchar\n%s\nendbfchar" % (len(block), b"\n".join(block)) for block in blocks)
    return zlib.compress(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + mapping
        + b"\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )
