"""The window's entry: ``run`` opens it on an office and returns when it is closed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app import __version__, i18n
from app.office import Office
from app.settings import Settings
from ui import icons, theme
from ui.preferences import Preferences
from ui.window import MainWindow


def application() -> QApplication:
    """The running QApplication, made and named where there is none yet."""
    running = QApplication.instance()
    made = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    made.setApplicationName("antin")
    made.setApplicationDisplayName("Ấn Tín")
    made.setApplicationVersion(__version__)
    made.setDesktopFileName("antin")
    made.setStyle("Fusion")
    made.setWindowIcon(icons.window_icon())
    theme.load_fonts()
    return made


def open_window(office: Office, files: Sequence[Path] = ()) -> MainWindow:
    """A window on an office, shown.

    :param files: to be checked at once.
    """
    application()
    office.settings.data_dir.mkdir(parents=True, exist_ok=True)
    preferences = Preferences(office.settings.data_dir)
    if preferences.language is not None:
        i18n.set_language(preferences.language)
    theme.apply(preferences.theme)
    window = MainWindow(office, preferences)
    window.show()
    if files:
        window.open_files([Path(file).absolute() for file in files])
    return window


def run(settings: Settings, files: Sequence[Path] = ()) -> int:
    """Open the window and stay until it is closed.

    :param settings: the office's.
    :param files: to be checked at once.
    :return: the process's exit code.
    """
    running = application()
    with Office(settings) as office:
        window = open_window(office, files)
        code = running.exec()
        window.deleteLater()
        return code
