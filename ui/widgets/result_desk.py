"""Where results of checking are looked at: the list of files or the document of one, and beside it what was found."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import _
from app.verification.model import Conclusion
from ui.theme import UNIT
from ui.widgets.basic import Notice, button, row
from ui.widgets.card_pane import CardPane
from ui.widgets.preview import Preview
from ui.widgets.refusal_panel import RefusalPanel
from ui.widgets.report_card import ReportCard
from ui.widgets.result_filter import ResultFilter
from ui.widgets.result_list import Order, ResultList


class ResultDesk(QWidget):
    """The parts and their places; whoever owns it fills them. Of several files the list is shown, of one its document.

    :param parent: where it is to be shown.
    :ivar list: the files. :ivar filter, words, order: which of them are shown, and how they follow each other.
    :ivar nothing: that no file has the words. :ivar preview: the document of the file chosen, :ivar to_list: the way
        back from it. :ivar pane: its card. :ivar refusal: a note on why it is refused, in the place of the card.
    :ivar several: whether there is more than one file.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.several = False
        self.list = ResultList()
        self.filter = ResultFilter()
        self.filter.chosen.connect(self.show_only)
        self.preview = Preview()
        self.pane = CardPane()
        self.refusal = RefusalPanel()
        self.words = QLineEdit()
        self.words.setObjectName("verifyWords")
        self.words.setPlaceholderText(_("File name or signer; accents may be left out"))
        self.words.setAccessibleName(_("Show files whose name or signer contains"))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self.list.found.find)
        self.order = QComboBox()
        self.order.setObjectName("verifyOrder")
        self.order.setAccessibleName(_("Order of the files"))
        for order, text in (
            (Order.VERDICT, _("Gravest first")),
            (Order.PLACE, _("By folder")),
            (Order.NAME, _("By name")),
            (Order.SIGNER, _("By signer")),
            (Order.TIME, _("Newest signature first")),
        ):
            self.order.addItem(text, order)
        self.order.activated.connect(lambda _row: self.list.found.sort_by(self.order.currentData()))
        self.nothing = Notice(_("No file has these words."), tone="neutral", icon="search")
        self.to_list = button(_("Back to the &list"), "arrow-left", role="quiet", clicked=self.show_list)
        self._lay_out()

    def _lay_out(self) -> None:
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        sides.setHandleWidth(UNIT * 2)
        self._left, self._right = QStackedWidget(), QStackedWidget()
        self._left.setMinimumWidth(UNIT * 36)
        self._right.setMinimumWidth(UNIT * 46)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(UNIT * 2)
        whole.addWidget(self.filter)
        whole.addWidget(sides, 1)
        sides.addWidget(self._left)
        sides.addWidget(self._right)
        sides.setStretchFactor(0, 3)
        sides.setStretchFactor(1, 2)

        search = row(self.words, self.order)
        search.setStretch(0, 1)
        self._files, files = _part(self._left)
        files.addLayout(search)
        files.addWidget(self.nothing)
        files.addWidget(self.list, 1)
        self._document, document = _part(self._left)
        document.addLayout(row(self.to_list, stretch=True))
        document.addWidget(self.preview, 1)
        for part in (self.pane, self.refusal):
            self._right.addWidget(part)

    @property
    def shows_document(self) -> bool:
        """Whether the document of the file chosen has the place of the list."""
        return self._left.currentWidget() is self._document

    def refresh(self) -> None:
        """Show what is there now: more files came, or all of them went."""
        found = self.list.found
        counts = found.counts()
        if found.conclusion is not None and not counts[found.conclusion]:
            self.show_only(None)
        several = len(found.results) > 1
        if several != self.several:
            self.several = several
            self._left.setCurrentWidget(self._files if several else self._document)
        self.filter.setVisible(several)
        self.filter.show_counts(counts, found.conclusion)
        self.to_list.setVisible(several)
        self.nothing.setVisible(bool(found.results) and not found.shown)

    def show_only(self, conclusion: Conclusion | None) -> None:
        """Show the files of one verdict; None: of all."""
        self.list.found.show_only(conclusion)
        self.filter.show_counts(self.list.found.counts(), conclusion)

    def show_list(self) -> None:
        """Back from a document to the list, with the keyboard."""
        self._left.setCurrentWidget(self._files)
        self.list.setFocus()

    def show_document(self) -> None:
        """Show the document in the place of the list."""
        self._left.setCurrentWidget(self._document)

    def show_card(self, card: ReportCard | None) -> None:
        """Show another card; None: nothing is chosen."""
        self._right.setCurrentWidget(self.pane)
        self.nothing.setVisible(card is None and bool(self.list.found.results))
        self.pane.show_card(card)

    def show_refusal(self) -> None:
        """Show the note in the place of the card, with the keyboard."""
        self._right.setCurrentWidget(self.refusal)
        self.refusal.text.setFocus()

    def leave_refusal(self) -> None:
        """Back from the note to the card, with the keyboard."""
        self._right.setCurrentWidget(self.pane)
        if self.pane.card is not None:
            self.pane.card.take_keyboard()


def _part(stack: QStackedWidget) -> tuple[QWidget, QVBoxLayout]:
    """What may stand there, and its layout, still empty."""
    part = QWidget()
    stack.addWidget(part)
    layout = QVBoxLayout(part)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    return part, layout
