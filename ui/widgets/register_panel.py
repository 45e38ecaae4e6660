"""The register of a year as a file, and what is wrong with its numbers (Decree 30/2020, appendix IV)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from app.times import VIETNAM, today
from ui import choosing
from ui.theme import UNIT
from ui.widgets.basic import Card, Header, Notice, button, clear, column, label, row, selectable
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.registers import Register

#: So many gaps and doubles are shown; the register itself has them all.
_SHOWN = 12


class RegisterPanel(QWidget):
    """Asks for year and kind, tells gaps and doubles, and writes the file."""

    closed = Signal()
    #: A file that was written.
    saved = Signal(Path)

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._pool = Pool(1, self)
        self._job: Job[Register] | None = None
        self.register: Register | None = None
        back = button(_("&Back to the archive"), "arrow-left", role="quiet", clicked=self.closed.emit)
        back.setObjectName("registerBack")
        self.kind = QComboBox()
        self.kind.setObjectName("registerKind")
        self.kind.setAccessibleName(_("Which register"))
        self.kind.addItem(_("Register of documents issued"), False)
        self.kind.addItem(_("Register of documents received"), True)
        self.year = QLineEdit(str(today().year))
        self.year.setObjectName("registerYear")
        self.year.setAccessibleName(_("Year"))
        self.year.setMaxLength(4)
        self.year.setFixedWidth(UNIT * 10)
        self.kind.currentIndexChanged.connect(lambda _at: self.read())
        self.year.textChanged.connect(lambda _text: self.read())
        self.lead = label(role="strong")
        self._list = column(spacing=UNIT // 2)
        self.notice = Notice()
        self.notice.hide()
        self.save = button(_("&Save the register…"), "save", role="primary", clicked=self._choose_target)
        self.save.setObjectName("registerSave")
        card = Card(margins=UNIT * 3, spacing=UNIT * 2)
        card.setMaximumWidth(UNIT * 100)
        card.body.addLayout(row(self.kind, label(_("Year"), "label", wrap=False), self.year, stretch=True))
        card.body.addWidget(self.lead)
        card.body.addLayout(self._list)
        card.body.addWidget(self.notice)
        card.body.addLayout(row(self.save, stretch=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Registers"), buttons=(back,)))
        layout.addWidget(card)
        layout.addStretch(1)

    def begin(self) -> None:
        """Read the register that is chosen."""
        self.notice.hide()
        self.read()
        self.kind.setFocus()

    def read(self) -> None:
        """Read the register of the year and kind chosen."""
        text = self.year.text().strip()
        self.register = None
        self.save.setEnabled(False)
        if self._job is not None:
            self._job.cancel()
        if len(text) != 4 or not text.isdigit():
            self.lead.setText(_("Write a year of four digits."))
            clear(self._list)
            return
        year, incoming = int(text), bool(self.kind.currentData())
        self._job = self._pool.start(
            lambda _job: self._office.archive.register(year, incoming=incoming), done=self._show, failed=self._failed
        )

    def save_to(self, path: Path) -> None:
        """Write the register; the ending decides the kind of file."""
        register = self.register
        if register is None:
            return
        agency = self._office.settings.agency
        self.save.setEnabled(False)

        def work() -> Path:
            from app.archive import register_file
            from app.documents.letterhead import Letterhead

            now = dt.datetime.now(VIETNAM)
            head = Letterhead(agency.name, agency.parent, agency.place)
            register_file.save(path, register, head, now)
            return path

        def done(saved: Path) -> None:
            self.save.setEnabled(True)
            self.saved.emit(saved)

        self._pool.start(lambda _job: work(), done=done, failed=self._failed)

    def stop(self) -> None:
        self._pool.close()

    def _show(self, found: Register) -> None:
        from app.archive import register_words

        self.register = found
        self.save.setEnabled(bool(found.entries))
        count = ngettext("{n} document", "{n} documents", len(found.entries)).format(n=len(found.entries))
        wrong = found.irregularities
        self.lead.setText(
            _("{count}; no number is missing, none is given twice.").format(count=count)
            if not wrong
            else _("{count}; look at these numbers:").format(count=count)
        )
        clear(self._list)
        for one in wrong[:_SHOWN]:
            self._list.addWidget(selectable(register_words.irregularity(one, found)))
        if len(wrong) > _SHOWN:
            self._list.addWidget(label(_("and {n} more").format(n=len(wrong) - _SHOWN), "soft"))

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(self.register is not None)
        self.notice.tell_error(describe(error))

    def _choose_target(self) -> None:
        name = f"{self.kind.currentText()} {self.year.text()}.pdf"
        kinds = [_("Document (*.pdf)"), _("Workbook (*.xlsx)")]
        if (path := choosing.to_save(self, _("Save the register"), Path.home() / name, kinds)) is not None:
            self.save_to(path)
