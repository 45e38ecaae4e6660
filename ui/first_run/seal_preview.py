"""The seal as it will stand on paper, in its real size."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.i18n import _

_MM_PER_INCH = 25.4
#: Edge of the piece of paper shown, in millimetres.
_PAPER_MM = 48.0
_SCALE_MM = 10.0
_PAPER, _INK = QColor("#ffffff"), QColor("#5b6770")


class SealPreview(QWidget):
    """A piece of paper with the seal on it and a scale of one centimetre beneath."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._millimetres = 0.0
        edge = round(_PAPER_MM * self._per_mm)
        self.setFixedSize(QSize(edge, edge))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setObjectName("sealPreview")
        self._name()

    @property
    def empty(self) -> bool:
        """Whether there is no seal to show."""
        return self._image.isNull()

    def show_seal(self, image: QImage, millimetres: float) -> None:
        """Show a picture.

        :param image: null: none.
        :param millimetres: its width on paper.
        """
        self._image, self._millimetres = image, millimetres
        self._name()
        self.update()

    @property
    def _per_mm(self) -> float:
        return self.logicalDpiX() / _MM_PER_INCH

    def _name(self) -> None:
        size = f"{self._millimetres:g}"
        self.setAccessibleName(
            _("No seal yet") if self.empty else _("The seal, {size} mm wide").format(size=size),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        sheet = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(_PAPER)
        painter.setPen(QPen(_INK, 0.5))
        painter.drawRoundedRect(sheet, 4, 4)
        if self.empty:
            painter.drawText(
                sheet.adjusted(8, 8, -8, -8),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                _("The seal is shown here in its real size."),
            )
        else:
            width = self._millimetres * self._per_mm
            height = width * self._image.height() / self._image.width()
            middle = sheet.center()
            painter.drawImage(QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height), self._image)
        self._draw_scale(painter, sheet)
        painter.end()

    def _draw_scale(self, painter: QPainter, sheet: QRectF) -> None:
        length = _SCALE_MM * self._per_mm
        left, bottom = sheet.left() + 8, sheet.bottom() - 8
        painter.setPen(QPen(_INK, 1))
        painter.drawLine(int(left), int(bottom), int(left + length), int(bottom))
        for x in (left, left + length):
            painter.drawLine(int(x), int(bottom - 3), int(x), int(bottom + 3))
        small = painter.font()
        small.setPixelSize(10)
        painter.setFont(small)
        painter.drawText(int(left + length + 6), int(bottom + 4), "10 mm")
