"""Putting documents into the archive: the page, what was read from it, and what should be looked at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from app.archive.model import Corrections
from app.documents.model import DocumentInfo
from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext, pgettext
from app.office import Office
from ui import icons, theme
from ui.theme import UNIT, Tone
from ui.widgets import tips
from ui.widgets.basic import Card, Header, Notice, button, label, row
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import MetadataForm
from ui.widgets.preview import Preview
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.model import FiledCopy

_INFO = tuple(one.name for one in dataclasses.fields(DocumentInfo))


@dataclass(eq=False)
class Waiting:
    """A file to be filed.

    :ivar info: what was read from it; None until then.
    :ivar doubts: fields that a person should look at.
    :ivar values: what the form says, once somebody looked at it.
    :ivar problem: why it could not be read or filed.
    """

    path: Path
    info: DocumentInfo | None = None
    doubts: Mapping[str, float] = field(default_factory=dict)
    values: dict[str, object] | None = None
    problem: ErrorInfo | None = None
    filed: FiledCopy | None = None

    @property
    def known(self) -> dict[str, object]:
        """What is known of it, by name of the field."""
        if self.values is not None:
            return self.values
        return {name: getattr(self.info, name) for name in _INFO} if self.info is not None else {}

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look at it first."""
        return bool(self.doubts) and self.values is None


def file_one(office: Office, entry: Waiting, *, incoming: bool) -> FiledCopy:
    """File a copy of a document and enter it in the ledger; what nobody looked at stays noted as doubtful.

    :raises AntinError: as :meth:`app.archive.archive.Archive.add`.
    """
    if entry.values is None or entry.info is None:
        copy = office.archive.add(entry.path, incoming=incoming)
    else:
        read: dict[str, Any] = {name: value for name, value in entry.values.items() if name in _INFO}
        more = {name: value for name, value in entry.values.items() if name not in _INFO and value not in (None, [])}
        info = dataclasses.replace(entry.info, **read)
        copy = office.archive.add(entry.path, info, incoming=incoming, more=corrections(more) if more else None)
    office.ledger.append("file", path=copy.path, sha256=copy.sha256, input=str(entry.path), archive=True)
    return copy


def corrections(values: Mapping[str, object]) -> Corrections:
    """What a form says, as the archive takes it; the form has checked lengths and numbers."""
    import msgspec

    from app.decoding import decodable

    return msgspec.convert(dict(values), decodable(Corrections))


