"""Kho văn bản: find filed copies by any of their words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from ui import wording
from ui.opening import open_folder
from ui.pages.page import Page
from ui.theme import UNIT
from ui.widgets.basic import EmptyState, Header, Notice, button, label, row
from ui.widgets.table import Rows, table
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.archive import FiledCopy

#: At most so many copies are listed; more words narrow the search.
LIMIT = 500


class ArchivePage(Page):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._pool = Pool(1, self)
        self._job: Job[list[FiledCopy]] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(200)
        self._soon.timeout.connect(self.search)

        self.query = QLineEdit()
        self.query.setObjectName("archiveQuery")
        self.query.setPlaceholderText(_("Number, symbol, summary, signer… accents may be left out"))
        self.query.setAccessibleName(_("Search the archive"))
        self.query.setClearButtonEnabled(True)
        self.query.textChanged.connect(lambda: self._soon.start())
        self.query.returnPressed.connect(self.search)
        caption = label(_("Searc&h"), "label", wrap=False)
        caption.setBuddy(self.query)
        self._found = label(role="soft", wrap=False)
        self.notice = Notice()
        self.notice.hide()
        self.rows = Rows((_("Number"), _("Date"), _("Type"), _("Summary"), _("Signed by")))
        self.table = table(self.rows, _("Filed copies"), (152, 124, 136, 0, 192))
        self.table.activated.connect(lambda index: self._open_file(index.row()))
        self.table.selectionModel().currentChanged.connect(lambda *_indexes: self._allow())
        self._open = button(_("&Open the document"), "external-link", clicked=lambda: self._open_file(self._row()))
        self._folder = button(_("Open the &folder"), "folder-open", clicked=lambda: self._open_folder(self._row()))
        self._verify = button(_("&Check its signatures"), "shield-check", clicked=lambda: self._check(self._row()))
        root = button(
            _("Open the archive's &root folder"),
            "archive",
            role="quiet",
            clicked=lambda: open_folder(office.settings.archive_dir),
        )
        self._empty = EmptyState(
            "archive",
            _("Nothing is filed yet. Each signed copy is put here by year and type of document."),
            "",
            _("Si&gn documents"),
            "pen-line",
            drop=False,
        )
        self._empty.chosen.connect(lambda: self.handed_over.emit("sign", []))
        filled = QWidget()
        inner = QVBoxLayout(filled)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(UNIT * 2)
        search = row(caption, self.query, self._found, spacing=UNIT * 2)
        search.setStretch(1, 1)
        inner.addLayout(search)
        inner.addWidget(self.notice)
        inner.addWidget(self.table, 1)
        inner.addLayout(row(self._open, self._folder, self._verify, stretch=True))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(filled)
        self._header = Header(_("Archive"), str(office.settings.archive_dir), buttons=(root,))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self._header)
        layout.addWidget(self._stack, 1)
        self._allow()

    def entered(self) -> None:
        """Search anew: something may have been filed meanwhile."""
        self.search()

    def search(self) -> None:
        """Find the copies that have all the words typed; all copies where nothing is typed."""
        self._soon.stop()
        query = self.query.text().strip()
        if self._job is not None:
            self._job.cancel()
        self._job = self._pool.start(
            lambda job: list(self.office.archive.search(query, limit=LIMIT)),
            done=lambda found: self._show(query, found),
            failed=self._fail,
        )

    def first_focus(self) -> QWidget | None:
        return self.query

    def stop(self) -> None:
        self._soon.stop()
        self._pool.close()

    def _show(self, query: str, found: list[FiledCopy]) -> None:
        self.notice.hide()
        self.rows.show([(_texts(copy), copy) for copy in found])
        self._stack.setCurrentIndex(1 if found or query else 0)
        if not found:
            self._found.setText(_("Nothing found"))
        elif len(found) == LIMIT:
            self._found.setText(_("The newest {n}; type more words").format(n=LIMIT))
        else:
            self._found.setText(ngettext("{n} document", "{n} documents", len(found)).format(n=len(found)))
        if found:
            self.table.selectRow(0)
        self._allow()

    def _fail(self, error: Exception) -> None:
        self._stack.setCurrentIndex(1)
        self.notice.tell_error(describe(error))

    def _row(self) -> int:
        return self.table.currentIndex().row()

    def _path(self, at: int) -> Path | None:
        if not 0 <= at < self.rows.rowCount():
            return None
        return Path(cast("FiledCopy", self.rows.item(at)).path)

    def _allow(self) -> None:
        for tool in (self._open, self._folder, self._verify):
            tool.setEnabled(self._path(self._row()) is not None)

    def _open_file(self, at: int) -> None:
        if (path := self._path(at)) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _open_folder(self, at: int) -> None:
        if (path := self._path(at)) is not None:
            open_folder(path)

    def _check(self, at: int) -> None:
        if (path := self._path(at)) is not None:
            self.handed_over.emit("verify", [path])


def _texts(copy: FiledCopy) -> tuple[str, ...]:
    return (
        "/".join(filter(None, (copy.number, copy.symbol))) or "—",
        wording.day(copy.date),
        copy.type,
        copy.summary or "",
        ", ".join(copy.signers),
    )
