"""What the custodian should see to in time: certificates that end, loans overdue, devices nobody has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.i18n import _
from ui import theme
from ui.theme import UNIT
from ui.widgets.basic import Card, button, clear, column, icon_button, label, pictogram, row

if TYPE_CHECKING:
    from app.custody.ahead import Reminder

#: So many are shown.
_SHOWN = 3


class AheadCard(Card):
    """Hidden while nothing is to be seen to."""

    #: Serial number of a device.
    device_wanted = Signal(str)
    calendar_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2)
        self.setObjectName("aheadCard")
        self._any = self._covered = False
        self._list = column(spacing=2)
        self.calendar = button(
            _("Save as a &calendar (.ics)…"), "calendar-clock", role="quiet", clicked=self.calendar_wanted.emit
        )
        self.calendar.setObjectName("aheadCalendar")
        self._more = label(role="small")
        head = row(label(_("To be seen to"), "heading", wrap=False), self.calendar)
        head.setStretch(0, 1)
        self.body.addLayout(head)
        self.body.addLayout(self._list)
        self.body.addWidget(self._more)
        self.hide()

    def show_reminders(self, reminders: Sequence[Reminder]) -> None:
        """Show what is to be seen to, the most pressing first."""
        clear(self._list)
        for reminder in reminders[:_SHOWN]:
            word = label(f"{reminder.message} {reminder.next_step}")
            go = icon_button(
                _("Show: {what}").format(what=reminder.message), "arrow-right", self._go_to(reminder.serial)
            )
            icon = "triangle-alert" if reminder.days <= 0 else "clock"
            line = row(pictogram(icon, theme.tone_colour("caution"), 18), word, go)
            line.setStretch(1, 1)
            self._list.addLayout(line)
        left = len(reminders) - _SHOWN
        self._more.setText(_("and {n} more").format(n=left))
        self._more.setVisible(left > 0)
        self._any = bool(reminders)
        self.setVisible(self._any and not self._covered)

    def set_covered(self, on: bool) -> None:
        """Hide it while something else needs the room."""
        self._covered = on
        self.setVisible(self._any and not on)

    def _go_to(self, serial: str) -> Callable[[], None]:
        return lambda: self.device_wanted.emit(serial)