class AddingPanel(QWidget):
    """The files dropped, one of them with its page and its form."""

    #: Back to the archive; the copies filed, newest last.
    closed = Signal(list)
    busy_changed = Signal()

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._reading = Pool(2, self)
        self._filing = Pool(1, self)
        self._job: Job[None] | None = None
        self.entries: list[Waiting] = []
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
        side = Card(margins=UNIT * 2)
        side.setFixedWidth(UNIT * 44)
        side.body.addWidget(label(_("What was read from the page"), "heading"))
        side.body.addWidget(self.notice)
        side.body.addWidget(self.form, 1)
        side.body.addLayout(Flow(self.confirm, self.leave_out))
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
        """Take files; each is read in the background."""
        known = {entry.path for entry in self.entries if entry.filed is None}
        for path in paths:
            if path.is_file() and path not in known:
                entry = Waiting(path)
                self.entries.append(entry)
                self.list.addItem(QListWidgetItem(path.name))
                self._read(entry)
        self._refresh()
        if self.list.currentRow() < 0 and self.entries:
            self.list.setCurrentRow(0)

    def file_all(self) -> None:
        """File what is not filed yet; a file that cannot be filed says why and the others go on."""
        self._keep_form()
        if not self._form_right():
            return
        incoming = self.incoming.isChecked()
        waiting = [entry for entry in self.entries if entry.filed is None and entry.info is not None]

        def work(job: Job[None]) -> None:
            for entry in waiting:
                if job.cancelled.is_set():
                    return
                try:
                    entry.problem, entry.filed = None, file_one(self._office, entry, incoming=incoming)
                except Exception as error:
                    entry.problem = describe(error)
                job.report(entry)

        self._job = self._filing.start(
            work, done=lambda _nothing: self._filed(), failed=self._failed, progress=lambda _entry: self._refresh()
        )
        self._refresh()
        self.busy_changed.emit()

    def close_panel(self) -> None:
        """Back to the archive; what is not filed is left out."""
        if self.filing:
            return
        copies = [entry.filed for entry in self.entries if entry.filed is not None]
        self._reading.cancel_all()
        self.entries.clear()
        self.list.clear()
        self.preview.show_file(None, None)
        self.closed.emit(copies)

    def cancel(self) -> None:
        """File no further document."""
        if self._job is not None:
            self._job.cancelled.set()

    def stop(self) -> None:
        self.preview.stop()
        self._reading.close()
        self._filing.close()

    # One file

    @property
    def entry(self) -> Waiting | None:
        """The file shown."""
        at = self.list.currentRow()
        return self.entries[at] if 0 <= at < len(self.entries) else None

    def _read(self, entry: Waiting) -> None:
        below = self._office.settings.archive.doubtful_below

        def work(_job: Job[tuple[DocumentInfo, Mapping[str, float]]]) -> tuple[DocumentInfo, Mapping[str, float]]:
            from app.documents.reading import read_with_places

            reading = read_with_places(entry.path)
            return reading.info, reading.doubts(below)

        def done(found: tuple[DocumentInfo, Mapping[str, float]]) -> None:
            entry.info, entry.doubts = found
            self._refresh()
            if entry is self.entry:
                self._show()

        def failed(error: Exception) -> None:
            entry.problem = describe(error)
            self._refresh()
            if entry is self.entry:
                self._show()

        self._reading.start(work, done=done, failed=failed)

    def _show(self) -> None:
        entry = self.entry
        self._shown = entry
        self.preview.show_file(entry.path if entry else None, entry.info if entry else None)
        doubts = entry.doubts if entry is not None and entry.doubtful else {}
        self.form.show_values(entry.known if entry else {}, doubts, incoming=self.incoming.isChecked())
        self.form.setEnabled(entry is not None and entry.info is not None and entry.filed is None)
        self._touched = False
        self._tell(entry)
        self._allow()

    def _tell(self, entry: Waiting | None) -> None:
        self.notice.setVisible(entry is not None and (entry.problem is not None or entry.filed is not None))
        if entry is None:
            return
        if entry.problem is not None:
            self.notice.tell_error(entry.problem)
        elif entry.filed is not None:
            told = _("Already filed before.") if entry.filed.duplicate else _("Filed.")
            self.notice.tell(told, entry.filed.path, "good", "circle-check")

    def _changed(self) -> None:
        self._touched = True
        self._allow()

    def _keep_form(self) -> None:
        """Take over what was typed for the file shown."""
        entry = self.entry
        if entry is not None and self._touched and (values := self.form.values()) is not None:
            entry.values = values
            self._touched = False

    def _form_right(self) -> bool:
        return not self._touched or self.form.values() is not None

    def _confirm(self) -> None:
        entry = self.entry
        values = self.form.values()
        if entry is None or values is None:
            return
        entry.values, self._touched = values, False
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
            del self.entries[at]
            self.list.takeItem(at)
            self._show()
            self._refresh()

    def _kind_chosen(self) -> None:
        self.form.of_kind(incoming=self.incoming.isChecked())

    # All files

    def _filed(self) -> None:
        self._refresh()
        self.busy_changed.emit()
        failed = [at for at, entry in enumerate(self.entries) if entry.filed is None]
        if not failed:
            self.close_panel()
        else:
            self.list.setCurrentRow(failed[0])
            self._show()

    def _failed(self, error: Exception) -> None:
        self.notice.tell_error(describe(error))
        self._filed()

    def _refresh(self) -> None:
        for at, entry in enumerate(self.entries):
            icon, tone, told = _state(entry)
            item = self.list.item(at)
            item.setIcon(icons.icon(icon, theme.tone_colour(tone)))
            item.setToolTip(tips.plain(f"{entry.path.name}: {told}"))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.path.name}: {told}")
        self._allow()

    def _allow(self) -> None:
        entry, filing = self.entry, self.filing
        ready = [one for one in self.entries if one.filed is None and one.info is not None]
        reading = any(one.info is None and one.problem is None for one in self.entries)
        text = ngettext("&File {n} document", "&File {n} documents", len(ready)).format(n=len(ready))
        if filing:
            text = _("Filing…")
        self.file.setText(text)
        self.file.setAccessibleName(text.replace("&", ""))
        self.file.setEnabled(bool(ready) and not reading and not filing)
        here = entry is not None and entry.info is not None and entry.filed is None and not filing
        self.confirm.setEnabled(here)
        self.leave_out.setEnabled(entry is not None and not filing)
        for chip in (self.incoming, self.issued):
            chip.setEnabled(not filing)

    def _kind(self, text: str, icon: str, name: str) -> QPushButton:
        chip = button(text, icon, role="chip")
        chip.setCheckable(True)
        chip.setObjectName(name)
        return chip


def _state(entry: Waiting) -> tuple[str, Tone, str]:
    """Icon, tone and word of what is with a file."""
    if entry.problem is not None:
        return "triangle-alert", "caution", entry.problem.message
    if entry.filed is not None:
        return "circle-check", "good", _("filed")
    if entry.info is None:
        return "clock", "neutral", _("being read")
    if entry.doubtful:
        return "circle-question-mark", "caution", _("to be looked at")
    return "circle-dashed", "accent", _("ready")
