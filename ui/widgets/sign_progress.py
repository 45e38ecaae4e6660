"""A run under way: what is done, what is left, how long still, and a cancel."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar

from app.i18n import _
from app.signing.desk import DeskEvent
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, button, label

#: Milliseconds between two times that words and bar are brought up to date; a run tells of several steps a file.
_STEP = 80


class SignProgress(Card):
    """:ivar waiting: index of the file that a person has to decide about; None where none waits."""

    cancelled = Signal()
    #: Emitted with whether the run is to pause.
    paused = Signal(bool)
    #: Emitted with the index of the file that is to be signed, or left out.
    approved = Signal(int)
    skipped = Signal(int)
    rest_approved = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2, spacing=UNIT)
        self.setObjectName("signProgress")
        self._started = 0.0
        self._done = self._total = 0
        self._name = ""
        self.waiting: int | None = None
        self._is_paused = self._review = False
        self._title = label(role="heading")
        self._file = Elided(role="soft")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Documents signed"))
        self._advancing = QTimer(self)
        self._advancing.setSingleShot(True)
        self._advancing.setInterval(_STEP)
        self._advancing.timeout.connect(self._advance)
        self._left = label(role="soft")
        self.cancel = button(_("&Cancel after this document"), "x", clicked=self._cancel)
        self.cancel.setObjectName("signCancel")
        self.pause = button("", "clock", clicked=self._pause)
        self.pause.setObjectName("signPause")
        self.pause.setAccessibleName(_("&Pause after this document").replace("&", ""))
        self.skip = button(_("&Leave this document out"), "circle-minus", clicked=self._skip)
        self.skip.setObjectName("signSkip")
        self.approve = button(_("&Sign this document"), "pen-line", role="primary", clicked=self._approve)
        self.approve.setObjectName("signApprove")
        self.rest = button(_("Sign &all the rest"), clicked=self._approve_rest)
        self.rest.setObjectName("signRest")
        for part in (self._title, self._bar, self._left, self._file):
            self.body.addWidget(part)
        self.body.addSpacing(UNIT)
        for choice in (self.approve, self.skip, self.rest, self.pause):
            self.body.addWidget(choice)
        self.body.addWidget(self.cancel)
        self.body.addWidget(label(_("Documents already signed are kept. The originals are never changed."), "small"))
        self.body.addStretch(1)

    def begin(self, total: int, *, review: bool = False) -> None:
        """A run over ``total`` documents starts.

        :param review: each is shown and waits to be signed.
        """
        self.waiting = None
        self._is_paused = False
        self._review = review
        self._show_choices()
        self._started = time.monotonic()
        self._done, self._total = 0, total
        self._name = ""
        self._bar.setRange(0, total)
        self._bar.setValue(0)
        self._title.setText(_("Getting the token ready…"))
        self._file.setText("")
        self._left.setText("")
        self.cancel.setEnabled(True)

    def show_event(self, event: DeskEvent) -> None:
        """A step of the run."""
        if event.stage == "asking":
            self.waiting = event.index
            self._file.setText(event.file.name)
            self._show_choices()
            if self._review:
                self._title.setText(_("Sign this document?"))
                self.approve.setFocus()
            return
        if event.stage == "done":
            self._done += 1
        elif event.stage == "signing":
            if self.waiting is not None:
                self._answered()
            self._name = event.file.name
        if not self._advancing.isActive():
            self._advancing.start()

    def _advance(self) -> None:
        self._bar.setValue(self._done)
        if self.waiting is None and self._name:
            self._file.setText(self._name)
        if self.cancel.isEnabled() and self.waiting is None and not self._is_paused:
            self._title.setText(_("Signed {done} of {total}").format(done=self._done, total=self._total))
        if self._done and self._done < self._total and self.cancel.isEnabled():
            each = (time.monotonic() - self._started) / self._done
            self._left.setText(_("Time left: {time}").format(time=wording.duration(each * (self._total - self._done))))

    def _show_choices(self) -> None:
        asks = self._review and self.waiting is not None
        for part in (self.approve, self.skip, self.rest):
            part.setVisible(asks)
        self.pause.setVisible(not self._review)
        text = _("&Go on") if self._is_paused else _("&Pause after this document")
        self.pause.setText(text)
        self.pause.setAccessibleName(text.replace("&", ""))

    def _pause(self) -> None:
        self._is_paused = not self._is_paused
        self.waiting = None
        self._title.setText(_("Paused") if self._is_paused else _("Going on…"))
        self._show_choices()
        self.paused.emit(self._is_paused)

    def _skip(self) -> None:
        if (index := self.waiting) is not None:
            self._answered()
            self.skipped.emit(index)

    def _approve(self) -> None:
        if (index := self.waiting) is not None:
            self._answered()
            self.approved.emit(index)

    def _approve_rest(self) -> None:
        self._review = False
        self._answered()
        self.rest_approved.emit()

    def _answered(self) -> None:
        self.waiting = None
        self._show_choices()

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self._title.setText(_("Stopping after the document on the token…"))
        self._left.setText("")
        self.cancelled.emit()
