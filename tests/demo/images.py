"""The pictures of a paper signature: the leader's hand in blue, the agency's round seal in red.

Decree 30/2020, appendix I, part I, II.7.d and II.8.a: PNG with a transparent ground; the seal in its real size.
"""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

FONTS = Path(__file__).parents[2] / "resources" / "fonts"
SEAL_DIAMETER_MM = 36.0

_DPI = 300
_SCALE = 3
_RED = (200, 16, 32)
_BLUE = (18, 52, 166)

Point = tuple[float, float]


def draw_seal(file: Path, upper: str, lower: str) -> None:
    """Draw a round seal of :data:`SEAL_DIAMETER_MM` at 300 dpi.

    :param upper: the agency's name, set around the upper arc.
    :param lower: the place, set around the lower arc.
    """
    size = round(SEAL_DIAMETER_MM / 25.4 * _DPI) * _SCALE
    mask = Image.new("L", (size, size))
    pen = ImageDraw.Draw(mask)
    centre, radius = size / 2, size / 2

    def ring(fraction: float, width: float) -> None:
        r = radius * fraction
        pen.ellipse((centre - r, centre - r, centre + r, centre + r), outline=255, width=round(radius * width))

    ring(1.0, 0.030)
    ring(0.945, 0.014)
    ring(0.600, 0.014)
    _star(pen, (centre, centre), radius * 0.34)
    font = ImageFont.truetype(str(FONTS / "Tinos-Bold.ttf"), round(radius * 0.165))
    _text_on_circle(mask, upper, font, radius * 0.765, top=True)
    _text_on_circle(mask, lower, font, radius * 0.765, top=False)
    for angle in map(math.radians, (140, 40)):
        at = centre + radius * 0.77 * math.cos(angle), centre + radius * 0.77 * math.sin(angle)
        _star(pen, at, radius * 0.06)
    _save(mask, _RED, file)


def _star(pen: ImageDraw.ImageDraw, at: Point, radius: float) -> None:
    corners = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.radians(corner * 36 - 90)
        corners.append((at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle)))
    pen.polygon(corners, fill=255)


def _text_on_circle(mask: Image.Image, text: str, font: ImageFont.FreeTypeFont, radius: float, *, top: bool) -> None:
    """Set ``text`` upright around the upper or the lower half of a circle of ``radius`` pixels."""
    centre = mask.width / 2
    spacing = font.size * 0.03
    widths = [font.getlength(letter) + spacing for letter in text]
    box = round(font.size * 2.4)
    direction = 1 if top else -1
    angle = -sum(widths) / radius / 2
    for letter, width in zip(text, widths, strict=True):
        angle += width / radius / 2
        glyph = Image.new("L", (box, box))
        baseline = box / 2 + font.size * 0.33
        ImageDraw.Draw(glyph).text((box / 2, baseline), letter, fill=255, font=font, anchor="ms")
        glyph = glyph.rotate(-direction * math.degrees(angle), resample=Image.Resampling.BICUBIC)
        x = centre + radius * math.sin(angle)
        y = centre - direction * radius * math.cos(angle)
        layer = Image.new("L", mask.size)
        layer.paste(glyph, (round(x - box / 2), round(y - box / 2)))
        mask.paste(ImageChops.lighter(mask, layer))
        angle += width / radius / 2


_STROKES: tuple[tuple[Point, ...], ...] = (
    ((40, 250), (90, 120), (120, 20), (150, 60), (150, 180), (140, 270), (190, 150), (250, 30), (270, 60), (255, 170)),
    ((255, 170), (250, 220), (300, 200), (330, 170), (345, 180), (330, 215), (370, 200), (400, 165), (415, 190)),
    ((415, 190), (420, 225), (460, 190), (490, 160), (500, 215), (545, 185), (600, 120), (640, 60), (600, 40)),
    ((600, 40), (520, 60), (470, 330), (560, 300), (640, 260), (720, 200), (820, 150)),
    ((120, 285), (300, 235), (560, 225), (760, 245)),
)


def draw_signature(file: Path) -> None:
    """Draw an invented signature, about 50 mm × 21 mm at 300 dpi: strokes that swell and thin like a pen's."""
    scale = _SCALE * 0.68
    mask = Image.new("L", (round(860 * scale), round(360 * scale)))
    pen = ImageDraw.Draw(mask)
    for stroke in _STROKES:
        path = _smooth(stroke)
        for index, (x, y) in enumerate(path):
            before = path[max(index - 1, 0)]
            speed = math.hypot(x - before[0], y - before[1])
            ends = min(index, len(path) - 1 - index) / len(path)
            r = (2.1 + 3.4 * min(ends * 6, 1) / (1 + speed * 1.0)) * scale
            pen.ellipse((x * scale - r, y * scale - r, x * scale + r, y * scale + r), fill=255)
    _save(mask, _BLUE, file)


def _smooth(points: tuple[Point, ...], steps: int = 240) -> list[Point]:
    """A Catmull-Rom curve through ``points``."""
    padded = (points[0], *points, points[-1])
    curve = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    return [(x, y) for x, y in curve]


def _save(mask: Image.Image, colour: tuple[int, int, int], file: Path) -> None:
    """Write a picture of one colour whose opacity is ``mask``, reduced to 300 dpi."""
    alpha = mask.resize((mask.width // _SCALE, mask.height // _SCALE), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", alpha.size, (*colour, 0))
    picture.putalpha(alpha)
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, dpi=(_DPI, _DPI))
