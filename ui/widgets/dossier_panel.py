"""Into which dossier a document is put: one that is there, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.archive.model import DossierData
from app.i18n import _
from app.times import today
from ui import document_text
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, column, label, row
from ui.widgets.flow import Flow

if TYPE_CHECKING:
    from app.archive.model import Document, Dossier
    from app.errors import ErrorInfo

#: Number and symbol, title, time of keeping and maker: letters at most (Decree 30/2020, appendix VI, part II, III).
_LIMITS = (20, 500, 30, 30)
#: How long offices keep dossiers.
_MAINTENANCE = ("", "Vĩnh viễn", "70 năm", "50 năm", "20 năm", "10 năm", "05 năm", "02 năm")


class DossierPanel(Card):
    """Asks for one dossier."""

    #: Id of a dossier that is there.
    chosen = Signal(int)
    #: The :class:`DossierData` of a new one.
    opened = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2)
        self.setObjectName("dossierPanel")
        self._name = Elided(role="strong")
        self.dossier = QComboBox()
        self.dossier.setObjectName("dossierChoice")
        self.dossier.setAccessibleName(_("Dossier"))
        self.dossier.currentIndexChanged.connect(lambda _at: self._allow())
        self.notation = self._line("dossierNotation", _("Number and symbol of the dossier, such as 01.VP"), _LIMITS[0])
        self.title = self._line("dossierTitle", _("Title of the dossier"), _LIMITS[1])
        self.creator = self._line("dossierCreator", _("Unit or person who makes it"), _LIMITS[3])
        self.year = self._line("dossierYear", _("Year"), 4)
        self.year.setMaximumWidth(UNIT * 12)
        self.maintenance = QComboBox()
        self.maintenance.setObjectName("dossierMaintenance")
        self.maintenance.setAccessibleName(_("How long it is kept"))
        self.maintenance.setEditable(True)
        self.maintenance.addItems(list(_MAINTENANCE))
        if (line := self.maintenance.lineEdit()) is not None:
            line.setMaxLength(_LIMITS[2])
            line.setPlaceholderText(_("How long it is kept"))
        self._new = QWidget()
        form = column(spacing=UNIT)
        form.addWidget(self.notation)
        form.addWidget(self.title)
        beside = row(self.year, self.maintenance)
        beside.setStretch(1, 1)
        form.addLayout(beside)
        form.addWidget(self.creator)
        self._new.setLayout(form)
        self.notice = Notice()
        self.notice.hide()
        self.submit = button("", "folder-plus", role="primary", clicked=self._submit)
        self.submit.setObjectName("dossierSubmit")
        back = button(_("&Back, without a dossier"), clicked=self.closed.emit)
        back.setObjectName("dossierBack")
        self.body.addWidget(label(_("Put into a dossier"), "heading"))
        self.body.addWidget(self._name)
        self.body.addWidget(self.dossier)
        self.body.addWidget(self._new)
        self.body.addWidget(self.notice)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)
        self._allow()

    def show_document(self, document: Document, dossiers: Sequence[Dossier]) -> None:
        """Ask for the dossier of a document.

        :param dossiers: those there are; the document's own are left out.
        """
        self._name.setText(document_text.line(document))
        self.notice.hide()
        self.dossier.clear()
        for one in dossiers:
            if one.id not in document.dossiers:
                self.dossier.addItem(f"{one.data.notation} · {one.data.title} ({one.data.year})", one.id)
        self.dossier.addItem(_("A new dossier"), None)
        self.dossier.setVisible(self.dossier.count() > 1)
        self.dossier.setCurrentIndex(0)
        for field in (self.notation, self.title, self.creator):
            field.clear()
        self.year.setText(str(document.year or today().year))
        self._allow()
        (self.dossier if self.dossier.count() > 1 else self.notation).setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    @property
    def data(self) -> DossierData | None:
        """The new dossier; None while something is missing."""
        notation, title = self.notation.text().strip(), self.title.text().strip()
        year = self.year.text().strip()
        if not notation or not title or not year.isdigit() or not 1900 <= int(year) <= 9999:
            return None
        kept, creator = self.maintenance.currentText().strip(), self.creator.text().strip()
        return DossierData(notation, title, int(year), maintenance=kept or None, creator=creator or None)

    def _allow(self) -> None:
        new = self.dossier.currentData() is None
        self._new.setVisible(new)
        text = _("&Open the dossier and put it in") if new else _("&Put it into this dossier")
        self.submit.setText(text)
        self.submit.setAccessibleName(text.replace("&", ""))
        self.submit.setEnabled(not new or self.data is not None)

    def _submit(self) -> None:
        chosen = self.dossier.currentData()
        if isinstance(chosen, int):
            self.chosen.emit(chosen)
        elif (data := self.data) is not None:
            self.opened.emit(data)

    def _line(self, name: str, spoken: str, limit: int) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(name)
        made.setAccessibleName(spoken)
        made.setPlaceholderText(spoken)
        made.setMaxLength(limit)
        made.textChanged.connect(lambda _text: self._allow())
        return made
