"""Putting documents into the archive: the page, what was read from it, and what should be looked at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _, ngettext, pgettext
from app.office import Office
from ui.adding_entry import AddingEntry
from ui.archive_reading import ReadingAhead
from ui.pages.sign_folders import Collected, collect
from ui.theme import UNIT
from ui.widgets.adding_list import AddingList
from ui.widgets.basic import Card, Header, Notice, button, label, row
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import MetadataForm
from ui.widgets.preview import Preview
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.batch import Outcome

#: How many documents of folders are taken at once.
MOST = 100_000
#: So many files a person may look through before they are filed; of more, those not read yet are not waited for.
LOOKED_THROUGH = 500
#: Of a folder that does not answer, others do not wait.
_LOOKS = 2
#: Milliseconds after which it is told that files are looked for: mostly they are there before.
_SLOW = 200
#: How many are put into the list in one go, so that the window stays awake meanwhile.
_SLICE = 500


class AddingPanel(QWidget):
    """The files dropped, one of them with its page and its form."""

    #: Back to the archive; the :class:`AddingEntry` of all copies filed or waiting, newest last.
    closed = Signal(list)
    busy_changed = Signal()

    def __init__(self, office: Office, parent: QWidget) -> None:
        """
        :param parent: where it is to be shown.
        """
        super().__init__(parent)
        self._office = office
        self._collecting = Pool(_LOOKS, self)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW)
        self._slow.timeout.connect(self._tell_looking)
        self._filing = Pool(1, self)
        self._reading = ReadingAhead(office.settings.archive.doubtful_below, self)
        self._reading.read.connect(self._was_read)
        self._halted = threading.Event()
        self._paths: set[Path] = set()
        self._said = ""
        self._touched = False
        self._filed_now = self._to_file = 0
        self.incoming = self._kind(pgettext("documents", "&Received"), "inbox", "addIncoming")
        self.issued = self._kind(pgettext("documents", "&Issued"), "send", "addIssued")
        self._kinds = QButtonGroup(self)
        for chip in (self.incoming, self.issued):
            self._kinds.addButton(chip)
        self.incoming.setChecked(True)
        self._kinds.buttonToggled.connect(lambda _button, _on: self._kind_chosen())
        back = button(_("&Back to the archive"), "arrow-left", role="quiet", clicked=self.close_panel)
        back.setObjectName("addBack")
        self.list = AddingList()
        self.list.chosen.connect(self._show)
        self.preview = Preview()
        self.form = MetadataForm()
        self.form.changed.connect(self._changed)
        self.notice = Notice()
        self.notice.hide()
        self.confirm = button(_("It is right so, &next"), "check", clicked=self._confirm)
        self.confirm.setObjectName("addConfirm")
        self.leave_out = button(_("&Leave this file out"), "x", clicked=self._leave_out)
        self.leave_out.setObjectName("addLeaveOut")
        self.file = button(_("File documents"), "archive", role="primary", clicked=self.file_all)
        self.file.setObjectName("addFile")
        self.halt = button(_("&Stop filing"), "x", clicked=self.cancel)
        self.halt.setObjectName("addHalt")
        self.halt.hide()
        side = Card(margins=UNIT * 2)
        side.setFixedWidth(UNIT * 44)
        layout, body = QVBoxLayout(self), row(spacing=UNIT * 2)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Put documents into the archive"), buttons=(self.incoming, self.issued, back)))
        layout.addLayout(body, 1)
        for part, stretch in ((self.list, 0), (self.preview, 1), (side, 0)):
            body.addWidget(part, stretch)
        side.body.addWidget(label(_("What was read from the page"), "heading"))
        side.body.addWidget(self.notice)
        side.body.addWidget(self.form, 1)
        side.body.addLayout(Flow(self.confirm, self.leave_out))
        side.body.addWidget(self.halt)
        side.body.addWidget(self.file)

    @property
    def entries(self) -> list[AddingEntry]:
        """The files, in the order of the list."""
        return self.list.found.shown

    @property
    def filing(self) -> bool:
        """Whether documents are on their way into the archive."""
        return self._filing.unfinished > 0

    def add(self, paths: Sequence[Path]) -> None:
        """Take files, and the documents of folders; each is looked for and read in the background."""

        def work(job: Job[Collected]) -> Collected:
            collected = collect(paths, job.cancelled, most=MOST)
            files = collected.files
            for start in range(0, len(files), _SLICE):
                job.report([AddingEntry(path) for path in files[start : start + _SLICE]])
            return collected

        self._collecting.start(work, done=self._collected, failed=self._fail, progress=self._take)
        self._slow.start()
        if self.entry is None:
            self._show()

    def file_all(self) -> None:
        """File what is not filed yet; a file that cannot be filed says why and the others go on."""
        self._keep_form()
        if not self._form_right():
            return
        shown, unread = list(self.entries), self._too_many
        incoming = self.incoming.isChecked()
        self._filed_now, self._to_file = 0, self._fileable
        halted = self._halted = threading.Event()
        self._reading.pause(True)

        def work(job: Job[None]) -> None:
            from app.archive.batch import BatchOptions

            entries = {entry.path: entry for entry in shown if entry.ready or (unread and not entry.read)}
            looked_at = {path: said for path, entry in entries.items() if (said := entry.looked_at) is not None}
            wanted = takewhile(lambda _path: not halted.is_set(), entries)
            options = BatchOptions(incoming=incoming, looked_at=looked_at)
            for together in self._office.keeper.add(wanted, options):
                job.report([(entries[outcome.source], outcome) for outcome in together])

        self._filing.start(work, done=lambda _nothing: self._filed(), failed=self._failed, progress=self._advance)
        self._allow()
        self.busy_changed.emit()

    def close_panel(self) -> None:
        """Back to the archive; what is not filed is left out."""
        if self.filing:
            return
        done = [entry for entry in self.entries if entry.done]
        self._slow.stop()
        self._collecting.cancel_all()
        self._reading.forget()
        self.list.found.clear()
        self._paths.clear()
        self._said = ""
        self._show()
        self.closed.emit(done)

    def cancel(self) -> None:
        """File no further document; what has begun is filed."""
        self._halted.set()
        self._allow()

    def stop(self) -> None:
        self.preview.stop()
        self._slow.stop()
        self._collecting.leave()
        self._reading.stop()
        self._filing.close()

    def _tell_looking(self) -> None:
        if self._collecting.unfinished:
            self._said = _("Looking for files…")
            self._tell(self.entry)

    def _collected(self, collected: Collected) -> None:
        told = list(collected.sentences)
        if self._too_many:
            sentence = _("More than {n} files: those not looked at here are filed by what they say of themselves.")
            told.append(sentence.format(n=LOOKED_THROUGH))
        self._said = " ".join(told)
        self._tell(self.entry)

    def _take(self, entries: Sequence[AddingEntry]) -> None:
        new = []
        for entry in entries:
            if entry.path not in self._paths:
                self._paths.add(entry.path)
                new.append(entry)
        self.list.found.add(new)
        self._reading.add(new)
        self._allow()
        if self.list.row < 0 and self.entries:
            self.list.choose(0)

    # One file

    @property
    def entry(self) -> AddingEntry | None:
        """The file shown."""
        return self.list.current

    def _was_read(self, entry: AddingEntry) -> None:
        self.list.touch(entry)
        if entry is self.entry:
            self._show()
        self._allow()

    def _show(self) -> None:
        entry = self.entry
        if entry is not None and entry.info is None and not entry.done:
            self._reading.first(entry)
        self.preview.show_file(entry.path if entry else None, entry.info if entry else None)
        doubts = entry.doubts if entry is not None and entry.doubtful else {}
        self.form.show_values(entry.known if entry else {}, doubts, incoming=self.incoming.isChecked())
        self.form.setEnabled(entry is not None and entry.open)
        if entry is not None and entry.open and entry.secret:
            self.form.ensureWidgetVisible(self.form.fields["secrecy"])
        self._touched = False
        self._tell(entry)
        self._allow()

    def _tell(self, entry: AddingEntry | None) -> None:
        own = entry is not None and (entry.problem is not None or entry.done)
        self.notice.setVisible(own or bool(self._said))
        if entry is None or not own:
            self.notice.tell(self._said, icon="info")
        elif entry.problem is not None:
            self.notice.tell_error(entry.problem)
        elif entry.filed is not None:
            told = _("Already filed before.") if entry.filed.duplicate else _("Filed.")
            self.notice.tell(told, entry.filed.path, "good", "circle-check")
        elif entry.waiting is not None:
            told = _("The archive is away. A copy waits on this computer and is filed when it is back.")
            self.notice.tell(told, str(entry.waiting), "caution", "clock")

    def _changed(self) -> None:
        self._touched = True
        self._allow()

    def _keep_form(self) -> None:
        """Take over what was typed for the file shown."""
        entry = self.entry
        if entry is not None and self._touched and (values := self.form.values()) is not None:
            entry.was_looked_at(values)
            self.list.touch(entry)
            self._touched = False

    def _form_right(self) -> bool:
        return not self._touched or self.form.values() is not None

    def _confirm(self) -> None:
        entry = self.entry
        values = self.form.values()
        if entry is None or values is None:
            return
        entry.was_looked_at(values)
        self.list.touch(entry)
        self._touched = False
        self._allow()
        row = next((at for at, other in enumerate(self.entries) if other.doubtful or other.problem), None)
        if row is not None and row != self.list.row:
            self.list.choose(row)
        else:
            self._show()
            if row is None:
                self.file.setFocus()

    def _leave_out(self) -> None:
        entry = self.entry
        if entry is not None:
            self._paths.discard(entry.path)
            self.list.found.remove(self.list.row)
            self._show()

    def _kind_chosen(self) -> None:
        self.form.of_kind(incoming=self.incoming.isChecked())

    # All files

    def _advance(self, together: list[tuple[AddingEntry, Outcome]]) -> None:
        for entry, outcome in together:
            entry.take(outcome)
            if entry.done:
                self._paths.discard(entry.path)
            self.list.touch(entry)
        self._filed_now += len(together)
        self._allow()

    def _filed(self) -> None:
        self._reading.pause(False)
        self._allow()
        self.busy_changed.emit()
        failed = next((at for at, entry in enumerate(self.entries) if not entry.done), None)
        if failed is None:
            self.close_panel()
        else:
            self.list.choose(failed)
            self._show()

    def _failed(self, error: Exception) -> None:
        self._filed()
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.notice.tell_error(describe(error))
        self.notice.show()

    @property
    def _too_many(self) -> bool:
        """Whether more wait to be read than a person looks through."""
        return self.list.found.unread > LOOKED_THROUGH

    @property
    def _fileable(self) -> int:
        """How many can be filed now."""
        found = self.list.found
        return found.ready + (found.unread if self._too_many else 0)

    def _allow(self) -> None:
        entry, filing, count = self.entry, self.filing, self._fileable
        reading = bool(self.list.found.unread) and not self._too_many
        text = ngettext("&File {n} document", "&File {n} documents", count).format(n=count)
        if filing:
            text = _("Filing: {done} of {all}").format(done=self._filed_now, all=self._to_file)
        self.file.setText(text)
        self.file.setAccessibleName(text.replace("&", ""))
        self.file.setEnabled(bool(count) and not reading and not filing)
        self.halt.setVisible(filing)
        self.halt.setEnabled(not self._halted.is_set())
        here = entry is not None and entry.open and not filing
        self.confirm.setEnabled(here)
        self.leave_out.setEnabled(entry is not None and not filing)
        for chip in (self.incoming, self.issued):
            chip.setEnabled(not filing)

    def _kind(self, text: str, icon: str, name: str) -> QPushButton:
        chip = button(text, icon, role="chip")
        chip.setCheckable(True)
        chip.setObjectName(name)
        return chip
