"""Nhật ký và báo cáo: what was done, whether the chain of entries is whole, and how signatures were used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.custody.model import SignatureOutside
from app.errors import describe
from app.i18n import _, ngettext
from app.journal.check import LedgerCheck
from app.journal.entry import Entry
from app.journal.selection import Selection, Wish
from app.journal.usage import UsageFigures
from app.journal.verdict import waiting as told_waiting
from app.journal.words import kinds
from app.office import Office
from app.times import today
from ui import choosing, journal_text
from ui.pages.page import Page
from ui.theme import UNIT
from ui.widgets.basic import EmptyState, Header, Notice, button, label, row
from ui.widgets.entry_facts import EntryFacts
from ui.widgets.entry_rows import EntryRows, newest
from ui.widgets.period_choice import PeriodChoice
from ui.widgets.table import table
from ui.widgets.usage_view import UsageView
from ui.work import Job, Pool

#: Milliseconds after the last key before it is looked for.
_PAUSE = 250
#: Pixels of the page from which on all columns, and the facts of an entry beneath the list, have room.
_WIDE, _HIGH = 960, 640
#: Column of the result, and its width in pixels in a wide and a narrow window.
_RESULT, _RESULT_WIDE, _RESULT_NARROW = 4, 296, 184


@dataclass(frozen=True)
class _Found:
    """:ivar first: the newest of the selection. :ivar waiting: entries that wait for the database.
    :ivar empty: nothing was ever entered.
    """

    selection: Selection
    first: list[Entry]
    waiting: int
    empty: bool


class JournalPage(Page):
    """Two views of the same period: the entries, and the figures.

    :ivar rows: the entries shown. :ivar notice: what a check, a report or an export came to. :ivar outside: signatures
    made while nobody answered for the token.
    """

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._pool = Pool(2, self)
        self._looking: Job[_Found] | None = None
        self._counting: Job[UsageFigures] | None = None
        self._figures: UsageFigures | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE)
        self._soon.timeout.connect(self.look)
        self._check = button(_("Check the &chain of entries"), "shield-check", clicked=self.check)
        self._check.setObjectName("journalCheck")
        self._export = button(_("&Export the journal…"), "file-output", clicked=self._ask_export)
        self._save = button(_("&Save the report…"), "save", clicked=self._ask_report)
        self.notice = Notice()
        self.notice.setObjectName("journalNotice")
        self.notice.hide()
        self._waiting = Notice(tone="caution", icon="clock")
        self._waiting.hide()
        self.outside = Notice(tone="caution", icon="triangle-alert")
        self.outside.setObjectName("journalOutside")
        self.outside.hide()
        self.period = PeriodChoice()
        self.period.changed.connect(self._period_changed)
        self._views = {
            name: self._view(name, word) for name, word in (("list", _("Entr&ies")), ("usage", _("&Figures")))
        }
        self._group = QButtonGroup(self)
        for chip in self._views.values():
            self._group.addButton(chip)
        self._views["list"].setChecked(True)
        self._stack, self._body = QStackedWidget(), QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Journal and reports"), buttons=(self._save, self._export, self._check)))
        layout.addWidget(self._stack, 1)
        filled, entries = QWidget(), QWidget()
        self._stack.addWidget(self._empty_state())
        self._stack.addWidget(filled)
        self._lay_out_filled(filled)
        self._body.addWidget(entries)
        self._lay_out_entries(entries)
        self.usage = UsageView()
        self._body.addWidget(self.usage)
        self._arrange()

    def entered(self) -> None:
        """Read anew: something may have been done meanwhile."""
        self.look()
        self._pool.start(lambda job: self.office.signatures_outside(), done=self._show_outside, failed=self._fail)
        if self._body.currentIndex() == 1:
            self.count()

    def first_focus(self) -> QWidget | None:
        return self.query if self._stack.currentIndex() else None

    def look(self) -> None:
        """Find the entries of the period, kind and words chosen."""
        self._soon.stop()
        if self._looking is not None:
            self._looking.cancel()
        ledger, period = self.office.ledger, self.period.period
        wish = Wish(period.start, period.end, [kind] if (kind := self.kind.currentData()) else (), self.query.text())

        def find(job: Job[_Found]) -> _Found:
            found = ledger.select(wish)
            return _Found(found, newest(found), ledger.waiting, empty=not len(found) and ledger.head().seq == 0)

        self._looking = self._pool.start(find, done=self._show, failed=self._fail)

    def count(self) -> None:
        """Count the figures of the period."""
        if self._counting is not None:
            self._counting.cancel()
        period = self.period.period
        self._counting = self._pool.start(
            lambda job: self.office.usage(period), done=self._show_figures, failed=self._fail
        )

    def check(self) -> None:
        """Check every entry, the chain between them, and the seals over it."""
        self._check.setEnabled(False)
        self.notice.tell(_("Checking the chain…"), tone="neutral")
        self.notice.show()
        self._pool.start(lambda job: self.office.ledger.verify(), done=self._checked, failed=self._fail)

    def export(self, target: Path) -> None:
        """Write the ledger to a ZIP that can be checked without the program."""
        from app.journal.export import export

        self._pool.start(
            lambda job: export(self.office.ledger, target),
            done=lambda done: self._told(
                _("The journal was exported to {path}.").format(path=target),
                _("The last entry's hash, to be noted elsewhere: {hash}").format(hash=done.hash),
            ),
            failed=self._fail,
        )

    def save_report(self, target: Path) -> None:
        """Write the figures shown to a file; its ending decides the kind."""
        figures = self._figures
        if figures is not None:
            self._pool.start(
                lambda job: self.office.save_usage(target, figures),
                done=lambda _done: self._told(_("The report was written to {path}.").format(path=target), ""),
                failed=self._fail,
            )

    def show_view(self, name: str) -> None:
        """Go to the entries (``list``) or the figures (``usage``)."""
        self._views[name].setChecked(True)
        self._body.setCurrentIndex(list(self._views).index(name))
        self.notice.hide()
        self._arrange()
        if name == "usage":
            self.count()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small window the list has what room there is."""
        super().resizeEvent(event)
        self.table.setColumnHidden(self.rows.columnCount() - 1, self.width() < _WIDE)
        self.table.setColumnWidth(_RESULT, _RESULT_WIDE if self.width() >= _WIDE else _RESULT_NARROW)
        self._show_entry()

    def stop(self) -> None:
        self._soon.stop()
        self._pool.close()

    def _view(self, name: str, word: str) -> QPushButton:
        chip = button(word, role="chip", clicked=lambda: self.show_view(name))
        chip.setCheckable(True)
        return chip

    def _lay_out_entries(self, entries: QWidget) -> None:
        self.kind = QComboBox()
        self.kind.setAccessibleName(_("What happened"))
        self.kind.addItem(_("All that happened"), "")
        for code, word in kinds().items():
            self.kind.addItem(word, code)
        self.kind.currentIndexChanged.connect(lambda _at: self.look())
        self.query = QLineEdit()
        self.query.setObjectName("journalQuery")
        self.query.setPlaceholderText(_("File, signer, token, user… accents may be left out"))
        self.query.setAccessibleName(_("Search the journal"))
        self.query.setClearButtonEnabled(True)
        self.query.textChanged.connect(lambda: self._soon.start())
        self.query.returnPressed.connect(self.look)
        self._found = label(role="soft", wrap=False)
        self.rows = EntryRows(self._pool)
        self.rows.failed.connect(self._fail)
        self.table = table(self.rows, _("Entries of the journal, newest first"), (72, 176, 168, 0, _RESULT_WIDE, 104))
        self.facts = EntryFacts()
        self.table.selectionModel().currentChanged.connect(lambda *_indexes: self._show_entry())
        self.rows.dataChanged.connect(lambda *_given: self._show_entry())
        layout = QVBoxLayout(entries)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        tools = row(self.kind, self.query, self._found, spacing=UNIT * 2)
        tools.setStretch(1, 1)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.facts)

    def _lay_out_filled(self, filled: QWidget) -> None:
        layout = QVBoxLayout(filled)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        tools = row(*self._views.values(), spacing=UNIT)
        tools.addStretch(1)
        tools.addWidget(self.period)
        layout.addLayout(tools)
        layout.addWidget(self._waiting)
        layout.addWidget(self.outside)
        layout.addWidget(self.notice)
        layout.addWidget(self._body, 1)

    def _empty_state(self) -> EmptyState:
        empty = EmptyState(
            "scroll-text",
            _("Nothing was signed, checked or filed yet. From the first time on, each is entered here."),
            _("Entries are chained: a changed or removed one is found."),
            _("Check a &file"),
            "shield-check",
            drop=False,
        )
        empty.chosen.connect(lambda: self.handed_over.emit("verify", []))
        return empty

    def _arrange(self) -> None:
        """Show the buttons that belong to what is shown."""
        filled, figures = self._stack.currentIndex() == 1, self._body.currentIndex() == 1
        self._save.setVisible(filled and figures)
        self._save.setEnabled(self._figures is not None)
        self._export.setVisible(filled and not figures)
        self._check.setVisible(filled and not figures)

    def _period_changed(self) -> None:
        self._figures = None
        self.look()
        if self._body.currentIndex() == 1:
            self.count()
        self._arrange()

    def _show(self, found: _Found) -> None:
        selection, waiting = found.selection, found.waiting
        self.rows.show(selection, found.first)
        self._stack.setCurrentIndex(0 if found.empty and not waiting else 1)
        self._found.setText(ngettext("{n} entry", "{n} entries", len(selection)).format(n=len(selection)))
        if waiting:
            self._waiting.tell(told_waiting(waiting), "", "caution", "clock")
        self._waiting.setVisible(bool(waiting))
        if len(selection):
            self.table.selectRow(0)
        self._show_entry()
        self._arrange()

    def _show_entry(self) -> None:
        entry = self.rows.entry(self.table.currentIndex().row()) if self.height() >= _HIGH else None
        self.facts.show_entry(entry, outside=entry is not None and self.rows.outside(entry))

    def _show_outside(self, found: list[SignatureOutside]) -> None:
        if found:
            self.outside.tell(*journal_text.outside(found), "caution", "triangle-alert", copy=True)
        self.outside.setVisible(bool(found))
        self.rows.mark_outside({one.seq for one in found})

    def _show_figures(self, found: UsageFigures) -> None:
        self._figures = found
        self.usage.show_figures(found)
        self._arrange()

    def _checked(self, check: LedgerCheck) -> None:
        self._check.setEnabled(True)
        sentence, hint, tone, icon = journal_text.told(check)
        told = "\n".join(filter(None, (hint, journal_text.sealers(check))))
        self.notice.tell(sentence, told, tone, icon, copy=not check.ok)

    def _told(self, sentence: str, hint: str) -> None:
        self.notice.tell(sentence, hint, "good", "circle-check", copy=True)
        self.notice.show()

    def _fail(self, error: Exception) -> None:
        self._check.setEnabled(True)
        self._stack.setCurrentIndex(1)
        self.notice.tell_error(describe(error))
        self._arrange()

    def _ask_export(self) -> None:
        proposed = Path.home() / f"{_('journal')}-{today():%Y-%m-%d}.zip"
        if target := choosing.to_save(self, _("Export the journal"), proposed, ["ZIP (*.zip)"]):
            self.export(target)

    def _ask_report(self) -> None:
        period = self.period.period
        proposed = Path.home() / f"{_('signature-report')}-{period.first:%Y%m%d}-{period.last:%Y%m%d}.pdf"
        filters = [_("Document (*.pdf)"), _("Spreadsheet (*.xlsx)")]
        if target := choosing.to_save(self, _("Save the report"), proposed, filters):
            self.save_report(target)
