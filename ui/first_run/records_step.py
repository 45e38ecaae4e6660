"""Third step: where signed copies are filed, and whether the records are shared with other workstations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QWidget

from app import connection_checks
from app.connection_checks import DatabaseAnswer
from app.errors import AntinError, ErrorInfo, describe
from app.i18n import _
from app.office import Office
from app.storage.address import store_password
from app.storage.files import writing_error
from ui.first_run.field import Field, beside
from ui.first_run.step import Step
from ui.theme import UNIT
from ui.widgets.basic import button, column, row
from ui.work import Job, Pool


class RecordsStep(Step):
    settings = ("archive_root", "database.url")

    def __init__(self, office: Office) -> None:
        super().__init__(
            office,
            _("Archive and records"),
            _("Signed copies are filed by year and kind of document; the records say where each one is."),
        )
        settings = office.settings
        self._pool = Pool(2, self)
        self._look: Job[None] | None = None
        choose = button(_("&Choose…"), "folder-open", clicked=self._choose)
        choose.setObjectName("firstArchiveChoose")
        choose.setAccessibleName(_("Choose the folder of the archive"))
        self.folder = Field(
            "firstArchive",
            _("&Folder of the signed copies"),
            _("Best one that is backed up, such as on the office's server. Without it: {folder}").format(
                folder=settings.data_dir / "Kho văn bản"
            ),
            choose,
        )
        self.folder.line.setText(settings.archive_root)
        self.shared = QCheckBox(_("The records are &shared with the office's other workstations"))
        self.shared.setObjectName("firstShared")
        self.shared.setAccessibleName(self.shared.text().replace("&", ""))
        self.shared.setChecked(bool(settings.database.url))
        self.address = Field(
            "firstDatabase",
            _("Address of the office's data&base"),
            _("As IT staff give it, such as postgresql://antin@server/antin; the password does not belong in it."),
        )
        self.address.line.setText(settings.database.url)
        self.password = Field(
            "firstDatabasePassword",
            _("Its &password"),
            _("Kept in the system's keyring, never in a file; may stay empty where it is kept there already."),
        )
        self.password.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.test = button(_("&Test the connection"), "activity", clicked=self.ask)
        self.test.setObjectName("firstDatabaseTest")
        self._server = QWidget()
        server = column(spacing=UNIT * 2)
        server.addLayout(beside(self.address, self.password))
        server.addLayout(row(self.test, stretch=True))
        self._server.setLayout(server)
        for part in (self.folder, self.shared, self._server, self.notice):
            self.body.addWidget(part)
        if "archive_root" in self.locked_settings:
            self.folder.lock()
            choose.setEnabled(False)
        if "database.url" in self.locked_settings:
            self.address.lock()
            self.shared.setEnabled(False)
        self.folder.line.textChanged.connect(lambda _text: self._check_folder())
        self.address.line.textChanged.connect(lambda _text: self._check_address())
        self.password.line.textChanged.connect(lambda _text: self.notice.hide())
        self.shared.toggled.connect(lambda _on: self._check_address())
        self._check_address()

    @property
    def problem(self) -> str:
        if self.folder.problem:
            return self.folder.problem
        if self.shared.isChecked() and not self.address.text:
            return _("The address of the database is missing.")
        return self.address.problem

    def values(self) -> dict[str, Any]:
        settings = self.office.settings
        url = self.address.text if self.shared.isChecked() else ""
        typed = {
            "archive_root": (self.folder.text, settings.archive_root),
            "database.url": (url, settings.database.url),
        }
        return {
            name: now for name, (now, before) in typed.items() if now != before and name not in self.locked_settings
        }

    def saving(self) -> Callable[[], dict[str, Any]]:
        values = self.values()
        url = self.address.text if self.shared.isChecked() else ""
        password = self.password.line.text()

        def save() -> dict[str, Any]:
            if url and password:
                store_password(url, password)
            return values

        return save

    def ask(self) -> None:
        """Sign in to the database as it is typed, and tell."""
        url, password = self.address.text, self.password.line.text()
        self.test.setEnabled(False)
        self.notice.tell(_("Asking the database…"), icon="clock")
        self.notice.show()
        self._pool.start(
            lambda _job: connection_checks.ask_database(url, password), done=self._answered, failed=self._failed
        )

    def stop(self) -> None:
        self._pool.close()

    def _answered(self, answer: DatabaseAnswer) -> None:
        self.test.setEnabled(True)
        told = _("The database answers (PostgreSQL {version}).").format(version=answer.version)
        hint = (
            _("It holds this office's records already; this computer joins them.")
            if answer.has_tables
            else _("It is empty; the program makes its tables at the first use.")
        )
        self.notice.tell(told, hint, "good", "circle-check")

    def _failed(self, error: Exception) -> None:
        self.test.setEnabled(True)
        self.notice.tell_error(describe(error))

    def _choose(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, _("Folder of the signed copies"), self.folder.text):
            self.folder.line.setText(name)

    def _check_folder(self) -> None:
        """Whether files can be written there, found out off the main thread: it may be on a share that is away."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        self.folder.tell("")
        if self.folder.text:
            folder = self.office.settings.resolve(self.folder.text)
            self._look = self._pool.start(
                lambda _job: _try_folder(folder), done=lambda _none: None, failed=self._folder_failed
            )
        self.changed.emit()

    def _folder_failed(self, error: Exception) -> None:
        self.folder.tell(describe(error))
        self.changed.emit()

    def _check_address(self) -> None:
        self.notice.hide()
        self._server.setVisible(self.shared.isChecked())
        problem: ErrorInfo | str = ""
        if self.shared.isChecked() and self.address.text:
            try:
                connection_checks.check_database_address(self.address.text)
            except AntinError as error:
                problem = describe(error)
        self.address.tell(problem)
        self.test.setEnabled(bool(self.address.text) and not problem)
        self.changed.emit()


def _try_folder(folder: Path) -> None:
    """Whether files can be written in a folder, or in the nearest one above it that is there.

    :raises TargetNotWritable, DiskFull: they cannot.
    """
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise writing_error(error, there) from error
