"""The visible mark of a signature: an appearance stream for its widget (ISO 32000-2, 12.5.5 and 12.7.5.5).

Black text in Tinos, the metric twin of Times New Roman that Decree 30/2020 (appendix I) asks for, as an embedded
subset; a PNG with its transparency. All measures are PDF points.
"""

from __future__ import annotations

import unicodedata
import zlib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.pdf_form import entry, numbers
from app.i18n import _
from app.paths import RESOURCES
from app.signing import truetype
from app.signing.errors import MarkImageInvalid
from app.signing.model import Mark
from app.signing.pdf_errors import MarkTextUnprintable

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import BasePdfFileWriter

Box = tuple[float, float, float, float]

FONT = RESOURCES / "fonts" / "Tinos-Regular.ttf"
#: Distance of baselines, in type sizes.
LEADING = 1.15
#: Of a box with image and text, the text takes this share at most.
TEXT_SHARE = 0.5
#: Pixels of an image are reduced to this density; print shops ask for no more.
PIXELS_PER_POINT = 600 / 72
MAX_PIXELS = 4000
_A4: Box = (0.0, 0.0, 595.276, 841.89)


def place(page: generic.DictionaryObject, box: Box) -> Box | None:
    """The box, moved onto the visible part of the page where it juts out.

    :return: left, bottom, right, top; None where it lies wholly off the page, is larger than it, or has no area.
    """
    left, bottom, right, top = min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])
    area = visible_box(page)
    width, height = right - left, top - bottom
    off = left >= area[2] or right <= area[0] or bottom >= area[3] or top <= area[1]
    too_large = width > area[2] - area[0] or height > area[3] - area[1]
    if off or too_large or width < 1 or height < 1:
        return None
    left = min(max(left, area[0]), area[2] - width)
    bottom = min(max(bottom, area[1]), area[3] - height)
    return (left, bottom, left + width, bottom + height)


def media_box(page: generic.DictionaryObject) -> Box:
    """The page's medium, inherited from the page tree where the page has none; A4 where nothing says."""
    return rectangle(_inherited(page, "/MediaBox")) or _A4


def visible_box(page: generic.DictionaryObject) -> Box:
    """The crop box within the media box, each inherited from the page tree where the page has none."""
    media = media_box(page)
    crop = rectangle(_inherited(page, "/CropBox")) or media
    return max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])


def rotation(page: generic.DictionaryObject) -> int:
    """Degrees clockwise by which viewers turn the page: 0, 90, 180 or 270."""
    value = _inherited(page, "/Rotate")
    return int(value) % 360 // 90 * 90 if isinstance(value, (int, Decimal)) else 0


