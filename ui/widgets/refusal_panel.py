"""The note to whoever sent a document, refusing it or asking for it again: read, changed, copied or saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit

from app.documents.model import DocumentInfo
from app.errors import describe
from app.i18n import _
from app.verification import refusal, resending
from app.verification.model import FileReport
from app.verification.report import Occasion
from ui import choosing, report_text
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, copy_text, label
from ui.widgets.flow import Flow
from ui.work import Pool


class RefusalPanel(Card):
    """One note at a time."""

    #: Back to the card.
    closed = Signal()
    #: Path of the note that was saved.
    saved = Signal(Path)

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2)
        self._pool = Pool(2, self)
        self._file = Path()
        self._refusing = True
        self._name = Elided(role="soft")
        self.text = QPlainTextEdit()
        self.text.setObjectName("refusalText")
        self.text.setAccessibleName(_("Text of the note"))
        self.text.setTabChangesFocus(True)
        self.notice = Notice()
        self.notice.hide()
        self.copy_button = button(_("&Copy the note"), "copy", role="primary", clicked=self._copy)
        self.copy_button.setObjectName("refusalCopy")
        self.save_button = button(_("Sa&ve as a file…"), "save", clicked=self._choose)
        self.save_button.setObjectName("refusalSave")
        self.back = button(_("&Back to the result"), "arrow-left", role="quiet", clicked=self.closed.emit)
        self._heading = label(role="heading")
        self.body.addWidget(self._heading)
        self.body.addWidget(self._name)
        self.body.addWidget(
            label(_("Read it, change what needs changing, and send it to whoever sent the document."), "soft")
        )
        self.body.addWidget(self.text, 1)
        self.body.addWidget(self.notice)
        self.body.addLayout(Flow(self.copy_button, self.save_button, self.back))

    def show_note(self, report: FileReport, occasion: Occasion, file: Path) -> None:
        """Begin with the note on one file: a refusal of what is not valid, else a request to send it again.

        :param report: of a file that :func:`app.verification.refusal.is_refusable` or
            :func:`app.verification.resending.can_be_asked_for_again`.
        :param file: beside which the note is proposed to be saved.
        """
        self._file = file
        self._name.setText(report_text.file_name(report))
        self._refusing = refusal.is_refusable(report)
        if self._refusing:
            self._heading.setText(_("Note of refusal"))
            self.text.setPlainText(refusal.refusal_note(report, occasion, wrapped=False))
            self._name_document(report, occasion)
        else:
            self._heading.setText(_("Request to send it again"))
            self.text.setPlainText(resending.request_note(report, occasion))
        self.notice.hide()
        self.text.setFocus()

    def _name_document(self, report: FileReport, occasion: Occasion) -> None:
        """Put number and date of the document into the note, unless it was changed or another one begun meanwhile."""
        begun = self.text.toPlainText()

        def named(document: DocumentInfo | None) -> None:
            if document is not None and self.text.toPlainText() == begun:
                self.text.setPlainText(refusal.refusal_note(report, occasion, document=document, wrapped=False))

        self._pool.start(
            lambda _job: refusal.read_document(report),
            done=named,
            failed=lambda error: self.notice.tell_error(describe(error)),
        )

    def save(self, path: Path) -> None:
        """Write the note as it is now."""
        content = self.text.toPlainText()
        self._pool.start(
            lambda _job: refusal.save_note(path, content),
            done=lambda _nothing: self._told_saved(path),
            failed=lambda error: self.notice.tell_error(describe(error)),
        )

    def stop(self) -> None:
        self._pool.close()

    def _copy(self) -> None:
        copy_text(self.text.toPlainText())
        self.notice.tell(_("The note was copied; paste it into a message."), tone="good", icon="circle-check")
        self.notice.show()

    def _choose(self) -> None:
        name = _("Refusal – {file}") if self._refusing else _("Request to send again – {file}")
        proposed = self._file.with_name(name.format(file=self._file.stem) + ".txt")
        path = choosing.to_save(self, _("Save the note"), proposed, [_("Text (*.txt)")])
        if path is not None:
            self.save(path)

    def _told_saved(self, path: Path) -> None:
        self.notice.hide()
        self.saved.emit(path)
