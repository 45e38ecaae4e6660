"""The usage report on the page: main figures, charts, and the figures of the yearly report."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.i18n import _
from app.journal import report_words as words
from app.journal.usage import UsageFigures
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import Card, label, selectable
from ui.widgets.charts import BarChart, ColumnChart
from ui.widgets.flow import Flow

#: Rows of a chart; the report as a file has them all.
_MOST = 12


class UsageView(QScrollArea):
    """Shows the figures of one period at a time.

    :ivar charts: those shown, by the code of their table.
    """

    def __init__(self) -> None:
        super().__init__()
        self.charts: dict[str, BarChart | ColumnChart] = {}
        self.setProperty("role", "page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Figures of the period"))

    def show_figures(self, found: UsageFigures) -> None:
        """Show the figures of a period."""
        body = QWidget()
        body.setObjectName("scrollBody")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(4, 4, UNIT, 4)
        layout.setSpacing(UNIT * 2)
        tiles = QWidget()
        tiles.setLayout(Flow(*(_tile(name, value) for name, value in words.summary(found)), spacing=UNIT * 2))
        layout.addWidget(tiles)
        grid = QGridLayout()
        grid.setSpacing(UNIT * 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.charts = {}
        at = 0
        for figures in words.tables(found):
            wide = figures.drawing == "columns"
            at += at % 2 if wide else 0
            grid.addWidget(self._chart(figures), at // 2, at % 2, 1, 2 if wide else 1)
            at += 2 if wide else 1
        layout.addLayout(grid)
        layout.addWidget(_yearly(found))
        layout.addStretch(1)
        self.setWidget(body)

    def _chart(self, figures: words.Figures) -> Card:
        card = Card()
        card.body.addWidget(label(figures.title, "strong"))
        kind = ColumnChart if figures.drawing == "columns" else BarChart
        rows = figures.rows
        if figures.drawing == "bars" and len(rows) > _MOST:
            rest = sum(count for _name, count in rows[_MOST - 1 :])
            rows = [*rows[: _MOST - 1], (_("all others"), rest)]
        shown = [(wording.beginning(name), count) for name, count in rows]
        self.charts[figures.code] = chart = kind(figures.title, shown)
        card.body.addWidget(chart)
        card.body.addStretch(1)
        return card


def _tile(name: str, value: str) -> Card:
    card = Card(spacing=2)
    card.setMinimumWidth(UNIT * 19)
    card.body.addWidget(label(name, "soft", wrap=False))
    card.body.addWidget(selectable(value, "title"))
    return card


def _yearly(found: UsageFigures) -> Card:
    card = Card()
    card.body.addWidget(label(_("Figures for the yearly report"), "strong"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(UNIT * 3)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(words.yearly_rows(found)):
        grid.addWidget(label(name, wrap=False), at, 0)
        told = "…" if value is None else words.share(value) if isinstance(value, float) else words.number(value)
        grid.addWidget(selectable(told, "strong"), at, 1)
    card.body.addLayout(grid)
    return card
