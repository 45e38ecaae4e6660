"""Asking for the PIN, in the page and beside what it is for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout

from app.errors import ErrorInfo
from app.i18n import _
from app.signing.keys import PIN_WORDS
from app.signing.model import PinAnswer, PinRequest
from pkcs11_bridge.protocol import PinState
from ui import icons, theme
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, column, icon_button, label, row, scrolling
from ui.widgets.pin_field import PinField, TypingNotices


class PinPanel(Card):
    """Asks for the PIN of one token. What was typed leaves the field at once and is never kept."""

    answered = Signal(object)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2, spacing=UNIT * 1)
        self.setObjectName("pinPanel")
        self._state = PinState.OK
        self._title = label(role="heading")
        self._holder = label(role="strong")
        self._token = label(role="soft")
        self._error = Notice()
        self._warning = Notice()
        self._typing = TypingNotices()
        self._count = label(role="strong")
        self._tries = label(role="soft")
        self.field = PinField()
        self.field.setObjectName("pinField")
        self.field.setAccessibleName(_("PIN"))
        self.field.textChanged.connect(self._allow)
        self.field.returnPressed.connect(self._submit)
        self._typing.watch(self.field)
        self._reveal = icon_button(_("Show the PIN"), "eye", self._toggle)
        self._reveal.setObjectName("pinReveal")
        self.consent = QCheckBox(_("I am sure; use the &last try"))
        self.consent.setAccessibleName(_("I am sure; use the last try"))
        self.consent.setObjectName("pinConsent")
        self.consent.toggled.connect(self._allow)
        self.submit = button("", "pen-line", role="primary", clicked=self._submit)
        self.submit.setObjectName("pinSubmit")
        self.submit.setAccessibleName(_("Sign documents"))
        self.cancel = button(_("&Back, without signing"), clicked=self.given_up.emit)
        self.cancel.setObjectName("pinCancel")

        caption = label(_("&PIN of the token"), "label", wrap=False)
        caption.setBuddy(self.field)
        entry = row(self.field, self._reveal, spacing=4)
        entry.setStretch(0, 1)
        actions = QVBoxLayout()
        actions.setSpacing(UNIT)
        actions.addWidget(self.submit)
        actions.addWidget(self.cancel)
        told = column(spacing=UNIT)
        told.setContentsMargins(0, 0, UNIT, 0)  # beside the scroll bar
        for part in (self._title, self._count, self._holder, self._token, self._tries, self._error, self._warning):
            told.addWidget(part)
        told.addSpacing(UNIT)
        told.addWidget(caption)
        told.addLayout(entry)
        for notice in self._typing.notices:
            told.addWidget(notice)
        told.addWidget(self.consent)
        told.addSpacing(UNIT)
        told.addLayout(actions)
        told.addSpacing(UNIT)
        told.addWidget(label(_("The PIN goes to the token only. It is not stored or written anywhere."), "small"))
        told.addStretch(1)
        self.body.addWidget(scrolling(told, _("PIN")))
        self._error.hide()

    def ask(self, request: PinRequest, action: str, error: ErrorInfo | None, *, heading: str = "") -> None:
        """Ask for a PIN.

        :param action: what the PIN is for, the text of the button.
        :param error: why it is asked again, None the first time.
        :param heading: what is said above; empty: that it is for signing.
        """
        self._state = request.pin_state
        self._title.setText(heading or _("Type the PIN to sign"))
        self._holder.setText(request.holder)
        self._token.setVisible(request.label != request.holder)
        self._token.setToolTip(_("serial {n}").format(n=request.serial))
        self._token.setText(_("Token {label}").format(label=request.label))
        self._count.setVisible(request.file is not None)
        if request.file is not None:
            self._count.setText(
                _("The token asks for each document: {number} of {total}, {file}").format(
                    number=request.number, total=request.total, file=request.file.name
                )
            )
        self._tries.setText(_(PIN_WORDS[request.pin_state]))
        self._typing.hide()
        self.submit.setText(action)
        self.submit.setAccessibleName(action)
        self._error.setVisible(error is not None)
        if error is not None:
            self._error.tell_error(error)
        self._warn(again=error is not None)
        self.consent.setChecked(False)
        self.consent.setVisible(self._state is PinState.FINAL_TRY)
        self._hide_pin()
        self.field.clear()
        self._allow()
        self.field.setFocus()

    def forget(self) -> None:
        """Leave nothing typed on the screen."""
        self.field.clear()

    def _warn(self, *, again: bool) -> None:
        if self._state is PinState.LOW:
            self._warning.tell(
                _("Few tries are left before the token locks."),
                "" if again else _("A wrong PIN was typed on it before. Type slowly."),
                "caution",
                "triangle-alert",
            )
        elif self._state is PinState.FINAL_TRY:
            self._warning.tell(
                _("Only one try is left before the token locks."),
                _("After a wrong PIN only the issuer of the token can unlock it. If in doubt, go back."),
                "caution",
                "triangle-alert",
            )
        self._warning.setVisible(self._state in (PinState.LOW, PinState.FINAL_TRY))

    def _allow(self) -> None:
        consented = self._state is not PinState.FINAL_TRY or self.consent.isChecked()
        self.submit.setEnabled(bool(self.field.text()) and consented)

    def _submit(self) -> None:
        if not self.submit.isEnabled():
            return
        pin = bytearray(self.field.text().encode())
        self.forget()
        self.answered.emit(PinAnswer(pin, final_try=self._state is PinState.FINAL_TRY))

    def _toggle(self) -> None:
        if self.field.echoMode() == QLineEdit.EchoMode.Normal:
            self._hide_pin()
            return
        self.field.setEchoMode(QLineEdit.EchoMode.Normal)
        self._show_reveal(_("Hide the PIN"), "eye-off")

    def _hide_pin(self) -> None:
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self._show_reveal(_("Show the PIN"), "eye")

    def _show_reveal(self, name: str, icon: str) -> None:
        self._reveal.setIcon(icons.icon(icon, theme.current().accent))
        self._reveal.setToolTip(name)
        self._reveal.setAccessibleName(name)
