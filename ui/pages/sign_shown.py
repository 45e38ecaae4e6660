"""The document chosen among those to sign: what it says, its pages with its mark, what a person decides for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.documents.model import DocumentInfo
from app.errors import describe
from app.i18n import _
from app.office import Office
from app.signing.model import Mark
from ui.pages.sign_documents import SignDocuments
from ui.pages.sign_proposals import Proposal, SignProposals
from ui.signing_entry import OFFICE_FORMATS, Entry
from ui.widgets.file_list import FileList
from ui.widgets.preview import Preview
from ui.widgets.sign_setup import SignSetup


class SignShown(QObject):
    """Keeps pages, fields and mark at the document that is chosen in the list.

    :param files: the list; while a run is under way it is locked, and nothing is decided here.
    :param documents: reads and mends what is shown.
    """

    def __init__(
        self,
        office: Office,
        files: FileList,
        documents: SignDocuments,
        setup: SignSetup,
        preview: Preview,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._list, self._documents, self._setup, self._preview = files, documents, setup, preview
        self._proposals = SignProposals(office, self)
        self._proposals.found.connect(self._proposed)
        self._proposals.failed.connect(self._not_proposed)
        files.row_chosen.connect(lambda _row: self.show())
        setup.fields.corrected.connect(self._corrected)
        setup.findings.repair_wanted.connect(self._repair)
        setup.findings.accepted.connect(self._accept)
        setup.details.arrival_typed.connect(self._arrival_typed)
        setup.details.onward_wanted.connect(self._number_onward)
        setup.mark.page_wanted.connect(preview.go_to_mark)
        preview.mark_moved.connect(self._mark_moved)
        preview.shown.connect(lambda _page: self._show_mark_page())

    @property
    def _entry(self) -> Entry | None:
        return self._list.current

    def show(self) -> None:
        """Show the document chosen, with what is known of it."""
        entry = self._entry
        if entry is not None and entry.problem is not None:
            self._preview.show_problem(entry.path, entry.problem)
        elif entry is not None and entry.read is None and entry.path.suffix.lower() != ".pdf":
            self._preview.show_nothing_of(entry.path, _("Reading…"))
        else:
            self._preview.show_file(
                self._file(entry), entry.info if entry else None, version=entry.seen if entry else ""
            )
        self._setup.fields.show_info(entry.info if entry else None)
        accepted = entry is not None and entry.asks <= entry.accepts
        self._setup.findings.show_findings(entry.findings if entry else (), accepted=accepted)
        self._show_arrival()
        self._propose()

    def stop(self) -> None:
        self._proposals.stop()

    def _file(self, entry: Entry | None) -> Path | None:
        """The file of an entry, or the PDF that is signed in its place; that is made first where it is not there."""
        if entry is None or not self._setup.formats.makes_pdf or entry.format not in OFFICE_FORMATS:
            return entry.path if entry is not None else None
        if entry.pdf is None:
            self._documents.make_pdf(entry)
        return entry.pdf or entry.path

    # What a person decides

    def _corrected(self, info: DocumentInfo) -> None:
        if (entry := self._entry) is not None:
            entry.info = info
            self._list.files.touch(entry)
            self._propose()

    def _arrival_typed(self, number: str) -> None:
        if (entry := self._entry) is not None:
            entry.arrival = number
            self._list.files.touch(entry)
            self._show_arrival()
            self._propose()

    def _number_onward(self) -> None:
        """Number the documents after the one shown in turn."""
        self._list.files.number_arrivals_after(self._list.currentIndex().row())

    def _show_arrival(self) -> None:
        entry, files = self._entry, self._list.files
        others = entry is not None and files.row_of(entry) + 1 < len(files.entries)
        self._setup.details.show_arrival(entry.arrival if entry is not None else None, others=others)

    def _accept(self, accepted: bool) -> None:
        if (entry := self._entry) is not None:
            entry.accepts = entry.accepts | entry.asks if accepted else entry.accepts - entry.asks
            self._list.files.touch(entry)

    def _repair(self) -> None:
        """Sign a mended copy in the place of the document shown."""
        if (entry := self._entry) is not None and not self._list.files.locked:
            self._documents.repair(entry)

    # The mark

    def _propose(self) -> None:
        """Find out where the mark of the document shown will stand."""
        self._proposals.forget()
        entry, choice = self._entry, self._setup.choice()
        document = self._file(entry) if entry is not None and not entry.refusal else None
        if entry is None or choice is None or document is None or document.suffix.lower() != ".pdf":
            self._show_proposal(Proposal())
            return
        self._proposals.propose(entry, document, choice)

    def _proposed(self, entry: Entry, proposal: Proposal) -> None:
        entry.place = None if proposal.mark is None else proposal.mark.page
        self._list.files.touch(entry)
        self._show_proposal(proposal)

    def _not_proposed(self, entry: Entry, error: Exception) -> None:
        entry.place = None
        self._list.files.touch(entry)
        self._show_proposal(Proposal(), problem=describe(error).message)

    def _show_proposal(self, proposal: Proposal, *, problem: str = "") -> None:
        self._preview.show_mark(proposal.mark, proposal.picture, proposal.written)
        left_out = proposal.wanted and proposal.mark is None
        self._setup.mark.show_proposal(proposal.picture, left_out=left_out, problem=problem)
        self._show_mark_page()

    def _show_mark_page(self) -> None:
        self._setup.mark.show_page(self._preview.mark_page)

    def _mark_moved(self, moved: Mark) -> None:
        if (entry := self._entry) is not None and not self._list.files.locked:
            entry.mark = moved
            self._list.files.touch(entry)
