"""A handover from the agreement to the signed minutes, the minutes beside it all the while."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.custody.errors import PermissionMissing
from app.custody.identity import serial_key
from app.custody.model import Device, Kind, Minutes, MinutesState, Person, Proof
from app.custody.states import RULES, EventKind, allowed
from app.errors import describe
from app.i18n import _
from app.office import Office
from app.signing.keys import SigningKey
from app.signing.model import PinAnswer, PinRequest, PinSource
from ui import choosing, wording
from ui.opening import open_file
from ui.theme import UNIT
from ui.token_work import TokenWork
from ui.tokens import TokenWatch
from ui.widgets.agreement_form import AgreementForm
from ui.widgets.basic import Card, Header, Notice, button, label, row
from ui.widgets.flow import Flow
from ui.widgets.minutes_steps import ProofStep, SigningStep
from ui.widgets.permission_fields import scan_kinds
from ui.widgets.pin_panel import PinPanel
from ui.widgets.preview import Preview
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.custody.handovers import Handover

#: Until the minutes are set anew after a change, in milliseconds.
_PAUSE = 500

_TITLES = {
    EventKind.HANDED_OVER: lambda: _("Hand over {device}"),
    EventKind.LENT: lambda: _("Lend {device}"),
    EventKind.RETURNED: lambda: _("Take back {device}"),
}


class HandoverView(QWidget):
    """Agreement, proof, entering and signing, one after the other."""

    #: Serial number of the device to be shown, or an empty text.
    closed = Signal(str)
    #: Something was entered or signed: the sentence that says so.
    told = Signal(str)

    def __init__(self, office: Office, tokens: TokenWatch, parent: QWidget) -> None:
        """
        :param parent: where it is to be shown.
        """
        super().__init__(parent)
        self._office, self._tokens = office, tokens
        self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)
        self._count = 0
        self._pool = Pool(1, self)
        self._rendering: Job[bytes] | None = None
        self._work = TokenWork(self)
        self._doing = self._heading = ""
        self._pdf: Path | None = None
        self._serial = ""
        self.minutes: Minutes | None = None
        self.proofs: dict[str, Proof] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE)
        self._soon.timeout.connect(self._render)

        self._lay_out()
        self._before: QWidget = self._agreement
        self._steps.currentChanged.connect(lambda _at: self._tell_step())
        self._work.pin_asked.connect(self._ask_pin)
        self._work.done.connect(self._worked)
        self._work.failed.connect(self._not_worked)
        tokens.changed.connect(self._show_tokens)

    def _lay_out(self) -> None:
        """From the outside in: what comes into something larger is styled anew with all that is in it already."""
        self._title = Header(" ", buttons=(self._back_button(),))
        self.preview = Preview()
        panel = Card(margins=UNIT * 2)
        panel.setFixedWidth(UNIT * 50)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(UNIT * 2)
        outer.addWidget(self._title)
        body = row(spacing=UNIT * 2)
        outer.addLayout(body, 1)
        body.addWidget(self.preview, 1)
        body.addWidget(panel)
        self._step = label(role="label")
        self.notice = Notice()
        self.notice.hide()
        self._steps: QStackedWidget = QStackedWidget()
        panel.body.addWidget(self._step)
        panel.body.addWidget(self.notice)
        panel.body.addWidget(self._steps, 1)
        self._agreement = QWidget()
        self._steps.addWidget(self._agreement)
        self.form = AgreementForm()
        self.form.changed.connect(self._soon.start)
        self.next = button(_("&Next: check the device"), "arrow-right", role="primary", clicked=self._to_proof)
        self.next.setObjectName("handoverNext")
        layout = QVBoxLayout(self._agreement)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form, 1)
        layout.addLayout(Flow(self.next))
        self.proving = ProofStep()
        self.proving.prove_wanted.connect(self._prove)
        self.proving.changed.connect(self._soon.start)
        self.proving.back_wanted.connect(self._to_agreement)
        self.proving.enter_wanted.connect(self._enter)
        self._steps.addWidget(self.proving)

    # What a handover comes to last is made then: all at once would hold the window

    @cached_property
    def signing(self) -> SigningStep:
        """Giver and receiver sign the minutes."""
        made = SigningStep()
        made.sign_wanted.connect(self._sign)
        made.print_wanted.connect(self._open_minutes)
        made.scan_wanted.connect(self._choose_scan)
        made.permission_wanted.connect(self._choose_permission)
        made.done_wanted.connect(self._close)
        self._steps.addWidget(made)
        return made

    @cached_property
    def pin(self) -> PinPanel:
        """Asks for the PIN of whichever token works."""
        made = PinPanel()
        made.answered.connect(self._answer)
        made.given_up.connect(self._give_up)
        self._steps.addWidget(made)
        return made

    @property
    def busy(self) -> bool:
        """Whether a token is at work."""
        return self._work.running

    def begin(self, kind: EventKind, device: Device, devices: Sequence[Device], lender: Person | None) -> None:
        """Begin a handover.

        :param devices: all of the register.
        :param lender: to whom a loan goes back.
        """
        self.minutes, self.proofs, self._serial = None, {}, device.serial
        self._devices = {one.serial: one for one in devices}
        same = [
            one for one in devices if one.id != device.id and one.holder == device.holder and kind in allowed(one.state)
        ]
        self._title.title.setText(_TITLES[kind]().format(device=device.name))
        self.notice.hide()
        self.preview.show_file(None, None)
        self.form.begin(kind, device, same, lender if kind is EventKind.RETURNED else None)
        self._steps.setCurrentWidget(self._agreement)
        self._tell_step()

    def open_minutes(self, minutes: Minutes, serial: str) -> None:
        """Go on with minutes that are not finished, or show finished ones."""
        self._serial = serial
        self._title.title.setText(_("Minutes of {day}").format(day=wording.day(minutes.made_at)))
        self.notice.hide()
        self._show_minutes(minutes)

    def stop(self) -> None:
        self._soon.stop()
        self._tokens.changed.disconnect(self._show_tokens)
        self._work.stop()
        self._pool.close()
        self.preview.stop()
        self._folder.cleanup()

    # Agreement

    def _agreed(self) -> Handover | None:
        """What is agreed on so far; None where a day cannot be read, which is told."""
        try:
            return self.form.handover(self.proving.handed(self.form.serials, self.form, self.proofs))
        except ValueError as error:
            self._tell(_("“{field}” cannot be read.").format(field=error), _("Write it as dd/mm/yyyy"))
            return None

    def _render(self) -> None:
        if self.minutes is not None or self.form.receiver.person() is None or (agreed := self._agreed()) is None:
            return
        if self._rendering is not None:
            self._rendering.cancel()
        self._rendering = self._pool.start(
            lambda _job: self._office.handovers.preview(agreed), done=self._rendered, failed=self._refused
        )

    def _rendered(self, pdf: bytes) -> None:
        self.notice.hide()
        self._show_pdf(pdf)

    def _show_pdf(self, pdf: bytes) -> None:
        self._count += 1
        name = self.minutes.number.replace("/", "_") if self.minutes is not None else ""
        path = Path(self._folder.name) / f"{' '.join(filter(None, (_('Minutes'), name)))} {self._count}.pdf"
        path.write_bytes(pdf)
        self._pdf = path
        self.preview.show_file(path, None)

    def _to_proof(self) -> None:
        if self.form.receiver.person() is None:
            self._tell(_("It is not said who receives the device."), _("Give the receiver's name, title and unit."))
            self.form.receiver.name.setFocus()
            return
        agreed = self._agreed()
        if agreed is None:
            return
        of_agency = [name for name in self.form.serials if self._devices[name].kind is not Kind.PERSON]
        if RULES[agreed.kind].permission and agreed.permission is None and of_agency:
            self._refused(PermissionMissing(name=self._devices[of_agency[0]].name))
            self.form.permission.number.setFocus()
            return

        def done(pdf: bytes) -> None:
            self._rendered(pdf)
            self._steps.setCurrentWidget(self.proving)
            self._show_tokens()

        self._pool.start(lambda _job: self._office.handovers.preview(agreed), done=done, failed=self._refused)

    def _to_agreement(self) -> None:
        self._steps.setCurrentWidget(self._agreement)

    # Proof

    def _show_tokens(self) -> None:
        keys = self._tokens.plugged.keys if self._tokens.plugged is not None else ()
        if self.minutes is not None:
            self.signing.show_minutes(self.minutes, keys)
            return
        plugged = {
            serial: next((key for key in keys if serial_key(key.token.serial) == serial_key(serial)), None)
            for serial in self.form.serials
        }
        names = {serial: self._devices[serial].name for serial in self.form.serials}
        self.proving.show_devices(names, plugged, self.proofs)

    def _prove(self, serial: str, key: SigningKey) -> None:
        def work(pin_source: PinSource) -> tuple[str, Proof]:
            return serial, self._office.handovers.prove(serial, key, pin_source)

        self._start(work, _("Prove the device"), _("Type the PIN so that the device proves itself"))

    def _enter(self) -> None:
        if (agreed := self._agreed()) is None:
            return
        self.proving.setEnabled(False)

        def done(minutes: Minutes) -> None:
            self.proving.setEnabled(True)
            self.told.emit(_("The handover is in the register."))
            self._show_minutes(minutes)

        self._pool.start(lambda _job: self._office.handovers.hand_over(agreed), done=done, failed=self._refused)

    # Minutes

    def _show_minutes(self, minutes: Minutes) -> None:
        self.minutes = minutes
        self.notice.hide()
        self._steps.setCurrentWidget(self.signing)
        self._show_tokens()
        self._pool.start(lambda _job: self._office.handovers.pdf(minutes.id), done=self._show_pdf, failed=self._refused)

    def _sign(self, key: SigningKey) -> None:
        minutes = self.minutes
        if minutes is not None:
            self._start(
                lambda pin_source: self._office.handovers.sign(minutes.id, key, pin_source),
                _("Sign the minutes"),
                _("Type the PIN to sign the minutes"),
            )

    def _open_minutes(self) -> None:
        if self._pdf is not None:
            open_file(self._pdf)

    def _choose_scan(self) -> None:
        kinds = [_("Scans (*.pdf)")]
        if (path := choosing.one_to_open(self, _("Scan of the signed minutes"), kinds)) is not None:
            self.attach_scan(path)

    def attach_scan(self, path: Path) -> None:
        """File the scan of minutes that were signed by hand."""
        if (minutes := self.minutes) is not None:
            self._pool.start(
                lambda _job: self._office.handovers.attach_scan(minutes.id, path),
                done=self._minutes_changed,
                failed=self._refused,
            )

    def _choose_permission(self) -> None:
        if (path := choosing.one_to_open(self, _("Scan of the permission"), scan_kinds())) is not None:
            self.attach_permission(path)

    def attach_permission(self, path: Path) -> None:
        """File the scan of the permission with which the devices were handed over."""
        minutes = self.minutes
        if minutes is None:
            return

        def work() -> Minutes:
            permissions = self._office.handovers.permissions
            owing = [(device, event) for device, event in permissions.owing() if event.minutes == minutes.id]
            for device, event in owing[:1]:
                permissions.complete(device.serial, scan=path, event=event.id)
            return self._office.handovers.minutes(minutes.id)

        def done(now: Minutes) -> None:
            self.told.emit(_("The permission is in the register."))
            self._show_minutes(now)

        self._pool.start(lambda _job: work(), done=done, failed=self._refused)

    def _minutes_changed(self, minutes: Minutes) -> None:
        if minutes.state is not MinutesState.OPEN:
            self.told.emit(_("The minutes are filed in the archive."))
        self._show_minutes(minutes)

    # The token at work

    def _start(self, work: Callable[[PinSource], object], doing: str, heading: str) -> None:
        self._doing, self._heading = doing, heading
        self.notice.tell(_("The token is at work. Leave it plugged in."), icon="clock")
        self.notice.show()
        self._work.start(work)

    def _ask_pin(self, request: PinRequest) -> None:
        self.notice.hide()
        if (step := self._steps.currentWidget()) is not None and step is not self.pin:
            self._before = step
        self._steps.setCurrentWidget(self.pin)
        self.pin.ask(request, self._doing, None, heading=self._heading)

    def _answer(self, answer: PinAnswer) -> None:
        self._steps.setCurrentWidget(self._before)
        self.notice.tell(_("The token is at work. Leave it plugged in."), icon="clock")
        self.notice.show()
        self._work.answer(answer)

    def _give_up(self) -> None:
        self._steps.setCurrentWidget(self._before)
        self._work.give_up()

    def _worked(self, result: object) -> None:
        self.notice.hide()
        if isinstance(result, Minutes):
            self._minutes_changed(result)
        elif isinstance(result, tuple):
            serial, proof = result
            self.proofs[serial] = proof
            self._show_tokens()
            self._soon.start()

    def _not_worked(self, error: Exception) -> None:
        self._refused(error)
        self._show_tokens()

    def _refused(self, error: Exception) -> None:
        self.proving.setEnabled(True)
        self.notice.tell_error(describe(error))

    def _tell(self, sentence: str, hint: str) -> None:
        self.notice.tell(sentence, hint, "caution", "triangle-alert")
        self.notice.show()

    def _tell_step(self) -> None:
        step = self._steps.currentWidget()
        if step is self._agreement:
            text = _("Step 1 of 3: what is agreed on")
        elif step is self.proving:
            text = _("Step 2 of 3: the device proves itself")
        else:
            text = _("Step 3 of 3: both sides sign") if isinstance(step, SigningStep) else ""
        self._step.setText(text)

    def _close(self) -> None:
        self._soon.stop()
        if "pin" in vars(self):
            self.pin.forget()
        self.closed.emit(self._serial)

    def _back_button(self) -> QWidget:
        made = button(_("&Back to the devices"), "arrow-left", role="quiet", clicked=self._close)
        made.setObjectName("handoverBack")
        return made
