"""Nhật ký: what was done on this workstation, and whether the chain of entries is whole."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _
from app.journal.check import LedgerCheck
from app.journal.entry import Entry
from app.journal.words import what
from app.office import Office
from app.signing.model import Act
from app.verification.model import Conclusion
from ui import wording
from ui.pages.page import Page
from ui.theme import UNIT
from ui.widgets.basic import EmptyState, Header, Notice, button, label
from ui.widgets.table import Rows, table
from ui.work import Pool

#: The newest entries shown; older ones are read with ``antin journal list``.
SHOWN = 1000


class JournalPage(Page):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._pool = Pool(1, self)
        self._check = button(_("Check the &chain of entries"), "shield-check", clicked=self.check)
        self._check.setObjectName("journalCheck")
        self.notice = Notice()
        self.notice.setObjectName("journalNotice")
        self.notice.hide()
        self.rows = Rows((_("No."), _("Time"), _("What"), _("File"), _("Result"), _("Who")))
        self._table = table(self.rows, _("Entries of the journal, newest first"), (64, 168, 120, 0, 208, 136))
        self._more = label(_("The newest {n} entries are shown.").format(n=SHOWN), "small")
        self._empty = EmptyState(
            "scroll-text",
            _("Nothing was signed, checked or filed yet. From the first time on, each is entered here."),
            _("Entries are chained: a changed or removed one is found."),
            _("Check a &file"),
            "shield-check",
            drop=False,
        )
        self._empty.chosen.connect(lambda: self.handed_over.emit("verify", []))
        filled = QWidget()
        inner = QVBoxLayout(filled)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(UNIT * 2)
        inner.addWidget(self.notice)
        inner.addWidget(self._table, 1)
        inner.addWidget(self._more)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(filled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Journal"), buttons=(self._check,)))
        layout.addWidget(self._stack, 1)

    def entered(self) -> None:
        """Read the entries anew."""
        self._pool.start(
            lambda job: list(deque(self.office.ledger.entries(), maxlen=SHOWN)),
            done=self._show,
            failed=lambda error: self._fail(error),
        )

    def check(self) -> None:
        """Check every entry and the chain between them."""
        self._check.setEnabled(False)
        self.notice.tell(_("Checking the chain…"), tone="neutral")
        self.notice.show()
        self._pool.start(lambda job: self.office.ledger.verify(), done=self._checked, failed=self._fail)

    def stop(self) -> None:
        self._pool.close()

    def _show(self, entries: list[Entry]) -> None:
        self.rows.show([(_row(entry), entry) for entry in reversed(entries)])
        self._more.setVisible(len(entries) == SHOWN)
        self._stack.setCurrentIndex(1 if entries else 0)
        self._check.setVisible(bool(entries))

    def _checked(self, check: LedgerCheck) -> None:
        self._check.setEnabled(True)
        if check.ok:
            self.notice.tell(
                _("The journal is whole."),
                _("{n} entries, none changed, removed or cut off.").format(n=check.entries),
                "good",
                "circle-check",
            )
        else:
            self.notice.tell(
                _("The journal is broken at entry {n}: {what}").format(n=check.first_bad, what=check.what),
                _("Keep the data folder as it is and tell the IT officer; compare it with the latest backup."),
                "bad",
                "circle-x",
                copy=True,
            )

    def _fail(self, error: Exception) -> None:
        self._check.setEnabled(True)
        self._stack.setCurrentIndex(1)
        self.notice.tell_error(describe(error))


def _row(entry: Entry) -> tuple[str, ...]:
    data = entry.data
    result = str(data.get("result", ""))
    if result in set(Conclusion):
        result = wording.VERDICTS[Conclusion(result)].word
    elif entry.kind == "sign":
        act = str(data.get("act", ""))
        name = wording.act_name(Act(act)) if act in set(Act) else act
        result = " · ".join(filter(None, (name, str(data.get("level") or ""))))
    return (
        str(entry.seq),
        wording.moment(entry.time),
        what(entry),
        Path(str(data.get("path") or data.get("input") or "")).name,
        result,
        entry.actor,
    )
