"""The piece of a document's text in which the words searched for stand."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.archive.model import Passage
from app.i18n import _
from ui import theme


class PassageLine(QLabel):
    """Hidden until there is something to show."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setProperty("role", "soft")
        self.hide()

    def show_passage(self, passage: Passage | None) -> None:
        """Show a passage with its words marked; nothing for None."""
        self.setVisible(passage is not None)
        if passage is None:
            return
        shown = theme.current()
        style = f"background-color: {shown.accent_soft}; color: {shown.accent};"
        pieces, last = [], 0
        for begin, end in passage.marks:
            pieces.append(escape(passage.text[last:begin]))
            pieces.append(f'<span style="{style}">{escape(passage.text[begin:end])}</span>')
            last = end
        pieces.append(escape(passage.text[last:]))
        self.setText(_("In the text: “… {passage} …”").format(passage="".join(pieces)))
        self.setAccessibleName(_("In the text: “… {passage} …”").format(passage=passage.text))
