"""The differences of two revisions, a line each, all their words to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from app.i18n import _
from ui.theme import UNIT

#: Width of the list in device-independent pixels.
WIDTH = 304

#: What words of a line may take across, padding, borders and a scroll bar left out.
_LINE_WIDTH = WIDTH - 7 * UNIT


class DifferenceList(QListWidget):
    """Made for :data:`WIDTH`, which it does not set."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Differences"))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setSpacing(2)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show other lines, none of them chosen; no choice is told."""
        self.blockSignals(True)
        self.clear()
        for line in lines:
            item = QListWidgetItem(line)
            item.setSizeHint(QSize(_LINE_WIDTH, self._height_of(line)))
            self.addItem(item)
        self.blockSignals(False)

    def _height_of(self, text: str) -> int:
        """What a line takes, its words wrapped and padded; the style sheet's padding is not in Qt's own."""
        wrapped = self.fontMetrics().boundingRect(0, 0, _LINE_WIDTH, 9999, Qt.TextFlag.TextWordWrap, text)
        return wrapped.height() + UNIT * 2
