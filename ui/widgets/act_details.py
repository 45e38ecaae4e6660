"""What some acts are asked beyond their mark: the form of a copy, the number and day of an arrival."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app import times
from app.i18n import _, pgettext
from app.signing.model import Act, CopyForm, SignOptions
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import button, label, row
from ui.widgets.dates import day_typed


class ActDetails(QWidget):
    """Shows only what the act asks."""

    changed = Signal()
    #: The number of arrival of the document shown was typed.
    arrival_typed = Signal(str)
    #: The documents after the one shown are to be numbered onward from it.
    onward_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = QComboBox()
        self.form.setObjectName("copyForm")
        for form, name in (
            (CopyForm.SAO_Y, pgettext("copy", "Full copy (sao y)")),
            (CopyForm.SAO_LUC, pgettext("copy", "Transcript (sao lục)")),
            (CopyForm.TRICH_SAO, pgettext("copy", "Extract (trích sao)")),
        ):
            self.form.addItem(name, str(form))
        self.number = QLineEdit()
        self.number.setObjectName("arrivalNumber")
        self.day = QLineEdit()
        self.day.setObjectName("arrivalDay")
        self.onward = button(
            _("Number the f&ollowing onward"), "chevron-down", role="quiet", clicked=self.onward_wanted.emit
        )
        self.onward.setObjectName("arrivalOnward")
        self._copy, self._arrival = QWidget(), QWidget()
        copy = QVBoxLayout(self._copy)
        arrival = QGridLayout(self._arrival)
        for layout in (copy, arrival):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(UNIT // 2)
        arrival.setHorizontalSpacing(UNIT)
        captions = []
        for text, field in (
            (_("Form of the &copy"), self.form),
            (_("N&umber of arrival"), self.number),
            (_("Da&y of arrival"), self.day),
        ):
            caption = label(text, "label", wrap=False)
            caption.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            captions.append(caption)
        copy.addWidget(captions[0])
        copy.addWidget(self.form)
        for at, field in enumerate((self.number, self.day)):
            arrival.addWidget(captions[1 + at], 0, at)
            arrival.addWidget(field, 1, at)
        arrival.addLayout(row(self.onward, stretch=True), 2, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._copy)
        layout.addWidget(self._arrival)
        self.form.currentIndexChanged.connect(self.changed)
        self.number.textEdited.connect(lambda text: self.arrival_typed.emit(text.strip()))
        self.day.textEdited.connect(self.changed)
        self.show_acts(())

    def show_acts(self, acts: Collection[Act]) -> None:
        """Which acts the documents have."""
        self._copy.setVisible(Act.COPY in acts)
        self._arrival.setVisible(Act.INCOMING in acts)
        self.setVisible(Act.COPY in acts or Act.INCOMING in acts)
        self.day.setPlaceholderText(wording.day(times.now()))

    def show_arrival(self, number: str | None, *, others: bool) -> None:
        """The number of arrival of the document shown; None where no document is.

        :param others: whether documents follow it.
        """
        self.number.setEnabled(number is not None)
        if self.number.text().strip() != (number or ""):
            with QSignalBlocker(self.number):
                self.number.setText(number or "")
        self.onward.setVisible(others)
        self.onward.setEnabled(bool(number))

    def applied(self, options: SignOptions) -> SignOptions:
        """The options with what is chosen here; the number of arrival is each document's own."""
        return dataclasses.replace(
            options, copy_form=CopyForm(self.form.currentData()), arrival_date=day_typed(self.day.text())
        )

    def take(self, options: SignOptions) -> None:
        """Choose again what an earlier run was asked for."""
        self.form.setCurrentIndex(self.form.findData(str(options.copy_form)))
        self.day.setText(wording.day(options.arrival_date) if options.arrival_date else "")
