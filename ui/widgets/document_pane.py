"""One document of the archive: its first page, what is known of it, its evidence, and what can be done with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.documents.model import DocumentInfo
from app.errors import describe
from app.i18n import _
from app.office import Office
from ui import choosing, document_text, theme
from ui.opening import open_file, open_folder_of
from ui.theme import UNIT
from ui.widgets.basic import Elided, Notice, button, column, icon_button, label, pictogram, row
from ui.widgets.document_details import DocumentDetails, Known
from ui.widgets.evidence_pane import EvidencePane
from ui.widgets.passage_line import PassageLine
from ui.widgets.preview import Preview
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.model import Document, FiledCopy, Hit, Passage

#: Until the page of the document chosen is drawn, in milliseconds; whoever goes on typing needs no picture.
_PAUSE = 250

_INFO = tuple(one.name for one in dataclasses.fields(DocumentInfo) if one.name != "main")


def info_of(document: Document) -> DocumentInfo:
    """What is known of a document, as its own page would say it."""
    return dataclasses.replace(DocumentInfo(), **{name: getattr(document, name) for name in _INFO})


class DocumentPane(QWidget):
    """Shows what is chosen in the list.

    :param parent: where it is to be shown.
    """

    #: A file should be checked.
    check_wanted = Signal(Path)
    #: A file should be copied: where it is, where the copy goes.
    copy_wanted = Signal(Path, Path)

    def __init__(self, office: Office, parent: QWidget) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(2, self)
        self._jobs: list[Job[object]] = []
        self._document: Document | None = None
        self._query = ""
        self._in_text = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE)
        self._soon.timeout.connect(self._load)
        self._filled, self._nothing = QWidget(), QWidget()
        self._stack = QStackedWidget()
        layout = column(spacing=0)
        self.setLayout(layout)
        layout.addWidget(self._stack)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._filled)
        self._lay_out_nothing()
        self._lay_out_filled()

    def _lay_out_nothing(self) -> None:
        empty = QVBoxLayout(self._nothing)
        word = label(_("Choose a document in the list to see its first page here."), "soft")
        empty.addStretch(2)
        empty.addLayout(row(pictogram("file-search", theme.current().text_soft, 24), word, stretch=True))
        empty.addStretch(3)

    def _lay_out_filled(self) -> None:
        self._name = Elided(role="heading")
        self._tabs = QButtonGroup(self)
        self.page_tab = self._tab(_("&First page"), "file-text", 0)
        self.details_tab = self._tab(_("&Information"), "info", 1)
        self.evidence_tab = self._tab(_("&Evidence"), "file-badge", 2)
        self.page_tab.setChecked(True)
        self.passage = PassageLine()
        self.notice = Notice()
        self.notice.hide()
        self.open = button(_("&Open the document"), "external-link", clicked=self.open_document)
        self.open.setObjectName("documentOpen")
        self.folder = icon_button(_("Show in its folder"), "folder-open", lambda: self._with_path(open_folder_of))
        self.folder.setObjectName("documentFolder")
        self.check = button(
            _("&Check its signatures"), "shield-check", clicked=lambda: self._with_path(self.check_wanted.emit)
        )
        self.check.setObjectName("documentCheck")
        self.save = icon_button(_("Save a copy…"), "save", self._choose_target)
        self.save.setObjectName("documentSave")
        inner = column(spacing=UNIT)
        self._filled.setLayout(inner)
        self._parts = QStackedWidget()
        inner.addWidget(self._name)
        inner.addLayout(row(self.page_tab, self.details_tab, self.evidence_tab, stretch=True))
        inner.addWidget(self.passage)
        inner.addWidget(self.notice)
        inner.addWidget(self._parts, 1)
        self.preview = Preview()
        self.details = DocumentDetails()
        self.details.file_wanted.connect(lambda path: open_file(Path(path)))
        self.evidence = EvidencePane(self._office)
        for part in (self.preview, self.details, self.evidence):
            self._parts.addWidget(part)
        inner.addLayout(row(self.open, self.check, self.folder, self.save, stretch=True))

    @property
    def document(self) -> Document | None:
        """The document shown."""
        return self._document

    @property
    def copy(self) -> FiledCopy | None:
        """Its file that is looked at."""
        return document_text.first_copy(self._document) if self._document is not None else None

    def show_hit(self, hit: Hit | None, query: str) -> None:
        """Show a document found; its page follows in a moment.

        :param query: the words it was found by.
        """
        self._document = hit.document if hit is not None else None
        self._query, self._in_text = query, hit is not None and hit.in_text
        self._stack.setCurrentIndex(0 if hit is None else 1)
        for job in self._jobs:
            job.cancel()
        self._jobs.clear()
        self.notice.hide()
        if hit is None:
            self._soon.stop()
            self.preview.show_file(None, None)
            return
        self._name.setText(document_text.line(hit.document))
        self._soon.start()

    def show_part(self, at: int) -> None:
        """Show page, information or evidence: 0, 1 or 2."""
        self._tabs.button(at).setChecked(True)
        self._parts.setCurrentIndex(at)
        self._load_part()

    def open_document(self) -> None:
        """Open the file in the program the system has for it."""
        self._with_path(open_file)

    def stop(self) -> None:
        self._soon.stop()
        self.preview.stop()
        self.evidence.stop()
        self._pool.close()

    def _load(self) -> None:
        document, copy = self._document, self.copy
        if document is None:
            return
        path = Path(copy.path) if copy is not None else None
        self.preview.show_file(path, info_of(document))
        for tool in (self.open, self.folder, self.check, self.save):
            tool.setEnabled(path is not None)
        self.passage.show_passage(None)
        if self._in_text:
            query, identifier = self._query, document.id
            self._start(lambda: self._office.archive.passage(identifier, query), self._show_passage)
        self._load_part()

    def _load_part(self) -> None:
        document = self._document
        if document is None:
            return
        if self._parts.currentWidget() is self.details:
            self._start(lambda: known(self._office, document.id), self._show_known)
        elif self._parts.currentWidget() is self.evidence and (copy := self.copy) is not None:
            self.evidence.show_copy(copy)

    def _show_known(self, found: Known | None) -> None:
        if found is not None:
            self.details.show_known(found)

    def _show_passage(self, passage: Passage | None) -> None:
        self.passage.show_passage(passage)

    def _start(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._jobs.append(
            self._pool.start(
                lambda _job: work(), done=done, failed=lambda error: self.notice.tell_error(describe(error))
            )
        )

    def _with_path(self, do: Callable[[Path], object]) -> None:
        if (copy := self.copy) is not None:
            do(Path(copy.path))

    def _choose_target(self) -> None:
        if (copy := self.copy) is None:
            return
        source = Path(copy.path)
        kind = f"{source.suffix.lstrip('.').upper()} (*{source.suffix})"
        target = choosing.to_save(self, _("Save a copy"), Path.home() / source.name, [kind])
        if target is not None:
            self.copy_wanted.emit(source, target)

    def _tab(self, text: str, icon: str, at: int) -> QPushButton:
        made = button(text, icon, role="chip", clicked=lambda: self.show_part(at))
        made.setCheckable(True)
        made.setObjectName(f"documentTab-{at}")
        self._tabs.addButton(made, at)
        return made


def known(office: Office, identifier: int) -> Known | None:
    """A document with what it is linked to; None where the archive has it no more."""
    archive = office.archive
    document = archive.document(identifier)
    if document is None:
        return None
    main = archive.document(document.attached_to) if document.attached_to is not None else None
    attachments = [other for number in document.attachments if (other := archive.document(number)) is not None]
    return Known(document, main, attachments, [archive.dossiers.get(number) for number in document.dossiers])
