"""What is asked only where files of certain formats are in the list."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from app.documents.formats import Format
from app.i18n import _
from app.signing.model import Container, SignOptions
from ui.signing_entry import BEARING_FORMATS, OFFICE_FORMATS
from ui.theme import UNIT
from ui.widgets.basic import label


class FormatChoice(QWidget):
    """Hidden where PDF files alone are signed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.as_pdf = QCheckBox(_("Sign Office documents as P&DF"))
        self.as_pdf.setObjectName("signAsPdf")
        self.as_pdf.setAccessibleName(self.as_pdf.text().replace("&", ""))
        self.as_pdf_line = label(
            _("The PDF is shown before it is signed; the Office file is filed beside it."), "small"
        )
        self.container = QComboBox()
        self.container.setObjectName("signContainer")
        self.container.addItem(_("In a container with the file (.asice)"), str(Container.ASICE))
        self.container.addItem(_("In a file beside it (.p7s)"), str(Container.P7S))
        self.container_caption = label(_("Signature of files of &other kinds"), "label", wrap=False)
        self.container_caption.setBuddy(self.container)
        self.container.setAccessibleName(self.container_caption.text().replace("&", ""))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, UNIT // 2)
        layout.setSpacing(UNIT // 2)
        for part in (self.as_pdf, self.as_pdf_line, self.container_caption, self.container):
            layout.addWidget(part)
        self.as_pdf.toggled.connect(self.changed)
        self.container.currentIndexChanged.connect(self.changed)
        self.show_formats(())

    @property
    def makes_pdf(self) -> bool:
        """Whether Office documents are turned into PDF."""
        return self.as_pdf.isChecked() and not self.as_pdf.isHidden()

    def show_formats(self, formats: Collection[Format | None]) -> None:
        """Which formats the files have; None stands for those not known yet."""
        office = any(one in OFFICE_FORMATS for one in formats)
        other = any(one is not None and one not in BEARING_FORMATS for one in formats)
        self.as_pdf.setVisible(office)
        self.as_pdf_line.setVisible(office)
        self.container_caption.setVisible(other)
        self.container.setVisible(other)
        self.setVisible(office or other)

    def applied(self, options: SignOptions) -> SignOptions:
        """The options with what is chosen here."""
        return dataclasses.replace(
            options, as_pdf=self.makes_pdf, container=Container(self.container.currentData() or Container.ASICE)
        )

    def take(self, options: SignOptions) -> None:
        """Choose again what an earlier run was asked for."""
        self.as_pdf.setChecked(options.as_pdf)
        self.container.setCurrentIndex(self.container.findData(str(options.container)))
