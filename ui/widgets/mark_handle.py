"""The mark of a signature on the page shown: seen where it will stand, moved with the mouse or the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.signing.model import Mark
from ui import theme

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}

_MILLIMETRE = 72 / 25.4


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
        self._mark: Mark | None = None
        self._picture = QPixmap()
        self._scale = 1.0
        self._held: QPoint | None = None
        self.hide()

    def show_mark(self, mark: Mark, scale: float) -> None:
        """Show a mark.

        :param scale: device-independent pixels a PDF point.
        """
        if self._mark is None or mark.image != self._mark.image:
            self._picture = QPixmap(str(mark.image)) if mark.image is not None else QPixmap()
        self._mark, self._scale = mark, scale
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if not self._picture.isNull():
            size = self._picture.size().toSizeF().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(area.center())
            painter.drawPixmap(target, self._picture, QRectF(self._picture.rect()))
        elif self._mark is not None and self._mark.text:
            font = QFont("Tinos")
            font.setPixelSize(max(5, round(self._mark.size * self._scale)))
            painter.setFont(font)
            painter.setPen(QColor("#000000"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), self._mark.text)
        line = QPen(QColor(theme.LIGHT.accent), 2 if self.hasFocus() else 1, Qt.PenStyle.DashLine)
        painter.setPen(line)
        painter.drawRect(area)
        painter.end()

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
