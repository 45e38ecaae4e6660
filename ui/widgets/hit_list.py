"""Documents found by a search: a list that asks for its next page when it is scrolled to, words found marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.i18n import _
from ui import document_text, icons, theme, wording
from ui.theme import UNIT
from ui.widgets import tips

if TYPE_CHECKING:
    from app.archive.model import Hit

#: Height of a row of three lines, in pixels.
_ROW = UNIT * 10
_ICON = 20
#: Letters kept before the first word found, where a text has to begin later to show it.
_BEFORE = 12

Mark = tuple[int, int]


class HitModel(QAbstractListModel):
    """The documents found so far; :attr:`more_wanted` tells when the end of what is known was reached."""

    #: The place after which the next page begins.
    more_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[Hit] = []
        self._next: str | None = None

    def show(self, hits: Sequence[Hit], following: str | None) -> None:
        """Show the first page of an answer.

        :param following: where the next page begins; None at the end.
        """
        self.beginResetModel()
        self.hits, self._next = list(hits), following
        self.endResetModel()

    def append(self, hits: Sequence[Hit], following: str | None) -> None:
        """Add the next page."""
        self._next = following
        if hits:
            self.beginInsertRows(QModelIndex(), len(self.hits), len(self.hits) + len(hits) - 1)
            self.hits.extend(hits)
            self.endInsertRows()

    @property
    def complete(self) -> bool:
        """Whether no further page is waiting to be asked for."""
        return self._next is None

    def row_of(self, document: int) -> int:
        """Where a document is; -1 where it is not among what is known."""
        return next((row for row, hit in enumerate(self.hits) if hit.document.id == document), -1)

    def canFetchMore(self, parent: QModelIndex | QPersistentModelIndex) -> bool:
        return self._next is not None and not parent.isValid()

    def fetchMore(self, parent: QModelIndex | QPersistentModelIndex) -> None:
        if self._next is not None and not parent.isValid():
            following, self._next = self._next, None
            self.more_wanted.emit(following)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        document = hit.document
        if role == Qt.ItemDataRole.DisplayRole:
            return document_text.title(document)
        if role == Qt.ItemDataRole.UserRole:
            return hit
        if role == Qt.ItemDataRole.ToolTipRole:
            return tips.plain("\n".join(filter(None, (document_text.title(document), document.summary))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (
                document_text.title(document),
                wording.day(document.date),
                document.summary,
                document_text.whose(document),
            )
            return ". ".join(filter(None, parts))
        return None


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(160, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        hit: Hit = index.data(Qt.ItemDataRole.UserRole)
        document, marks = hit.document, hit.marks
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        shown, rect = theme.current(), QRect(option.rect.adjusted(0, 1, 0, -1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(shown.accent_soft))
            painter.drawRoundedRect(rect, 6, 6)
        ratio = max(2.0, painter.device().devicePixelRatioF())
        picture = icons.pixmap(
            "inbox" if document.incoming else "send", shown.accent if chosen else shown.text_soft, _ICON, ratio
        )
        painter.drawPixmap(rect.left() + 10, rect.top() + 9, picture)
        line = QRect(rect.left() + 40, rect.top() + 8, rect.width() - 48, 20)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.Medium)
        taken = _draw_right(painter, line, wording.day(document.date) if document.date else "", font)
        title, found = _title(hit)
        _draw(painter, line.adjusted(0, 0, -taken, 0), title, found, font, shown.text, chosen=chosen)
        font.setWeight(QFont.Weight.Normal)
        line.translate(0, 22)
        summary = document.summary or _("(no summary)")
        _draw(
            painter,
            line,
            summary,
            marks.get("summary", []) if document.summary else [],
            font,
            shown.text,
            chosen=chosen,
        )
        font.setPixelSize(12)
        line.translate(0, 21)
        whose, found = _whose(hit)
        if hit.in_text:
            taken = _draw_right(painter, line, _("in its text"), font)
            line.adjust(0, 0, -taken, 0)
        _draw(painter, line, whose, found, font, shown.text_soft, chosen=chosen)
        painter.restore()


def _title(hit: Hit) -> tuple[str, list[Mark]]:
    """Type, number and symbol, with their marks."""
    document, marks = hit.document, hit.marks
    return _joined(
        [
            (document.type, " ", marks.get("type", [])),
            (document.number or "", "/" if document.symbol else "", marks.get("number", [])),
            (document.symbol or "", "", marks.get("symbol", [])),
        ]
    )


def _whose(hit: Hit) -> tuple[str, list[Mark]]:
    """As :func:`document_text.whose`, with the marks of issuer and signer."""
    document, marks = hit.document, hit.marks
    if not document.signer_name:
        return document_text.whose(document), []
    signer = (document.signer_name, "", marks.get("signer_name", []))
    if not document.incoming or not document.issuer:
        return _joined([signer])
    return _joined([(document.issuer, " · ", marks.get("issuer", [])), signer])


def _joined(parts: Iterable[tuple[str, str, list[Mark]]]) -> tuple[str, list[Mark]]:
    """Texts behind one another, each with what follows it and the marks in it."""
    text, marks = "", []
    for piece, after, found in parts:
        if piece:
            marks += [(begin + len(text), end + len(text)) for begin, end in found]
            text += piece + after
    return text, marks


def _draw_right(painter: QPainter, line: QRect, text: str, like: QFont) -> int:
    """A short soft text at the right; the pixels it takes."""
    font = QFont(like)
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(theme.current().text_soft))
    painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
    return painter.fontMetrics().horizontalAdvance(text) + UNIT if text else 0


def seen(text: str, marks: Sequence[Mark], room: int) -> tuple[str, list[Mark]]:
    """The text from where its first mark is seen, and the marks in it.

    :param room: how many letters are seen.
    """
    if not marks or marks[0][1] <= room:
        return text, list(marks)
    begin = max(0, marks[0][0] - _BEFORE)
    blank = text.find(" ", begin, marks[0][0])
    begin = blank + 1 if blank >= 0 else begin
    return "…" + text[begin:], [(first - begin + 1, end - begin + 1) for first, end in marks]


def _draw(
    painter: QPainter, line: QRect, text: str, marks: Sequence[Mark], font: QFont, colour: str, *, chosen: bool
) -> None:
    """One line of text with its marks, cut where there is no more room."""
    metrics = QFontMetricsF(font)
    text, marks = seen(text, marks, int(line.width() / max(1.0, metrics.averageCharWidth())))
    whole = len(text)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
    last = whole if len(text) == whole else len(text) - 1
    shown = theme.current()
    marked = QTextCharFormat()
    marked.setBackground(QColor(shown.surface if chosen else shown.accent_soft))
    marked.setForeground(QColor(shown.accent))
    formats = []
    for begin, end in marks:
        if begin < last:
            place = QTextLayout.FormatRange()
            place.start, place.length, place.format = begin, min(end, last) - begin, marked
            formats.append(place)
    layout = QTextLayout(text, font)
    layout.setFormats(formats)
    layout.beginLayout()
    laid = layout.createLine()
    laid.setLineWidth(1e6)
    layout.endLayout()
    painter.setPen(QColor(colour))
    layout.draw(painter, QPointF(line.left(), line.top() + (line.height() - laid.height()) / 2), [], QRectF())


class HitList(QListView):
    """The rows; the document chosen stays chosen when an answer has it again."""

    #: The :class:`Hit` chosen, None where there is none.
    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.found = HitModel()
        self.setModel(self.found)
        self.setItemDelegate(_Row(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(_("Documents found"))
        self.setObjectName("hitList")
        self.selectionModel().currentChanged.connect(lambda current, _previous: self.chosen.emit(self._at(current)))

    @property
    def current(self) -> Hit | None:
        return self._at(self.currentIndex())

    def show_found(self, hits: Sequence[Hit], following: str | None, *, choose: int | None = None) -> None:
        """Show an answer; the document chosen before stays chosen where it is in it, else the first one is.

        :param choose: id of a document to be chosen instead.
        """
        before = self.current
        self.found.show(hits, following)
        if not hits:
            self.chosen.emit(None)
            return
        wanted = choose if choose is not None else before.document.id if before is not None else None
        row = self.found.row_of(wanted) if wanted is not None else 0
        self.setCurrentIndex(self.found.index(max(0, row)))

    def _at(self, index: QModelIndex) -> Hit | None:
        return self.found.hits[index.row()] if index.isValid() else None
