"""What narrows a search beside words and the tree: a period, a signer, a dossier, documents with a field in doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.archive.model import Dossier
from app.i18n import _
from app.times import today
from ui.theme import UNIT
from ui.widgets.basic import button, label, set_property
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import date_of

Period = tuple[dt.date | None, dt.date | None]


def periods(today: dt.date) -> list[tuple[str, str, Period]]:
    """Name, words and first and last day of the periods that offices ask for; ``own`` has days of its own."""
    month = today.replace(day=1)
    quarter = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    year = today.replace(month=1, day=1)
    return [
        ("any", _("Any time"), (None, None)),
        ("month", _("This month"), (month, today)),
        ("last-month", _("Last month"), ((month - dt.timedelta(days=1)).replace(day=1), month - dt.timedelta(days=1))),
        ("quarter", _("This quarter"), (quarter, today)),
        ("year", _("This year"), (year, today)),
        (
            "last-year",
            _("Last year"),
            (year.replace(year=year.year - 1), year - dt.timedelta(days=1)),
        ),
        ("own", _("From … to …"), (None, None)),
    ]


class ArchiveFilters(QWidget):
    """Emits :attr:`changed` whenever what is asked for is another."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.period = QComboBox()
        self.period.setObjectName("archivePeriod")
        self.period.setAccessibleName(_("Period of the documents"))
        for name, text, _days in periods(today()):
            self.period.addItem(text, name)
        self.first = self._day("archiveFrom", _("From day"))
        self.last = self._day("archiveTo", _("To day"))
        self._to = label(_("to"), "soft", wrap=False)
        self.signer = QLineEdit()
        self.signer.setObjectName("archiveSigner")
        self.signer.setAccessibleName(_("Signed by"))
        self.signer.setPlaceholderText(_("Signed by…"))
        self.signer.setClearButtonEnabled(True)
        self.signer.setFixedWidth(UNIT * 22)
        self.signer.textChanged.connect(lambda _text: self.changed.emit())
        self.dossier = QComboBox()
        self.dossier.setObjectName("archiveDossier")
        self.dossier.setAccessibleName(_("Dossier"))
        self.dossier.setMinimumContentsLength(14)
        self.dossier.setMaximumWidth(UNIT * 32)
        self.dossier.addItem(_("Any dossier"), None)
        self.doubtful = button(_("&To be looked at"), role="chip", clicked=self.changed.emit)
        self.doubtful.setCheckable(True)
        self.doubtful.setObjectName("archiveDoubtful")
        self.doubtful.setToolTip(_("Only documents of which something read is not certain"))
        self.period.currentIndexChanged.connect(lambda _at: self._period_chosen())
        self.dossier.currentIndexChanged.connect(lambda _at: self.changed.emit())
        self.setLayout(Flow(self.period, self.first, self._to, self.last, self.signer, self.dossier, self.doubtful))
        self._show_days(False)

    @property
    def days(self) -> Period:
        """First and last day asked for."""
        name = self.period.currentData()
        if name == "own":
            return _day_in(self.first), _day_in(self.last)
        return next(days for other, _text, days in periods(today()) if other == name)

    @property
    def dossier_id(self) -> int | None:
        chosen = self.dossier.currentData()
        return chosen if isinstance(chosen, int) else None

    @property
    def signer_name(self) -> str | None:
        """Names or parts of names of who signed."""
        return self.signer.text().strip() or None

    @property
    def active(self) -> bool:
        """Whether anything is narrowed."""
        return (
            self.days != (None, None)
            or self.signer_name is not None
            or self.dossier_id is not None
            or self.doubtful.isChecked()
        )

    def show_dossiers(self, dossiers: Iterable[Dossier]) -> None:
        """Offer these dossiers; the one chosen stays chosen."""
        chosen = self.dossier_id
        blocker = QSignalBlocker(self.dossier)
        while self.dossier.count() > 1:
            self.dossier.removeItem(1)
        for one in dossiers:
            self.dossier.addItem(f"{one.data.notation} · {one.data.title}", one.id)
        at = self.dossier.findData(chosen) if chosen is not None else 0
        self.dossier.setCurrentIndex(max(0, at))
        blocker.unblock()
        self.dossier.setVisible(self.dossier.count() > 1)
        if self.dossier_id != chosen:
            self.changed.emit()

    def choose_dossier(self, dossier: int) -> None:
        self.dossier.setCurrentIndex(max(0, self.dossier.findData(dossier)))

    def clear(self) -> None:
        """Narrow nothing."""
        blockers = [QSignalBlocker(part) for part in (self.period, self.signer, self.dossier)]
        self.period.setCurrentIndex(0)
        self.signer.clear()
        self.dossier.setCurrentIndex(0)
        self.doubtful.setChecked(False)
        self._show_days(False)
        for blocker in blockers:
            blocker.unblock()
        self.changed.emit()

    def _period_chosen(self) -> None:
        own = self.period.currentData() == "own"
        self._show_days(own)
        if own:
            self.first.setFocus()
        self.changed.emit()

    def _show_days(self, on: bool) -> None:
        for part in (self.first, self._to, self.last):
            part.setVisible(on)

    def _day(self, name: str, spoken: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(name)
        made.setAccessibleName(spoken)
        made.setPlaceholderText(_("dd/mm/yyyy"))
        made.setFixedWidth(UNIT * 14)
        made.textChanged.connect(lambda _text: self._day_typed(made))
        return made

    def _day_typed(self, field: QLineEdit) -> None:
        complete = not field.text().strip() or _day_in(field) is not None
        set_property(field, "wrong", "false" if complete else "true")
        field.setAccessibleDescription("" if complete else _("Write it as dd/mm/yyyy"))
        if complete:
            self.changed.emit()


def _day_in(field: QLineEdit) -> dt.date | None:
    try:
        return date_of(field.text())
    except ValueError:
        return None
