"""The visible mark of a signature: an appearance stream for its widget (ISO 32000-2, 12.5.5 and 12.7.5.5).

Black text in Tinos, the metric twin of Times New Roman that Decree 30/2020 (appendix I) asks for, as an embedded
subset; a PNG with its transparency; a QR code. Boxes are in units of the page's user space, type sizes in points of
the paper.
"""

from __future__ import annotations

import unicodedata
import zlib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.pdf_form import entry, numbers
from app.documents.sheet import POINTS_PER_MM, Box, Sheet, box_of
from app.i18n import _
from app.signing import arrival, mark_image, qr, typeface
from app.signing.errors import MarkImageInvalid
from app.signing.model import Mark, Piece
from app.signing.typeface import LEADING

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import BasePdfFileWriter

#: Of a box with image and text, the text takes this share at most.
TEXT_SHARE = 0.5
#: Pixels of an image are reduced to this density; print shops ask for no more.
PIXELS_PER_POINT = 600 / 72
#: White between a QR code and what stands beside it, in points of the paper.
QR_GAP = 2 * POINTS_PER_MM
#: The least and the greatest number of points in a unit that is believed (ISO 32000-2, 7.7.3.3).
_LEAST_UNIT, _GREATEST_UNIT = 0.001, 1e6
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


def sheet(page: generic.DictionaryObject) -> Sheet:
    """The page as it is shown."""
    unit = entry(page, "/UserUnit")
    scale = float(unit) if isinstance(unit, (int, float, Decimal)) and not isinstance(unit, bool) else 1.0
    known = _LEAST_UNIT <= scale <= _GREATEST_UNIT
    return Sheet(media_box(page), visible_box(page), rotation(page), scale if known else 1.0)


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
    frame: Box | None = None,
) -> None:
    """Give the widget its appearance, upright as the page is shown.

    :param box: where the mark stands, as :func:`place` returned it.
    :param frame: the rectangle of the widget where that is larger than the box.
    :param mark: its pieces are all of one face.
    :raises MarkImageInvalid: the image cannot be used. :raises MarkTextUnprintable: the font lacks a letter.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import pdf_name

    shown = sheet(page)
    turn, unit = shown.turn, shown.unit
    frame = frame or box
    width, height = _upright(box[2] - box[0], box[3] - box[1], turn)
    resources = generic.DictionaryObject()
    content = [b"q 1 0 0 1 %.3f %.3f cm" % _offset(box, frame, turn)]
    if mark.qr:
        side = min(width, height)
        content.append(qr.content(mark.qr, 0, (height - side) / 2, side))
        beside = min(width, side + QR_GAP / unit)
        content.append(b"1 0 0 1 %.3f 0 cm" % beside)
        width -= beside
    lines = [unicodedata.normalize("NFC", line.rstrip()) for line in mark.text.splitlines()]
    text_height = 0.0
    if any(lines):
        room = height * (TEXT_SHARE if mark.image else 1.0)
        text, text_height, font = _text(writer, lines, mark, mark.size / unit, width, room)
        resources["/Font"] = generic.DictionaryObject({pdf_name("/T"): font})
        content.append(text)
    if mark.image is not None:
        image, pixels = _image(writer, mark.image, width * unit, (height - text_height) * unit)
        resources["/XObject"] = generic.DictionaryObject({pdf_name("/I"): image})
        content.append(_fitted(pixels, width, height - text_height, text_height))
    if mark.pieces:
        font = typeface.embed(writer, "".join(piece.text for piece in mark.pieces), italic=mark.pieces[0].italic)
        resources["/Font"] = generic.DictionaryObject({pdf_name("/T"): font})
        content += [_piece(piece, mark.size / unit, height) for piece in mark.pieces]
        widget["/Contents"] = generic.pdf_string(" ".join(piece.text for piece in mark.pieces))
    if mark.stamp is not None:
        drawn, letters = arrival.content(mark.stamp, width, height)
        resources["/Font"] = generic.DictionaryObject({pdf_name("/T"): typeface.embed(writer, letters)})
        content.append(drawn)
    content.append(b"Q")
    show(writer, widget, frame, turn, b"\n".join(content), resources)


def show(
    writer: BasePdfFileWriter,
    widget: generic.DictionaryObject,
    frame: Box,
    turn: int,
    content: bytes,
    resources: generic.DictionaryObject,
) -> None:
    """Give a widget what it shows, upright as the page is shown (ISO 32000-2, 12.5.5 and 12.7.4.3).

    :param frame: the rectangle of the widget; ``turn``: see :class:`app.documents.sheet.Sheet`.
    :param content: operators, from the lower left corner of the widget as the page is shown.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_name

    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turn]
    appearance = generic.StreamObject(
        {
            pdf_name("/Type"): NameObject("/XObject"),
            pdf_name("/Subtype"): NameObject("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, *_upright(frame[2] - frame[0], frame[3] - frame[1], turn)),
            pdf_name("/Matrix"): _numbers(cosine, sine, -sine, cosine, 0, 0),
            pdf_name("/Resources"): resources,
        },
        stream_data=content,
    )
    widget["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(appearance)})
    if turn:
        widget["/MK"] = generic.DictionaryObject({pdf_name("/R"): NumberObject(turn)})


def _piece(piece: Piece, size: float, height: float) -> bytes:
    line = typeface.line(piece.text, size, piece.right - piece.left, height, piece.alignment, italic=piece.italic)
    return b"q 1 0 0 1 %.3f 0 cm %s Q" % (piece.left, line)


def _upright(width: float, height: float, turn: int) -> tuple[float, float]:
    """Width and height as the page is shown."""
    return (height, width) if turn in (90, 270) else (width, height)


def _offset(box: Box, frame: Box, turn: int) -> tuple[float, float]:
    """How far the box is from the lower left corner of the frame, as the page is shown."""
    left, below, right, above = box[0] - frame[0], box[1] - frame[1], frame[2] - box[2], frame[3] - box[3]
    return {0: (left, below), 90: (below, right), 180: (right, above), 270: (above, left)}[turn]


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
    return box_of(corners) if len(corners) == 4 else None


def _numbers(*values: float) -> generic.ArrayObject:
    from pyhanko.pdf_utils import generic

    return generic.ArrayObject(generic.FloatObject(f"{value:.3f}") for value in values)


def _text(
    writer: BasePdfFileWriter, lines: list[str], mark: Mark, size: float, width: float, room: float
) -> tuple[bytes, float, generic.IndirectObject]:
    """Lines at the size asked for, or as much smaller as the longest line and the room need; in the middle of the room,
    or at its bottom where an image stands above.

    :return: content stream, height taken from the bottom, font.
    """
    font = typeface.loaded("".join(lines))
    widest = max(font.width(line) for line in lines) / font.units
    size = min(size, width / widest if widest else size, room / (LEADING * len(lines)))
    height = LEADING * size * len(lines)
    top = (room + height) / 2 if mark.image is None else height
    ascent, descent = font.ascent / font.units, font.descent / font.units
    baseline = top - size * (LEADING + ascent + descent) / 2
    content = [b"BT 0 g /T %.3f Tf" % size]
    for index, line in enumerate(lines):
        left = typeface.indent(mark.alignment, width - size * font.width(line) / font.units)
        codes = b"".join(b"%04X" % glyph for glyph in font.glyphs(line))
        content.append(b"1 0 0 1 %.3f %.3f Tm <%s> Tj" % (left, baseline - index * LEADING * size, codes))
    content.append(b"ET")
    return b"\n".join(content), height, typeface.embed(writer, "".join(lines))


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
            if max(image.size) > mark_image.MAX_PIXELS:
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
