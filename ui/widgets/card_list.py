"""Cards under one another, built only when they come near the view: hundreds cost no more than those seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.theme import UNIT
from ui.widgets.basic import Card

#: Height assumed of a card that was not built yet, in pixels.
_ASSUMED = 92

#: How long cards are built before the window looks after its events again, in seconds.
_SLICE = 0.006


@dataclass(eq=False)
class _Place:
    make: Callable[[], Card]
    card: Card | None = None
    height: int = _ASSUMED
    width: int = -1
    wanted: bool = True


class CardList(QScrollArea):
    """A scrolling column of cards by key, in the order they were put.

    :param name: what a screen reader calls it.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._places: dict[Hashable, _Place] = {}
        self._canvas = QWidget()
        self._canvas.setObjectName("scrollBody")
        self._canvas.installEventFilter(self)
        self.setWidget(self._canvas)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._arrange)
        self.verticalScrollBar().valueChanged.connect(lambda: self._arrange())

    @property
    def cards(self) -> list[Card]:
        """The cards built so far, from top to bottom."""
        return [place.card for place in self._places.values() if place.card is not None]

    def card(self, key: Hashable) -> Card:
        """The card of a key, built now where it was not yet."""
        place = self._places[key]
        if place.card is None:
            self._build(place)
            self._soon.start()
        assert place.card is not None
        return place.card

    def put(self, key: Hashable, make: Callable[[], Card]) -> None:
        """Add a card at the end; one of the same key goes.

        :param make: makes the card when it comes near the view.
        """
        self._drop(self._places.pop(key, None))
        self._places[key] = _Place(make)
        self._soon.start()

    def clear(self) -> None:
        for place in self._places.values():
            self._drop(place)
        self._places.clear()
        self.verticalScrollBar().setValue(0)
        self._arrange()

    def show_only(self, wanted: Callable[[Hashable], bool]) -> None:
        """Leave out the cards of other keys, without forgetting them."""
        for key, place in self._places.items():
            place.wanted = wanted(key)
        self.verticalScrollBar().setValue(0)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            for place in self._places.values():
                place.width = -1
            self._soon.start()
        elif event.type() == QEvent.Type.FocusIn:
            self._soon.start()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        focus = self.focusWidget()
        if focus is not None and self._canvas.isAncestorOf(focus):
            self.ensureWidgetVisible(focus, 0, UNIT * 6)
        return moved

    def _drop(self, place: _Place | None) -> None:
        if place is not None and place.card is not None:
            place.card.hide()
            place.card.deleteLater()

    def _arrange(self) -> None:
        """Put the cards in and around the view where they belong; build a few that are missing."""
        width = max(1, self.viewport().width() - UNIT)
        view = self.viewport().height()
        first, last = self.verticalScrollBar().value(), self.verticalScrollBar().value() + view
        until = time.perf_counter() + _SLICE
        unfinished = False
        y = 0
        for place in self._places.values():
            if not place.wanted:
                if place.card is not None:
                    place.card.hide()
                continue
            near = y + place.height >= first - view and y <= last + view
            if near and place.card is None:
                if time.perf_counter() < until:
                    self._build(place)
                else:
                    unfinished = True
            if (card := place.card) is not None:
                if near:
                    self._measure(place, card, width)
                    card.setGeometry(0, y, width, place.height)
                card.setVisible(near or card.isAncestorOf(self.focusWidget() or self))
            y += place.height + UNIT
        self._canvas.resize(width, y + UNIT)
        if unfinished:
            self._soon.start()

    def _build(self, place: _Place) -> None:
        before = next((other.card for other in reversed(self._before(place)) if other.card is not None), None)
        place.card = place.make()
        place.card.setParent(self._canvas)
        if before is not None:
            last = before.tab_stops()
            for stop in place.card.tab_stops():
                QWidget.setTabOrder(last[-1], stop)
                last = [stop]

    def _before(self, place: _Place) -> list[_Place]:
        places = list(self._places.values())
        return places[: places.index(place)]

    def _measure(self, place: _Place, card: Card, width: int) -> None:
        if place.width != width:
            place.height = card.heightForWidth(width) if card.hasHeightForWidth() else card.sizeHint().height()
            place.width = width
