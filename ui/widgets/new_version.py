"""In the status line: a version that was installed meanwhile waits for the program to be opened anew."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app import installed
from app.i18n import _
from ui import theme
from ui.widgets.basic import label, pictogram


class NewVersion(QWidget):
    """Hidden until the installed version is another than the running one."""

    def __init__(self, file: Path) -> None:
        """:param file: of :func:`app.installed.version_file`."""
        super().__init__()
        self._file = file
        self.text = label("", "soft", wrap=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 12, 0)
        layout.setSpacing(6)
        layout.addWidget(pictogram("info", theme.tone_colour("neutral"), 16))
        layout.addWidget(self.text)
        # The folder, not the file: a package puts a new file in the place of the old one.
        watcher = QFileSystemWatcher([str(file.parent)], self)
        watcher.directoryChanged.connect(self.look)
        self.look()

    def look(self) -> None:
        """Read the installed version and show it where it is another one."""
        version = installed.waiting_version(self._file)
        if version is not None:
            words = _("Version {version} is installed: close and reopen Ấn Tín to use it").format(version=version)
            self.text.setText(words)
            self.setAccessibleName(words)
        self.setVisible(version is not None)
