"""Cards below one another, no wider than they read well, scrolled where the window is too low for them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import UNIT


class CardColumn(QScrollArea):
    """The cards of a page.

    :param name: of the part, for those who hear the window.
    :param width: of the widest card, in pixels.
    :param by_keys: whether the arrow keys may scroll it, for pages that hold little else to be reached by Tab.
    """

    def __init__(self, name: str, cards: Iterable[QWidget], *, width: int = 960, by_keys: bool = False) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        if not by_keys:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        body = QWidget()
        body.setObjectName("scrollBody")
        self.setWidget(body)
        beside = QHBoxLayout(body)
        beside.setContentsMargins(0, 0, UNIT, 0)
        column = QWidget()
        column.setMaximumWidth(width)
        beside.addWidget(column, 1)
        beside.addStretch(0)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, UNIT * 2)
        inner.setSpacing(UNIT * 2)
        for card in cards:
            inner.addWidget(card)
        inner.addStretch(1)

    def to_top(self) -> None:
        """Show the first card."""
        self.verticalScrollBar().setValue(0)
