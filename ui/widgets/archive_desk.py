"""Where the archive is searched: words, filters, the tree, what was found, and beside it the document chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSplitter, QWidget

from app.archive.model import Query
from app.i18n import _, ngettext
from ui.archive_search import PAGE
from ui.theme import UNIT
from ui.widgets.archive_filters import ArchiveFilters
from ui.widgets.archive_tree import ArchiveTree
from ui.widgets.basic import Notice, column, label, row
from ui.widgets.hit_list import HitList


class ArchiveDesk(QWidget):
    """The parts and their places; whoever owns it asks and answers.

    :param parent: where it is to be shown.
    :ivar query: what is searched for. :ivar list: what was found. :ivar notice: why there is nothing.
    :ivar parts: side by side, the list among them.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.query = QLineEdit()
        self.query.setObjectName("archiveQuery")
        self.query.setPlaceholderText(_("Number, symbol, summary, signer… accents may be left out"))
        self.query.setAccessibleName(_("Search the archive"))
        self.query.setClearButtonEnabled(True)
        self.query.installEventFilter(self)
        caption = label(_("Searc&h"), "label", wrap=False)
        caption.setBuddy(self.query)
        self.count = label(role="soft", wrap=False)
        self.filters = ArchiveFilters()
        self.tree = ArchiveTree()
        self.list = HitList()
        self.notice = Notice()
        self.notice.hide()
        layout = column(spacing=UNIT * 2)
        self.setLayout(layout)
        search = row(caption, self.query, self.count, spacing=UNIT * 2)
        search.setStretch(1, 1)
        layout.addLayout(search)
        layout.addWidget(self.filters)
        self.parts = QSplitter(Qt.Orientation.Horizontal)
        layout.addWidget(self.parts, 1)
        self.parts.setAccessibleName(_("Tree, list and document"))
        self.parts.setChildrenCollapsible(False)
        self.parts.setHandleWidth(UNIT * 2)
        middle = QWidget()
        for at, (part, least, stretch) in enumerate(((self.tree, 19, 0), (middle, 30, 2))):
            self._put(at, part, least, stretch)
        found = column(spacing=UNIT)
        middle.setLayout(found)
        found.addWidget(self.notice)
        found.addWidget(self.list, 1)

    def show_beside(self, side: QWidget) -> None:
        """Show the document chosen beside the list.

        :param side: made as a part of :attr:`parts`.
        """
        self._put(2, side, 38, 3)
        self.parts.setSizes([UNIT * 24, UNIT * 40, UNIT * 66])

    def _put(self, at: int, part: QWidget, least: int, stretch: int) -> None:
        part.setMinimumWidth(UNIT * least)
        self.parts.insertWidget(at, part)
        self.parts.setStretchFactor(at, stretch)

    def asked(self) -> Query:
        """What is asked for now."""
        place, (first, last) = self.tree.place, self.filters.days
        return Query(
            self.query.text().strip(),
            year=place.year,
            type=place.type,
            signer=self.filters.signer_name,
            incoming=place.incoming,
            date_from=first,
            date_to=last,
            dossier=self.filters.dossier_id,
            doubtful=self.filters.doubtful.isChecked(),
        )

    def tell_count(self) -> None:
        """Say how many documents were found."""
        count = len(self.list.found.hits)
        if not count:
            self.count.setText("")
        elif not self.list.found.complete:
            self.count.setText(_("more than {n} documents").format(n=max(count, PAGE)))
        else:
            self.count.setText(ngettext("{n} document", "{n} documents", count).format(n=count))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search field down into the list; Escape clears what is typed."""
        if watched is self.query and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self.list.setFocus()
                return True
            if event.key() == Qt.Key.Key_Escape and self.query.text():
                self.query.clear()
                return True
        return super().eventFilter(watched, event)
