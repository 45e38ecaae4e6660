"""Pictograms, drawn in the colour of the theme and sharp at every scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.paths import RESOURCES

_FOLDER = RESOURCES / "icons" / "lucide"


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str, size: int, ratio: float = 1.0, gap: int = 0) -> QPixmap:
    """A pictogram as a picture.

    :param name: file name in ``resources/icons/lucide`` without ending.
    :param colour: ``#rrggbb``.
    :param size: edge in device-independent pixels.
    :param ratio: device pixels a device-independent pixel.
    :param gap: empty pixels at the right, before a text.
    """
    svg = (_FOLDER / f"{name}.svg").read_bytes().replace(b"currentColor", colour.encode())
    return _render(svg, size, ratio, gap)


@lru_cache(maxsize=256)
def icon(name: str, colour: str, disabled: str | None = None, active: str | None = None, gap: int = 0) -> QIcon:
    """A pictogram as an icon for buttons, 20 pixels high and ``gap`` wider.

    :param colour: ``#rrggbb`` in the normal state.
    :param disabled: colour of the disabled state, the normal one without it.
    :param active: colour of the checked state, the normal one without it.
    """
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, colour, 20, ratio, gap), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(pixmap(name, active or colour, 20, ratio, gap), QIcon.Mode.Normal, QIcon.State.On)
        if disabled:
            made.addPixmap(pixmap(name, disabled, 20, ratio, gap), QIcon.Mode.Disabled, QIcon.State.Off)
    return made


@lru_cache(maxsize=8)
def logo(size: int, ratio: float = 1.0) -> QPixmap:
    """The program's own mark."""
    return _render((RESOURCES / "icons" / "antin.svg").read_bytes(), size, ratio)


def window_icon() -> QIcon:
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(logo(size))
    return made


def _render(svg: bytes, size: int, ratio: float, gap: int = 0) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(svg))
    picture = QPixmap(QSize(round((size + gap) * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
