"""Adding what is owed of a permission: its scan, its date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from app.custody.model import Device, Event
from app.errors import ErrorInfo
from app.i18n import _
from ui import custody_text, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, label
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import date_of
from ui.widgets.permission_fields import ScanChoice


class PermissionPanel(Card):
    """Asks for it, of one event of one device."""

    #: Serial number, id of the event, path of the scan or None, date or None.
    given = Signal(str, int, object, object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("permissionPanel")
        self._device: Device | None = None
        self._event: Event | None = None
        self._what = label(role="strong")
        self._number = label()
        self.day = QLineEdit()
        self.day.setObjectName("permissionOwedDay")
        self.day.setAccessibleName(_("Day of the permission, dd/mm/yyyy"))
        self.day.setPlaceholderText(_("Day of the permission, dd/mm/yyyy"))
        self.day.textChanged.connect(self._allow)
        self.scan = ScanChoice()
        self.scan.changed.connect(self._allow)
        self.notice = Notice()
        self.notice.hide()
        self.submit = button(_("&Add to the register"), "check", role="primary", clicked=self._submit)
        self.submit.setObjectName("permissionSubmit")
        back = button(_("&Back, nothing entered"), clicked=self.closed.emit)
        back.setObjectName("permissionBack")
        self.body.addWidget(label(_("What is owed of the permission"), "heading"))
        self.body.addWidget(self._what)
        self.body.addWidget(self._number)
        lead = _("The scan, or the signed file itself, is filed in the archive; its hash is entered in the journal.")
        self.body.addWidget(label(lead, "soft"))
        for part in (self.day, self.scan, self.notice):
            self.body.addWidget(part)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)

    def show_event(self, device: Device, event: Event) -> None:
        """Ask what an event lacks."""
        self._device, self._event = device, event
        what = _("{event}, {when}").format(event=custody_text.event_heading(event), when=wording.moment(event.at))
        self._what.setText(f"{device.name}: {what}")
        self._number.setText(custody_text.permission(event))
        self.day.clear()
        self.day.setVisible("date" in event.permission_owed)
        self.scan.show_path(None)
        self.scan.setVisible("scan" in event.permission_owed)
        self.notice.hide()
        self._allow()
        (self.scan.choose if "scan" in event.permission_owed else self.day).setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _allow(self) -> None:
        self.submit.setEnabled(self.scan.path is not None or bool(self.day.text().strip()))

    def _submit(self) -> None:
        if self._device is None or self._event is None:
            return
        try:
            day: dt.date | None = date_of(self.day.text()) if self.day.text().strip() else None
        except ValueError:
            self.notice.tell(
                _("“{field}” cannot be read.").format(field=self.day.accessibleName()),
                _("Write it as dd/mm/yyyy"),
                "caution",
                "triangle-alert",
            )
            self.notice.show()
            self.day.setFocus()
            return
        scan: Path | None = self.scan.path
        self.given.emit(self._device.serial, self._event.id, scan, day)
