"""What happened to a device, the newest first, along a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.custody.model import Event
from app.i18n import _
from ui import custody_text, icons, theme, wording
from ui.theme import UNIT
from ui.widgets.basic import button, clear, column, label, row, selectable
from ui.widgets.report_parts import breakable

_RAIL = UNIT * 5
_DOT = 28


class _Stop(QWidget):
    """One event on the line."""

    def __init__(self, event: Event, *, first: bool, last: bool) -> None:
        super().__init__()
        self._icon = custody_text.EVENT_ICONS[event.kind]
        self._first, self._last = first, last
        self._void = event.withdrawn_at is not None
        heading = custody_text.event_heading(event)
        when = label(wording.moment(event.at), "small", wrap=False)
        head = row(label(heading, "soft" if self._void else "strong"), when, spacing=UNIT * 2)
        head.setStretch(0, 1)
        self.body = column(spacing=2)
        self.body.setContentsMargins(_RAIL, 4, 0, UNIT * 2)
        self.body.addLayout(head)
        lines = custody_text.event_lines(event)
        for line in lines:
            self.body.addWidget(selectable(breakable(line), "soft"))
        self.setLayout(self.body)
        self.setAccessibleName(". ".join((heading, wording.moment(event.at), *lines)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = theme.current()
        middle = _DOT / 2
        painter.setPen(QPen(QColor(shown.border), 2))
        if not self._first:
            painter.drawLine(QPointF(middle, 0), QPointF(middle, 2))
        if not self._last:
            painter.drawLine(QPointF(middle, _DOT), QPointF(middle, self.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(shown.neutral_soft if self._void else shown.accent_soft))
        painter.drawEllipse(QPointF(middle, middle), middle - 1, middle - 1)
        colour = shown.neutral if self._void else shown.accent
        ratio = max(2.0, self.devicePixelRatioF())
        painter.drawPixmap(6, 6, icons.pixmap(self._icon, colour, 16, ratio))
        painter.end()


class Timeline(QWidget):
    """The events of one device."""

    #: The id of the minutes that should be opened.
    minutes_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._list = column(spacing=0)
        self.setLayout(self._list)
        self.events: Sequence[Event] = ()

    def show_events(self, events: Sequence[Event]) -> None:
        """Show a history.

        :param events: the oldest first.
        """
        clear(self._list)
        self.events = list(events)
        newest = list(reversed(self.events))
        for at, event in enumerate(newest):
            stop = _Stop(event, first=at == 0, last=at == len(newest) - 1)
            if event.minutes is not None:
                opener = button(_("Open the minutes"), "file-text", role="quiet")
                opener.clicked.connect(lambda _checked, number=event.minutes: self.minutes_wanted.emit(number))
                opener.setAccessibleName(_("Open the minutes of {day}").format(day=wording.day(event.at)))
                stop.body.addLayout(row(opener, stretch=True))
            self._list.addWidget(stop)
        if not newest:
            self._list.addWidget(label(_("Nothing is entered yet."), "soft"))