def draw(
    writer: BasePdfFileWriter,
    widget: generic.DictionaryObject,
    page: generic.DictionaryObject,
    mark: Mark,
    box: Box,
) -> None:
    """Give the widget its appearance, upright as the page is shown.

    :param box: where the mark stands, as :func:`place` returned it.
    :raises MarkImageInvalid: the image cannot be used. :raises MarkTextUnprintable: the font lacks a letter.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name

    turn = rotation(page)
    width, height = box[2] - box[0], box[3] - box[1]
    if turn in (90, 270):
        width, height = height, width
    resources = generic.DictionaryObject()
    content = [b"q"]
    lines = [unicodedata.normalize("NFC", line.rstrip()) for line in mark.text.splitlines()]
    text_height = 0.0
    if any(lines):
        room = height * (TEXT_SHARE if mark.image else 1.0)
        text, text_height, font = _text(writer, lines, mark.size, width, room, centred=mark.image is None)
        resources["/Font"] = generic.DictionaryObject({pdf_name("/T"): font})
        content.append(text)
    if mark.image is not None:
        image, pixels = _image(writer, mark.image, width, height - text_height)
        resources["/XObject"] = generic.DictionaryObject({pdf_name("/I"): image})
        content.append(_fitted(pixels, width, height - text_height, text_height))
    content.append(b"Q")
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turn]
    appearance = generic.StreamObject(
        {
            pdf_name("/Type"): NameObject("/XObject"),
            pdf_name("/Subtype"): NameObject("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, width, height),
            pdf_name("/Matrix"): _numbers(cosine, sine, -sine, cosine, 0, 0),
            pdf_name("/Resources"): resources,
        },
        stream_data=b"\n".join(content),
    )
    widget["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(appearance)})
    if turn:
        widget["/MK"] = generic.DictionaryObject({pdf_name("/R"): NumberObject(turn)})


def _inherited(page: generic.DictionaryObject, key: str) -> object:
    node: object = page
    for _level in range(64):
        value = entry(node, key)
        if value is not None or node is None:
            return value
        node = entry(node, "/Parent")
    return None


def rectangle(value: object) -> Box | None:
    corners = numbers(value)
    if len(corners) != 4:
        return None
    left, bottom, right, top = corners
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _numbers(*values: float) -> generic.ArrayObject:
    from pyhanko.pdf_utils import generic

    return generic.ArrayObject(generic.FloatObject(f"{value:.3f}") for value in values)


def _text(
    writer: BasePdfFileWriter, lines: list[str], size: float, width: float, room: float, *, centred: bool
) -> tuple[bytes, float, generic.IndirectObject]:
    """Centred lines at the size asked for, or as much smaller as the longest line and the room need.

    :param centred: in the middle of the room rather than at its bottom.
    :return: content stream, height taken from the bottom, font.
    """
    font = truetype.load(FONT)
    missing = "".join(dict.fromkeys(letter for line in lines for letter in font.missing(line)))
    if missing:
        raise MarkTextUnprintable(letters=missing)
    widest = max(font.width(line) for line in lines) / font.units
    size = min(size, width / widest if widest else size, room / (LEADING * len(lines)))
    height = LEADING * size * len(lines)
    top = (room + height) / 2 if centred else height
    ascent, descent = font.ascent / font.units, font.descent / font.units
    baseline = top - size * (LEADING + ascent + descent) / 2
    content = [b"BT 0 g /T %.3f Tf" % size]
    for index, line in enumerate(lines):
        left = (width - size * font.width(line) / font.units) / 2
        codes = b"".join(b"%04X" % glyph for glyph in font.glyphs(line))
        content.append(b"1 0 0 1 %.3f %.3f Tm <%s> Tj" % (left, baseline - index * LEADING * size, codes))
    content.append(b"ET")
    return b"\n".join(content), height, _font(writer, font, frozenset("".join(lines)))


def _font(writer: BasePdfFileWriter, font: truetype.TrueTypeFont, letters: frozenset[str]) -> generic.IndirectObject:
    """A composite font whose codes are glyph numbers (ISO 32000-2, 9.7), with a map back to Unicode."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name, pdf_string

    text = "".join(sorted(letters))
    glyphs = dict(zip(font.glyphs(text), text, strict=True))
    tag = "".join(chr(65 + digit % 26) for digit in zlib.crc32(text.encode()).to_bytes(4, "big") + b"AT")
    name = NameObject(f"/{tag}+{font.name}")

    def scaled(value: int) -> NumberObject:
        return NumberObject(round(1000 * value / font.units))

    program, length = _font_program(frozenset(glyphs))
    font_file = generic.StreamObject(
        {pdf_name("/Length1"): NumberObject(length), pdf_name("/Filter"): NameObject("/FlateDecode")},
        encoded_data=program,
    )
    descriptor = generic.DictionaryObject(
        {
            pdf_name("/Type"): NameObject("/FontDescriptor"),
            pdf_name("/FontName"): name,
            pdf_name("/Flags"): NumberObject(4),
            pdf_name("/FontBBox"): generic.ArrayObject(map(scaled, font.box)),
            pdf_name("/ItalicAngle"): NumberObject(0),
            pdf_name("/Ascent"): scaled(font.ascent),
            pdf_name("/Descent"): scaled(font.descent),
            pdf_name("/CapHeight"): scaled(font.ascent),
            pdf_name("/StemV"): NumberObject(80),
            pdf_name("/FontFile2"): writer.add_object(font_file),
        }
    )
    widths = generic.ArrayObject()
    for glyph in sorted(glyphs):
        widths.extend([NumberObject(glyph), generic.ArrayObject([scaled(font.advance(glyph))])])
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
    to_unicode = generic.StreamObject(stream_data=_to_unicode(glyphs))
    to_unicode.compress()
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
def _font_program(glyphs: frozenset[int]) -> tuple[bytes, int]:
    """The subset, deflated, and its length before."""
    program = truetype.load(FONT).subset(glyphs)
    return zlib.compress(program), len(program)


