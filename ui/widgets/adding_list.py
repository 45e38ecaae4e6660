"""The files on their way into the archive: a list that stays quick with a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFont, QPainter

from app.i18n import _
from ui import icons, theme
from ui.adding_entry import AddingEntry
from ui.theme import UNIT
from ui.widgets.row_list import RowList, RowModel, RowPainter, Texts, ratio, use, write

_ROW = UNIT * 4
_ICON = 18
#: So many rows the view is told of at once; of more when it is scrolled to their end.
_PAGE = 500


class AddingModel(RowModel[AddingEntry]):
    """The entries in the order in which they came, and how many of them stand how.

    :ivar shown: all entries. :ivar ready: how many can be filed. :ivar unread: how many are not read yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ready = self.unread = 0
        self._told = 0
        self._standing: dict[AddingEntry, tuple[bool, bool]] = {}

    def texts(self, item: AddingEntry) -> Texts:
        told = f"{item.path.name}: {item.state()[2]}"
        return Texts(item.path.name, told, told)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else self._told

    def canFetchMore(self, parent: QModelIndex | QPersistentModelIndex) -> bool:
        return not parent.isValid() and self._told < len(self.shown)

    def fetchMore(self, parent: QModelIndex | QPersistentModelIndex) -> None:
        if not parent.isValid():
            self.tell(self._told + _PAGE)

    def tell(self, rows: int) -> None:
        """Tell the view of so many rows, where there are so many."""
        rows = min(rows, len(self.shown))
        if rows > self._told:
            self.beginInsertRows(QModelIndex(), self._told, rows - 1)
            self._told = rows
            self.endInsertRows()

    def add(self, entries: Sequence[AddingEntry]) -> None:
        """Add entries at the end."""
        self.shown += entries
        for entry in entries:
            self._count(entry)
        self.tell(_PAGE)

    def remove(self, row: int) -> None:
        """Take an entry out."""
        self.beginRemoveRows(QModelIndex(), row, row)
        self._uncount(self.shown.pop(row))
        self._told -= 1
        self.endRemoveRows()

    def clear(self) -> None:
        """Take all out."""
        self.beginResetModel()
        self.shown = []
        self._standing = {}
        self._told = self.ready = self.unread = 0
        self.endResetModel()

    def recount(self, entry: AddingEntry) -> None:
        """Something changed about an entry."""
        if entry in self._standing:
            self._uncount(entry)
            self._count(entry)

    def _count(self, entry: AddingEntry) -> None:
        ready, read = self._standing[entry] = entry.ready, entry.read
        self.ready += ready
        self.unread += not read

    def _uncount(self, entry: AddingEntry) -> None:
        ready, read = self._standing.pop(entry)
        self.ready -= ready
        self.unread -= not read


class _Row(RowPainter[AddingEntry]):
    def draw(self, painter: QPainter, rect: QRect, item: AddingEntry, font: QFont, *, chosen: bool) -> None:
        icon, tone, _told = item.state()
        top = rect.top() + (rect.height() - _ICON) // 2
        painter.drawPixmap(rect.left() + 8, top, icons.pixmap(icon, theme.tone_colour(tone), _ICON, ratio(painter)))
        use(painter, font, theme.current().text, strong=True)
        words = rect.adjusted(8 + _ICON + 8, 0, -8, 0)
        write(painter, words, item.path.name, Qt.AlignmentFlag.AlignVCenter, Qt.TextElideMode.ElideMiddle)


class AddingList(RowList[AddingEntry]):
    """The list; one entry is chosen."""

    #: Another entry is chosen, or none.
    chosen = Signal()

    def __init__(self) -> None:
        self.found = AddingModel()
        super().__init__(self.found, "addList", _("Files to be filed"))
        self.setItemDelegate(_Row(self, UNIT * 20, _ROW))
        self.setFixedWidth(UNIT * 26)
        self.selectionModel().currentChanged.connect(lambda _now, _before: self.chosen.emit())

    @property
    def row(self) -> int:
        """Of the entry chosen; -1 of none."""
        return self.currentIndex().row()

    def choose(self, row: int) -> None:
        """Choose the entry of a row."""
        self.found.tell(row + 1)
        self.setCurrentIndex(self.found.index(row))

    def touch(self, entry: AddingEntry) -> None:
        """Something changed about an entry."""
        self.found.recount(entry)
        top = self.verticalScrollBar().value() // _ROW
        seen = range(top, min(top + self.viewport().height() // _ROW + 2, self.found.rowCount()))
        if (row := next((at for at in seen if self.found.shown[at] is entry), None)) is not None:
            self.found.dataChanged.emit(self.found.index(row), self.found.index(row))
