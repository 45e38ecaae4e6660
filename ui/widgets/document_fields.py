"""What was read from a document, to be looked at and corrected."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from app.documents.model import DocumentInfo
from app.documents.types import document_types
from app.i18n import _
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import label
from ui.widgets.dates import day_typed


class DocumentFields(QWidget):
    """Type, number, symbol, date and summary of one document."""

    #: Emitted with the whole :class:`DocumentInfo` after each correction.
    corrected = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._info = DocumentInfo()
        self.type = QComboBox()
        self._type_line = QLineEdit()
        self.type.setLineEdit(self._type_line)
        self.type.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.type.addItems([kind.name for kind in document_types()])
        self.type.setMinimumContentsLength(12)
        self.number = QLineEdit()
        self.symbol = QLineEdit()
        self.date = QLineEdit()
        for line in (self.number, self.symbol, self.date):
            line.setMinimumWidth(48)
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.date.setPlaceholderText(_("dd/mm/yyyy"))
        self.summary = QPlainTextEdit()
        self.summary.setTabChangesFocus(True)
        self.summary.setFixedHeight(66)
        self._type_line.setPlaceholderText(_("Not found: type it in"))
        self.summary.setPlaceholderText(_("Not found: type it in"))

        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        grid.setColumnMinimumWidth(0, 56)
        grid.setColumnMinimumWidth(2, 116)
        grid.setColumnStretch(1, 1)
        for widget, text, at, across, name in (
            (self.type, _("&Type of document"), (0, 0), 3, "type"),
            (self.number, _("&Number"), (2, 0), 1, "number"),
            (self.symbol, _("S&ymbol"), (2, 1), 1, "symbol"),
            (self.date, _("&Date"), (2, 2), 1, "date"),
            (self.summary, _("Su&mmary"), (4, 0), 3, "summary"),
        ):
            caption = label(text, "label", wrap=False)
            caption.setBuddy(widget)
            widget.setAccessibleName(text.replace("&", ""))
            widget.setObjectName(f"field-{name}")
            grid.addWidget(caption, at[0], at[1], 1, across)
            grid.addWidget(widget, at[0] + 1, at[1], 1, across)
        self._type_line.setAccessibleName(self.type.accessibleName())
        self.type.currentTextChanged.connect(self._changed)
        for line in (self.number, self.symbol, self.date):
            line.textEdited.connect(self._changed)
        self.summary.textChanged.connect(self._changed)
        QWidget.setTabOrder(self.type, self.number)

    def show_info(self, info: DocumentInfo | None) -> None:
        """Show what was read; nothing can be corrected while it is None."""
        self._info = info or DocumentInfo()
        self.setEnabled(info is not None)
        blockers = [QSignalBlocker(widget) for widget in (self.type, self.number, self.symbol, self.date, self.summary)]
        self.type.setCurrentText(self._info.type or "")
        self._type_line.setCursorPosition(0)
        self.number.setText(self._info.number or "")
        self.symbol.setText(self._info.symbol or "")
        self.symbol.setCursorPosition(0)
        self.date.setText(wording.day(self._info.date) if self._info.date else "")
        self.summary.setPlainText(self._info.summary or "")
        for blocker in blockers:
            blocker.unblock()

    def _changed(self) -> None:
        self._info = dataclasses.replace(
            self._info,
            type=self.type.currentText().strip() or None,
            number=self.number.text().strip() or None,
            symbol=self.symbol.text().strip() or None,
            date=day_typed(self.date.text()) or (None if not self.date.text().strip() else self._info.date),
            summary=" ".join(self.summary.toPlainText().split()) or None,
        )
        self.corrected.emit(self._info)
