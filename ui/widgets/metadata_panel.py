"""Correcting what the archive knows of a document, beside its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.archive.model import Corrections
from app.decoding import decodable
from app.i18n import _
from ui import document_text
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, label
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import SPECS, MetadataForm

if TYPE_CHECKING:
    from app.archive.model import Document
    from app.errors import ErrorInfo


class MetadataPanel(Card):
    """The form of one document.

    :param parent: where it is to be shown.
    """

    #: The :class:`Corrections` to be made.
    saved = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(margins=UNIT * 2, parent=parent)
        self.setObjectName("metadataPanel")
        self._document: Document | None = None
        self._name = Elided(role="soft")
        self.notice = Notice()
        self.notice.hide()
        self.save = button(_("&Save the information"), "save", role="primary", clicked=self._save)
        self.save.setObjectName("metadataSave")
        back = button(_("&Back, nothing changed"), clicked=self.closed.emit)
        back.setObjectName("metadataBack")
        self.body.addWidget(label(_("Correct the information"), "heading"))
        self.body.addWidget(self._name)
        self.body.addWidget(self.notice)
        self.form = MetadataForm(self)
        self.body.addWidget(self.form, 1)
        self.body.addLayout(Flow(self.save, back))

    def show_document(self, document: Document) -> None:
        """Begin with what is known; the first field in doubt has the keyboard."""
        self._document = document
        self._name.setText(document_text.line(document))
        self.notice.hide()
        values = {spec.name: getattr(document, spec.name) for spec in SPECS}
        self.form.show_values(values, document.doubts, incoming=document.incoming)
        self.form.focus(next((spec.name for spec in SPECS if spec.name in document.doubts), "type"))

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _save(self) -> None:
        document, values = self._document, self.form.values()
        if document is None or values is None:
            return
        changed = {
            name: value for name, value in values.items() if (value or None) != (getattr(document, name) or None)
        }
        if changed.get("type", document.type) is None:
            del changed["type"]
        day = values["arrived_on"] if document.incoming else values["date"]
        if (year := getattr(day, "year", document.year)) != document.year:
            changed["year"] = year
        self.saved.emit(msgspec.convert(changed, decodable(Corrections)))