def _to_unicode(glyphs: dict[int, str]) -> bytes:
    """ISO 32000-2, 9.10.3."""
    rows = [b"<%04X> <%04X>" % (glyph, ord(letter)) for glyph, letter in sorted(glyphs.items())]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    mapping = b"\n".join(b"%d beginbfchar\n%s\nendbfchar" % (len(block), b"\n".join(block)) for block in blocks)
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + mapping
        + b"\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )


def _image(
    writer: BasePdfFileWriter, path: Path, width: float, height: float
) -> tuple[generic.IndirectObject, tuple[int, int]]:
    """:return: the image object and its pixels across and down."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name

    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise MarkImageInvalid(path=path, why=_("it cannot be opened")) from error
    limit = max(1, round(width * PIXELS_PER_POINT)), max(1, round(height * PIXELS_PER_POINT))
    pixels, colours, alpha = _pixels(path, changed, limit)

    def samples(data: bytes, space: str) -> generic.StreamObject:
        return generic.StreamObject(
            {
                pdf_name("/Type"): NameObject("/XObject"),
                pdf_name("/Subtype"): NameObject("/Image"),
                pdf_name("/Width"): NumberObject(pixels[0]),
                pdf_name("/Height"): NumberObject(pixels[1]),
                pdf_name("/ColorSpace"): NameObject(space),
                pdf_name("/BitsPerComponent"): NumberObject(8),
                pdf_name("/Filter"): NameObject("/FlateDecode"),
            },
            encoded_data=data,
        )

    image = samples(colours, "/DeviceRGB")
    if alpha is not None:
        image["/SMask"] = writer.add_object(samples(alpha, "/DeviceGray"))
    return writer.add_object(image), pixels


@lru_cache(maxsize=8)
def _pixels(path: Path, changed: int, limit: tuple[int, int]) -> tuple[tuple[int, int], bytes, bytes | None]:
    """Deflated colours and, where not wholly opaque, transparency; read once for all files of a batch.

    :param changed: time of the file's last change, so that a new picture is read anew.
    :param limit: pixels across and down, at most.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=["PNG"]) as image:
            if max(image.size) > MAX_PIXELS:
                raise MarkImageInvalid(path=path, why=_("it is too large"))
            original = image.convert("RGBA")
    except UnidentifiedImageError as error:
        raise MarkImageInvalid(path=path, why=_("it is not a PNG")) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MarkImageInvalid(path=path, why=_("it is damaged")) from error
    reduced = original.convert("RGBa")  # premultiplied: invisible colours must not bleed in
    reduced.thumbnail(limit, Image.Resampling.LANCZOS)
    picture = reduced.convert("RGBA")
    alpha = picture.getchannel("A")
    opaque = alpha.getextrema() == (255, 255)
    colours = picture.convert("RGB").tobytes()
    return picture.size, zlib.compress(colours), None if opaque else zlib.compress(alpha.tobytes())


def _fitted(pixels: tuple[int, int], width: float, height: float, bottom: float) -> bytes:
    """Draw the image as large as fits, undistorted, in the middle."""
    columns, rows = pixels
    scale = min(width / columns, height / rows)
    across, up = scale * columns, scale * rows
    left, low = (width - across) / 2, bottom + (height - up) / 2
    return b"q %.3f 0 0 %.3f %.3f %.3f cm /I Do Q" % (across, up, left, low)
