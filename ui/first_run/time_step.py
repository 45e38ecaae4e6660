"""Fourth step: the server that vouches for the time of a signature."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import connection_checks
from app.errors import AntinError, ErrorInfo, describe
from app.i18n import _
from app.office import Office
from app.times import clock
from ui.first_run.field import Field
from ui.first_run.step import Step
from ui.widgets.basic import button, row
from ui.work import Pool


class TimeStep(Step):
    settings = ("network.tsa_url",)

    def __init__(self, office: Office) -> None:
        super().__init__(
            office,
            _("Time-stamp server"),
            _(
                "It proves when a document was signed, and that the certificate was valid then, also years later. "
                "Only a fingerprint of the signature is sent to it."
            ),
        )
        self._pool = Pool(1, self)
        self.address = Field(
            "firstTsa",
            _("&Address of the server"),
            _("As the provider of your certificates gives it, such as http://tsa.ca.gov.vn; may stay empty."),
        )
        self.address.line.setText(office.settings.network.tsa_url)
        self.test = button(_("&Test the server"), "activity", clicked=self.ask)
        self.test.setObjectName("firstTsaTest")
        if self.locked_settings:
            self.address.lock()
        self.address.line.textChanged.connect(lambda _text: self._check())
        self.body.addWidget(self.address)
        self.body.addLayout(row(self.test, stretch=True))
        self.body.addWidget(self.notice)
        self._check()

    @property
    def problem(self) -> str:
        return self.address.problem

    def values(self) -> dict[str, Any]:
        if self.locked_settings or self.address.text == self.office.settings.network.tsa_url:
            return {}
        return {"network.tsa_url": self.address.text}

    def ask(self) -> None:
        """Have the server stamp something, and tell."""
        url, network = self.address.text, self.office.settings.network
        self.test.setEnabled(False)
        self.notice.tell(_("Asking the server…"), icon="clock")
        self.notice.show()
        self._pool.start(
            lambda _job: connection_checks.ask_timestamp_server(url, network), done=self._answered, failed=self._failed
        )

    def stop(self) -> None:
        self._pool.close()

    def _answered(self, time: dt.datetime) -> None:
        self.test.setEnabled(True)
        told = _("The server answers; its time is {time}.").format(time=clock(time))
        self.notice.tell(told, _("Choose level T or higher when signing to use it."), "good", "circle-check")

    def _failed(self, error: Exception) -> None:
        self.test.setEnabled(True)
        self.notice.tell_error(describe(error))

    def _check(self) -> None:
        self.notice.hide()
        problem: ErrorInfo | str = ""
        if self.address.text:
            try:
                connection_checks.check_timestamp_address(self.address.text)
            except AntinError as error:
                problem = describe(error)
        self.address.tell(problem)
        self.test.setEnabled(bool(self.address.text) and not problem)
        self.changed.emit()
