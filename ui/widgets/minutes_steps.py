"""Two steps of a handover: the devices prove themselves, both sides sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.custody.model import Kind, Minutes, MinutesState, Proof
from app.documents.text import spelling_key
from app.i18n import _
from app.signing.keys import SigningKey
from ui import custody_text, theme
from ui.theme import UNIT
from ui.widgets.basic import Elided, button, clear, column, label, pictogram, row, scrolling, selectable
from ui.widgets.flow import Flow
from ui.widgets.report_parts import breakable

if TYPE_CHECKING:
    from app.custody.handovers import Handed
    from ui.widgets.agreement_form import AgreementForm


class ProofStep(QWidget):
    """Each device is plugged in and signs a challenge, or it is said why it cannot."""

    #: Serial number and the :class:`SigningKey` that is to prove it.
    prove_wanted = Signal(str, object)
    changed = Signal()
    back_wanted = Signal()
    enter_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.whys: dict[str, QLineEdit] = {}
        self._proofs: Mapping[str, Proof] = {}
        self._kept: dict[str, str] = {}
        self._list = column(spacing=UNIT * 2)
        self.enter = button(_("&Enter the handover, make the minutes"), "check", role="primary")
        self.enter.setObjectName("handoverEnter")
        self.enter.clicked.connect(lambda _checked: self.enter_wanted.emit())
        back = button(_("&Back to the agreement"), "arrow-left", clicked=self.back_wanted.emit)
        back.setObjectName("proofBack")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(
            label(
                _("Plug the device in. It signs a challenge with its own key: so it is the one in the register."),
                "soft",
            )
        )
        layout.addLayout(self._list)
        layout.addStretch(1)
        layout.addLayout(Flow(self.enter, back))

    def show_devices(
        self, names: Mapping[str, str], plugged: Mapping[str, SigningKey | None], proofs: Mapping[str, Proof]
    ) -> None:
        """Show the devices.

        :param names: by serial number. :param plugged: a key of each that is plugged in.
        """
        self._proofs = proofs
        self._kept = {serial: field.text() for serial, field in self.whys.items()}
        clear(self._list)
        self.whys = {}
        for serial, name in names.items():
            self._list.addLayout(self._device(serial, name, plugged[serial], serial in proofs))
        self._allow()

    def handed(self, serials: Sequence[str], form: AgreementForm, proofs: Mapping[str, Proof]) -> list[Handed]:
        """The devices as they are handed over."""
        from app.custody.handovers import Handed

        return [
            Handed(
                serial,
                form.appearance.currentText().strip(),
                form.accessories.currentText().strip(),
                proofs.get(serial),
                "" if serial in proofs or serial not in self.whys else self.whys[serial].text().strip(),
            )
            for serial in serials
        ]

    def _device(self, serial: str, name: str, key: SigningKey | None, proven: bool) -> QVBoxLayout:
        box = column(spacing=UNIT // 2)
        box.addWidget(Elided(f"{name} · {serial}", "strong"))
        if proven:
            word = label(_("It is the one in the register."))
            word.setProperty("tone", "good")
            told = row(pictogram("circle-check", theme.tone_colour("good")), word)
            told.setStretch(1, 1)
            box.addLayout(told)
            return box
        if key is not None:
            prove = button(_("&Check it with its PIN…"), "shield-check", role="primary")
            prove.clicked.connect(lambda _checked: self.prove_wanted.emit(serial, key))
            prove.setObjectName(f"prove-{serial}")
            box.addLayout(row(prove, stretch=True))
        else:
            word = label(_("It is not plugged in."), "soft")
            box.addLayout(row(pictogram("usb", theme.current().text_soft), word, stretch=True))
        why = QLineEdit(self._kept.get(serial, ""))
        why.setObjectName(f"unproven-{serial}")
        why.setAccessibleName(_("Why {device} cannot be checked").format(device=name))
        why.setPlaceholderText(_("Or why that cannot be done: PIN locked, damaged…"))
        why.textChanged.connect(lambda _text: self._why_typed())
        self.whys[serial] = why
        box.addWidget(why)
        return box

    def _why_typed(self) -> None:
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        self.enter.setEnabled(all(field.text().strip() for field in self.whys.values()))


class SigningStep(QWidget):
    """Giver and receiver sign with tokens of their own, or on paper."""

    #: The :class:`SigningKey` of a side.
    sign_wanted = Signal(object)
    print_wanted = Signal()
    scan_wanted = Signal()
    #: The scan of the permission is to be added.
    permission_wanted = Signal()
    done_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sides = column(spacing=UNIT * 2)
        self.open = button(_("O&pen to print"), "printer", clicked=self.print_wanted.emit)
        self.open.setObjectName("minutesPrint")
        self.scan = button(_("&Add the scan of the signed paper…"), "paperclip", clicked=self.scan_wanted.emit)
        self.scan.setObjectName("minutesScan")
        self.done = button(_("&Done"), "check", clicked=self.done_wanted.emit)
        self.done.setObjectName("minutesDone")
        self._lead = label(role="soft")
        self._path = selectable("", "small")
        self._owed = QWidget()
        self._owed_word = label()
        self._owed_word.setProperty("tone", "caution")
        self.permission = button(
            _("Add the scan of the &permission…"), "paperclip", clicked=self.permission_wanted.emit
        )
        self.permission.setObjectName("minutesPermission")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        said = column(spacing=UNIT * 2)
        said.addWidget(self._lead)
        said.addLayout(self._sides)
        said.addWidget(self._path)
        told = row(pictogram("triangle-alert", theme.tone_colour("caution"), 18), self._owed_word)
        told.setStretch(1, 1)
        owed = column(spacing=UNIT // 2)
        owed.addLayout(told)
        owed.addLayout(row(self.permission, stretch=True))
        self._owed.setLayout(owed)
        said.addWidget(self._owed)
        said.addStretch(1)
        layout.addWidget(scrolling(said, _("Minutes")), 1)
        layout.addLayout(Flow(self.open, self.scan, self.done))

    def show_minutes(self, minutes: Minutes, keys: Sequence[SigningKey]) -> None:
        """Show who has signed and who can.

        :param keys: of the tokens plugged in.
        """
        clear(self._sides)
        finished = minutes.state is not MinutesState.OPEN
        self._lead.setText(
            _("The minutes are finished and filed.")
            if finished
            else _("Each side plugs a personal token of its own in and signs; or print the minutes and add the scan.")
        )
        for side, who, name in (
            ("giver", minutes.giver, _("Gives")),
            ("receiver", minutes.receiver, _("Receives")),
        ):
            box = column(spacing=UNIT // 2)
            box.addWidget(label(f"{name}: {custody_text.person(who)}", "strong"))
            if side in minutes.signed_by:
                word = label(_("has signed"))
                word.setProperty("tone", "good")
                box.addLayout(row(pictogram("circle-check", theme.tone_colour("good")), word, stretch=True))
            elif not finished:
                box.addLayout(self._offer(who.name, keys))
            self._sides.addLayout(box)
        self._path.setText(breakable(minutes.path or ""))
        self._path.setVisible(bool(minutes.path))
        self.scan.setVisible(not finished)
        self._owed_word.setText(custody_text.owed(minutes.permission_owed))
        self._owed.setVisible(bool(minutes.permission_owed))
        self.permission.setVisible("scan" in minutes.permission_owed)
        self.done.setText(_("&Done") if finished else _("&Later"))
        self.done.setAccessibleName(self.done.text().replace("&", ""))

    def _offer(self, name: str, keys: Sequence[SigningKey]) -> QHBoxLayout:
        """A button for whoever has a token plugged in, else what to do."""
        own = next(
            (
                key
                for key in keys
                if key.usable and key.kind != Kind.ORGANIZATION and spelling_key(key.holder) == spelling_key(name)
            ),
            None,
        )
        if own is None:
            word = label(_("Plug in the personal token of {name}.").format(name=name), "soft")
            line = row(pictogram("usb", theme.current().text_soft), word)
            line.setStretch(1, 1)
            return line
        sign = button(_("&Sign as {name}").format(name=name), "pen-line", role="primary")
        sign.setAccessibleName(sign.text().replace("&", ""))
        sign.setObjectName(f"sign-{own.token.serial}")
        sign.clicked.connect(lambda _checked: self.sign_wanted.emit(own))
        return row(sign, stretch=True)
