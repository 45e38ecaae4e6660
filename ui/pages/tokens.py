"""Thiết bị: which tokens there are, who holds them, what happened to them and what may be done with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.custody.identity import serial_key
from app.custody.model import Device, Event, Minutes, SignatureOutside
from app.custody.states import EventKind
from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.office import Office
from app.times import now
from pkcs11_bridge.protocol import PinState, TokenInfo
from ui import choosing
from ui.custody_changes import CustodyChanges, Entered
from ui.opening import open_file
from ui.pages.page import Page
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.ahead_card import AheadCard
from ui.widgets.basic import EmptyState, Header, Notice, button, clear, column
from ui.widgets.device_list import DeviceList, Shown, merge
from ui.widgets.device_side import DeviceSide
from ui.widgets.handover_view import HandoverView
from ui.widgets.told import Told
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.custody.ahead import Reminder
    from app.custody.request import Request
    from ui.widgets.pin_change_panel import NewPin


class TokensPage(Page):
    """The devices of the office.

    :ivar list: all of them. :ivar pane: the one chosen. :ivar side: that one, and what is asked about it.
    """

    def __init__(self, office: Office, tokens: TokenWatch) -> None:
        super().__init__(office)
        self._tokens = tokens
        self._pool = Pool(2, self)
        self._pin_pool = Pool(1, self)
        self._reading: Job[object] | None = None
        self._changes = CustodyChanges(office, self)
        self._devices: list[Device] | None = None
        self._events: list[Event] = []
        self._outside: list[SignatureOutside] = []
        self._wanted: str | None = None
        self._changing: TokenInfo | None = None

        self._look = button(_("&Look again"), "refresh-cw", clicked=self._look_again)
        self._look.setObjectName("tokensLook")
        self._new = button(_("&Enter by hand…"), "plus", clicked=self._enter_by_hand)
        self._new.setObjectName("tokensNew")
        self._empty = EmptyState(
            "usb",
            _("No token is plugged in. Plug one in; it appears here within two seconds."),
            _("If it does not, its driver may be missing: install the one that came with the token."),
            _("&Look again"),
            "refresh-cw",
            drop=False,
        )
        self._empty.chosen.connect(self._look_again)
        self.told = Told()
        self._problems = column(spacing=UNIT)
        self.list = DeviceList()
        self.side = DeviceSide(office.settings.agency, self._changes)
        self.pane = self.side.pane
        self.ahead = AheadCard()
        self._handover: HandoverView | None = None
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setAccessibleName(_("List and device"))
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(UNIT * 2)
        self.list.setMinimumWidth(UNIT * 30)
        self.side.setMinimumWidth(UNIT * 48)
        splitter.addWidget(self.list)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([UNIT * 44, UNIT * 84])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(splitter)
        self._header = Header(_("Tokens"), " ", buttons=(self._look, self._new))
        self._header.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self._header)
        layout.addWidget(self.told)
        layout.addLayout(self._problems)
        layout.addWidget(self.ahead)
        layout.addWidget(self._stack, 1)
        self._connect()
        self._show()

    # What the window asks of a page

    def entered(self) -> None:
        """Read the register anew: another workstation may have entered something."""
        self.refresh()

    def first_focus(self) -> QWidget | None:
        return self.list if self._stack.currentIndex() == 1 else None

    @property
    def handover(self) -> HandoverView:
        """Made when it is first wanted."""
        if self._handover is None:
            self._handover = HandoverView(self.office, self._tokens, self._stack)
            self._handover.closed.connect(self._handed)
            self._handover.told.connect(lambda sentence: self.told.tell_done(sentence, ""))
            self._stack.addWidget(self._handover)
        return self._handover

    @property
    def busy(self) -> str:
        if self._handover is not None and self._handover.busy:
            return _("A token is signing.")
        return _("A token is changing its PIN.") if self._pin_pool.unfinished else ""

    def stop(self) -> None:
        self._tokens.changed.disconnect(self._show)
        if self._handover is not None:
            self._handover.stop()
        self._changes.stop()
        self._pin_pool.close(milliseconds=30_000)
        self._pool.close()

    # The devices

    def refresh(self, choose: str | None = None) -> None:
        """Read the register.

        :param choose: serial number of a device to be chosen.
        """
        self._wanted = choose or self._wanted
        self._pool.start(lambda _job: _read(self.office), done=self._show_register, failed=self._fail)
        self._pool.start(lambda _job: self.office.signatures_outside(), done=self._show_outside, failed=self._fail)

    def _show_register(self, known: tuple[list[Device], list[Reminder]]) -> None:
        self._devices, reminders = known
        self.ahead.show_reminders(reminders)
        self._show()

    def _show_outside(self, found: list[SignatureOutside]) -> None:
        if found != self._outside:
            self._outside = found
            if (shown := self.pane.shown) is not None and shown.device is not None:
                self._show_device(shown)

    def _show_device(self, shown: Shown) -> None:
        outside = [one for one in self._outside if serial_key(one.token) == serial_key(shown.serial)]
        self.pane.show_device(shown, self._events, outside)

    def _show(self) -> None:
        plugged = self._tokens.plugged
        self._look.setEnabled(not self._tokens.looking)
        self._tell_problems()
        if plugged is None and not self._devices:
            self._header.lead.setText(_("Looking for tokens…"))
            return
        shown = merge(self._devices or [], plugged)
        wanted, self._wanted = self._wanted, None
        self.list.show_devices(shown, wanted)
        count = len(plugged.tokens) if plugged is not None else 0
        told = ngettext("{n} token plugged in", "{n} tokens plugged in", count).format(n=count)
        if self._devices:
            registered = len(self._devices)
            known = ngettext("{n} device in the register", "{n} devices in the register", registered)
            told = f"{known.format(n=registered)} · {told}"
        self._header.lead.setText(told)
        problems = self._tokens.error is not None or bool(plugged is not None and plugged.problems)
        if self._handover is None or self._stack.currentWidget() is not self._handover:
            self._stack.setCurrentIndex(1 if shown else 0)
        self._stack.setVisible(bool(shown) or not problems)
        self._look.setVisible(bool(shown) or problems)

    def _tell_problems(self) -> None:
        clear(self._problems)
        if self._tokens.error is not None:
            self._problems.addWidget(_problem(self._tokens.error.message, self._tokens.error.hint))
        for module, error in self._tokens.plugged.problems if self._tokens.plugged is not None else ():
            self._problems.addWidget(_problem(f"{error.message} ({module})", error.hint))

    def _choose(self, shown: Shown | None) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if shown is None:
            return
        if not self._at_work:
            self.side.setCurrentWidget(self.pane)
        if shown.device is None:
            self._events = []
            self.pane.show_device(shown, [])
            return
        serial = shown.device.serial

        def done(events: object) -> None:
            self._events = list(events) if isinstance(events, list) else []
            self._show_device(shown)

        self._reading = self._pool.start(lambda _job: self.office.custody.history(serial), done=done, failed=self._fail)

    @property
    def _at_work(self) -> bool:
        """Whether something half done must not be taken away by a token that comes or goes."""
        here = self.side.currentWidget()
        if self.side.changing_pin:
            return self._changing is not None and any(
                one.token is not None and one.token.serial == self._changing.serial for one in self.list.found.shown
            )
        return here is not self.pane and self.list.current is not None

    def _look_again(self) -> None:
        self._tokens.look()
        self.refresh()

    # One device

    def _with_device(self, do: Callable[[Device], None]) -> None:
        shown = self.list.current
        if shown is not None and shown.device is not None:
            self.told.hide()
            do(shown.device)

    def _register(self) -> None:
        shown = self.list.current
        if shown is not None and shown.token is not None:
            self._changes.register(shown.token)

    def _enter_by_hand(self) -> None:
        self._stack.setCurrentIndex(1)
        self._stack.show()
        self.side.setCurrentWidget(self.side.new)
        self.side.new.begin()

    def _describe(self, device: Device) -> None:
        self.side.setCurrentWidget(self.side.form)
        self.side.form.show_device(device)

    def _enter_event(self, device: Device) -> None:
        self.side.setCurrentWidget(self.side.happened)
        self.side.happened.show_device(device)

    def _complete_permission(self, device: Device, event: Event) -> None:
        self.side.setCurrentWidget(self.side.permission)
        self.side.permission.show_event(device, event)

    def _withdraw(self, device: Device) -> None:
        last = next((event for event in reversed(self._events) if event.withdrawn_at is None), None)
        if last is not None:
            self.side.setCurrentWidget(self.side.withdrawal)
            self.side.withdrawal.show_event(device, last)

    def _ask_request(self, device: Device) -> None:
        self.side.setCurrentWidget(self.side.request)
        self.side.request.show_device(device)

    def _make_request(self, request: Request) -> None:
        from app.custody.request import render_request

        proposed = Path.home() / f"{_('Request')} {request.device.serial}.pdf"
        path = choosing.to_save(self, _("Save the request"), proposed, [_("Document (*.pdf)")])
        if path is not None:
            self._changes.save(path, lambda: render_request(request), request.device.serial)

    def _save_calendar(self) -> None:
        path = choosing.to_save(
            self, _("Save the calendar"), Path.home() / f"{_('Devices')}.ics", [_("Calendar (*.ics)")]
        )
        if path is not None:
            self._changes.save(path, lambda: _calendar(self.office))

    # Changing hands

    def _hand(self, device: Device, kind: EventKind) -> None:
        lent = next((one for one in reversed(self._events) if one.kind is EventKind.LENT), None)
        self._show_handover(True)
        self.handover.begin(kind, device, self._devices or [], lent.giver if lent is not None else None)

    def _open_minutes(self, identifier: int) -> None:
        shown = self.list.current
        serial = shown.serial if shown is not None else ""

        def done(minutes: Minutes) -> None:
            self._show_handover(True)
            self.handover.open_minutes(minutes, serial)

        self._pool.start(lambda _job: self.office.handovers.minutes(identifier), done=done, failed=self._fail)

    def _show_handover(self, on: bool) -> None:
        self.told.hide()
        self._header.setVisible(not on)
        self.ahead.set_covered(on)
        self._stack.setCurrentWidget(self.handover) if on else self._stack.setCurrentIndex(1)

    def _handed(self, serial: str) -> None:
        self._show_handover(False)
        self.refresh(serial)

    def _back(self) -> None:
        self._changing = None
        self.side.setCurrentWidget(self.pane)
        if not self.list.found.shown:
            self._stack.setCurrentIndex(0)
        self.list.setFocus()

    def _done(self, entered: Entered) -> None:
        offers = []
        if (file := entered.file) is not None:
            offers.append((_("O&pen it"), "external-link", lambda: open_file(file)))
        self.told.tell_done(entered.sentence, entered.hint, offers)
        self._back()
        self.refresh(entered.serial)

    def _refused(self, error: ErrorInfo) -> None:
        if not self.side.tell_error(error):
            self.told.tell_error(error)

    # PIN

    def _ask_pin(self) -> None:
        shown = self.list.current
        if shown is not None and shown.token is not None:
            self.told.hide()
            self._read_pin_state(shown.token, None)

    def _read_pin_state(self, token: TokenInfo, error: ErrorInfo | None) -> None:
        """Ask the token how many tries are left, then the person for the PINs."""

        def read() -> PinState:
            with self.office.bridge.open(token) as session:
                return session.pin_state()

        def done(state: PinState) -> None:
            self._changing = token
            self.side.setCurrentWidget(self.side.pin)
            self.side.pin.working(False)
            self.side.pin.ask(token, state, error)

        def failed(problem: Exception) -> None:
            self._back()
            self.told.tell_error(error or describe(problem))

        self._pin_pool.start(lambda _job: read(), done=done, failed=failed)

    def _change_pin(self, typed: NewPin) -> None:
        from app.signing.pin_change import change_pin

        token = self._changing
        if token is None:
            return
        self.side.pin.working(True)

        def work() -> None:
            with self.office.bridge.open(token) as session:
                change_pin(session, typed.old, typed.new, typed.again, final_try=typed.final_try)

        def done(_nothing: None) -> None:
            self.side.pin.working(False)
            self._back()
            self.told.tell_done(_("The PIN of {token} was changed.").format(token=token.label), "")
            self._tokens.look()
            self.busy_changed.emit()

        def failed(error: Exception) -> None:
            self._read_pin_state(token, describe(error))
            self._tokens.look()
            self.busy_changed.emit()

        self._pin_pool.start(lambda _job: work(), done=done, failed=failed)
        self.busy_changed.emit()

    def _fail(self, error: Exception) -> None:
        self.told.tell_error(describe(error))
        if self._devices is None:
            self._devices = []
            self._show()

    def _connect(self) -> None:
        self._tokens.changed.connect(self._show)
        self.list.chosen.connect(self._choose)
        self._changes.done.connect(self._done)
        self._changes.failed.connect(self._refused)
        pane = self.pane
        pane.register_wanted.connect(self._register)
        pane.pin_wanted.connect(self._ask_pin)
        pane.describe_wanted.connect(lambda: self._with_device(self._describe))
        pane.event_wanted.connect(lambda: self._with_device(self._enter_event))
        pane.withdraw_wanted.connect(lambda: self._with_device(self._withdraw))
        pane.request_wanted.connect(lambda: self._with_device(self._ask_request))
        pane.hands_wanted.connect(lambda kind: self._with_device(lambda device: self._hand(device, kind)))
        pane.minutes_wanted.connect(self._open_minutes)
        pane.permission_wanted.connect(
            lambda event: self._with_device(lambda device: self._complete_permission(device, event))
        )
        self.side.request_wanted.connect(self._make_request)
        self.side.pin_answered.connect(self._change_pin)
        self.side.closed.connect(self._back)
        self.ahead.calendar_wanted.connect(self._save_calendar)
        self.ahead.device_wanted.connect(self.refresh)


def _read(office: Office) -> tuple[list[Device], list[Reminder]]:
    """The register, and what is to be seen to."""
    return office.custody.devices(), office.handovers.reminders()


def _calendar(office: Office) -> bytes:
    from app.custody.calendar import calendar

    return calendar(office.handovers.coming(), now())


def _problem(sentence: str, hint: str) -> Notice:
    notice = Notice()
    notice.tell(sentence, hint, "caution", "triangle-alert", copy=True)
    return notice
