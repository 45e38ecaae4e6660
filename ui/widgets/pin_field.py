"""Where a PIN is typed, and what is said of the way it is typed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import QLineEdit

from app.i18n import _
from ui.widgets.basic import Notice

#: Characters; no token takes more.
_LONGEST: Final = 255


class PinField(QLineEdit):
    """A password field that notices Caps Lock, and takes nothing that an input method composed: Telex and VNI turn
    what is typed into letters with accents, and the token would get another PIN than the person meant."""

    caps_lock = Signal(bool)
    #: Letters came that keys of a PIN do not give; nothing of them was taken.
    composed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(_LONGEST)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhPreferLatin
        )
        self.setValidator(_AsciiOnly(self))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if not (event.preeditString() + event.commitString()).isascii():
            self._refuse()
            event.accept()
            return
        super().inputMethodEvent(event)

    def _refuse(self) -> None:
        """What was typed before is void too: the input method may have changed it already."""
        self.clear()
        self.composed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if text.isalpha() and text.lower() != text.upper():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_lock.emit(text.isupper() != shifted)
        elif event.key() == Qt.Key.Key_CapsLock:
            self.caps_lock.emit(False)
        if not text.isascii():
            self._refuse()
            return
        super().keyPressEvent(event)


class _AsciiOnly(QValidator):
    """Keeps out what is pasted or dropped."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return (QValidator.State.Acceptable if text.isascii() else QValidator.State.Invalid), text, position


class TypingNotices:
    """What makes another PIN of the keys pressed, told where it is noticed; hidden until then.

    :ivar caps: that Caps Lock is on. :ivar composed: that an input method makes letters with accents.
    :ivar notices: both, to be laid out below the fields.
    """

    def __init__(self) -> None:
        self.caps = Notice(_("Caps Lock is on."), _("Capital letters count in a PIN."), "caution", "triangle-alert")
        self.composed = Notice(
            _("A Vietnamese typing mode is on (Telex or VNI)."),
            _("It changes what you type. Switch it to English, then type the PIN again from its beginning."),
            "caution",
            "triangle-alert",
        )
        self.notices = self.caps, self.composed
        self.hide()

    def watch(self, field: PinField) -> None:
        """Tell of what is typed into a field, too."""
        field.caps_lock.connect(self.caps.setVisible)
        field.composed.connect(self.composed.show)

    def hide(self) -> None:
        """Begin anew: nothing is typed."""
        for notice in self.notices:
            notice.hide()
