"""Taking back an entry of a device that was made by mistake; it needs a reason."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.custody.model import Device, Event
from app.errors import ErrorInfo
from app.i18n import _
from ui import custody_text, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, label
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import Lines


class WithdrawPanel(Card):
    #: Serial number and reason.
    withdrawn = Signal(str, str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("withdrawPanel")
        self._device: Device | None = None
        self._what = label(role="strong")
        self.why = Lines()
        self.why.setObjectName("withdrawWhy")
        self.why.setAccessibleName(_("Why it is a mistake"))
        self.why.setPlaceholderText(_("Why it is a mistake"))
        self.why.textChanged.connect(self._allow)
        self.notice = Notice()
        self.notice.hide()
        self.submit = button(_("&Withdraw the entry"), "rotate-ccw", role="primary", clicked=self._submit)
        self.submit.setObjectName("withdrawSubmit")
        back = button(_("&Back, the entry stays"), clicked=self.closed.emit)
        back.setObjectName("withdrawBack")
        self.body.addWidget(label(_("The last entry is a mistake"), "heading"))
        self.body.addWidget(self._what)
        self.body.addWidget(
            label(_("It stays to be seen, struck from the count; the state before it holds again."), "soft")
        )
        self.body.addWidget(self.why)
        self.body.addWidget(self.notice)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)

    def show_event(self, device: Device, event: Event) -> None:
        """Ask about the newest event of a device."""
        self._device = device
        self._what.setText(
            _("{event}, {when}").format(event=custody_text.event_heading(event), when=wording.moment(event.at))
        )
        self.why.clear()
        self.notice.hide()
        self._allow()
        self.why.setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _allow(self) -> None:
        self.submit.setEnabled(bool(self.why.toPlainText().strip()))

    def _submit(self) -> None:
        if self._device is not None:
            self.withdrawn.emit(self._device.serial, " ".join(self.why.toPlainText().split()))
