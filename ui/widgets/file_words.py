"""What is said of a file whose pages are not shown: what it is, what was read from it, why it cannot be seen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.documents.model import DocumentInfo
from app.errors import ErrorInfo
from app.i18n import _
from ui import theme, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, label, pictogram, row

#: Width of the card, in pixels.
_WIDTH = 376


class FileWords(QWidget):
    """A card in the middle of its room, with a button that opens the file.

    :ivar heading, summary, more: its words. :ivar open: the button. :ivar problem: what is wrong with the file.
    """

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self._card = Card(margins=UNIT * 4, spacing=UNIT)
        self._card.setFixedWidth(_WIDTH)
        self._icon = pictogram("file-text", theme.current().text_soft, 40)
        self.heading = label(role="heading")
        self.summary = label()
        self.more = label(role="small")
        self.open = button(_("Open the file to &look at it"), "external-link", clicked=self._open_file)
        self.problem = Notice()
        for part in (self._icon, self.heading, self.summary, self.problem, self.more):
            self._card.body.addWidget(part)
        self._card.body.addSpacing(UNIT)
        self._card.body.addLayout(row(self.open, stretch=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 3)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._card)
        middle.addStretch(1)
        layout.addStretch(2)
        layout.addLayout(middle)
        layout.addStretch(3)

    def show_file(self, path: Path | None, info: DocumentInfo | None) -> None:
        """Say what a file is.

        :param path: None: there is none, and nothing is said.
        :param info: what was read from it; None: its kind is told.
        """
        self._path = path
        self._card.setVisible(path is not None)
        self.problem.hide()
        if path is None:
            return
        kind = wording.file_kind(path)
        for part in (self._icon, self.more, self.open):
            part.show()
        self.more.setText(_("Pages of {kind} files are not shown here; open the file to read it.").format(kind=kind))
        if info is None:
            self.heading.setText(kind)
            self.summary.hide()
            return
        heading = " · ".join(filter(None, (info.type, _number(info), wording.day(info.date) if info.date else "")))
        self.heading.setText(heading or kind)
        self.summary.setText(info.summary or "")
        self.summary.setVisible(bool(info.summary))

    def show_nothing(self, sentence: str) -> None:
        """Say of the file shown only why there is nothing to look at, and nothing to open."""
        self.heading.setText(sentence)
        self.more.hide()
        self.open.hide()

    def show_problem(self, path: Path | None, problem: ErrorInfo) -> None:
        """Say what is wrong with a file."""
        self._path = path
        self._card.show()
        for part in (self._icon, self.summary, self.more):
            part.hide()
        self.heading.setText(path.name if path else "")
        self.problem.tell_error(problem)

    def _open_file(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))


def _number(info: DocumentInfo) -> str:
    return "/".join(filter(None, (info.number, info.symbol)))
