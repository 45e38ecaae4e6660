"""Entering what happened to a device, where no minutes are made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit

from app.custody import words
from app.custody.model import Device, Kind
from app.custody.states import RULES, EventKind, allowed
from app.errors import ErrorInfo
from app.i18n import _
from app.times import VIETNAM
from ui import wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, label, row
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import Lines, date_of
from ui.widgets.permission_fields import PermissionFields
from ui.widgets.person_fields import PersonFields


class EventPanel(Card):
    """Asks for one event of one device."""

    #: Serial number and :class:`Happening`.
    entered = Signal(str, object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("eventPanel")
        self._device: Device | None = None
        self._name = label(role="soft")
        self.kind = QComboBox()
        self.kind.setObjectName("eventKind")
        self.kind.setAccessibleName(_("What happened"))
        self.kind.currentIndexChanged.connect(lambda _at: self._kind_chosen())
        self.day = QLineEdit()
        self.day.setObjectName("eventDay")
        self.day.setAccessibleName(_("Day, dd/mm/yyyy"))
        self.day.setPlaceholderText(_("dd/mm/yyyy"))
        self.time = QLineEdit()
        self.time.setObjectName("eventTime")
        self.time.setAccessibleName(_("Time, hh:mm"))
        self.time.setPlaceholderText(_("hh:mm"))
        for field in (self.day, self.time):
            field.setFixedWidth(UNIT * 14)
        self.receiver = PersonFields(_("Who has it now"), "eventReceiver")
        self.permission = PermissionFields()
        self.certificate = QComboBox()
        self.certificate.setObjectName("eventCertificate")
        self.certificate.setAccessibleName(_("Which certificate"))
        self.reason = Lines()
        self.reason.setObjectName("eventReason")
        self.reason.setAccessibleName(_("Reason or circumstances"))
        self.reason.setPlaceholderText(_("Reason or circumstances"))
        self.notice = Notice()
        self.notice.hide()
        self.submit = button(_("&Enter"), "check", role="primary", clicked=self._submit)
        self.submit.setObjectName("eventSubmit")
        back = button(_("&Back, nothing entered"), clicked=self.closed.emit)
        back.setObjectName("eventBack")
        self.body.addWidget(label(_("Enter what happened"), "heading"))
        self.body.addWidget(self._name)
        self.body.addWidget(self.kind)
        self.body.addLayout(row(label(_("When"), "label", wrap=False), self.day, self.time, stretch=True))
        for part in (self.receiver, self.permission, self.certificate, self.reason, self.notice):
            self.body.addWidget(part)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)

    @staticmethod
    def kinds(device: Device) -> list[EventKind]:
        """The events that may be entered here of a device as it stands."""
        return [kind for kind in allowed(device.state) if not RULES[kind].minutes]

    def show_device(self, device: Device, kind: EventKind | None = None) -> None:
        """Ask for an event of a device.

        :param kind: which is proposed.
        """
        self._device = device
        self._name.setText(device.name)
        self.notice.hide()
        kinds = self.kinds(device)
        self.kind.clear()
        for one in kinds:
            self.kind.addItem(wording.beginning(words.event(one)), one)
        if kind in kinds:
            self.kind.setCurrentIndex(kinds.index(kind))
        now = dt.datetime.now(VIETNAM)
        self.day.setText(wording.day(now))
        self.time.setText(f"{now:%H:%M}")
        self._proposed = self.day.text(), self.time.text()
        self.reason.clear()
        self.receiver.show_person(device.holder)
        self.permission.begin(perhaps=True)
        self.certificate.clear()
        self.certificate.addItem(_("All its certificates"), None)
        for certificate in device.present_certificates:
            self.certificate.addItem(f"{certificate.subject} · {certificate.serial}", certificate.id)
        self._kind_chosen()
        self.kind.setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _chosen(self) -> EventKind | None:
        """The kind chosen; Qt keeps but its text."""
        data = self.kind.currentData()
        return EventKind(data) if data is not None else None

    def _kind_chosen(self) -> None:
        kind, device = self._chosen(), self._device
        if kind is None or device is None:
            self.submit.setEnabled(False)
            return
        self.receiver.setVisible(RULES[kind].receiver)
        self.permission.setVisible(kind is EventKind.FOUND and device.kind is not Kind.PERSON)
        several = len(device.present_certificates) > 1
        self.certificate.setVisible(kind is EventKind.REVOKED and several)
        text = _("&Enter: {event}").format(event=words.event(kind))
        self.submit.setText(text)
        self.submit.setAccessibleName(text.replace("&", ""))
        self.submit.setEnabled(True)

    def _submit(self) -> None:
        kind, device = self._chosen(), self._device
        if kind is None or device is None:
            return
        try:
            at = self._moment()
        except ValueError:
            self.notice.tell(
                _("The day or the time cannot be read."),
                _("Write them as dd/mm/yyyy and hh:mm."),
                "caution",
                "triangle-alert",
            )
            self.notice.show()
            self.day.setFocus()
            return
        try:
            permission = self.permission.permission() if kind is EventKind.FOUND else None
        except ValueError as error:
            told = _("“{field}” cannot be read.").format(field=error)
            self.notice.tell(told, _("Write it as dd/mm/yyyy"), "caution", "triangle-alert")
            self.notice.show()
            return
        from app.custody.custody import Happening

        rule = RULES[kind]
        happening = Happening(
            kind,
            at=at,
            receiver=self.receiver.person() if rule.receiver else None,
            permission=permission,
            reason=self.reason.toPlainText(),
            certificate=self.certificate.currentData() if kind is EventKind.REVOKED else None,
        )
        self.entered.emit(device.serial, happening)

    def _moment(self) -> dt.datetime | None:
        """When it happened; None for now, where what was proposed stands.

        :raises ValueError: day or time cannot be read.
        """
        if (self.day.text(), self.time.text()) == self._proposed:
            return None
        time = dt.datetime.strptime(self.time.text().strip() or "00:00", "%H:%M").time()
        return dt.datetime.combine(date_of(self.day.text()), time, VIETNAM)


def minutes_kinds(device: Device) -> Sequence[EventKind]:
    """The events of a device that are entered with minutes: handed over, lent, returned."""
    return [kind for kind in allowed(device.state) if RULES[kind].minutes]
