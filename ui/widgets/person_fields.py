"""A person of minutes: name, title and unit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.custody.model import Person
from app.i18n import _
from ui.theme import UNIT
from ui.widgets.basic import column, label


class PersonFields(QWidget):
    """Three fields under a heading.

    :param heading: who it is, such as “Bên giao”.
    :param name: object name; those of the fields begin with it.
    """

    changed = Signal()

    def __init__(self, heading: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.name = self._line(name, heading, _("Full name"), "name")
        self.title = self._line(name, heading, _("Title"), "title")
        self.unit = self._line(name, heading, _("Unit"), "unit")
        layout = column(spacing=UNIT // 2)
        if heading:
            layout.addWidget(label(heading, "strong"))
        layout.addWidget(self.name)
        layout.addWidget(self.title)
        layout.addWidget(self.unit)
        self.setLayout(layout)

    def show_person(self, person: Person | None) -> None:
        """Show a person; nobody for None."""
        for field, text in (
            (self.name, person.name if person else ""),
            (self.title, person.title if person else ""),
            (self.unit, person.unit if person else ""),
        ):
            field.setText(text)
            field.setCursorPosition(0)

    def person(self) -> Person | None:
        """Who is named; None without a name."""
        name, title, unit = (" ".join(field.text().split()) for field in (self.name, self.title, self.unit))
        return Person(name, title, unit) if name else None

    def _line(self, owner: str, heading: str, caption: str, part: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(f"{owner}-{part}")
        made.setPlaceholderText(caption)
        made.setAccessibleName(f"{heading}: {caption}" if heading else caption)
        made.setMinimumWidth(UNIT * 10)
        made.textChanged.connect(lambda _text: self.changed.emit())
        return made
