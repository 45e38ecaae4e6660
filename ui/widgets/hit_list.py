"""Documents found by a search: a list that asks for its next page when it is scrolled to, words found marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout

from app.i18n import _
from ui import document_text, icons, theme, wording
from ui.theme import UNIT
from ui.widgets.row_list import RowList, RowModel, RowPainter, Texts, ratio

if TYPE_CHECKING:
    from app.archive.model import Hit

#: Height of a row of three lines, in pixels.
_ROW = UNIT * 10
_ICON = 20
#: Letters kept before the first word found, where a text has to begin later to show it.
_BEFORE = 12

Mark = tuple[int, int]


class HitModel(RowModel["Hit"]):
    """The documents found so far; :attr:`more_wanted` tells when the end of what is known was reached."""

    #: The place after which the next page begins.
    more_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._next: str | None = None

    @property
    def hits(self) -> list[Hit]:
        """What was found so far."""
        return self.shown

    def show_page(self, hits: Sequence[Hit], following: str | None) -> None:
        """Show the first page of an answer.

        :param following: where the next page begins; None at the end.
        """
        self._next = following
        self.show(hits)

    def append(self, hits: Sequence[Hit], following: str | None) -> None:
        """Add the next page."""
        self._next = following
        if hits:
            self.beginInsertRows(QModelIndex(), len(self.shown), len(self.shown) + len(hits) - 1)
            self.shown.extend(hits)
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

    def texts(self, item: Hit) -> Texts:
        document, title = item.document, document_text.title(item.document)
        spoken = (title, wording.day(document.date), document.summary, document_text.whose(document))
        return Texts(title, "\n".join(filter(None, (title, document.summary))), ". ".join(filter(None, spoken)))


class _Row(RowPainter["Hit"]):
    def draw(self, painter: QPainter, rect: QRect, item: Hit, font: QFont, *, chosen: bool) -> None:
        document, marks, shown = item.document, item.marks, theme.current()
        colour = shown.accent if chosen else shown.text_soft
        picture = icons.pixmap("inbox" if document.incoming else "send", colour, _ICON, ratio(painter))
        painter.drawPixmap(rect.left() + 10, rect.top() + 9, picture)
        line = QRect(rect.left() + 40, rect.top() + 8, rect.width() - 48, 20)
        font.setWeight(QFont.Weight.Medium)
        taken = _draw_right(painter, line, wording.day(document.date) if document.date else "", font)
        title, found = _title(item)
        _draw(painter, line.adjusted(0, 0, -taken, 0), title, found, font, shown.text, chosen=chosen)
        font.setWeight(QFont.Weight.Normal)
        line.translate(0, 22)
        summary = document.summary or _("(no summary)")
        found = marks.get("summary", []) if document.summary else []
        _draw(painter, line, summary, found, font, shown.text, chosen=chosen)
        font.setPixelSize(12)
        line.translate(0, 21)
        whose, found = _whose(item)
        if item.in_text:
            taken = _draw_right(painter, line, _("in its text"), font)
            line.adjust(0, 0, -taken, 0)
        _draw(painter, line, whose, found, font, shown.text_soft, chosen=chosen)


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


class HitList(RowList["Hit"]):
    """The rows; the document chosen stays chosen when an answer has it again."""

    #: The :class:`Hit` chosen, None where there is none.
    chosen = Signal(object)

    def __init__(self) -> None:
        self.found = HitModel()
        super().__init__(self.found, "hitList", _("Documents found"))
        self.setItemDelegate(_Row(self, 160, _ROW))
        self.selectionModel().currentChanged.connect(lambda current, _previous: self.chosen.emit(self.item_at(current)))

    def show_found(self, hits: Sequence[Hit], following: str | None, *, choose: int | None = None) -> None:
        """Show an answer; the document chosen before stays chosen where it is in it, else the first one is.

        :param choose: id of a document to be chosen instead.
        """
        before = self.current
        self.found.show_page(hits, following)
        if not hits:
            self.chosen.emit(None)
            return
        wanted = choose if choose is not None else before.document.id if before is not None else None
        row = self.found.row_of(wanted) if wanted is not None else 0
        self.setCurrentIndex(self.found.index(max(0, row)))
