"""The line under every page: which token is in, whose it is, what is wrong; a new version that was installed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy

from app import installed
from app.i18n import _, ngettext
from pkcs11_bridge.protocol import PinState
from ui import theme, wording
from ui.tokens import Plugged, TokenWatch
from ui.widgets.basic import set_icon
from ui.widgets.new_version import NewVersion
from ui.wording import Sign


class StatusLine(QFrame):
    clicked = Signal()

    def __init__(self, tokens: TokenWatch) -> None:
        super().__init__()
        self.setObjectName("statusLine")
        self.setFixedHeight(40)
        self._tokens = tokens
        self.button = QPushButton()
        self.button.setObjectName("statusButton")
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(lambda: self.clicked.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 12, 2)
        layout.addWidget(self.button, 1)
        if (file := installed.version_file()) is not None:
            layout.addWidget(NewVersion(file))
        tokens.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        sign, text = _words(self._tokens)
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self.button.setToolTip(text)
        set_icon(self.button, sign.icon, theme.tone_colour(sign.tone))


def _words(tokens: TokenWatch) -> tuple[Sign, str]:
    plugged = tokens.plugged
    if plugged is None:
        return Sign("refresh-cw", "neutral"), _("Looking for tokens…")
    if tokens.error is not None:
        return Sign("triangle-alert", "caution"), tokens.error.message
    if not plugged.tokens:
        if plugged.problems:
            module, error = plugged.problems[0]
            return Sign("triangle-alert", "caution"), f"{error.message} ({module})"
        return Sign("usb", "neutral"), _("No token is plugged in")
    trouble = _trouble(plugged)
    whose = " · ".join(_whose(plugged))
    if trouble:
        return Sign("triangle-alert", "caution"), f"{trouble} — {whose}"
    return Sign("usb", "good"), whose


def _whose(plugged: Plugged) -> list[str]:
    names = []
    for token in plugged.tokens:
        name = plugged.name(token)
        others = [key.holder for key in plugged.keys_on(token) if key.holder != name]
        names.append(f"{', '.join(others)} ({name})" if others else name)
    if len(names) > 3:
        more = len(names) - 3
        names = [*names[:3], ngettext("and {n} more", "and {n} more", more).format(n=more)]
    return names


def _trouble(plugged: Plugged) -> str:
    for token in plugged.tokens:
        if token.pin_state is not PinState.OK:
            return f"{plugged.name(token)}: {wording.PIN_STATES[token.pin_state].word}"
    for key in plugged.keys:
        if not key.usable:
            return _("{holder}: {why}").format(holder=key.holder, why=key.why)
    if plugged.problems:
        module, error = plugged.problems[0]
        return f"{error.message} ({module})"
    return ""
