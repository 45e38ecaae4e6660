"""A document's page and, beside it, the form of what is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui import document_text
from ui.theme import UNIT
from ui.widgets.basic import row
from ui.widgets.document_pane import info_of
from ui.widgets.metadata_panel import MetadataPanel
from ui.widgets.preview import Preview

if TYPE_CHECKING:
    from app.archive.model import Document


class EditView(QWidget):
    """:ivar panel: the form."""

    def __init__(self, parent: QWidget) -> None:
        """
        :param parent: where it is to be shown.
        """
        super().__init__(parent)
        layout = row(spacing=UNIT * 2)
        self.setLayout(layout)
        self.preview = Preview()
        layout.addWidget(self.preview, 1)
        self.panel = MetadataPanel(self)
        self.panel.setFixedWidth(UNIT * 46)
        layout.addWidget(self.panel)

    def show_document(self, document: Document) -> None:
        """Begin with a document."""
        copy = document_text.first_copy(document)
        self.preview.show_file(Path(copy.path) if copy is not None else None, info_of(document))
        self.panel.show_document(document)

    def stop(self) -> None:
        self.preview.stop()
