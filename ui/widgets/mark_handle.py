"""The mark of a signature on the page shown: seen where it will stand, moved with the mouse or the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.i18n import _
from ui import theme

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}

_MILLIMETRE = 72 / 25.4


def in_size(picture: QImage, size: QSize, ratio: float) -> QImage:
    """A picture in the size and density in which it is seen, smooth however much smaller that is.

    :param size: in device-independent pixels.
    :param ratio: physical pixels each.
    """
    kept, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    made = picture.scaled(size * ratio, kept, smooth)
    made.setDevicePixelRatio(ratio)
    return made


class MarkHandle(QWidget):
    """Lies over the page; its parent places it."""

    #: How far to the right and up it shall go, in PDF points.
    moved = Signal(float, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setObjectName("markHandle")
        self.setAccessibleName(_("Mark of the signature; the arrow keys move it by a millimetre"))
        self.setToolTip(_("Drag the mark to its place, or move it with the arrow keys."))
        self._picture = QImage()
        self._drawn = QImage()
        self._scale = 1.0
        self._held: QPoint | None = None
        self.hide()

    def show_picture(self, picture: QImage, scale: float) -> None:
        """Show a mark.

        :param picture: of the whole mark on white; null while there is none.
        :param scale: device-independent pixels a PDF point.
        """
        self._picture, self._drawn, self._scale = picture, QImage(), scale
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._picture.isNull():
            # as ink on the page beneath: white leaves it as it is
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            painter.drawImage(0, 0, self._in_size())
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        line = QPen(QColor(theme.LIGHT.accent), 2 if self.hasFocus() else 1, Qt.PenStyle.DashLine)
        painter.setPen(line)
        painter.drawRect(area)
        painter.end()

    def _in_size(self) -> QImage:
        """The picture in the size and density in which it is seen."""
        ratio = self.devicePixelRatioF()
        if self._drawn.size() != self.size() * ratio:
            self._drawn = in_size(self._picture, self.size(), ratio)
        return self._drawn

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            now = event.globalPosition().toPoint()
            by = now - self._held
            self._held = now
            self.moved.emit(by.x() / self._scale, -by.y() / self._scale)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        by = _MILLIMETRE * (5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        self.moved.emit(step[0] * by, step[1] * by)
