"""The card of the file chosen, scrolling by itself."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _
from ui.theme import UNIT
from ui.widgets.basic import ScrollPane
from ui.widgets.report_card import ReportCard


class CardPane(ScrollPane):
    """Shows one card at a time, as wide as the pane.

    :ivar card: the one shown.
    """

    def __init__(self) -> None:
        super().__init__(_("Result of the check"))
        self.card: ReportCard | None = None
        self._body = QWidget()
        self._body.setObjectName("scrollBody")
        self._layout = QVBoxLayout(self._body)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addStretch(1)
        self.setWidget(self._body)

    def show_card(self, card: ReportCard | None) -> None:
        """Show another card; None: none."""
        if self.card is not None:
            self.card.hide()
            self.card.deleteLater()
        self.card = card
        if card is not None:
            self._layout.insertWidget(0, card)
        self.verticalScrollBar().setValue(0)

    def sizeHint(self) -> QSize:
        return QSize(UNIT * 58, UNIT * 60)
