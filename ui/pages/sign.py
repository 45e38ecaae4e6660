"""Ký số: choose documents, look at them, sign them, see where they went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from app.signing.errors import PinNotGiven
from app.signing.model import Act, Level, SignResult
from app.signing.upgrade import UpgradeResult
from ui.pages.page import Page
from ui.pages.sign_batch import SignBatch
from ui.pages.sign_documents import SignDocuments
from ui.pages.sign_folders import FOLDER_SUFFIXES, Collected
from ui.pages.sign_shown import SignShown
from ui.signing_entry import Entry
from ui.signing_run import Left
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.basic import EmptyState, Header, Notice, button, icon_button, label, row
from ui.widgets.file_list import FileList
from ui.widgets.left_run import LeftRun
from ui.widgets.preview import Preview
from ui.widgets.row_menu import RowMenu
from ui.widgets.sign_results import SignResults
from ui.work import Pool

#: Milliseconds within which what is learnt of documents is told together.
_TOGETHER = 50


class SignPage(Page):
    """Three steps on one page: documents with their setup, the PIN and the progress, the results.

    :ivar told: what belongs to no document, such as what was left out of a folder.
    """

    def __init__(self, office: Office, tokens: TokenWatch) -> None:
        super().__init__(office)
        self._tokens = tokens
        self.list = FileList()
        self.documents = SignDocuments(office, self.list.files, self)
        self.batch = SignBatch(office, self.list.files)
        self.setup, self.preview, self.results = self.batch.setup, Preview(), SignResults()
        self._refreshing = QTimer(self)
        self._refreshing.setSingleShot(True)
        self._refreshing.setInterval(_TOGETHER)
        self._refreshing.timeout.connect(self._refresh)
        self._shown = SignShown(office, self.list, self.documents, self.setup, self.preview, self)
        self._raising = Pool(1, self)
        self._mark_kind: object = None
        self._tried_again: tuple[Entry, SignResult] | None = None
        self._left = LeftRun()
        self._waiting: list[Path] = []
        self.told = Notice()
        self.told.hide()
        self._lay_out()
        self._connect()
        self._show_tokens()
        self._refresh()
        self.batch.run.find_left(self._left.show_left, self._told)

    def _lay_out(self) -> None:
        """From the outside in; see :class:`Page`."""
        self._add = button(_("&Add documents…"), "file-plus", clicked=self.choose)
        self._add.setObjectName("signAdd")
        self._add_folder = button(_("Add a fo&lder…"), "folder-open", clicked=self.choose_folder)
        self._add_folder.setObjectName("signAddFolder")
        self._empty = EmptyState(
            "file-pen-line",
            _("Drop the documents or folders to sign here, or choose them."),
            _("PDF, Office and files of any other kind. The originals stay as they are; signed copies are filed."),
            _("Choose &documents…"),
            "folder-open",
        )
        self._empty.button.setObjectName("signChoose")
        self._count = label(role="strong", wrap=False)
        self._menu = icon_button(_("What to do with the documents chosen"), "list", self.list.ask_menu)
        self._menu.setObjectName("signMenu")
        self._remove = icon_button(_("Take the document out of the list"), "circle-minus", self._remove_current)
        self._stack, self._body = QStackedWidget(), QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Sign documents"), buttons=(self._add, self._add_folder)))
        layout.addWidget(self._left)
        layout.addWidget(self.told)
        layout.addWidget(self._stack, 1)
        for step in (self._empty, self._body, self.results):
            self._stack.addWidget(step)
        left = QWidget()
        left.setMinimumWidth(232)
        left.setMaximumWidth(352)
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 0, 0, 0)
        left_layout.setSpacing(UNIT // 2)
        head = row(self._count, self._menu, self._remove, spacing=UNIT // 2)
        head.setStretch(0, 1)
        left_layout.addLayout(head)
        left_layout.addWidget(self.list, 1)
        columns = QHBoxLayout(self._body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(UNIT * 2)
        columns.addWidget(left, 1)
        columns.addWidget(self.preview, 2)
        columns.addWidget(self.batch)

    def _connect(self) -> None:
        self._empty.chosen.connect(self.choose)
        self.files_dropped.connect(self.add)
        self.hovering.connect(self._empty.highlight)
        self.list.removal_asked.connect(self._remove_row)
        self.list.menu_asked.connect(self._show_menu)
        self.list.files.numbered.connect(self._entry_changed)
        for told in (self.list.files.numbered, self.setup.fields.corrected):
            told.connect(lambda _given: self.setup.notice.hide())
        self.documents.changed.connect(self._entry_read)
        self.documents.collected.connect(self._take_collected)
        self.documents.failed.connect(self._told)
        self.setup.changed.connect(self._choice_changed)
        self.setup.submitted.connect(lambda: self._submit(review=False))
        self.setup.review_wanted.connect(lambda: self._submit(review=True))
        self.batch.changed.connect(self._refresh)
        self.batch.waits_for.connect(self._look_at)
        self.batch.finished.connect(self._show_results)
        self.batch.not_begun.connect(self._not_begun)
        self.results.raise_wanted.connect(self._raise_level)
        self.results.retry_wanted.connect(self._sign_again)
        self.results.again.connect(self._sign_rest)
        self.results.anew.connect(self._sign_others)
        self._left.wanted.connect(self._take_left)
        self._left.given_up.connect(lambda: self.batch.run.forget_left(self._told))
        self._tokens.changed.connect(self._show_tokens)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.batch.give_up_or_cancel)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @property
    def busy(self) -> str:
        return _("Documents are being signed.") if self.batch.signing else ""

    def files(self) -> list[Path]:
        return [entry.path for entry in self.list.files.entries]

    def choose(self) -> None:
        """Ask for documents to sign."""
        if self.batch.running:
            return
        usual = " ".join(f"*{suffix}" for suffix in sorted(FOLDER_SUFFIXES))
        every, documents = _("Files of any kind"), _("Documents")
        kinds = f"{every} (*);;{documents} ({usual})"
        names, _kind = QFileDialog.getOpenFileNames(self, _("Documents to sign"), "", kinds)
        if names:
            self.add([Path(name) for name in names])

    def choose_folder(self) -> None:
        """Ask for a folder whose documents are to be signed."""
        name = "" if self.batch.running else QFileDialog.getExistingDirectory(self, _("Folder of the documents"))
        if name:
            self.add([Path(name)])

    def add(self, paths: list[Path]) -> None:
        if self.batch.running:
            self._let_wait(paths)
            return
        if self._stack.currentWidget() is self.results:
            self._sign_others()
        self.told.hide()
        self.documents.add(paths)
        if self.list.current is None and self.list.files.entries:
            self.list.choose_row(0)
        self._refresh()
        self.list.setFocus()

    def cancel(self) -> None:
        self.batch.run.cancel()

    def first_focus(self) -> QWidget | None:
        return self._empty.button if self._stack.currentWidget() is self._empty else None

    def stop(self) -> None:
        self._tokens.changed.disconnect(self._show_tokens)
        self._refreshing.stop()
        self.documents.stop()
        self._shown.stop()
        self._raising.close()
        self.preview.stop()
        self.results.stop()
        self.batch.stop()

    # The documents

    def _let_wait(self, paths: list[Path]) -> None:
        """Keep files that came while a run is under way: they join the list when it is over."""
        self._waiting = list(dict.fromkeys([*self._waiting, *paths]))
        told = ngettext(
            "{n} more document came while these are being signed.",
            "{n} more documents came while these are being signed.",
            len(self._waiting),
        ).format(n=len(self._waiting))
        self.told.tell(told, _("The list takes them when this run is over; nothing of them is signed before."))
        self.told.show()

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.add(waiting)

    def _take_collected(self, collected: Collected) -> None:
        """Documents out of folders stand where the folders stood."""
        if self.list.current is None and self.list.files.entries:
            self.list.choose_row(0)
        self._shown.show()
        self._refresh()
        if told := collected.sentences:
            hint = _("Any file can be signed: add it by itself.")
            self.told.tell("\n".join(told), hint)
            self.told.show()

    def _entry_changed(self, entry: Entry) -> None:
        self._entry_read(entry)
        self._refresh()

    def _entry_read(self, entry: Entry) -> None:
        """More is known of a document; of many within a moment, what all of them ask for is asked once."""
        self.list.files.touch(entry)
        if entry is self.list.current:
            self._shown.show()
        if not self._refreshing.isActive():
            self._refreshing.start()

    def _choice_changed(self) -> None:
        """Another act or key has another mark: places chosen for the one before are void."""
        choice = self.setup.choice()
        self.list.files.show_act(self.setup.chosen_act)
        self.list.files.as_pdf = self.setup.formats.makes_pdf
        kind = (choice.key.sha256, choice.options.act, choice.options.visible) if choice is not None else None
        if kind != self._mark_kind:
            self._mark_kind = kind
            for entry in self.list.files.entries:
                entry.forget_mark()
        self.documents.look_again()
        self._show_kinds()
        self._shown.show()

    def _show_menu(self, rows: list[int], at: QPoint) -> None:
        """Act, order and removal of the documents chosen; while a run is under way, what of it is left out."""
        entries = [self.list.files.entries[row] for row in rows]
        if self.batch.running:
            menu = QMenu(self)
            menu.addAction(_("Leave out"), lambda: self.batch.leave_out(entries))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        else:
            menu = RowMenu(
                self,
                self.list,
                entries,
                [Act(self.setup.act.itemData(place)) for place in range(self.setup.act.count())],
                set_act=lambda act: self.set_act(entries, act),
                sign=lambda: self._submit(entries, review=False),
                remove=lambda: self._remove_entries(entries),
            )
        menu.popup(at)

    def set_act(self, entries: Sequence[Entry], act: Act | None) -> None:
        """Give documents an act of their own; None: that of the others."""
        for entry in entries:
            entry.act = act
            entry.forget_mark()
            self.list.files.touch(entry)
        self.documents.look_again()
        self._show_kinds()
        self._shown.show()

    def _remove_current(self) -> None:
        if (entry := self.list.current) is not None:
            self._remove_entries([entry])

    def _remove_row(self, row_: int) -> None:
        self._remove_entries([self.list.files.entries[row_]])

    def _remove_entries(self, entries: Sequence[Entry]) -> None:
        if self.batch.running:
            self.batch.leave_out(entries)
            return
        for entry in entries:
            self.list.files.remove(self.list.files.row_of(entry))
        self._shown.show()
        self._refresh()

    # The run

    def _to_sign(self) -> list[Entry]:
        """Those that would be signed: all but what cannot be (the desk refuses it too) and what a run signed that is
        still in the list."""
        return [entry for entry in self.list.files.entries if not entry.signed and not entry.refusal]

    def _submit(self, entries: Sequence[Entry] | None = None, *, review: bool) -> None:
        """Sign documents, all that can be unless some are named, once all are looked through: what cannot be signed is
        told before any PIN is asked for."""
        wanted = [entry for entry in self._to_sign() if entries is None or entry in entries]
        unnumbered = next((entry for entry in wanted if entry.lacks_number(self.setup.chosen_act)), None)
        if unnumbered is None and self.documents.reading:
            self.setup.hold(True)
            self.documents.when_read(lambda: self._submit_read(wanted, review=review))
            return
        if unnumbered is None:
            self.batch.submit(wanted, review=review)
            return
        if (unnumbered.act or self.setup.chosen_act) is Act.ATTACHMENT:
            told = _("It is not known which document {file} is attached to.")
            hint = _(
                "Its mark shows number and symbol of that document: type both in its row, as in 12/QĐ-UBND, or above."
            )
        else:
            told = _("{file} has no number yet.")
            hint = _("A document gets its number before it is issued: type it in its row or above.")
        self.setup.notice.tell(told.format(file=unnumbered.path.name), hint, "caution", "triangle-alert")
        self.setup.notice.show()
        self.list.ask_number(self.list.files.row_of(unnumbered))

    def _submit_read(self, entries: Sequence[Entry], *, review: bool) -> None:
        self.setup.hold(False)
        self._submit(entries, review=review)

    def _look_at(self, entry: Entry) -> None:
        """Show the document that waits to be signed, and its mark."""
        self.list.choose_row(self.list.files.row_of(entry))
        self.preview.go_to_mark()

    def _show_results(self) -> None:
        self._tried_again = None
        entries = self.list.files.entries
        self.documents.read_again([entry for entry in entries if entry.stale])
        left = sum(not entry.signed for entry in entries)
        self.results.show_results([entry.result for entry in entries if entry.result is not None], left)
        self._stack.setCurrentWidget(self.results)
        self._tokens.look_soon()
        self._refresh()

    def _not_begun(self, error: Exception) -> None:
        tried, self._tried_again = self._tried_again, None
        if tried is not None and isinstance(error, PinNotGiven):
            entry, result = tried
            entry.result = result
            self._show_results()
            return
        self._tokens.look()
        self._refresh()
        self.setup.submit.setFocus()
        self._take_waiting()

    def _sign_again(self, result: SignResult) -> None:
        """Try one document again; what became of the others stays as it is."""
        [entry] = [entry for entry in self.list.files.entries if entry.result is result]
        self._tried_again = entry, result
        entry.result = None
        self._stack.setCurrentWidget(self._body)
        self.list.choose_row(self.list.files.row_of(entry))
        self._refresh()
        self._submit([entry], review=False)

    def _sign_rest(self) -> None:
        """Back to the documents that were not signed."""
        rest = [entry for entry in self.list.files.entries if not entry.signed]
        for entry in rest:
            entry.result = None
        self._keep(rest)
        self.setup.submit.setFocus()

    def _sign_others(self) -> None:
        self._keep([])
        self._empty.button.setFocus()

    def _keep(self, entries: list[Entry]) -> None:
        self.list.files.replace(entries)
        self._stack.setCurrentWidget(self._body if entries else self._empty)
        if entries:
            self.list.choose_row(0)
        else:
            self._shown.show()
        self._refresh()
        self._take_waiting()

    def _take_left(self, left: Left) -> None:
        """Put what an earlier run left into the list, as it was asked for."""
        remaining = left.remaining
        self.setup.take_options(remaining.options)
        known = set(self.files())
        self.add([Path(name) for name in remaining.files])
        by_path = {entry.path: entry for entry in self.list.files.entries}
        for at, name in enumerate(remaining.files):
            own = remaining.own.get(at, remaining.options)
            entry = by_path[Path(name)]
            if entry.path not in known:
                entry.before = own
                entry.act = own.act if own.act is not remaining.options.act else None

    def _raise_level(self, result: SignResult, level: Level) -> None:
        """Raise the level of a copy that was signed."""
        path = Path(result.output or "")
        self._raising.start(
            lambda job: self.office.upgrader().upgrade(path, level),
            done=lambda raised: self._was_raised(result, raised),
            failed=self.results.tell,
        )

    def _was_raised(self, result: SignResult, raised: UpgradeResult) -> None:
        now = self.results.show_raised(result, raised)
        for entry in self.list.files.entries:
            if entry.result is result:
                entry.result = now

    # What is shown around

    def _show_tokens(self) -> None:
        self.setup.show_tokens(self._tokens.plugged)

    def _show_kinds(self) -> None:
        entries = self.list.files.entries
        self.setup.show_files({entry.format for entry in entries}, {entry.act for entry in entries if entry.act})

    def _told(self, error: Exception) -> None:
        self.told.tell_error(describe(error))

    def _refresh(self) -> None:
        self._refreshing.stop()
        entries = self.list.files.entries
        working = self.list.files.locked = self.batch.running
        self._count.setText(ngettext("{n} document", "{n} documents", len(entries)).format(n=len(entries)))
        self._remove.setEnabled(bool(entries) and not working)
        self._menu.setEnabled(bool(entries))
        to_sign = self._to_sign()
        self.setup.show_count(len(to_sign))
        self._show_kinds()
        if working:
            self._left.hide()
        else:
            named = (entry.info.signer_name for entry in to_sign if entry.info is not None)
            self.setup.show_signers([name for name in named if name])
        if self._stack.currentWidget() is not self.results:
            self._stack.setCurrentWidget(self._body if entries else self._empty)
        adding = self._stack.currentWidget() is self._body and not working
        self._add.setVisible(adding)
        self._add_folder.setVisible(adding)
        self.setAcceptDrops(not working)
        self.busy_changed.emit()
