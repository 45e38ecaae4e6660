"""One device: who holds it, its certificates, what may be done with it, what happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.custody import words
from app.custody.model import Device, DeviceCertificate, Event, SignatureOutside
from app.custody.states import EventKind
from app.i18n import _
from app.signing.keys import SigningKey
from ui import custody_text, theme, wording
from ui.theme import UNIT
from ui.widgets.basic import (
    Card,
    Elided,
    Notice,
    ScrollPane,
    button,
    clear,
    column,
    label,
    pictogram,
    row,
    rule,
)
from ui.widgets.device_list import Shown
from ui.widgets.event_panel import EventPanel, minutes_kinds
from ui.widgets.flow import Flow
from ui.widgets.report_parts import facts
from ui.widgets.timeline import Timeline


def _hand_over() -> str:
    return _("&Hand over…")


def _lend() -> str:
    return _("&Lend…")


def _take_back() -> str:
    return _("Take &back…")


#: What a button of an event with minutes says.
_HANDS = {
    EventKind.HANDED_OVER: (_hand_over, "handshake"),
    EventKind.LENT: (_lend, "calendar-clock"),
    EventKind.RETURNED: (_take_back, "undo-2"),
}


def key_state(key: SigningKey) -> wording.Sign:
    """Whether a key of a token that is plugged in can sign."""
    if not key.usable:
        why = _("Cannot sign: {why}").format(why=key.why)
        return wording.Sign("triangle-alert", "caution", lambda: why)
    days = (key.not_after - dt.datetime.now(dt.UTC)).days
    if days < custody_text.SOON_DAYS:
        return custody_text.ends_in(days)
    return wording.Sign("circle-check", "good", lambda: _("Can sign"))


class DevicePane(ScrollPane):
    """Shows a device; whoever shows it does what is asked for."""

    register_wanted = Signal()
    pin_wanted = Signal()
    describe_wanted = Signal()
    event_wanted = Signal()
    request_wanted = Signal()
    withdraw_wanted = Signal()
    #: The :class:`EventKind` with minutes that should be made.
    hands_wanted = Signal(object)
    #: Id of minutes to be opened.
    minutes_wanted = Signal(int)
    #: The :class:`Event` whose permission is to be completed.
    permission_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(_("Device"))
        self.shown: Shown | None = None
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT * 2)
        body = QWidget()
        body.setObjectName("scrollBody")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, UNIT, UNIT * 2)
        layout.addLayout(self._list)
        layout.addStretch(1)
        self.setWidget(body)
        self.timeline = Timeline()
        self.buttons: dict[str, QPushButton] = {}

    def show_device(self, shown: Shown, events: Sequence[Event], outside: Sequence[SignatureOutside] = ()) -> None:
        """Show a device with its history.

        :param outside: signatures made with it while nobody answered for it.
        """
        same = self.shown is not None and self.shown.serial == shown.serial
        self.shown = shown
        clear(self._list)
        self.buttons = {}
        self._list.addWidget(self._head(shown))
        if shown.device is not None:
            self._list.addWidget(self._certificates(shown.device))
            self._list.addWidget(self._history(events, outside))
        elif shown.keys:
            self._list.addWidget(self._keys(shown.keys))
        else:
            card = Card()
            card.body.addWidget(label(_("No certificate for signing is on this token."), "soft"))
            self._list.addWidget(card)
        if not same:
            self.verticalScrollBar().setValue(0)

    def _head(self, shown: Shown) -> Card:
        card = Card(margins=UNIT * 3, spacing=UNIT * 2)
        card.setAccessibleName(shown.name)
        head = column(spacing=0)
        head.addWidget(Elided(shown.name, "heading"))
        head.addWidget(Elided(shown.made_by, "soft"))
        line = row(pictogram(shown.icon, theme.current().accent, 32), spacing=UNIT * 2)
        line.addLayout(head, 1)
        line.addLayout(_sign(shown.sign))
        card.body.addLayout(line)
        if shown.device is not None:
            card.body.addLayout(facts(_rows(shown.device)))
        if shown.token is not None:
            state = wording.PIN_STATES[shown.token.pin_state]
            card.body.addLayout(row(*_sign_parts(state), stretch=True))
            if shown.token.problem:
                notice = Notice()
                notice.tell(_("Not everything on the token could be read."), shown.token.problem, "caution")
                card.body.addWidget(notice)
        card.body.addLayout(Flow(*self._tools(shown)))
        return card

    def _tools(self, shown: Shown) -> list[QWidget]:
        tools: list[QWidget] = []
        device = shown.device
        if device is None:
            tools.append(self._tool("register", _("&Enter in the register"), "plus", self.register_wanted, "primary"))
        else:
            for kind in minutes_kinds(device):
                say, icon = _HANDS[kind]
                made = button(say(), icon, role="primary" if kind is EventKind.HANDED_OVER else "")
                made.clicked.connect(lambda _checked, kind=kind: self.hands_wanted.emit(kind))
                made.setObjectName(f"device-{kind}")
                self.buttons[str(kind)] = made
                tools.append(made)
            if EventPanel.kinds(device):
                tools.append(self._tool("event", _("Enter what ha&ppened…"), "pen-line", self.event_wanted))
            tools.append(self._tool("describe", _("&Name, place, kind…"), "settings", self.describe_wanted))
            if device.present_certificates:
                tools.append(
                    self._tool("request", _("Request re&newal or revocation…"), "file-output", self.request_wanted)
                )
        if shown.token is not None:
            tools.append(self._tool("pin", _("&Change the PIN…"), "key-round", self.pin_wanted))
        return tools

    def _certificates(self, device: Device) -> Card:
        card = Card(margins=UNIT * 3)
        card.body.addWidget(label(_("Certificates"), "heading"))
        now = dt.datetime.now(dt.UTC)
        for at, certificate in enumerate(device.certificates):
            if at:
                card.body.addWidget(rule())
            sign = custody_text.certificate_state(certificate, now)
            card.body.addLayout(_certificate_line(certificate, sign))
        if not device.certificates:
            card.body.addWidget(label(_("None is entered."), "soft"))
        return card

    def _keys(self, keys: Sequence[SigningKey]) -> Card:
        card = Card(margins=UNIT * 3)
        card.body.addWidget(label(_("Certificates"), "heading"))
        for at, key in enumerate(keys):
            if at:
                card.body.addWidget(rule())
            words_ = column(spacing=0)
            holder = wording.holder_line(key.holder, key.organization)
            words_.addWidget(Elided(holder, "strong", Qt.TextElideMode.ElideRight))
            told = _("Issued by {issuer} · valid {start} to {end} · {key}").format(
                issuer=key.issuer,
                start=wording.day(key.not_before),
                end=wording.day(key.not_after),
                key=key.key.upper(),
            )
            words_.addWidget(label(told, "soft"))
            line = row(spacing=UNIT * 2)
            line.addLayout(words_, 1)
            line.addLayout(_sign(key_state(key)))
            card.body.addLayout(line)
        return card

    def _history(self, events: Sequence[Event], outside: Sequence[SignatureOutside]) -> Card:
        card = Card(margins=UNIT * 3)
        head = row(label(_("History"), "heading"))
        head.setStretch(0, 1)
        if any(event.withdrawn_at is None for event in events):
            text = _("The last entry is a &mistake…")
            head.addWidget(self._tool("withdraw", text, "rotate-ccw", self.withdraw_wanted, "quiet"))
        card.body.addLayout(head)
        self.timeline = Timeline()
        self.timeline.minutes_wanted.connect(self.minutes_wanted)
        self.timeline.permission_wanted.connect(self.permission_wanted)
        self.timeline.show_events(events, outside)
        card.body.addWidget(self.timeline)
        return card

    def _tool(self, name: str, text: str, icon: str, wanted: SignalInstance, role: str = "") -> QPushButton:
        made = button(text, icon, role=role, clicked=wanted.emit)
        made.setObjectName(f"device-{name}")
        self.buttons[name] = made
        return made


def _sign_parts(sign: wording.Sign) -> tuple[QWidget, QWidget]:
    word = label(sign.word, wrap=False)
    word.setProperty("tone", sign.tone)
    return pictogram(sign.icon, theme.tone_colour(sign.tone)), word


def _sign(sign: wording.Sign) -> QHBoxLayout:
    return row(*_sign_parts(sign))


def _rows(device: Device) -> list[tuple[str, str]]:
    rows = [(_("Held by"), custody_text.held_by(device)), (_("Kind"), custody_text.kind(device))]
    rows += [(_("Kept at"), device.place)] if device.place else []
    rows += [(_("Note"), device.note)] if device.note else []
    seen = wording.day(device.confirmed_at) if device.confirmed_at is not None else _("never")
    return [*rows, (_("Last seen"), seen)]


def _certificate_line(certificate: DeviceCertificate, sign: wording.Sign) -> QHBoxLayout:
    words_ = column(spacing=0)
    holder = wording.holder_line(certificate.subject, certificate.organization)
    words_.addWidget(Elided(holder, "strong", Qt.TextElideMode.ElideRight))
    parts = (
        wording.beginning(words.kind(certificate.kind)),
        _("issued by {issuer}").format(issuer=certificate.issuer) if certificate.issuer else "",
        custody_text.period(certificate),
        _("serial {n}").format(n=certificate.serial) if certificate.serial else "",
    )
    words_.addWidget(label(" · ".join(filter(None, parts)), "soft"))
    icon = pictogram(custody_text.kind_icon(certificate.kind), theme.current().text_soft, 20)
    line = row(icon, spacing=UNIT * 2)
    line.addLayout(words_, 1)
    line.addLayout(_sign(sign))
    return line
