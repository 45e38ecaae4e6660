"""Simple charts of counts: columns for a run of time, bars for a ranking. What they show can be read as text too."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.journal.report_words import number
from ui import theme

Counts = Sequence[tuple[str, int]]


class _Chart(QWidget):
    """:param title: what a screen reader calls it; the figures follow it."""

    def __init__(self, title: str, counts: Counts) -> None:
        super().__init__()
        self.counts = list(counts)
        self.most = max((count for _name, count in counts), default=0) or 1
        self.setAccessibleName(title)
        self.setAccessibleDescription("; ".join(f"{name}: {number(count)}" for name, count in counts))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(False)
        self.setSizePolicy(policy)

    @staticmethod
    def _colours() -> tuple[QColor, QColor, QColor]:
        """Of bars, of words, of the line that bars stand on."""
        shown = theme.current()
        return QColor(shown.accent), QColor(shown.text_soft), QColor(shown.border_strong)


class ColumnChart(_Chart):
    """Columns side by side, each with its figure above and its name beneath."""

    _HEIGHT = 128

    def sizeHint(self) -> QSize:
        return QSize(32 * max(1, len(self.counts)), self._HEIGHT + 2 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.counts:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bars, words, line = self._colours()
        metrics = painter.fontMetrics()
        step = self.width() / len(self.counts)
        ground = self.height() - metrics.height() - 4.0
        room = ground - metrics.height() - 6.0
        names = _names(self.counts, metrics, step)
        for at, (_name, count) in enumerate(self.counts):
            left = at * step
            height = room * count / self.most
            width = min(48.0, step * 0.62)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(bars)
            painter.drawRoundedRect(QRectF(left + (step - width) / 2, ground - height, width, height), 2, 2)
            painter.setPen(words)
            if count and metrics.horizontalAdvance(number(count)) <= step:
                above = QRectF(left, ground - height - metrics.height() - 2, step, metrics.height())
                painter.drawText(above, int(Qt.AlignmentFlag.AlignCenter), number(count))
            painter.drawText(
                QRectF(left, ground + 4, step, metrics.height()), int(Qt.AlignmentFlag.AlignCenter), names[at]
            )
        painter.setPen(QPen(line, 1))
        painter.drawLine(QPointF(0, ground + 0.5), QPointF(self.width(), ground + 0.5))
        painter.end()


class BarChart(_Chart):
    """Bars beneath one another: name, bar, figure."""

    _ROW = 30

    def sizeHint(self) -> QSize:
        return QSize(320, self._ROW * len(self.counts))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._ROW * len(self.counts))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bars, words, _line = self._colours()
        ink = QColor(theme.current().text)
        metrics = painter.fontMetrics()
        figure = max((metrics.horizontalAdvance(number(count)) for _name, count in self.counts), default=0) + 8
        widest = max((metrics.horizontalAdvance(name) for name, _count in self.counts), default=0) + 16
        name_width = min(widest, int(self.width() * 0.5))
        room = self.width() - name_width - figure
        for at, (name, count) in enumerate(self.counts):
            top = at * self._ROW
            painter.setPen(ink)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, name_width - 12)
            middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRect(0, top, name_width, self._ROW), middle, shown)
            width = max(2.0, room * count / self.most) if count else 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(bars)
            painter.drawRoundedRect(QRectF(name_width, top + 8, width, self._ROW - 16), 2, 2)
            painter.setPen(words)
            painter.drawText(QRectF(name_width + width + 8, top, figure, self._ROW), middle, number(count))
        painter.end()


def _names(counts: Counts, metrics: QFontMetrics, step: float) -> list[str]:
    """Names that fit beneath columns: months shortened to their number, every second one left out where need be."""
    whole = [name for name, _count in counts]
    if all(metrics.horizontalAdvance(name) + 4 <= step for name in whole):
        return whole
    short = [name.split("/")[0] for name in whole]
    widest = max(metrics.horizontalAdvance(name) for name in short) + 4
    every = max(1, -int(-widest // step))
    return [name if at % every == 0 else "" for at, name in enumerate(short)]
