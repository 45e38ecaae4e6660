"""The written permission of the competent person: number, date, who gave it, and its scan."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.custody.model import Permission
from app.i18n import _
from ui import choosing
from ui.theme import UNIT
from ui.widgets.basic import Elided, button, column, icon_button, label, line_field, row
from ui.widgets.metadata_form import date_of


def scan_kinds() -> list[str]:
    """The files that the dialog offers."""
    return [_("Scans and signed documents (*.pdf *.jpg *.jpeg *.png *.tif *.tiff)")]


class ScanChoice(QWidget):
    """A button that asks for the file, and its name beside it.

    :ivar path: the file chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.choose = button(_("&Add the scan…"), "paperclip", role="quiet", clicked=self._choose)
        self.choose.setObjectName("permissionScan")
        self._name = Elided(role="small")
        self.leave_out = icon_button(_("Leave the scan out"), "x", lambda: self.show_path(None))
        self.leave_out.setObjectName("permissionScanOut")
        self.leave_out.hide()
        line = row(self.choose, self._name, self.leave_out)
        line.setStretch(1, 1)
        self.setLayout(line)

    def show_path(self, path: Path | None) -> None:
        """Show another file, or none."""
        self.path = path
        self._name.setText(path.name if path is not None else "")
        self.leave_out.setVisible(path is not None)
        self.changed.emit()

    def _choose(self) -> None:
        if (path := choosing.one_to_open(self, _("Scan of the permission"), scan_kinds())) is not None:
            self.show_path(path)


class PermissionFields(QWidget):
    """Its fields under a heading."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._heading = label(role="strong")
        self.number = self._line("permissionNumber", _("Number and symbol of the permission"))
        self.given_on = self._line("permissionDay", _("Its date, dd/mm/yyyy"))
        self.issuer = self._line("permissionIssuer", _("Who gave it"))
        self.scan = ScanChoice()
        self.scan.changed.connect(self.changed)
        layout = column(spacing=UNIT // 2)
        layout.addWidget(self._heading)
        layout.addWidget(self.number)
        layout.addLayout(row(self.given_on, self.issuer))
        layout.addWidget(self.scan)
        self.setLayout(layout)

    def begin(self, *, perhaps: bool = False) -> None:
        """Empty all fields.

        :param perhaps: it is needed only where another than the one who gave or lost the device takes it.
        """
        self._heading.setText(
            _("Written permission, where somebody else than before takes the device")
            if perhaps
            else _("Written permission of the competent person")
        )
        for field in (self.number, self.given_on, self.issuer):
            field.clear()
        self.scan.show_path(None)

    def permission(self) -> Permission | None:
        """What is typed; None without a number. Its scan is not filed yet.

        :raises ValueError: the day cannot be read; its argument names the field.
        """
        try:
            date = date_of(self.given_on.text()) if self.given_on.text().strip() else None
        except ValueError as error:
            self.given_on.setFocus()
            raise ValueError(self.given_on.accessibleName()) from error
        if not (number := self.number.text().strip()):
            return None
        scan = str(self.scan.path) if self.scan.path is not None else None
        return Permission(number, date, self.issuer.text().strip(), scan)

    def _line(self, name: str, spoken: str) -> QLineEdit:
        made = line_field(name, spoken)
        made.textChanged.connect(lambda _text: self.changed.emit())
        return made
