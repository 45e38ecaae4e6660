"""Thiết bị: the tokens plugged in, their certificates and what is wrong."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import _, ngettext
from app.office import Office
from app.signing.keys import SigningKey
from pkcs11_bridge.protocol import TokenInfo
from ui import theme, wording
from ui.pages.page import Page
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.basic import (
    Card,
    Elided,
    EmptyState,
    Header,
    Notice,
    button,
    clear,
    column,
    label,
    pictogram,
    row,
    rule,
)

#: A certificate that ends within so many days is told with a warning.
_SOON_DAYS = 60


class TokensPage(Page):
    def __init__(self, office: Office, tokens: TokenWatch) -> None:
        super().__init__(office)
        self._tokens = tokens
        self._look = button(_("&Look again"), "refresh-cw", clicked=tokens.look)
        self._look.setObjectName("tokensLook")
        self._empty = EmptyState(
            "usb",
            _("No token is plugged in. Plug one in; it appears here within two seconds."),
            _("If it does not, its driver may be missing: install the one that came with the token."),
            _("&Look again"),
            "refresh-cw",
            drop=False,
        )
        self._empty.chosen.connect(tokens.look)
        self._body = QWidget()
        self._body.setObjectName("scrollBody")
        self._list = QVBoxLayout(self._body)
        self._list.setContentsMargins(0, 0, UNIT, UNIT * 2)
        self._list.setSpacing(UNIT * 2)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName(_("Tokens"))
        scroll.setWidget(self._body)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(scroll)
        self._header = Header(_("Tokens"), " ", buttons=(self._look,))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self._header)
        layout.addWidget(self._stack, 1)
        tokens.changed.connect(self._show)
        self._show()

    def stop(self) -> None:
        self._tokens.changed.disconnect(self._show)

    def _show(self) -> None:
        plugged = self._tokens.plugged
        self._look.setEnabled(not self._tokens.looking)
        if plugged is None:
            self._header.lead.setText(_("Looking for tokens…"))
            return
        clear(self._list)
        count = len(plugged.tokens)
        self._header.lead.setText(ngettext("{n} token plugged in", "{n} tokens plugged in", count).format(n=count))
        if self._tokens.error is not None:
            self._list.addWidget(_problem(self._tokens.error.message, self._tokens.error.hint))
        for module, error in plugged.problems:
            self._list.addWidget(_problem(f"{error.message} ({module})", error.hint))
        for token in plugged.tokens:
            self._list.addWidget(_token_card(token, plugged.keys_on(token)))
        self._list.addStretch(1)
        self._look.setVisible(bool(count or plugged.problems))
        self._stack.setCurrentIndex(1 if count or plugged.problems or self._tokens.error else 0)


def _problem(sentence: str, hint: str) -> Notice:
    notice = Notice()
    notice.tell(sentence, hint, "caution", "triangle-alert", copy=True)
    return notice


def _token_card(token: TokenInfo, keys: list[SigningKey]) -> Card:
    card = Card(spacing=UNIT)
    card.setAccessibleName(token.label)
    state = wording.PIN_STATES[token.pin_state]
    word = label(state.word, wrap=False)
    word.setProperty("tone", state.tone)
    words = column(spacing=0)
    words.addWidget(Elided(token.label, "heading"))
    words.addWidget(
        Elided(
            " · ".join(
                filter(None, (f"{token.manufacturer} {token.model}".strip(), _("serial {n}").format(n=token.serial)))
            ),
            "soft",
        )
    )
    head = row(pictogram("usb", theme.current().accent, 32), spacing=UNIT * 2)
    head.addLayout(words, 1)
    head.addLayout(row(pictogram(state.icon, theme.tone_colour(state.tone)), word))
    card.body.addLayout(head)
    for key in keys:
        card.body.addWidget(rule())
        card.body.addLayout(_key_row(key))
    if not keys:
        card.body.addWidget(rule())
        card.body.addWidget(label(_("No certificate for signing is on this token."), "soft"))
    return card


def _key_row(key: SigningKey) -> QHBoxLayout:
    days = (key.not_after - dt.datetime.now(dt.UTC)).days
    tone: theme.Tone = "good"
    icon, text = "circle-check", _("Can sign")
    if not key.usable:
        tone, icon, text = "caution", "triangle-alert", _("Cannot sign: {why}").format(why=key.why)
    elif days < _SOON_DAYS:
        tone, icon = "caution", "clock"
        text = ngettext("Ends in {n} day", "Ends in {n} days", days).format(n=days)
    words = column(spacing=0)
    words.addWidget(Elided(wording.holder_line(key.holder, key.organization), "strong", Qt.TextElideMode.ElideRight))
    words.addWidget(
        label(
            _("Issued by {issuer} · valid {start} to {end} · {key}").format(
                issuer=key.issuer,
                start=wording.day(key.not_before),
                end=wording.day(key.not_after),
                key=key.key.upper(),
            ),
            "soft",
        )
    )
    state = label(text, wrap=False)
    state.setProperty("tone", tone)
    name = "stamp" if key.kind == "organization" else "key-round"
    holder = pictogram(name, theme.current().text_soft, 20)
    holder.setFixedWidth(32)
    holder.setAlignment(Qt.AlignmentFlag.AlignCenter)
    line = row(holder, spacing=UNIT * 2)
    line.addLayout(words, 1)
    line.addLayout(row(pictogram(icon, theme.tone_colour(tone)), state))
    return line
