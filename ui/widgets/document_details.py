"""What the archive knows of a document: the decree's metadata, its files, what it belongs to, its dossiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.i18n import _, ngettext
from ui import document_text, theme
from ui.theme import UNIT
from ui.widgets.basic import (
    Card,
    Elided,
    Notice,
    ScrollPane,
    button,
    clear,
    column,
    icon_button,
    label,
    pictogram,
    row,
    rule,
)
from ui.widgets.flow import Flow
from ui.widgets.report_parts import facts

if TYPE_CHECKING:
    from app.archive.model import Document, Dossier

T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """A document with what it is linked to.

    :ivar main: the document that it is an attachment of.
    """

    document: Document
    main: Document | None
    attachments: Sequence[Document]
    dossiers: Sequence[Dossier]


class DocumentDetails(ScrollPane):
    """One document; whoever shows it does what is asked for."""

    edit_wanted = Signal()
    link_wanted = Signal()
    dossier_wanted = Signal()
    #: Id of another document to be shown.
    document_wanted = Signal(int)
    #: Path of a file to be opened.
    file_wanted = Signal(str)
    #: Id of an attachment that belongs to no document any more.
    attachment_parted = Signal(int)
    #: Id of a copy that becomes a document of its own again.
    copy_parted = Signal(int)
    #: What people put right of the document should be shown.
    corrections_wanted = Signal()
    #: Id of a dossier that the document leaves.
    dossier_left = Signal(int)
    #: Id of a dossier whose documents should be listed.
    dossier_listed = Signal(int)

    def __init__(self) -> None:
        super().__init__(_("Information about the document"))
        self.edit = button(_("Correct the &information…"), "pen-line", clicked=self.edit_wanted.emit)
        self.edit.setObjectName("documentEdit")
        self.link = button(_("Lin&k to another document…"), "link", clicked=self.link_wanted.emit)
        self.link.setObjectName("documentLink")
        self.put = button(_("Put into a &dossier…"), "folder-plus", clicked=self.dossier_wanted.emit)
        self.put.setObjectName("documentDossier")
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT * 2)
        body = QWidget()
        body.setObjectName("scrollBody")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, UNIT, UNIT)
        layout.setSpacing(UNIT * 2)
        layout.addLayout(self._list)
        self.history = button(_("What was correc&ted…"), "clock", clicked=self.corrections_wanted.emit)
        self.history.setObjectName("documentHistory")
        layout.addLayout(Flow(self.edit, self.link, self.put, self.history))
        layout.addStretch(1)
        self.setWidget(body)
        self.known: Known | None = None

    def show_known(self, known: Known) -> None:
        """Show a document."""
        self.known = known
        clear(self._list)
        document = known.document
        if document.doubts:
            notice = Notice()
            notice.tell(
                ngettext(
                    "{n} field of this document was read but is not certain.",
                    "{n} fields of this document were read but are not certain.",
                    len(document.doubts),
                ).format(n=len(document.doubts)),
                _("Compare them with the page once; then they count as checked."),
                "caution",
                "circle-question-mark",
            )
            self._list.addWidget(notice)
        card = Card()
        card.body.addWidget(label(_("Metadata"), "heading"))
        card.body.addLayout(facts(list(document_text.rows(document))))
        self._list.addWidget(card)
        self._list.addWidget(self._files(document))
        if known.main is not None or known.attachments:
            self._list.addWidget(self._linked(known))
        if known.dossiers:
            self._list.addWidget(self._dossiers(known.dossiers))

    def _files(self, document: Document) -> Card:
        card = Card()
        card.body.addWidget(label(_("Files"), "heading"))
        for at, copy in enumerate(document.copies):
            if at:
                card.body.addWidget(rule())
            name = Path(copy.path).name
            tools = [self._tool(_("Open {file}").format(file=name), "external-link", self.file_wanted.emit, copy.path)]
            if len(document.copies) > 1:
                text = _("Make {file} a document of its own").format(file=name)
                tools.append(self._tool(text, "unlink", self.copy_parted.emit, copy.id))
            card.body.addLayout(_line("file-text", name, document_text.copy_line(copy), tools))
        return card

    def _linked(self, known: Known) -> Card:
        card = Card()
        if known.main is not None:
            card.body.addWidget(label(_("Attachment of"), "heading"))
            part = self._tool(_("No longer an attachment"), "unlink", self.attachment_parted.emit, known.document.id)
            card.body.addLayout(self._document_line(known.main, part))
        if known.attachments:
            card.body.addWidget(label(_("Attachments"), "heading"))
        for document in known.attachments:
            text = _("“{title}” is no longer an attachment").format(title=document_text.title(document))
            part = self._tool(text, "unlink", self.attachment_parted.emit, document.id)
            card.body.addLayout(self._document_line(document, part))
        return card

    def _document_line(self, document: Document, part: QToolButton) -> QHBoxLayout:
        title = document_text.title(document)
        show = self._tool(
            _("Show “{title}”").format(title=title), "arrow-right", self.document_wanted.emit, document.id
        )
        return _line("paperclip", title, document.summary or "", [show, part])

    def _dossiers(self, dossiers: Sequence[Dossier]) -> Card:
        card = Card()
        card.body.addWidget(label(_("Dossiers"), "heading"))
        for one in dossiers:
            tools = [
                self._tool(
                    _("List the dossier {notation}").format(notation=one.data.notation),
                    "list",
                    self.dossier_listed.emit,
                    one.id,
                ),
                self._tool(
                    _("Take it out of the dossier {notation}").format(notation=one.data.notation),
                    "unlink",
                    self.dossier_left.emit,
                    one.id,
                ),
            ]
            count = ngettext("{n} document", "{n} documents", one.documents).format(n=one.documents)
            card.body.addLayout(_line("folder", f"{one.data.notation} · {one.data.title}", count, tools))
        return card

    def _tool(self, name: str, icon: str, emit: Callable[[T], object], value: T) -> QToolButton:
        return icon_button(name, icon, lambda: emit(value))


def _line(icon: str, name: str, more: str, tools: Sequence[QToolButton]) -> QHBoxLayout:
    """A thing with its pictogram, what more is to be said of it, and what can be done with it."""
    words = column(spacing=0)
    words.addWidget(Elided(name, "strong"))
    if more:
        words.addWidget(Elided(more, "small", Qt.TextElideMode.ElideRight))
    line = row(pictogram(icon, theme.current().text_soft), spacing=UNIT + 4)
    line.addLayout(words, 1)
    line.addLayout(row(*tools, spacing=0))
    return line
