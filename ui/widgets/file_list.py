"""The files to sign: a list that stays quick with hundreds of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QDropEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.documents.model import DocumentInfo
from app.errors import ErrorInfo
from app.i18n import N_, _
from app.preflight.model import Finding, Severity
from app.signing.model import Act, Mark, SignOptions, SignResult
from ui import icons, theme, wording
from ui.theme import Tone
from ui.widgets import tips

_STAGES = {
    "waiting": N_("Waiting"),
    "reading": N_("Reading…"),
    "asking": N_("Waits for you"),
    "signing": N_("The token is signing…"),
    "verifying": N_("Checking the signature made…"),
    "filing": N_("Filing…"),
}

#: Height of a row, in pixels.
_ROW = 70


@dataclass(eq=False)
class Entry:
    """One file to sign.

    :ivar read: what was read from it; None until then.
    :ivar info: the same with corrections; equal to ``read`` where there are none.
    :ivar problem: why it could not be read.
    :ivar act: of this file where it is another than the others'.
    :ivar mark: the visible mark where a person moved it.
    :ivar place: page from zero on which the mark is proposed; None where that is not known or there is none.
    :ivar findings: of preflight, the gravest first.
    :ivar accepts: codes of findings and questions that a person has answered with yes.
    :ivar before: the options that an earlier, interrupted run had for it.
    :ivar stage: of the run under way; empty outside one.
    """

    path: Path
    read: DocumentInfo | None = None
    info: DocumentInfo | None = None
    problem: ErrorInfo | None = None
    stage: str = ""
    act: Act | None = None
    mark: Mark | None = None
    place: int | None = None
    findings: Sequence[Finding] = ()
    accepts: frozenset[str] = frozenset()
    before: SignOptions | None = None
    result: SignResult | None = None

    @property
    def corrected(self) -> bool:
        """Whether a person changed what was read of it, its act or where its mark stands."""
        return self.info != self.read or self.mark is not None or self.act is not None or bool(self.accepts)

    @property
    def numbered(self) -> str:
        """Number and symbol, else the type."""
        if self.info is None:
            return ""
        number = "/".join(filter(None, (self.info.number, self.info.symbol)))
        return number or self.info.type or ""

    def lacks_number(self, act: Act) -> bool:
        """Whether it cannot be issued yet (Decree 30/2020, articles 14 and 15).

        :param act: of the files that have none of their own.
        """
        issued = (self.act or act) is Act.ISSUE and self.path.suffix.lower() == ".pdf"
        return issued and self.info is not None and not self.info.number

    def state(self, act: Act) -> str:
        """What is to be said of it now; ``act`` as above."""
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
        if self.lacks_number(act):
            return _("Has no number yet: press F2 and type it")
        if self.to_look_at:
            return self.to_look_at[0].message
        return self._where()

    def _where(self) -> str:
        if self.mark is not None and self.mark.page >= 0:
            return _("Ready · mark placed by hand on page {n}").format(n=self.mark.page + 1)
        if self.place is not None and self.place >= 0:
            return _("Ready · mark on page {n}").format(n=self.place + 1)
        return _("Ready")

    @property
    def to_look_at(self) -> list[Finding]:
        """The findings that stop it, or that a person has not answered."""
        return [
            one
            for one in self.findings
            if one.severity is Severity.STOP or (one.severity is Severity.ASK and one.code not in self.accepts)
        ]

    def picture(self, act: Act) -> tuple[str, Tone]:
        if self.result is not None:
            sign = wording.RESULTS[self.result.status]
            return sign.icon, sign.tone
        if self.stage and self.stage != "waiting":
            return "pen-line", "accent"
        secret = self.info is not None and bool(self.info.secrecy)
        if self.problem is not None or secret or self.to_look_at or self.lacks_number(act):
            return "triangle-alert", "caution"
        return "file-text", "neutral"


class FileListModel(QAbstractListModel):
    """The files in the order in which they are signed.

    :ivar act: of the files that have none of their own.
    :ivar locked: nothing can be moved or numbered, because a run is under way.
    """

    #: Emitted with the entry whose number was typed in its row.
    numbered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.act = Act.PLAIN
        self.locked = False

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.path.name
        if role == Qt.ItemDataRole.EditRole:
            return (entry.info.number or "") if entry.info is not None else ""
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return tips.plain("\n".join((str(entry.path), *self.lines(entry))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ". ".join((entry.path.name, *self.lines(entry)))
        return None

    def lines(self, entry: Entry) -> tuple[str, str]:
        """What stands under the name of a file: act and number, and its state."""
        act = wording.act_name(entry.act or self.act)
        return f"{entry.numbered or wording.file_kind(entry.path)} · {act}", entry.state(self.act)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        if not self.locked and self.entries[index.row()].info is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(
        self, index: QModelIndex | QPersistentModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """The number of a document was typed."""
        entry = self.entries[index.row()]
        if role != Qt.ItemDataRole.EditRole or entry.info is None or self.locked:
            return False
        entry.info = replace(entry.info, number=str(value).strip() or None)
        self.touch(entry)
        self.numbered.emit(entry)
        return True

    def show_act(self, act: Act) -> None:
        """The act of the files that have none of their own."""
        self.act = act
        if self.entries:
            self.dataChanged.emit(self.index(0), self.index(len(self.entries) - 1))

    def move(self, row: int, to: int) -> None:
        """Move a file before the one that now stands at ``to``."""
        if row in (to, to - 1) or not 0 <= to <= len(self.entries) or self.locked:
            return
        self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), to)
        entry = self.entries.pop(row)
        self.entries.insert(to - (to > row), entry)
        self.endMoveRows()

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
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        model = index.model()
        assert isinstance(model, FileListModel)
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
        middle, below = model.lines(entry)
        for at, (text, colour, weight, pixels) in enumerate(
            (
                (entry.path.name, shown.text, QFont.Weight.Medium, 0),
                (middle, shown.text_soft, QFont.Weight.Normal, 12),
                (below, theme.tone_colour(tone) if tone == "caution" else shown.text_soft, QFont.Weight.Normal, 12),
            )
        ):
            font = QFont(option.font)
            font.setWeight(weight)
            if pixels:
                font.setPixelSize(pixels)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            mode = Qt.TextElideMode.ElideRight if at else Qt.TextElideMode.ElideMiddle
            line = words.adjusted(0, (0, 21, 39)[at], 0, 0)
            elided = painter.fontMetrics().elidedText(text, mode, words.width())
            painter.drawText(line, int(Qt.AlignmentFlag.AlignTop), elided)
        painter.restore()


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
        self.setItemDelegate(_Row(self))
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
        if event.source() is self and self.chosen_rows:
            self.files.move(self.chosen_rows[0], to)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the rows are where they belong; nothing is to be removed
        event.accept()
