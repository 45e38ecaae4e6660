"""What the lists of devices, documents and files checked have in common: rows of one height, painted, each with a text
for the eye, one for the pointer and one for who listens."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui import theme
from ui.widgets import tips

Item = TypeVar("Item")

#: Size of the letters of the lines below the first, in pixels.
_SMALL = 12


@dataclass(frozen=True)
class Texts:
    """What a row says.

    :ivar shown: its first line. :ivar tip: what the pointer shows; plain text.
    :ivar spoken: what a screen reader says.
    """

    shown: str
    tip: str
    spoken: str


class RowModel(QAbstractListModel, Generic[Item]):
    """Rows of items; the item itself is the user's data of its row.

    :ivar shown: the items, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Item] = []

    @abstractmethod
    def texts(self, item: Item) -> Texts:
        """What the row of an item says."""

    def show(self, rows: Sequence[Item]) -> None:
        """Show these in place of what was there."""
        self.beginResetModel()
        self.shown = list(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.shown[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texts(item).shown
        if role == Qt.ItemDataRole.ToolTipRole:
            return tips.plain(self.texts(item).tip)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.texts(item).spoken
        return None


class RowPainter(QStyledItemDelegate, Generic[Item]):
    """Paints rows: the ground of the one chosen, then what :meth:`draw` says.

    :param width: the least that a row asks for. :param height: of every row, in pixels.
    """

    def __init__(self, parent: QListView, width: int, height: int) -> None:
        super().__init__(parent)
        self._size = QSize(width, height)

    @abstractmethod
    def draw(self, painter: QPainter, rect: QRect, item: Item, font: QFont, *, chosen: bool) -> None:
        """Draw one item.

        :param rect: of the row, less a pixel above and below. :param font: the list's, to be changed freely.
        """

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self._size

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect = QRect(option.rect.adjusted(0, 1, 0, -1))
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.current().accent_soft))
            painter.drawRoundedRect(rect, 6, 6)
        self.draw(painter, rect, index.data(Qt.ItemDataRole.UserRole), QFont(option.font), chosen=chosen)
        painter.restore()


class RowList(QListView, Generic[Item]):
    """A list of such rows, scrolled by pixels and never sideways.

    :param name: of the object. :param spoken: what a screen reader calls it.
    """

    def __init__(self, rows: RowModel[Item], name: str, spoken: str) -> None:
        super().__init__()
        self._rows = rows
        self.setModel(rows)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(spoken)
        self.setObjectName(name)

    @property
    def current(self) -> Item | None:
        """The item chosen."""
        return self.item_at(self.currentIndex())

    def item_at(self, index: QModelIndex) -> Item | None:
        """The item of a row; None of no row."""
        return self._rows.shown[index.row()] if index.isValid() else None

    def dataChanged(
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Paint the rows anew, without laying all out again as QListView does: they stay as high as they are."""
        QAbstractItemView.dataChanged(self, first, last, list(roles))


def ratio(painter: QPainter) -> float:
    """Pixels of a picture for each of the row's: never fewer than two, so that icons stay sharp when moved."""
    return max(2.0, painter.device().devicePixelRatioF())


def use(painter: QPainter, font: QFont, colour: str, *, strong: bool) -> None:
    """Write in the letters of a first line (strong) or of those below it.

    :param font: is changed.
    """
    font.setWeight(QFont.Weight.Medium if strong else QFont.Weight.Normal)
    if not strong:
        font.setPixelSize(_SMALL)
    painter.setFont(font)
    painter.setPen(QColor(colour))


def write(
    painter: QPainter,
    place: QRect,
    text: str,
    at: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignTop,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """Write a line, cut where there is no more room."""
    painter.drawText(place, int(at), painter.fontMetrics().elidedText(text, cut, place.width()))
