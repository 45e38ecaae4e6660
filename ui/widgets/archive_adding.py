"""Putting documents into the archive: the page, what was read from it, and what should be looked at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from app.documents.model import DocumentInfo
from app.errors import describe
from app.i18n import _, ngettext, pgettext
from app.office import Office
from ui import icons, theme
from ui.adding_entry import AddingEntry
from ui.pages.sign_folders import Collected, collect
from ui.theme import UNIT
from ui.widgets import tips
from ui.widgets.basic import Card, Header, Notice, button, label, row
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import MetadataForm
from ui.widgets.preview import Preview
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.batch import Outcome


class AddingPanel(QWidget):
    """The files dropped, one of them with its page and its form."""

    #: Back to the archive; the :class:`AddingEntry` of all copies filed or waiting, newest last.
    closed = Signal(list)
    busy_changed = Signal()

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._reading = Pool(2, self)
        self._filing = Pool(1, self)
        self._halted = threading.Event()
        self.entries: list[AddingEntry] = []
        self._items: dict[AddingEntry, QListWidgetItem] = {}
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
        self.list = QListWidget()
        self.list.setAccessibleName(_("Files to be filed"))
        self.list.setObjectName("addList")
        self.list.setIconSize(QSize(18, 18))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(UNIT * 26)
        self.list.currentRowChanged.connect(lambda _row: self._show())
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
        side.body.addWidget(label(_("What was read from the page"), "heading"))
        side.body.addWidget(self.notice)
        side.body.addWidget(self.form, 1)
        side.body.addLayout(Flow(self.confirm, self.leave_out))
        side.body.addWidget(self.halt)
        side.body.addWidget(self.file)
        body = row(self.list, self.preview, side, spacing=UNIT * 2)
        body.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Put documents into the archive"), buttons=(self.incoming, self.issued, back)))
        layout.addLayout(body, 1)

    @property
    def filing(self) -> bool:
        """Whether documents are on their way into the archive."""
        return self._filing.unfinished > 0

    def add(self, paths: Sequence[Path]) -> None:
        """Take files, and the documents of folders; each is read in the background."""
        if any(path.is_dir() for path in paths):
            self._reading.start(lambda job: collect(paths, job.cancelled), done=self._take_collected, failed=self._fail)
        else:
            self._take(paths)

    def file_all(self) -> None:
        """File what is not filed yet; a file that cannot be filed says why and the others go on."""
        self._keep_form()
        if not self._form_right():
            return
        entries = {entry.path: entry for entry in self.entries if entry.ready}
        looked_at = {path: said for path, entry in entries.items() if (said := entry.looked_at) is not None}
        incoming = self.incoming.isChecked()
        self._filed_now, self._to_file = 0, len(entries)
        halted = self._halted = threading.Event()

        def work(job: Job[None]) -> None:
            from app.archive.batch import BatchOptions

            wanted = takewhile(lambda _path: not halted.is_set(), entries)
            options = BatchOptions(incoming=incoming, looked_at=looked_at)
            for together in self._office.keeper.add(wanted, options):
                job.report([(entries[outcome.source], outcome) for outcome in together])

        self._filing.start(work, done=lambda _nothing: self._filed(), failed=self._failed, progress=self._advance)
        self._refresh()
        self.busy_changed.emit()

    def close_panel(self) -> None:
        """Back to the archive; what is not filed is left out."""
        if self.filing:
            return
        done = [entry for entry in self.entries if entry.done]
        self._reading.cancel_all()
        self.entries.clear()
        self._items.clear()
        self.list.clear()
        self.preview.show_file(None, None)
        self.closed.emit(done)

    def cancel(self) -> None:
        """File no further document; what has begun is filed."""
        self._halted.set()
        self._allow()

    def stop(self) -> None:
        self.preview.stop()
        self._reading.close()
        self._filing.close()

    def _take_collected(self, collected: Collected) -> None:
        self._take(collected.files)
        if told := collected.sentences:
            self.notice.tell(" ".join(told), icon="info")
            self.notice.show()

    def _take(self, paths: Sequence[Path]) -> None:
        known = {entry.path for entry in self.entries if not entry.done}
        for path in paths:
            if path.is_file() and path not in known:
                entry = AddingEntry(path)
                self.entries.append(entry)
                self._items[entry] = QListWidgetItem(path.name)
                self.list.addItem(self._items[entry])
                self._mark(entry)
                self._read(entry)
        self._allow()
        if self.list.currentRow() < 0 and self.entries:
            self.list.setCurrentRow(0)

    # One file

    @property
    def entry(self) -> AddingEntry | None:
        """The file shown."""
        at = self.list.currentRow()
        return self.entries[at] if 0 <= at < len(self.entries) else None

    def _read(self, entry: AddingEntry) -> None:
        below = self._office.settings.archive.doubtful_below

        def work(_job: Job[tuple[DocumentInfo, Mapping[str, float]]]) -> tuple[DocumentInfo, Mapping[str, float]]:
            from app.documents.reading import read_with_places

            reading = read_with_places(entry.path)
            return reading.info, reading.doubts(below)

        def done(found: tuple[DocumentInfo, Mapping[str, float]]) -> None:
            entry.was_read(*found)
            self._was_read(entry)

        def failed(error: Exception) -> None:
            entry.problem = describe(error)
            self._was_read(entry)

        self._reading.start(work, done=done, failed=failed)

    def _was_read(self, entry: AddingEntry) -> None:
        if entry is self.entry:
            self._show()
        if entry in self.entries:
            self._mark(entry)
            self._allow()

    def _show(self) -> None:
        entry = self.entry
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
        self.notice.setVisible(entry is not None and (entry.problem is not None or entry.done))
        if entry is None:
            return
        if entry.problem is not None:
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
            self._touched = False

    def _form_right(self) -> bool:
        return not self._touched or self.form.values() is not None

    def _confirm(self) -> None:
        entry = self.entry
        values = self.form.values()
        if entry is None or values is None:
            return
        entry.was_looked_at(values)
        self._touched = False
        self._refresh()
        rows = [at for at, other in enumerate(self.entries) if other.doubtful or other.problem]
        if rows:
            self.list.setCurrentRow(rows[0])
        else:
            self._show()
            self.file.setFocus()

    def _leave_out(self) -> None:
        at = self.list.currentRow()
        if at >= 0:
            del self._items[self.entries.pop(at)]
            self.list.takeItem(at)
            self._show()
            self._refresh()

    def _kind_chosen(self) -> None:
        self.form.of_kind(incoming=self.incoming.isChecked())

    # All files

    def _advance(self, together: list[tuple[AddingEntry, Outcome]]) -> None:
        for entry, outcome in together:
            entry.take(outcome)
            self._mark(entry)
        self._filed_now += len(together)
        self._allow()

    def _filed(self) -> None:
        self._refresh()
        self.busy_changed.emit()
        failed = [at for at, entry in enumerate(self.entries) if not entry.done]
        if not failed:
            self.close_panel()
        else:
            self.list.setCurrentRow(failed[0])
            self._show()

    def _failed(self, error: Exception) -> None:
        self._filed()
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.notice.tell_error(describe(error))
        self.notice.show()

    def _refresh(self) -> None:
        for entry in self.entries:
            self._mark(entry)
        self._allow()

    def _mark(self, entry: AddingEntry) -> None:
        icon, tone, told = entry.state()
        item = self._items[entry]
        item.setIcon(icons.icon(icon, theme.tone_colour(tone)))
        item.setToolTip(tips.plain(f"{entry.path.name}: {told}"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.path.name}: {told}")

    def _allow(self) -> None:
        entry, filing = self.entry, self.filing
        ready = [one for one in self.entries if one.ready]
        reading = any(not one.read for one in self.entries)
        text = ngettext("&File {n} document", "&File {n} documents", len(ready)).format(n=len(ready))
        if filing:
            text = _("Filing: {done} of {all}").format(done=self._filed_now, all=self._to_file)
        self.file.setText(text)
        self.file.setAccessibleName(text.replace("&", ""))
        self.file.setEnabled(bool(ready) and not reading and not filing)
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
