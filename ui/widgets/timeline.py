"""What happened to a device, the newest first, along a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.custody.model import Event, SignatureOutside
from app.i18n import _
from ui import custody_text, icons, theme, wording
from ui.theme import UNIT
from ui.widgets.basic import button, clear, column, label, pictogram, row, selectable
from ui.widgets.report_parts import breakable

_RAIL = UNIT * 5
_DOT = 28


@dataclass(frozen=True)
class _Told:
    """What stands at a stop.

    :ivar tone: ``neutral`` of what no longer counts, ``caution`` of what needs a person.
    :ivar owing: the event, where something of its permission is owed.
    """

    at: dt.datetime
    heading: str
    lines: Sequence[str]
    icon: str
    tone: theme.Tone
    minutes: int | None = None
    owing: Event | None = None


def _of_event(event: Event) -> _Told:
    tone: theme.Tone = "accent" if event.withdrawn_at is None else "neutral"
    heading, lines = custody_text.event_heading(event), custody_text.event_lines(event)
    owing = event if event.permission_owed else None
    return _Told(event.at, heading, lines, custody_text.EVENT_ICONS[event.kind], tone, event.minutes, owing)


def _of_signature(signature: SignatureOutside) -> _Told:
    lines = [signature.path, _("{signer} · entry {n} of the journal").format(signer=signature.signer, n=signature.seq)]
    return _Told(signature.time, _("Signed while in nobody's custody"), lines, "triangle-alert", "caution")


class _Stop(QWidget):
    """One event on the line."""

    def __init__(self, told: _Told, *, first: bool, last: bool) -> None:
        super().__init__()
        self._told = told
        self._first, self._last = first, last
        title = label(told.heading, "soft" if told.tone == "neutral" else "strong")
        if told.tone == "caution":
            title.setProperty("tone", told.tone)
        when = label(wording.moment(told.at), "small", wrap=False)
        head = row(title, when, spacing=UNIT * 2)
        head.setStretch(0, 1)
        self.body = column(spacing=2)
        self.body.setContentsMargins(_RAIL, 4, 0, UNIT * 2)
        self.body.addLayout(head)
        for line in told.lines:
            self.body.addWidget(selectable(breakable(line), "soft"))
        self.setLayout(self.body)
        self.setAccessibleName(". ".join((told.heading, wording.moment(told.at), *told.lines)))

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
        painter.setBrush(QColor(getattr(shown, f"{self._told.tone}_soft")))
        painter.drawEllipse(QPointF(middle, middle), middle - 1, middle - 1)
        ratio = max(2.0, self.devicePixelRatioF())
        painter.drawPixmap(6, 6, icons.pixmap(self._told.icon, theme.tone_colour(self._told.tone), 16, ratio))
        painter.end()


class Timeline(QWidget):
    """The events of one device."""

    #: The id of the minutes that should be opened.
    minutes_wanted = Signal(int)
    #: The event whose permission is to be completed.
    permission_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._list = column(spacing=0)
        self.setLayout(self._list)
        self.events: Sequence[Event] = ()

    def show_events(self, events: Sequence[Event], outside: Sequence[SignatureOutside] = ()) -> None:
        """Show a history.

        :param events: the oldest first.
        :param outside: signatures made with the device while nobody answered for it, the oldest first.
        """
        clear(self._list)
        self.events = list(events)
        stops = [*map(_of_event, events), *map(_of_signature, outside)]
        newest = sorted(stops, key=lambda told: told.at)[::-1]
        for at, told in enumerate(newest):
            stop = _Stop(told, first=at == 0, last=at == len(newest) - 1)
            if told.owing is not None:
                stop.body.addLayout(self._owed(told.owing))
            if told.minutes is not None:
                opener = button(_("Open the minutes"), "file-text", role="quiet")
                opener.clicked.connect(lambda _checked, number=told.minutes: self.minutes_wanted.emit(number))
                opener.setAccessibleName(_("Open the minutes of {day}").format(day=wording.day(told.at)))
                stop.body.addLayout(row(opener, stretch=True))
            self._list.addWidget(stop)
        if not newest:
            self._list.addWidget(label(_("Nothing is entered yet."), "soft"))

    def _owed(self, event: Event) -> QVBoxLayout:
        """What is owed of a permission, and the way to give it."""
        word = label(custody_text.owed(event.permission_owed))
        word.setProperty("tone", "caution")
        told = row(pictogram("triangle-alert", theme.tone_colour("caution"), 18), word)
        told.setStretch(1, 1)
        give = button(_("Complete the permission…"), "paperclip")
        give.setObjectName(f"permission-{event.id}")
        give.setAccessibleName(_("Complete the permission of {day}").format(day=wording.day(event.at)))
        give.clicked.connect(lambda _checked: self.permission_wanted.emit(event))
        both = column(spacing=UNIT // 2)
        both.addLayout(told)
        both.addLayout(row(give, stretch=True))
        return both
