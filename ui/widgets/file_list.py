"""The files to sign: a list that stays quick with hundreds of rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.documents.model import DocumentInfo
from app.errors import ErrorInfo
from app.i18n import N_, _
from app.signing.model import Mark, SignResult
from ui import icons, theme, wording
from ui.theme import Tone

_STAGES = {
    "waiting": N_("Waiting"),
    "reading": N_("Reading…"),
    "signing": N_("The token is signing…"),
    "verifying": N_("Checking the signature made…"),
    "filing": N_("Filing…"),
}


@dataclass(eq=False)
class Entry:
    """One file to sign.

    :ivar read: what was read from it; None until then.
    :ivar info: the same with corrections; equal to ``read`` where there are none.
    :ivar problem: why it could not be read.
    :ivar mark: the visible mark where a person moved it.
    :ivar stage: of the run under way; empty outside one.
    """

    path: Path
    read: DocumentInfo | None = None
    info: DocumentInfo | None = None
    problem: ErrorInfo | None = None
    stage: str = ""
    mark: Mark | None = None
    result: SignResult | None = None

    @property
    def corrected(self) -> bool:
        """Whether a person changed what was read of it or where its mark stands."""
        return self.info != self.read or self.mark is not None

    @property
    def line(self) -> str:
        """The second line of its row."""
        if self.result is not None:
            word = wording.RESULTS[self.result.status].word
            return f"{word}: {self.result.error.message}" if self.result.error is not None else word
        if self.stage:
            return _(_STAGES[self.stage])
        if self.problem is not None:
            return self.problem.message
        if self.info is None:
            return _("Reading…")
        if self.info.secrecy:
            return _("Bears the mark “{secrecy}”: is not signed here").format(secrecy=self.info.secrecy)
        number = "/".join(filter(None, (self.info.number, self.info.symbol)))
        day = wording.day(self.info.date) if self.info.date else ""
        return " · ".join(filter(None, (number or self.info.type, day))) or wording.file_kind(self.path)

    @property
    def picture(self) -> tuple[str, Tone]:
        if self.result is not None:
            sign = wording.RESULTS[self.result.status]
            return sign.icon, sign.tone
        if self.stage and self.stage != "waiting":
            return "pen-line", "accent"
        if self.problem is not None or (self.info is not None and self.info.secrecy):
            return "triangle-alert", "caution"
        return "file-text", "neutral"


class FileListModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.path.name
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{entry.path}\n{entry.line}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.path.name}. {entry.line}"
        return None

    def add(self, paths: list[Path]) -> list[Entry]:
        """Add files not yet in the list; those added."""
        known = {entry.path for entry in self.entries}
        new = [Entry(path) for path in dict.fromkeys(paths) if path not in known]
        if new:
            self.beginInsertRows(QModelIndex(), len(self.entries), len(self.entries) + len(new) - 1)
            self.entries += new
            self.endInsertRows()
        return new

    def remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.entries[row]
        self.endRemoveRows()

    def replace(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def touch(self, entry: Entry) -> None:
        """An entry's words changed."""
        if entry in self.entries:
            index = self.index(self.entries.index(entry))
            self.dataChanged.emit(index, index)


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, 52)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        shown = theme.current()
        rect: QRect = option.rect.adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(shown.accent_soft))
            painter.drawRoundedRect(rect, 6, 6)
        name, tone = entry.picture
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            rect.left() + 8, rect.top() + 15, icons.pixmap(name, theme.tone_colour(tone), 20, max(2.0, ratio))
        )
        words = rect.adjusted(36, 6, -8, -5)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(shown.text))
        elide = painter.fontMetrics().elidedText
        painter.drawText(
            words, int(Qt.AlignmentFlag.AlignTop), elide(entry.path.name, Qt.TextElideMode.ElideMiddle, words.width())
        )
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(shown.text_soft))
        elide = painter.fontMetrics().elidedText
        painter.drawText(
            words, int(Qt.AlignmentFlag.AlignBottom), elide(entry.line, Qt.TextElideMode.ElideRight, words.width())
        )
        painter.restore()


class FileList(QListView):
    """Rows of file names with what is known of each; Delete takes one out."""

    removal_asked = Signal(int)
    #: Emitted with the row, or -1 where the list is empty.
    row_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.files = FileListModel()
        self.setModel(self.files)
        self.setItemDelegate(_Row(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(_("Files to sign"))
        self.setObjectName("fileList")
        self.selectionModel().currentChanged.connect(lambda current, _previous: self.row_chosen.emit(current.row()))

    @property
    def current(self) -> Entry | None:
        index = self.currentIndex()
        return self.files.entries[index.row()] if index.isValid() else None

    def choose_row(self, row: int) -> None:
        self.setCurrentIndex(self.files.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.removal_asked.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)
