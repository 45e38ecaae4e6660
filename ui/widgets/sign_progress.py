"""A run under way: what is done, what is left, how long still, and a cancel."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar

from app.i18n import _
from app.signing.desk import DeskEvent
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, button, label


class SignProgress(Card):
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2, spacing=UNIT)
        self.setObjectName("signProgress")
        self._started = 0.0
        self._done = 0
        self._title = label(role="heading")
        self._file = Elided(role="soft")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Documents signed"))
        self._left = label(role="soft")
        self.cancel = button(_("&Cancel after this document"), "x", clicked=self._cancel)
        self.cancel.setObjectName("signCancel")
        for part in (self._title, self._bar, self._left, self._file):
            self.body.addWidget(part)
        self.body.addSpacing(UNIT)
        self.body.addWidget(self.cancel)
        self.body.addWidget(label(_("Documents already signed are kept. The originals are never changed."), "small"))
        self.body.addStretch(1)

    def begin(self, total: int) -> None:
        """A run over ``total`` documents starts."""
        self._started = time.monotonic()
        self._done = 0
        self._bar.setRange(0, total)
        self._bar.setValue(0)
        self._title.setText(_("Getting the token ready…"))
        self._file.setText("")
        self._left.setText("")
        self.cancel.setEnabled(True)

    def show_event(self, event: DeskEvent) -> None:
        """A step of the run."""
        if event.stage == "done":
            self._done += 1
            self._bar.setValue(self._done)
        elif event.stage == "signing":
            self._file.setText(event.file.name)
        if self.cancel.isEnabled():
            self._title.setText(_("Signed {done} of {total}").format(done=self._done, total=event.total))
        if self._done and self._done < event.total:
            each = (time.monotonic() - self._started) / self._done
            self._left.setText(_("Time left: {time}").format(time=wording.duration(each * (event.total - self._done))))

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self._title.setText(_("Stopping after the document on the token…"))
        self._left.setText("")
        self.cancelled.emit()
