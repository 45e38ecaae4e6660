"""The program's icon in the sizes that desktops ask for, drawn from its SVG."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

#: Sizes of the hicolor theme, in pixels.
SIZES: Final = (16, 24, 32, 48, 64, 128, 256, 512)


def draw(svg: Path, size: int) -> bytes:
    """The icon as PNG, without a time in it.

    :param svg: the picture.
    :param size: of the edge, in pixels.
    """
    from PySide6.QtCore import QBuffer, QIODevice, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def write_ico(svg: Path, target: Path) -> None:
    """The icon of Windows programs, with the sizes up to 256 pixels in one file.

    :param svg: the picture.
    :param target: the .ico file; replaced.
    """
    from PIL import Image

    target.parent.mkdir(parents=True, exist_ok=True)
    pictures = [Image.open(io.BytesIO(draw(svg, size))) for size in SIZES if size <= 256]
    pictures[-1].save(target, "ICO", append_images=pictures[:-1], sizes=[picture.size for picture in pictures])
