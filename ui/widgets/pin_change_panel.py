"""A new PIN for a token: the old one once, the new one twice, beside the token they are for."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from app.errors import AntinError, ErrorInfo, describe
from app.i18n import _
from app.signing.pin_rules import check_new_pin, pin_lengths
from pkcs11_bridge.protocol import PinState, TokenInfo, wipe
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, column, label, row
from ui.widgets.pin_field import PinField, TypingNotices


@dataclass
class NewPin:
    """What was typed, UTF-8, overwritten by whoever uses it.

    :ivar final_try: the person agreed to use the last try.
    """

    old: bytearray = field(repr=False)
    new: bytearray = field(repr=False)
    again: bytearray = field(repr=False)
    final_try: bool = False


class PinChangePanel(Card):
    """Asks for the PINs of one token. What was typed leaves the fields at once and is never kept."""

    #: The :class:`NewPin` typed.
    answered = Signal(object)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("pinChangePanel")
        self._token: TokenInfo | None = None
        self._state = PinState.OK
        self._name = label(role="strong")
        self._rules = label(role="soft")
        self._tries = label(role="soft")
        self.notice = Notice()
        self._typing = TypingNotices()
        self.old = self._field("pinOld", _("Present PIN"))
        self.new = self._field("pinNew", _("New PIN"))
        self.again = self._field("pinAgain", _("New PIN once more"))
        self._typed: QWidget = QWidget()
        form = column(spacing=UNIT // 2)
        for caption, shown in (
            (_("&Present PIN"), self.old),
            (_("&New PIN"), self.new),
            (_("New PIN &once more"), self.again),
        ):
            words = label(caption, "label", wrap=False)
            words.setBuddy(shown)
            form.addWidget(words)
            form.addWidget(shown)
        self._typed.setLayout(form)
        self.reveal = QCheckBox(_("Show what is &typed"))
        self.reveal.setAccessibleName(_("Show what is typed"))
        self.reveal.setObjectName("pinRevealAll")
        self.reveal.toggled.connect(self._show_typed)
        self.consent = QCheckBox(_("I am sure; use the &last try"))
        self.consent.setAccessibleName(_("I am sure; use the last try"))
        self.consent.setObjectName("pinChangeConsent")
        self.consent.toggled.connect(self._allow)
        self.submit = button(_("&Change the PIN"), "key-round", role="primary", clicked=self._submit)
        self.submit.setObjectName("pinChangeSubmit")
        self.cancel = button(_("&Back, the PIN stays"), clicked=self._give_up)
        self.cancel.setObjectName("pinChangeCancel")
        self.body.addWidget(label(_("Change the PIN"), "heading"))
        for part in (
            self._name,
            self._rules,
            self._tries,
            self.notice,
            self._typed,
            *self._typing.notices,
            self.reveal,
            self.consent,
        ):
            self.body.addWidget(part)
        self.body.addSpacing(UNIT)
        self.body.addLayout(row(self.submit, self.cancel, stretch=True))
        self.body.addWidget(label(_("The PIN goes to the token only. It is not stored or written anywhere."), "small"))
        self.body.addStretch(1)

    def ask(self, token: TokenInfo, state: PinState, error: ErrorInfo | None = None) -> None:
        """Ask for the PINs of a token.

        :param state: of its PIN, read just before.
        :param error: why it is asked again.
        """
        self._token, self._state = token, state
        self._name.setText(_("{token} · serial {serial}").format(token=token.label, serial=token.serial))
        least, most = pin_lengths(token)
        keypad = token.protected_authentication_path
        self._rules.setText(
            _("Old and new PIN are typed on the token's own keypad.")
            if keypad
            else _("This token wants {least} to {most} characters.").format(least=least, most=most)
        )
        self._tries.setText(wording.PIN_STATES[state].word)
        self._typed.setVisible(not keypad)
        self.reveal.setVisible(not keypad)
        self.reveal.setChecked(False)
        self.consent.setChecked(False)
        self.consent.setVisible(state is PinState.FINAL_TRY)
        self._typing.hide()
        self.forget()
        self._tell(error)
        self._allow()
        (self.submit if keypad else self.old).setFocus()

    def forget(self) -> None:
        """Leave nothing typed on the screen."""
        for shown in (self.old, self.new, self.again):
            shown.clear()

    def working(self, on: bool) -> None:
        """While the token works nothing more can be sent to it."""
        for part in (self._typed, self.reveal, self.consent, self.cancel):
            part.setEnabled(not on)
        self.submit.setEnabled(False)
        if on:
            self.notice.tell(_("The token is changing its PIN. Leave it plugged in."), icon="clock")
            self.notice.show()

    def _tell(self, error: ErrorInfo | None) -> None:
        self.notice.setVisible(error is not None or self._state is not PinState.OK)
        if error is not None:
            self.notice.tell_error(error)
        elif self._state is PinState.LOCKED:
            self.notice.tell(
                _("The PIN is locked."), _("Only the issuer of the token can unlock it."), "caution", "lock"
            )
        elif self._state is PinState.FINAL_TRY:
            self.notice.tell(
                _("Only one try is left before the token locks."),
                _("After a wrong PIN only the issuer of the token can unlock it. If in doubt, go back."),
                "caution",
                "triangle-alert",
            )
        elif self._state is PinState.LOW:
            self.notice.tell(
                _("Few tries are left before the token locks."),
                _("A wrong PIN was typed on it before. Type slowly."),
                "caution",
                "triangle-alert",
            )

    def _field(self, name: str, spoken: str) -> PinField:
        made = PinField()
        made.setObjectName(name)
        made.setAccessibleName(spoken)
        made.textChanged.connect(self._allow)
        made.returnPressed.connect(self._submit)
        self._typing.watch(made)
        return made

    def _show_typed(self, on: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
        for shown in (self.old, self.new, self.again):
            shown.setEchoMode(mode)

    def _allow(self) -> None:
        keypad = self._token is not None and self._token.protected_authentication_path
        typed = keypad or all(shown.text() for shown in (self.old, self.new, self.again))
        consented = self._state is not PinState.FINAL_TRY or self.consent.isChecked()
        self.submit.setEnabled(typed and consented and self._state is not PinState.LOCKED)

    def _submit(self) -> None:
        if not self.submit.isEnabled() or self._token is None:
            return
        old, new, again = (bytearray(shown.text().encode()) for shown in (self.old, self.new, self.again))
        typed = NewPin(old, new, again, final_try=self._state is PinState.FINAL_TRY)
        if not self._token.protected_authentication_path:
            try:
                check_new_pin(self._token, typed.new, typed.again)
            except AntinError as error:
                wipe(typed.old, typed.new, typed.again)
                self.new.clear()
                self.again.clear()
                self._tell(describe(error))
                self.new.setFocus()
                return
        self.forget()
        self.answered.emit(typed)

    def _give_up(self) -> None:
        self.forget()
        self.given_up.emit()
