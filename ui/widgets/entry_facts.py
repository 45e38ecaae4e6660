"""All that one entry of the ledger says, beneath the list."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.i18n import _
from app.journal.entry import Entry
from app.journal.words import what
from ui import journal_text, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, clear, label

#: Pairs of name and value side by side.
_COLUMNS = 2


class EntryFacts(Card):
    """Shows one entry at a time; hidden where there is none."""

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2, spacing=UNIT)
        self._shown: tuple[Entry | None, bool] = (None, False)
        self._title = label(role="strong", wrap=False)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(UNIT * 2)
        self._grid.setVerticalSpacing(4)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(2 * column + 1, 1)
        self.body.addWidget(self._title)
        self.body.addLayout(self._grid)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_entry(self, entry: Entry | None, *, outside: bool = False) -> None:
        """Show another entry; None: none.

        :param outside: it is a signature, and nobody answered for its token.
        """
        if (entry, outside) == self._shown:
            return
        self._shown = (entry, outside)
        self.setVisible(entry is not None)
        if entry is None:
            return
        clear(self._grid)
        told = _("Entry {n}: {what}, {time}").format(n=entry.seq, what=what(entry), time=wording.moment(entry.time))
        self._title.setText(told)
        for at, (name, value) in enumerate(journal_text.facts(entry, outside=outside)):
            line, column = divmod(at, _COLUMNS)
            self._grid.addWidget(_name(name), line, 2 * column)
            self._grid.addWidget(Elided(value), line, 2 * column + 1)
        self.setAccessibleName(told)


def _name(text: str) -> QWidget:
    return label(text, "soft", wrap=False)
