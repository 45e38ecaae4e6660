"""What would leave the office, to be read before it is saved."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QListWidget, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from app.i18n import _
from app.support.bundle import Part
from ui.theme import UNIT
from ui.widgets.basic import button, label, row


class BundlePreview(QDialog):
    """The files, each with its whole text.

    :param parts: of the file for support, or the reports of crashes alone.
    :param may_save: whether saving is offered.
    """

    save_wanted = Signal()

    def __init__(self, parent: QWidget, title: str, lead: str, parts: Sequence[Part], *, may_save: bool = True) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(900, 600)
        self._parts = list(parts)
        self.files = QListWidget()
        self.files.setObjectName("bundleFiles")
        self.files.setAccessibleName(_("Files in it"))
        self.files.addItems([part.name for part in parts])
        self.text = QPlainTextEdit()
        self.text.setObjectName("bundleText")
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        self.files.currentRowChanged.connect(self._show)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.files)
        split.addWidget(self.text)
        split.setStretchFactor(1, 1)
        split.setSizes([200, 700])
        self.files.setVisible(len(parts) > 1)
        self.save = button(_("&Save…"), "save", role="primary", clicked=self._save)
        self.save.setObjectName("bundleSave")
        self.save.setVisible(may_save)
        close = button(_("&Close") if not may_save else _("Do &not save"), clicked=self.reject)
        foot = row(close, self.save)
        foot.insertStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(label(lead))
        layout.addWidget(split, 1)
        layout.addLayout(foot)
        self.files.setCurrentRow(0)
        (self.save if may_save else close).setFocus()

    def _show(self, at: int) -> None:
        if 0 <= at < len(self._parts):
            self.text.setPlainText(self._parts[at].text)
            self.text.setAccessibleName(self._parts[at].name)

    def _save(self) -> None:
        self.accept()
        self.save_wanted.emit()
