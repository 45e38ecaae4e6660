"""One of two pages that are compared: its picture, and boxes with numbers where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.verification.changes.model import Box
from ui import theme
from ui.theme import UNIT
from ui.widgets.basic import Notice, label

#: Between a difference and the box around it.
_ROOM = 3
_BADGE = 18

#: Paper is white in every theme, so what is drawn on it is in the colours of the light one.
_INK = theme.LIGHT
_MARKER = "#ffd966"


@dataclass(frozen=True)
class Spot:
    """A difference on a page.

    :ivar number: from zero.
    :ivar words: where the words stand that differ, a box a line.
    """

    number: int
    box: Box
    words: tuple[Box, ...] = ()


class _Sheet(QWidget):
    """The paper on its ground, with the boxes."""

    pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("previewGround")
        self._image = QImage()
        self.spots: Sequence[Spot] = ()
        self._current = -1

    def show_page(self, image: QImage, spots: Sequence[Spot]) -> None:
        self._image, self.spots = image, spots
        size = image.deviceIndependentSize().toSize()
        self.setMinimumSize(size.width() + UNIT * 2, size.height() + UNIT * 2)
        self.update()

    def choose(self, number: int) -> None:
        self._current = number
        self.update()

    def place_of(self, box: Box, room: int = _ROOM) -> QRect:
        """Where a place of the page lies in the widget, with some room around it."""
        paper = self._paper
        area = QRectF(
            paper.left() + box.left * paper.width(),
            paper.top() + box.top * paper.height(),
            (box.right - box.left) * paper.width(),
            (box.bottom - box.top) * paper.height(),
        )
        return area.toAlignedRect().adjusted(-room, -room, room, room)

    @property
    def _paper(self) -> QRect:
        size = self._image.deviceIndependentSize().toSize()
        return QRect((self.width() - size.width()) // 2, UNIT, size.width(), size.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        for spot in self.spots:
            if self.place_of(spot.box).contains(where):
                self.pressed.emit(spot.number)
                return
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = theme.current()
        painter.fillRect(self.rect(), QColor(shown.sunken))
        if not self._image.isNull():
            paper = self._paper
            painter.fillRect(paper.adjusted(-1, 0, 1, 2), QColor(shown.paper_shadow))
            painter.drawImage(paper.topLeft(), self._image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for spot in sorted(self.spots, key=lambda spot: spot.number == self._current):
                self._draw_words(painter, spot)
                self._draw_box(painter, spot.number, self.place_of(spot.box))
        painter.end()

    def _draw_words(self, painter: QPainter, spot: Spot) -> None:
        """As a marker pen does: what is beneath stays black."""
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for box in spot.words:
            painter.fillRect(self.place_of(box, 1), QColor(_MARKER))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    def _draw_box(self, painter: QPainter, number: int, place: QRect) -> None:
        chosen = number == self._current
        ink, ground = QColor(_INK.accent), QColor(_INK.accent)
        ground.setAlpha(20 if chosen else 8)
        painter.setPen(QPen(ink, 2.5 if chosen else 1.5))
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 3, 3)
        text = str(number + 1)
        width = max(_BADGE, painter.fontMetrics().horizontalAdvance(text) + UNIT)
        badge = QRect(QPoint(0, 0), QPoint(width - 1, _BADGE - 1))
        badge.moveTopRight(QPoint(place.left() - 3, place.top()))
        badge.moveLeft(max(1, badge.left()))
        painter.setPen(QPen(QColor(_INK.on_accent), 1.5))
        painter.setBrush(ink)
        painter.drawRoundedRect(badge, _BADGE / 2, _BADGE / 2)
        font = painter.font()
        font.setPixelSize(12)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(badge, int(Qt.AlignmentFlag.AlignCenter), text)


class ComparedPage(QFrame):
    """A caption, and under it the page, or why there is none.

    :ivar area: scrolls the page. :ivar sheet: the page itself.

    :param caption: which of the two revisions this is.
    """

    #: The number, from zero, of the difference that was clicked.
    pressed = Signal(int)

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.setProperty("role", "preview")
        self._caption = caption
        self._title = label(caption, "strong")
        self._where = label(role="small", wrap=False)
        self.sheet = _Sheet()
        self.sheet.pressed.connect(self.pressed)
        self.area = QScrollArea()
        self.area.setWidget(self.sheet)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setProperty("role", "page")
        self.area.viewport().setObjectName("previewGround")
        self._nothing = label(role="soft")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._problem = Notice()
        instead = QWidget()
        inner = QVBoxLayout(instead)
        inner.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 3)
        inner.addStretch(1)
        inner.addWidget(self._nothing)
        inner.addWidget(self._problem)
        inner.addStretch(2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.area)
        self._stack.addWidget(instead)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(UNIT * 2, UNIT, UNIT * 2, UNIT)
        head.setSpacing(0)
        head.addWidget(self._title)
        head.addWidget(self._where)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self.show_nothing("")

    @property
    def room(self) -> tuple[int, int]:
        """Width and height, in device-independent pixels, that a page may take without a scroll bar."""
        bar = self.area.verticalScrollBar().sizeHint().width()
        return max(80, self._stack.width() - bar - UNIT * 2), max(80, self._stack.height() - UNIT * 2)

    def show_page(self, image: QImage, where: str, spots: Sequence[Spot]) -> None:
        """Show a page.

        :param where: which page it is, in words.
        :param spots: the differences on it.
        """
        self._where.setText(where)
        self.area.setAccessibleName(f"{self._caption}: {where}")
        self.sheet.show_page(image, spots)
        self._stack.setCurrentIndex(0)

    def show_nothing(self, sentence: str) -> None:
        """Show a sentence in the place of a page."""
        self._where.setText(" ")
        self._nothing.setText(sentence)
        self._nothing.show()
        self._problem.hide()
        self._stack.setCurrentIndex(1)

    def show_problem(self, sentence: str, hint: str) -> None:
        """Say why the page cannot be shown."""
        self._where.setText(" ")
        self._problem.tell(sentence, hint, "caution", "triangle-alert", copy=True)
        self._problem.show()
        self._nothing.hide()
        self._stack.setCurrentIndex(1)

    @property
    def shown_instead(self) -> str:
        """The sentence in the place of a page; empty where there is one."""
        if self._stack.currentWidget() is self.area:
            return ""
        return self._problem.whole_text() if self._nothing.isHidden() else self._nothing.text()

    def place_of(self, number: int) -> QRect | None:
        """Where a difference lies in :attr:`sheet`; None where it is not on this page."""
        return next((self.sheet.place_of(spot.box) for spot in self.sheet.spots if spot.number == number), None)

    def choose(self, number: int, box: Box | None) -> None:
        """Bring a difference into view.

        :param number: from zero; -1 for none.
        """
        self.sheet.choose(number)
        if box is not None:
            place = self.sheet.place_of(box)
            middle = place.center()
            self.area.ensureVisible(
                middle.x(), middle.y(), place.width() // 2 + UNIT * 3, place.height() // 2 + UNIT * 6
            )
