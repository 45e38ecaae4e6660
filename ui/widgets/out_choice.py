"""Where the signed copies go."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QVBoxLayout, QWidget

from app.i18n import _
from ui.theme import UNIT
from ui.widgets.basic import Elided, button, label


class OutChoice(QWidget):
    """The archive, unless a folder is chosen.

    :param archive_dir: of the archive.
    :ivar out: the folder; None for the archive.
    """

    def __init__(self, archive_dir: Path) -> None:
        super().__init__()
        self._archive_dir = archive_dir
        self.out: Path | None = None
        self._place = Elided(mode=Qt.TextElideMode.ElideMiddle)
        self._place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        other = button(_("Choose another &folder…"), "folder-open", role="quiet", clicked=self._choose)
        self._archive = button(_("File into the a&rchive"), "archive", role="quiet", clicked=lambda: self.go_to(None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addWidget(label(_("Signed copies go to"), "label"))
        layout.addWidget(self._place)
        layout.addWidget(other, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._archive, 0, Qt.AlignmentFlag.AlignLeft)
        self.go_to(None)

    def go_to(self, out: Path | None) -> None:
        """Put the copies there; None files them into the archive."""
        self.out = out
        self._place.setText(str(out) if out else _("The archive, by year and type of document"))
        self._place.setToolTip(str(out or self._archive_dir))
        self._archive.setVisible(out is not None)

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Folder for the signed copies"))
        if name:
            self.go_to(Path(name))
