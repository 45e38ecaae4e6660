"""What people put right of a document, the newest first, each with the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import ErrorInfo
from app.i18n import _
from ui import document_text, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, ScrollPane, button, clear, label, row, selectable
from ui.widgets.flow import Flow
from ui.widgets.report_parts import facts

if TYPE_CHECKING:
    from app.archive.model import Document
    from app.correcting import Correction


class CorrectionsPanel(Card):
    """Of one document; whoever shows it does what is asked for."""

    #: Ids of document and entry of a correction that is undone.
    undone = Signal(int, int)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2)
        self.setObjectName("correctionsPanel")
        self._document: Document | None = None
        self._name = Elided(role="strong")
        self.notice = Notice()
        self.notice.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT * 2)
        body = QWidget()
        body.setObjectName("scrollBody")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, UNIT, UNIT)
        inner.addLayout(self._list)
        inner.addStretch(1)
        scroll = ScrollPane(_("What was corrected"))
        scroll.setWidget(body)
        self.back = button(_("&Back to the document"), clicked=self.closed.emit)
        self.back.setObjectName("correctionsBack")
        self.body.addWidget(label(_("What was corrected"), "heading"))
        self.body.addWidget(self._name)
        self.body.addWidget(self.notice)
        self.body.addWidget(scroll, 1)
        self.body.addLayout(Flow(self.back))

    def show_corrections(self, document: Document, found: Sequence[Correction]) -> None:
        """Show those of a document, the newest first."""
        self._document = document
        self._name.setText(document_text.line(document))
        self.notice.hide()
        clear(self._list)
        told = [one for one in found if one.after]
        if not told:
            self._list.addWidget(
                label(_("Nobody has corrected this document; it says what was read from its file."), "soft")
            )
        for one in told:
            self._list.addWidget(self._card(one))
        self.back.setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)
        self.notice.show()

    def _card(self, one: Correction) -> Card:
        card = Card()
        heading = _("An earlier correction was undone") if one.undoes is not None else _("Corrected")
        state = [label(_("undone"), "soft", wrap=False)] if one.undone else []
        card.body.addLayout(row(label(heading, "strong", wrap=False), *state, stretch=True))
        card.body.addWidget(
            selectable(_("{when}, by {who}").format(when=wording.moment(one.time), who=one.actor), "small")
        )
        card.body.addLayout(facts(_changes(one.before, one.after)))
        if one.undoable:
            undo = button(_("Undo this correction"), "rotate-ccw")
            undo.setObjectName(f"undoCorrection-{one.entry}")
            undo.clicked.connect(lambda: self._undo(one.entry))
            card.body.addLayout(row(undo, stretch=True))
        return card

    def _undo(self, entry: int) -> None:
        if self._document is not None:
            self.undone.emit(self._document.id, entry)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (document_text.field_name(name), _("{before} → {after}").format(before=_told(before[name]), after=_told(value)))
        for name, value in after.items()
    ]


def _told(value: Any) -> str:
    """A value as the ledger keeps it; recipients are told by their names."""
    if isinstance(value, list):
        return "; ".join(str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in value) or "—"
    return str(value) if value not in (None, "") else "—"
