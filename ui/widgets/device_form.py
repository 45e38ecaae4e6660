"""What the office says of a device: its name, its place, whose its certificates are; and a device entered by hand."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.custody import words
from app.custody.identity import CertificateFacts, DeviceFacts
from app.custody.model import Device, Kind
from app.errors import ErrorInfo
from app.i18n import _
from app.times import VIETNAM
from ui import custody_text, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, clear, column, label, row
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import date_of


def _line(name: str, caption: str) -> tuple[QLineEdit, QWidget]:
    """A field, and the field with its caption above it."""
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(caption.replace("&", ""))
    words_ = label(caption, "label", wrap=False)
    words_.setBuddy(made)
    both = QWidget()
    layout = column(spacing=2)
    layout.addWidget(words_)
    layout.addWidget(made)
    both.setLayout(layout)
    return made, both


def _kinds(name: str, spoken: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(spoken)
    for kind in Kind:
        box.addItem(wording.beginning(words.kind(kind)), kind)
    return box


class DeviceForm(Card):
    """Corrects what people say of a device in the register."""

    #: Serial number, nickname, place, note, and the kinds corrected by serial number of the certificate.
    saved = Signal(str, str, str, str, dict)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("deviceForm")
        self._device: Device | None = None
        self._name = Elided(role="soft")
        self.nickname, nickname = _line("deviceNickname", _("What the office calls it"))
        self.place, place = _line("devicePlace", _("Where it is kept"))
        self.note, note = _line("deviceNote", _("Note"))
        self.kinds: dict[str, QComboBox] = {}
        self._certificates = column(spacing=UNIT)
        self.notice = Notice()
        self.notice.hide()
        self.submit = button(_("&Save"), "save", role="primary", clicked=self._submit)
        self.submit.setObjectName("deviceSave")
        back = button(_("&Back, nothing changed"), clicked=self.closed.emit)
        back.setObjectName("deviceBack")
        self.body.addWidget(label(_("Name, place and kind"), "heading"))
        for part in (self._name, nickname, place, note):
            self.body.addWidget(part)
        self.body.addLayout(self._certificates)
        self.body.addWidget(self.notice)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)

    def show_device(self, device: Device) -> None:
        """Begin with what is known of a device."""
        self._device = device
        self._name.setText(custody_text.made_by(device))
        self.nickname.setText(device.nickname)
        self.place.setText(device.place)
        self.note.setText(device.note)
        self.notice.hide()
        clear(self._certificates)
        self.kinds = {}
        for at, certificate in enumerate(device.present_certificates):
            box = _kinds(f"deviceKind-{at}", _("Kind of {subject}").format(subject=certificate.subject))
            box.setCurrentIndex(box.findData(certificate.kind))
            self.kinds[certificate.serial] = box
            line = row(Elided(certificate.subject), box, spacing=UNIT * 2)
            line.setStretch(0, 1)
            self._certificates.addLayout(line)
        self.nickname.setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _submit(self) -> None:
        if self._device is None:
            return
        before = {certificate.serial: certificate.kind for certificate in self._device.present_certificates}
        kinds = {
            serial: Kind(box.currentData()) for serial, box in self.kinds.items() if box.currentData() != before[serial]
        }
        self.saved.emit(self._device.serial, self.nickname.text(), self.place.text(), self.note.text(), kinds)


class NewDeviceForm(Card):
    """Enters a device that is not plugged in."""

    #: :class:`DeviceFacts`, nickname and place.
    saved = Signal(object, str, str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("newDeviceForm")
        self.serial, serial = _line("newSerial", _("Serial number, as it stands on the device"))
        self.maker, maker = _line("newMaker", _("Maker"))
        self.model, model = _line("newModel", _("Model"))
        self.nickname, nickname = _line("newNickname", _("What the office calls it"))
        self.place, place = _line("newPlace", _("Where it is kept"))
        self.subject, subject = _line("newSubject", _("Whose certificate is on it"))
        self.number, number = _line("newNumber", _("Serial number of the certificate"))
        self.end, end = _line("newEnd", _("Valid until, dd/mm/yyyy"))
        self.kind = _kinds("newKind", _("Personal, or the agency's seal"))
        self.notice = Notice()
        self.notice.hide()
        self.submit = button(_("&Enter in the register"), "plus", role="primary", clicked=self._submit)
        self.submit.setObjectName("newSubmit")
        back = button(_("&Back, nothing entered"), clicked=self.closed.emit)
        back.setObjectName("newBack")
        self.serial.textChanged.connect(lambda text: self.submit.setEnabled(bool(text.strip())))
        self.submit.setEnabled(False)
        self.body.addWidget(label(_("Enter a device that is not plugged in"), "heading"))
        self.body.addWidget(
            label(_("A token that is plugged in enters itself with its certificates; plug it in if you can."), "soft")
        )
        self.body.addWidget(serial)
        for one, other in ((maker, model), (nickname, place)):
            self.body.addLayout(row(one, other, spacing=UNIT * 2))
        self.body.addWidget(subject)
        self.body.addLayout(row(number, end, spacing=UNIT * 2))
        self.body.addWidget(self.kind)
        self.body.addWidget(self.notice)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)

    def begin(self) -> None:
        """Begin with nothing."""
        for field in (self.serial, self.maker, self.model, self.nickname, self.place):
            field.clear()
        for field in (self.subject, self.number, self.end):
            field.clear()
        self.kind.setCurrentIndex(0)
        self.notice.hide()
        self.serial.setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _submit(self) -> None:
        try:
            end = date_of(self.end.text()) if self.end.text().strip() else None
        except ValueError:
            self.notice.tell(
                _("The end of the certificate cannot be read."),
                _("Write it as dd/mm/yyyy"),
                "caution",
                "triangle-alert",
            )
            self.notice.show()
            self.end.setFocus()
            return
        subject = " ".join(self.subject.text().split())
        until = dt.datetime.combine(end, dt.time(23, 59, 59), VIETNAM) if end is not None else None
        certificate = CertificateFacts(
            subject,
            serial="".join(self.number.text().split()).lower(),
            not_after=until,
            kind=Kind(self.kind.currentData()),
        )
        facts = DeviceFacts(
            " ".join(self.serial.text().split()),
            self.maker.text().strip(),
            self.model.text().strip(),
            certificates=(certificate,) if subject else (),
        )
        self.saved.emit(facts, self.nickname.text().strip(), self.place.text().strip())
