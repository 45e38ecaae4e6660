"""What stands beside the list of the archive: the document chosen, or a panel that asks for something about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.archive.model import Dossier, Hit
from app.correcting import Correction, Corrector
from app.errors import ErrorInfo
from app.office import Office
from ui.archive_changes import ArchiveChanges
from ui.widgets.corrections_panel import CorrectionsPanel
from ui.widgets.document_details import Known
from ui.widgets.document_pane import DocumentPane
from ui.widgets.dossier_panel import DossierPanel
from ui.widgets.link_panel import LinkPanel
from ui.work import Pool


class DocumentSide(QStackedWidget):
    """Panels that few documents need are each made when first asked for.

    :param changes: what the panels ask for is done there.
    :param parent: where it is to be shown.
    :ivar pane: the document chosen.
    """

    #: The :class:`Known` whose information is to be corrected.
    edit_wanted = Signal(object)
    #: The exception of what could not be read for a panel.
    failed = Signal(object)

    def __init__(self, office: Office, changes: ArchiveChanges, parent: QWidget) -> None:
        super().__init__(parent)
        self._office, self._changes = office, changes
        self._pool = Pool(1, self)
        self.pane = DocumentPane(office, self)
        self.addWidget(self.pane)
        self.pane.evidence.export_wanted.connect(changes.export_evidence)
        self.pane.copy_wanted.connect(changes.save_copy)
        details = self.pane.details
        details.edit_wanted.connect(lambda: self.with_document(self.edit_wanted.emit))
        details.link_wanted.connect(lambda: self.with_document(self._link))
        details.dossier_wanted.connect(lambda: self.with_document(self._put))
        details.attachment_parted.connect(self._part)
        details.copy_parted.connect(changes.part)
        details.corrections_wanted.connect(lambda: self.with_document(self._show_corrections))
        details.dossier_left.connect(
            lambda dossier: self.with_document(lambda shown: changes.take_out(shown.document.id, dossier))
        )

    @cached_property
    def links(self) -> LinkPanel:
        """Which document another one belongs to."""
        made = LinkPanel(self._office)
        self.addWidget(made)
        made.closed.connect(self.show_pane)
        made.attached.connect(
            lambda main: self.with_document(
                lambda shown: self._changes.attach(shown.document.id, main, shown.document.attached_to)
            )
        )
        made.joined.connect(
            lambda other: self.with_document(lambda shown: self._changes.join(shown.document.id, other))
        )
        return made

    @cached_property
    def corrections(self) -> CorrectionsPanel:
        """What people put right of a document."""
        made = CorrectionsPanel()
        self.addWidget(made)
        made.closed.connect(self.show_pane)
        made.undone.connect(self._changes.undo_correction)
        return made

    @cached_property
    def dossiers(self) -> DossierPanel:
        """Into which dossier a document goes."""
        made = DossierPanel()
        self.addWidget(made)
        made.closed.connect(self.show_pane)
        made.chosen.connect(
            lambda dossier: self.with_document(lambda shown: self._changes.put(shown.document.id, dossier))
        )
        made.opened.connect(
            lambda data: self.with_document(lambda shown: self._changes.open_dossier(shown.document.id, data))
        )
        return made

    def show_pane(self) -> None:
        """Show the document, whatever was asked about it."""
        self.setCurrentWidget(self.pane)

    def show_hit(self, hit: Hit | None, query: str) -> None:
        """Show a document found.

        :param query: the words it was found by.
        """
        self.show_pane()
        self.pane.show_hit(hit, query)

    def with_document(self, do: Callable[[Known], object]) -> None:
        """Do something with what is known of the document shown; nothing until that has been read."""
        shown, here = self.pane.details.known, self.pane.document
        if shown is not None and here is not None and shown.document.id == here.id:
            do(shown)

    def tell_error(self, error: ErrorInfo) -> bool:
        """Tell in the panel shown that what it asked for was refused; False where none is."""
        shown = self.currentWidget()
        if not isinstance(shown, LinkPanel | DossierPanel | CorrectionsPanel):
            return False
        shown.tell_error(error)
        return True

    def stop(self) -> None:
        """Wait until no thread works any more."""
        if "links" in vars(self):
            self.links.stop()
        self.pane.stop()
        self._pool.close()

    def _link(self, shown: Known) -> None:
        self.links.show_document(shown.document)
        self.setCurrentWidget(self.links)

    def _show_corrections(self, shown: Known) -> None:
        def done(found: list[Correction]) -> None:
            self.corrections.show_corrections(shown.document, found)
            self.setCurrentWidget(self.corrections)

        history = Corrector(self._office).history
        self._pool.start(lambda _job: history(shown.document.id), done=done, failed=self.failed.emit)

    def _put(self, shown: Known) -> None:
        def done(dossiers: list[Dossier]) -> None:
            self.setCurrentWidget(self.dossiers)
            self.dossiers.show_document(shown.document, dossiers)

        self._pool.start(lambda _job: self._office.archive.dossiers.find(), done=done, failed=self.failed.emit)

    def _part(self, attachment: int) -> None:
        shown = self.pane.details.known
        before = shown.document.attached_to if shown is not None and shown.document.id == attachment else None
        if shown is not None and before is None:
            before = shown.document.id
        self._changes.attach(attachment, None, before)
