"""Choosing a period: one of the usual ones, or two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QWidget

from app.i18n import _
from app.journal.usage import Period
from app.times import now
from ui.theme import UNIT
from ui.widgets.basic import label, row


def _usual() -> list[tuple[str, Callable[[dt.date], Period]]]:
    def quarter(today: dt.date) -> Period:
        return Period(today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today)

    return [
        (_("This year"), lambda today: Period(today.replace(month=1, day=1), today)),
        (_("This quarter"), quarter),
        (_("This month"), lambda today: Period(today.replace(day=1), today)),
        (_("Today"), lambda today: Period(today, today)),
        (_("Last year"), lambda today: Period(dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31))),
    ]


class PeriodChoice(QWidget):
    """A list of usual periods with two days beside it; a day that is changed makes the period one of its own."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._periods = _usual()
        self.usual = QComboBox()
        self.usual.setObjectName("periodUsual")
        self.usual.addItems([name for name, _period in self._periods])
        self.usual.addItem(_("Own days"))
        self.usual.setAccessibleName(_("Period"))
        self.first, self.last = _day(_("First day")), _day(_("Last day"))
        caption = label(_("&Period"), "label", wrap=False)
        caption.setBuddy(self.usual)
        to = label(_("to"), "soft", wrap=False)
        self.setLayout(row(caption, self.usual, self.first, to, self.last, spacing=UNIT))
        self._choose(0)
        self.usual.currentIndexChanged.connect(self._choose)
        self.first.dateChanged.connect(self._days_changed)
        self.last.dateChanged.connect(self._days_changed)

    @property
    def period(self) -> Period:
        first, last = (dt.date(*edit.date().getDate()) for edit in (self.first, self.last))
        return Period(min(first, last), max(first, last))

    def _choose(self, at: int) -> None:
        if at >= len(self._periods):
            return
        period = self._periods[at][1](now().date())
        for edit, day in ((self.first, period.first), (self.last, period.last)):
            edit.blockSignals(True)
            edit.setDate(QDate(day.year, day.month, day.day))
            edit.blockSignals(False)
        self.changed.emit()

    def _days_changed(self) -> None:
        self.usual.blockSignals(True)
        self.usual.setCurrentIndex(len(self._periods))
        self.usual.blockSignals(False)
        self.changed.emit()


def _day(name: str) -> QDateEdit:
    edit = QDateEdit()
    edit.setDisplayFormat("dd/MM/yyyy")
    edit.setCalendarPopup(True)
    edit.setAccessibleName(name)
    edit.setKeyboardTracking(False)
    return edit
