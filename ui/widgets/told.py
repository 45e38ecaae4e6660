"""What just happened, above the page, until it is closed: something saved, or why it was not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.errors import ErrorInfo
from app.i18n import _
from ui.theme import UNIT
from ui.widgets.basic import Notice, button, clear, icon_button

#: Text, icon and what a button does.
Offer = tuple[str, str, Callable[[], object]]


class Told(QWidget):
    """One notice with what may be done next; hidden until there is something to tell."""

    #: The person closed it.
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.notice = Notice()
        self._offers = QHBoxLayout()
        self._offers.setSpacing(UNIT // 2)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self.notice, 1)
        layout.addLayout(self._offers)
        layout.addWidget(icon_button(_("Close this message"), "x", self._close))
        self.hide()

    def tell_working(self, sentence: str) -> None:
        """Something is going on."""
        self._tell(())
        self.notice.tell(sentence, icon="clock")

    def tell_done(self, sentence: str, hint: str, offers: Sequence[Offer] = ()) -> None:
        """Something is done; what may be done with it."""
        self._tell(offers)
        self.notice.tell(sentence, hint, "good", "circle-check")

    def tell_attention(self, sentence: str, hint: str, offers: Sequence[Offer] = ()) -> None:
        """Something to be looked at; what may be done about it."""
        self._tell(offers)
        self.notice.tell(sentence, hint, "caution", "triangle-alert")

    def tell_error(self, error: ErrorInfo, sentence: str = "") -> None:
        """Something failed.

        :param sentence: what, where the error's own sentence says only why.
        """
        self._tell(())
        if sentence:
            error = ErrorInfo(error.code, f"{sentence} {error.message}", error.hint)
        self.notice.tell_error(error)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def _tell(self, offers: Sequence[Offer]) -> None:
        clear(self._offers)
        for text, icon, action in offers:
            self._offers.addWidget(button(text, icon, role="quiet", clicked=action))
        self.show()
