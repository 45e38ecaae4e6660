"""The window's entry: ``run`` opens it on an office and returns when it is closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from app import __version__, i18n
from app.errors import AntinError, describe
from app.i18n import _
from app.office import Office
from app.settings import Settings
from ui import icons, qt_words, theme
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
    qt_words.install(made)
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
    qt_words.follow_language()
    if preferences.online is not None:
        office.online = preferences.online
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
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.excepthook = _unexpected
    with Office(settings) as office:
        try:
            window = open_window(office, files)
        except (AntinError, OSError) as error:
            _tell(error)
            return 1
        code = running.exec()
        window.deleteLater()
        return code


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error that no page foresaw: written for support, told to the person, and the window goes on."""
    sys.__excepthook__(kind, error, trace)
    if isinstance(error, Exception):
        _tell(error)


def _tell(error: Exception) -> None:
    info = describe(error)
    box = QMessageBox(QMessageBox.Icon.NoIcon, _("Ấn Tín"), info.message)
    box.setInformativeText(info.hint)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.addButton(_("&Close this message"), QMessageBox.ButtonRole.AcceptRole)
    box.exec()
