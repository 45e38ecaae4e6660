"""A request to the issuer: renewal or revocation of a certificate, filled in from the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from app.custody.model import Device, DeviceCertificate, Kind
from app.errors import ErrorInfo
from app.i18n import _
from app.settings import AgencySettings
from app.times import today
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, label, line_field, row
from ui.widgets.flow import Flow
from ui.widgets.metadata_form import Lines

if TYPE_CHECKING:
    from app.custody.request import Request


class RequestPanel(Card):
    """Asks what is to be requested; whoever shows it makes the document."""

    #: The :class:`app.custody.request.Request`.
    wanted = Signal(object)
    closed = Signal()

    def __init__(self, agency: AgencySettings) -> None:
        super().__init__(margins=UNIT * 3)
        self.setObjectName("requestPanel")
        self._agency = agency
        self._device: Device | None = None
        self._certificates: list[DeviceCertificate] = []
        self._name = Elided(role="soft")
        self.asked = self._box("requestAsked", _("What is requested"))
        self.asked.addItem(_("Renewal of the certificate"), "renewal")
        self.asked.addItem(_("Revocation of the certificate"), "revocation")
        self.certificate = self._box("requestCertificate", _("Certificate"))
        self.grounds = self._box("requestGrounds", _("Grounds of the revocation (Decree 68/2024, article 17)"))
        self.to = line_field("requestTo", _("Sent to (without it the issuer of the certificate)"))
        self.number = line_field("requestNumber", _("Number and symbol, may be left open"))
        self.signer_title = line_field("requestTitle", _("Title of who signs it"))
        self.signer = line_field("requestSigner", _("Who signs it"))
        self.more = Lines()
        self.more.setObjectName("requestMore")
        self.more.setAccessibleName(_("What else should be said"))
        self.more.setPlaceholderText(_("What else should be said"))
        self.notice = Notice()
        self.notice.hide()
        self.submit = button(_("&Make the document…"), "file-output", role="primary", clicked=self._submit)
        self.submit.setObjectName("requestSubmit")
        back = button(_("&Back, nothing requested"), clicked=self.closed.emit)
        back.setObjectName("requestBack")
        self.asked.currentIndexChanged.connect(lambda _at: self._allow())
        self.certificate.currentIndexChanged.connect(lambda _at: self._fill_grounds())
        self.body.addWidget(label(_("Request to the issuer"), "heading"))
        for part in (self._name, self.asked, self.certificate, self.grounds, self.to, self.number):
            self.body.addWidget(part)
        self.body.addLayout(row(self.signer_title, self.signer))
        for part_ in (self.more, self.notice):
            self.body.addWidget(part_)
        self.body.addLayout(Flow(self.submit, back))
        self.body.addStretch(1)

    def show_device(self, device: Device) -> None:
        """Ask about a device's certificates."""
        self._device = device
        self._certificates = device.present_certificates
        self._name.setText(device.name)
        self.notice.hide()
        self.certificate.clear()
        for certificate in self._certificates:
            self.certificate.addItem(f"{certificate.subject} · {certificate.serial}")
        self.certificate.setVisible(len(self._certificates) > 1)
        for field in (self.to, self.number):
            field.clear()
        self.more.clear()
        self._fill_grounds()
        self._allow()
        self.asked.setFocus()

    def tell_error(self, error: ErrorInfo) -> None:
        self.notice.tell_error(error)

    def _fill_grounds(self) -> None:
        from app.custody.request import GROUNDS_WORDS, fitting_grounds

        at = self.certificate.currentIndex()
        kind = self._certificates[at].kind if 0 <= at < len(self._certificates) else Kind.UNKNOWN
        self.grounds.clear()
        for grounds in fitting_grounds(kind):
            self.grounds.addItem(_(GROUNDS_WORDS[grounds]), grounds)

    def _allow(self) -> None:
        self.grounds.setVisible(self.asked.currentData() == "revocation")

    def _submit(self) -> None:
        from app.custody.minutes import Agency
        from app.custody.request import Asked, Grounds, Request

        at = self.certificate.currentIndex()
        if self._device is None or not 0 <= at < len(self._certificates):
            return
        asked = Asked(self.asked.currentData())
        request: Request = Request(
            asked,
            self._device,
            self._certificates[at],
            Agency(self._agency.name, self._agency.parent, self._agency.place),
            today(),
            grounds=Grounds(self.grounds.currentData()) if asked is Asked.REVOCATION else None,
            to=self.to.text().strip(),
            number=self.number.text().strip(),
            more=" ".join(self.more.toPlainText().split()),
            signer_title=self.signer_title.text().strip(),
            signer=self.signer.text().strip(),
        )
        self.wanted.emit(request)

    def _box(self, name: str, spoken: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(spoken)
        box.setMinimumContentsLength(16)
        return box
