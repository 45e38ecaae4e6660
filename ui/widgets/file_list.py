"""The list of the files to sign, which stays quick with hundreds of rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QRegion,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.i18n import _
from ui import icons, theme
from ui.signing_entry import Entry
from ui.widgets.file_list_model import FileListModel

#: Height of a row, in pixels.
_ROW = 70

#: What Qt calls rows of a list that are dragged.
_ROWS = "application/x-qabstractitemmodeldatalist"


class _Row(QStyledItemDelegate):
    """:ivar changed: the part of the list that is painted anew, while it is: Qt asks for all rows between its ends."""

    def __init__(self, files: FileListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._files = files
        self.changed: QRegion | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, _ROW)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setPlaceholderText(_("Number"))
        editor.setAccessibleName(_("Number of {file}").format(file=index.data()))
        editor.setObjectName("rowNumber")
        return editor

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """What the file says now, unless something was typed: the file may be read while somebody types."""
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        editor.setGeometry(option.rect.adjusted(36, 26, -8, -8))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if self.changed is not None and not self.changed.intersects(option.rect):
            return
        model = self._files
        entry = model.entries[index.row()]
        shown = theme.current()
        rect: QRect = option.rect.adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(shown.accent_soft))
            painter.drawRoundedRect(rect, 6, 6)
        name, tone = entry.picture(model.act)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            rect.left() + 8, rect.top() + 8, icons.pixmap(name, theme.tone_colour(tone), 20, max(2.0, ratio))
        )
        words = rect.adjusted(36, 6, -8, -5)
        usual = option.font.key()
        middle, below = model.lines(entry)
        for at, (text, colour, weight, pixels) in enumerate(
            (
                (entry.path.name, shown.text, QFont.Weight.Medium, 0),
                (middle, shown.text_soft, QFont.Weight.Normal, 12),
                (below, theme.tone_colour(tone) if tone == "caution" else shown.text_soft, QFont.Weight.Normal, 12),
            )
        ):
            painter.setFont(_font(usual, weight, pixels)[0])
            painter.setPen(QColor(colour))
            mode = Qt.TextElideMode.ElideRight if at else Qt.TextElideMode.ElideMiddle
            line = words.adjusted(0, (0, 21, 39)[at], 0, 0)
            elided = _elided(usual, weight, pixels, text, mode, words.width())
            painter.drawText(line, int(Qt.AlignmentFlag.AlignTop), elided)
        painter.restore()


@lru_cache(maxsize=16)
def _font(usual: str, weight: QFont.Weight, pixels: int) -> tuple[QFont, QFontMetrics]:
    """The usual font in another weight and, unless 0, size. A batch paints its rows hundreds of times: fonts are kept,
    and so is what they leave of a text (:func:`_elided`).

    :param usual: as of ``QFont.key``.
    """
    font = QFont()
    font.fromString(usual)
    font.setWeight(weight)
    if pixels:
        font.setPixelSize(pixels)
    return font, QFontMetrics(font)


@lru_cache(maxsize=2048)
def _elided(usual: str, weight: QFont.Weight, pixels: int, text: str, mode: Qt.TextElideMode, width: int) -> str:
    """What of a text fits into a width."""
    return _font(usual, weight, pixels)[1].elidedText(text, mode, width)


class FileList(QListView):
    """Rows of file names with what is known of each. Delete takes one out; dragging, or Alt with the arrows, changes
    the order; F2 asks for the number; the menu sets the act."""

    removal_asked = Signal(int)
    #: Emitted with the row, or -1 where the list is empty.
    row_chosen = Signal(int)
    #: Emitted with the rows chosen and the point on the screen.
    menu_asked = Signal(list, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.files = FileListModel()
        self.setModel(self.files)
        self._row = _Row(self.files, self)
        self.setItemDelegate(self._row)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QListView.DragDropMode.InternalMove)
        self.setDropIndicatorShown(True)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed | QListView.EditTrigger.DoubleClicked)
        self.setAccessibleName(_("Files to sign"))
        self.setAccessibleDescription(_("Alt with the arrows changes the order, F2 asks for the number."))
        self.setObjectName("fileList")
        self.selectionModel().currentChanged.connect(lambda current, _previous: self.row_chosen.emit(current.row()))

    @property
    def current(self) -> Entry | None:
        index = self.currentIndex()
        return self.files.entries[index.row()] if index.isValid() else None

    @property
    def chosen_rows(self) -> list[int]:
        return sorted(index.row() for index in self.selectedIndexes())

    def choose_row(self, row: int) -> None:
        self.setCurrentIndex(self.files.index(row))

    def ask_number(self, row: int) -> None:
        """Let the number be typed in a row."""
        self.choose_row(row)
        self.edit(self.currentIndex())

    def ask_menu(self) -> None:
        """Show what can be done with the files chosen, below them."""
        if rows := self.chosen_rows:
            below = self.visualRect(self.files.index(rows[-1])).bottomLeft()
            self.menu_asked.emit(rows, self.viewport().mapToGlobal(below))

    def dataChanged(
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Paint anew those of the rows that are seen or typed into. What QListView does besides, to lay all rows out
        again, changes nothing where all are as high, and would take longer than the rest of a step of a run."""
        top = self.verticalScrollBar().value()
        rows = set(range(max(first.row(), top // _ROW), min(last.row(), (top + self.viewport().height()) // _ROW) + 1))
        if self.state() is QListView.State.EditingState and first.row() <= self.currentIndex().row() <= last.row():
            rows.add(self.currentIndex().row())  # what is typed into may have been read meanwhile
        for row in rows:
            index = self.files.index(row)
            QAbstractItemView.dataChanged(self, index, index, list(roles))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._row.changed = event.region()
        try:
            super().paintEvent(event)
        finally:
            self._row.changed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() == Qt.Key.Key_Delete and row >= 0:
            self.removal_asked.emit(row)
            return
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and row >= 0:
            if event.key() == Qt.Key.Key_Up:
                self.files.move(row, row - 1)
                return
            if event.key() == Qt.Key.Key_Down:
                self.files.move(row, row + 2)
                return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if rows := self.chosen_rows:
            self.menu_asked.emit(rows, event.globalPos())

    def dropEvent(self, event: QDropEvent) -> None:
        """A row dragged to another place."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        to = len(self.files.entries)
        if index.isValid():
            to = index.row() + (at.y() > self.visualRect(index).center().y())
        if event.mimeData().hasFormat(_ROWS) and self.chosen_rows:  # only its own rows are let in: InternalMove
            self.files.move(self.chosen_rows[0], to)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the rows are where they belong; nothing is to be removed
        event.accept()
