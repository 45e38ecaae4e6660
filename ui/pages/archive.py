"""Kho văn bản: search while typing, the tree of years and types, the document beside the list."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.archive.model import Query
from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from ui import archive_waiting, choosing
from ui.adding_entry import AddingEntry
from ui.archive_changes import ArchiveChanges, Done
from ui.archive_search import ArchiveSearch
from ui.archive_waiting import ArchiveWaiting, Looked
from ui.opening import open_file, open_folder
from ui.pages.page import Kept, Page
from ui.theme import UNIT
from ui.widgets.archive_adding import AddingPanel
from ui.widgets.archive_desk import ArchiveDesk
from ui.widgets.basic import EmptyState, Header, button, icon_button
from ui.widgets.document_details import Known
from ui.widgets.document_side import DocumentSide
from ui.widgets.edit_view import EditView
from ui.widgets.health_view import HealthView
from ui.widgets.register_panel import RegisterPanel
from ui.widgets.told import Offer, Told
from ui.work import Pool

if TYPE_CHECKING:
    from app.archive.model import Branch, Dossier, Found
    from app.errors import ErrorInfo


class ArchivePage(Page):
    """The archive of the office.

    :ivar query: what is searched for. :ivar list: what was found. :ivar side: the document chosen, and
        what is asked about it. :ivar pane: the document.
    """

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._pool = Pool(1, self)
        self._documents = 0
        self._wanted: int | None = None
        self._search = ArchiveSearch(office, self)
        self._changes = ArchiveChanges(office, self)
        self._waiting = ArchiveWaiting(office, self)

        self.told = Told()
        self._add = button(_("&Add documents…"), "file-plus", role="primary", clicked=self.choose)
        self._add.setObjectName("archiveAdd")
        root = icon_button(
            _("Open the archive's root folder"), "folder-open", lambda: open_folder(office.settings.archive_dir)
        )
        self._empty = EmptyState(
            "archive",
            _("Nothing is filed yet. Each signed copy is put here by year and type of document."),
            _("Documents received and older ones can be dropped here, too."),
            _("&Add documents…"),
            "file-plus",
        )
        self._empty.chosen.connect(self.choose)
        self.hovering.connect(self._empty.highlight)
        self._views = QStackedWidget()
        registers = button(_("Re&gisters…"), "scroll-text", clicked=self._show_registers)
        registers.setObjectName("archiveRegisters")
        state = button(_("S&tate…"), "activity", clicked=self._show_health)
        state.setObjectName("archiveHealth")
        tools = (root, state, registers, self._add)
        self._header = Header(_("Archive"), str(office.settings.archive_dir), buttons=tools)
        self._header.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self._header)
        layout.addWidget(self.told)
        layout.addWidget(self._views, 1)
        self._views.addWidget(self._empty)
        self.desk = ArchiveDesk(self._views)
        self._views.addWidget(self.desk)
        self.side = DocumentSide(office, self._changes, self.desk.parts)
        self.desk.show_beside(self.side)
        self.query, self.filters, self.tree = self.desk.query, self.desk.filters, self.desk.tree
        self.list, self.notice = self.desk.list, self.desk.notice
        self.pane = self.side.pane
        self._connect()

    # Views that few visits need: each is made when first asked for

    @cached_property
    def adding(self) -> AddingPanel:
        """Files on their way into the archive."""
        made = AddingPanel(self.office, self._views)
        self._views.addWidget(made)
        made.closed.connect(self._added)
        made.busy_changed.connect(self.busy_changed)
        return made

    @cached_property
    def editing(self) -> EditView:
        """The form of one document beside its page."""
        made = EditView(self._views)
        self._views.addWidget(made)
        made.panel.closed.connect(lambda: self._show_view(None))
        made.panel.saved.connect(
            lambda given: self.side.with_document(lambda shown: self._changes.correct(shown.document.id, given))
        )
        return made

    @cached_property
    def health(self) -> HealthView:
        """The state of the archive."""
        made = HealthView(self.office)
        self._views.addWidget(made)
        made.closed.connect(self._left)
        made.busy_changed.connect(self.busy_changed)
        made.document_wanted.connect(self._show_from_view)
        return made

    @cached_property
    def registers(self) -> RegisterPanel:
        """The registers of a year."""
        made = RegisterPanel(self.office)
        self._views.addWidget(made)
        made.closed.connect(self._left)
        made.saved.connect(lambda path: self._done(Done(_("The register was saved."), str(path), file=path)))
        return made

    # What the window asks of a page

    def entered(self) -> None:
        """Look anew: something may have been filed meanwhile."""
        self.refresh()

    def first_focus(self) -> QWidget | None:
        return self.query if self._views.currentIndex() == 1 else None

    @property
    def busy(self) -> str:
        made = self.__dict__
        if "adding" in made and self.adding.filing:
            return _("Documents are being filed.")
        return _("The archive is being looked at.") if "health" in made and self.health.busy else ""

    def add(self, paths: list[Path]) -> None:
        """Take files to be filed."""
        self._show_view(self.adding)
        self.adding.add(paths)

    def choose(self) -> None:
        """Ask for files to be filed."""
        kinds = [_("Documents (*.pdf *.docx *.xlsx *.pptx *.odt *.ods *.odp *.asice *.xml)")]
        if files := choosing.to_open(self, _("Documents for the archive"), kinds):
            self.add(files)

    def files(self) -> list[Path]:
        """What waits to be filed."""
        entries = self.adding.entries if "adding" in self.__dict__ else []
        return [entry.path for entry in entries if not entry.done]

    def keep(self) -> Kept:
        return Kept(tuple(self.files()))

    def cancel(self) -> None:
        if "adding" in self.__dict__:
            self.adding.cancel()
        if "health" in self.__dict__:
            self.health.cancel()

    def stop(self) -> None:
        for name in ("adding", "editing", "health", "registers"):
            if (made := self.__dict__.get(name)) is not None:
                made.stop()
        for part in (self._search, self._changes, self._waiting, self.side):
            part.stop()
        self._pool.close()

    # Searching

    def refresh(self) -> None:
        """File what waits, read the tree and the dossiers, and search again."""

        def read() -> tuple[list[Branch], list[Dossier]]:
            return self.office.archive.tree(), self.office.archive.dossiers.find()

        self._pool.start(lambda _job: read(), done=lambda known: self._show_tree(*known), failed=self._fail)
        self._waiting.look()
        self.search()

    def search(self) -> None:
        """Ask anew now."""
        self._search.ask(self.desk.asked())

    def show_document(self, identifier: int) -> None:
        """Find a document by itself and show it, whatever was searched for before."""

        def done(known: Known | None) -> None:
            if known is None:
                self._fail_with(_("The document is not in the archive any more."))
                return
            self._wanted = identifier
            self.filters.clear()
            self.query.setText(_words_of(known))
            self.search()

        from ui.widgets.document_pane import known

        self._pool.start(lambda _job: known(self.office, identifier), done=done, failed=self._fail)

    def _show_from_view(self, identifier: int) -> None:
        self._show_view(None)
        self.show_document(identifier)

    def _ask_soon(self) -> None:
        self._search.ask_soon(self.desk.asked())

    def _show_tree(self, branches: list[Branch], dossiers: list[Dossier]) -> None:
        self._documents = sum(branch.documents for branch in branches)
        self.tree.show_branches(branches)
        self.filters.show_dossiers(dossiers)
        if self._views.currentWidget() is self.desk and not self._documents:
            self._views.setCurrentWidget(self._empty)
        elif self._documents:
            self._leave_empty()

    def _show_found(self, query: Query, found: Found) -> None:
        self.notice.hide()
        wanted, self._wanted = self._wanted, None
        self.list.show_found(found.hits, found.next, choose=wanted)
        self.desk.tell_count()
        if found.hits:
            self._leave_empty()
        if not found.hits and query != Query():
            self.notice.tell(
                _("Nothing found."),
                _("Use fewer words or parts of words, choose “All documents” in the tree, or clear the filters."),
                icon="search",
            )
            self.notice.show()

    def _append(self, found: Found) -> None:
        self.list.found.append(found.hits, found.next)
        self.desk.tell_count()

    # One document

    def _edit(self, shown: Known) -> None:
        self.editing.show_document(shown.document)
        self._show_view(self.editing)

    def _list_dossier(self, dossier: int) -> None:
        self.query.clear()
        self.filters.choose_dossier(dossier)

    # What was done

    def _done(self, done: Done) -> None:
        offers: list[Offer] = []
        if done.undo is not None:
            offers.append((_("&Undo"), "rotate-ccw", done.undo))
        if (file := done.file) is not None:
            offers.append((_("O&pen it"), "external-link", lambda: open_file(file)))
        self.told.tell_done(done.sentence, done.hint, offers)
        if done.document is None:
            return
        self._show_view(None)
        self.side.show_pane()
        self._wanted = done.document
        self.refresh()

    def _refused(self, error: ErrorInfo) -> None:
        view = self._views.currentWidget()
        if isinstance(view, EditView):
            view.panel.tell_error(error)
        elif not self.side.tell_error(error):
            self.told.tell_error(error)

    def _added(self, entries: list[AddingEntry]) -> None:
        self._show_view(None)
        copies = [entry.filed for entry in entries if entry.filed is not None]
        if copies:
            count = len(copies)
            told = ngettext("{n} document was filed.", "{n} documents were filed.", count).format(n=count)
            self.told.tell_done(told, copies[-1].path)
            self._wanted = copies[-1].document
        self.refresh()
        self.query.setFocus()

    def _tell_waiting(self, looked: Looked) -> None:
        archive_waiting.tell(self.told, looked)
        if looked.filed:
            self.refresh()

    def _fail(self, error: Exception) -> None:
        self._fail_told(describe(error))

    def _fail_told(self, error: ErrorInfo) -> None:
        self._leave_empty()
        self.notice.tell_error(error)

    def _fail_with(self, sentence: str) -> None:
        self.notice.tell(sentence, "", "caution", "triangle-alert")
        self.notice.show()

    # Layout and keys

    def _leave_empty(self) -> None:
        """There is something now: the desk, and the keyboard where one searches."""
        if self._views.currentWidget() is self._empty:
            self._views.setCurrentWidget(self.desk)
            if self.isVisible():
                self.query.setFocus()

    def _show_view(self, view: QWidget | None) -> None:
        """Show adding or editing, or the desk."""
        self._views.setCurrentWidget(view) if view is not None else self._views.setCurrentIndex(1)
        self._header.setVisible(view is None or isinstance(view, EditView))

    def _show_health(self) -> None:
        self._show_view(self.health)
        self.health.refresh()
        self.health.check.setFocus()

    def _show_registers(self) -> None:
        self._show_view(self.registers)
        self.registers.begin()

    def _left(self) -> None:
        """Back from a view to the desk."""
        self._show_view(None)
        self.refresh()
        self.query.setFocus()

    def _connect(self) -> None:
        self.files_dropped.connect(self.add)
        self.query.textChanged.connect(lambda _text: self._ask_soon())
        self.query.returnPressed.connect(self.list.setFocus)
        self.filters.changed.connect(self._ask_soon)
        self.tree.chosen.connect(lambda _place: self.search())
        self._search.answered.connect(self._show_found)
        self._search.continued.connect(self._append)
        self._search.failed.connect(self._fail_told)
        self.list.found.more_wanted.connect(self._search.ask_more)
        self.list.chosen.connect(lambda hit: self.side.show_hit(hit, self.query.text()))
        self.list.activated.connect(lambda _index: self.pane.open_document())
        self.pane.check_wanted.connect(lambda path: self.handed_over.emit("verify", [path]))
        self.side.edit_wanted.connect(self._edit)
        self.side.failed.connect(self._fail)
        details = self.pane.details
        details.document_wanted.connect(self.show_document)
        details.dossier_listed.connect(self._list_dossier)
        self._waiting.looked.connect(self._tell_waiting)
        self._waiting.failed.connect(self.told.tell_error)
        self._changes.done.connect(self._done)
        self._changes.failed.connect(self._refused)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.query.setFocus)


def _words_of(known: Known) -> str:
    """Words by which a document is found again."""
    document = known.document
    return " ".join(filter(None, (document.number, document.symbol))) or " ".join((document.summary or "").split()[:8])
