"""Which other document one belongs to: looked for as in the archive, then joined or attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton

from app.archive.model import Found, Query
from app.i18n import _
from app.office import Office
from ui import document_text
from ui.archive_search import ArchiveSearch
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, label
from ui.widgets.flow import Flow
from ui.widgets.hit_list import HitList

if TYPE_CHECKING:
    from app.archive.model import Document
    from app.errors import ErrorInfo


class LinkPanel(Card):
    """Chooses the other document and what the two are to each other."""

    #: Id of the main document that this one becomes an attachment of.
    attached = Signal(int)
    #: Id of the document whose files become files of this one.
    joined = Signal(int)
    closed = Signal()

    def __init__(self, office: Office) -> None:
        super().__init__(margins=UNIT * 2)
        self.setObjectName("linkPanel")
        self._document: Document | None = None
        self._name = Elided(role="strong")
        self.attach = QRadioButton(_("It is an &attachment of the document below"))
        self.attach.setObjectName("linkAttach")
        self.join = QRadioButton(_("The document below is the sa&me one in another format"))
        self.join.setObjectName("linkJoin")
        self._ways = QButtonGroup(self)
        for choice in (self.attach, self.join):
            choice.setAccessibleName(choice.text().replace("&", ""))
            self._ways.addButton(choice)
        self.attach.setChecked(True)
        self._ways.buttonToggled.connect(lambda _button, _on: self._allow())
        self.query = QLineEdit()
        self.query.setObjectName("linkQuery")
        self.query.setAccessibleName(_("Search for the other document"))
        self.query.setPlaceholderText(_("Number, symbol, summary, signer… accents may be left out"))
        self.query.setClearButtonEnabled(True)
        self.list = HitList()
        self.list.setObjectName("linkList")
        self.list.setAccessibleName(_("Documents to link to"))
        self.notice = Notice()
        self.notice.hide()
        self.submit = button("", "link", role="primary", clicked=self._submit)
        self.submit.setObjectName("linkSubmit")
        back = button(_("&Back, without linking"), clicked=self.closed.emit)
        back.setObjectName("linkBack")
        self._search = ArchiveSearch(office, self)
        self._search.answered.connect(self._show_found)
        self._search.continued.connect(lambda found: self.list.found.append(found.hits, found.next))
        self._search.failed.connect(self.tell_error)
        self.query.textChanged.connect(lambda text: self._search.ask_soon(Query(text)))
        self.list.found.more_wanted.connect(self._search.ask_more)
        self.list.chosen.connect(lambda _hit: self._allow())
        self.list.activated.connect(lambda _index: self._submit())
        self.body.addWidget(label(_("Link to another document"), "heading"))
        self.body.addWidget(self._name)
        self.body.addWidget(self.attach)
        self.body.addWidget(self.join)
        self.body.addWidget(self.query)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.notice)
        self.body.addLayout(Flow(self.submit, back))
        self._allow()

    def show_document(self, document: Document) -> None:
        """Ask what a document belongs to; what lies near it is offered first."""
        self._document = document
        self._name.setText(document_text.line(document))
        self.notice.hide()
        self.query.setText(document.number or "")
        self._search.ask(Query(self.query.text()))
        self.query.setFocus()
        self.query.selectAll()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def stop(self) -> None:
        self._search.stop()

    def _show_found(self, _query: Query, found: Found) -> None:
        own = self._document.id if self._document is not None else None
        self.list.show_found([hit for hit in found.hits if hit.document.id != own], found.next)
        self._allow()

    def _allow(self) -> None:
        hit = self.list.current
        text = _("&Attach it") if self.attach.isChecked() else _("&Join the two")
        if hit is not None:
            title = document_text.title(hit.document).replace("&", "&&")
            text = (
                _("&Attach it to {title}").format(title=title)
                if self.attach.isChecked()
                else _("&Join it with {title}").format(title=title)
            )
        self.submit.setText(text)
        self.submit.setAccessibleName(text.replace("&", ""))
        self.submit.setEnabled(hit is not None)

    def _submit(self) -> None:
        if (hit := self.list.current) is not None:
            (self.attached if self.attach.isChecked() else self.joined).emit(hit.document.id)
