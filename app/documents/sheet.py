"""A page as it is shown: turned, cropped, in user units (ISO 32000-2, 7.7.3.3, 8.3.2.3 and 14.11.2).

What is laid out on a page is thought of upright and in millimetres from the upper left corner of what is shown; what
is written into the file is a rectangle of default user space. This module knows the way between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Box = tuple[float, float, float, float]

POINTS_PER_MM: Final = 72 / 25.4


def box_of(corners: Sequence[float]) -> Box:
    """Left, bottom, right, top of a rectangle that is given by any two corners that face each other (ISO 32000-2,
    section 7.9.5)."""
    left, bottom, right, top = corners
    return _around((left, bottom), (right, top))


@dataclass(frozen=True)
class Sheet:
    """A page.

    :ivar media, crop: left, bottom, right, top in default user space; the crop box lies within the media box.
    :ivar turn: degrees clockwise by which the page is turned when shown: 0, 90, 180 or 270.
    :ivar unit: points (1/72 inch) in a unit of user space.
    """

    media: Box
    crop: Box
    turn: int = 0
    unit: float = 1.0

    @property
    def per_mm(self) -> float:
        """Units of user space in a millimetre of paper."""
        return POINTS_PER_MM / self.unit

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of what is shown, in millimetres."""
        left, bottom, right, top = self.upright(self.crop)
        return (right - left) / self.per_mm, (top - bottom) / self.per_mm

    def upright(self, box: Box) -> Box:
        """A box of user space, as seen from the lower left corner of the upright medium, in units of user space."""
        left, bottom, right, top = self.media
        first, second = (box[0], box[1]), (box[2], box[3])
        match self.turn:
            case 90:
                return _around((first[1] - bottom, right - first[0]), (second[1] - bottom, right - second[0]))
            case 180:
                return _around((right - first[0], top - first[1]), (right - second[0], top - second[1]))
            case 270:
                return _around((top - first[1], first[0] - left), (top - second[1], second[0] - left))
            case _:
                return _around((first[0] - left, first[1] - bottom), (second[0] - left, second[1] - bottom))

    def on_page(self, box: Box) -> Box:
        """The inverse of :meth:`upright`."""
        left, bottom, right, top = self.media
        first, second = (box[0], box[1]), (box[2], box[3])
        match self.turn:
            case 90:
                return _around((right - first[1], bottom + first[0]), (right - second[1], bottom + second[0]))
            case 180:
                return _around((right - first[0], top - first[1]), (right - second[0], top - second[1]))
            case 270:
                return _around((left + first[1], top - first[0]), (left + second[1], top - second[0]))
            case _:
                return _around((left + first[0], bottom + first[1]), (left + second[0], bottom + second[1]))

    def at_mm(self, left: float, top: float, width: float, height: float) -> Box:
        """The box of user space at a distance from the upper left corner of what is shown, all in millimetres."""
        shown = self.upright(self.crop)
        across, down = shown[0] + left * self.per_mm, shown[3] - top * self.per_mm
        return self.on_page((across, down - height * self.per_mm, across + width * self.per_mm, down))

    def in_mm(self, box: Box) -> Box:
        """Of a box of user space: its distance from the left and upper edges of what is shown, its width and height."""
        shown, upright = self.upright(self.crop), self.upright(box)
        return (
            (upright[0] - shown[0]) / self.per_mm,
            (shown[3] - upright[3]) / self.per_mm,
            (upright[2] - upright[0]) / self.per_mm,
            (upright[3] - upright[1]) / self.per_mm,
        )


def _around(first: tuple[float, float], second: tuple[float, float]) -> Box:
    return min(first[0], second[0]), min(first[1], second[1]), max(first[0], second[0]), max(first[1], second[1])
