"""The window's entry: ``run`` opens it on an office and returns when it is closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from app import __version__, data_folder, i18n
from app.errors import AntinError, describe
from app.i18n import _
from app.office import Office
from app.settings import Settings
from app.support import observing
from ui import icons, qt_words, screen, theme
from ui.first_run.due import is_due
from ui.instance import Claim, Listener, Request
from ui.preferences import Preferences
from ui.window import MainWindow


def application() -> QApplication:
    """The running QApplication, made and named where there is none yet."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        made = running
    else:
        with screen.watched():
            made = QApplication(sys.argv[:1])
    made.setApplicationName("antin")
    made.setApplicationDisplayName("Ấn Tín")
    made.setApplicationVersion(__version__)
    made.setDesktopFileName("antin")
    made.setStyle("Fusion")
    made.setWindowIcon(icons.window_icon())
    theme.load_fonts()
    qt_words.install(made)
    return made


def open_window(office: Office, asked: Request | None = None) -> MainWindow:
    """A window on an office, shown.

    :param asked: what to show; None: the page to begin with.
    :raises DataFolderNotWritable: nothing can be kept.
    """
    application()
    settings = office.settings
    data_folder.make_ready(settings.data_dir)
    preferences = Preferences(settings.data_dir, settings.locked)
    if preferences.language is not None:
        i18n.set_language(preferences.language)
    qt_words.follow_language()
    if preferences.online is not None:
        office.online = preferences.online
    theme.apply(preferences.theme)
    window = MainWindow(office, preferences, "first-run" if is_due(office, preferences) else "sign")
    window.show()
    if asked is not None:
        window.show_asked(asked)
    return window


def run(read_settings: Callable[[], Settings], asked: Request | None = None, claim: Claim | None = None) -> int:
    """Open the window and stay until it is closed. A window that wants other settings is opened anew with them.

    :param read_settings: reads what is set now.
    :param asked: what to show.
    :param claim: to be the one window of its user and data folder; None: other starts are not listened to.
    :return: the process's exit code.
    :raises AntinError: it could not be opened; said in a box as well where standard error is no terminal.
    """
    application()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.excepthook = _unexpected
    try:
        listener = Listener(claim) if claim is not None else None
        if listener is not None:
            listener.listen()
        while True:
            code, again = _stay(read_settings(), asked, listener)
            if not again:
                return code
            asked = None
    except (AntinError, OSError) as error:
        if not sys.stderr.isatty():
            _tell(error)
        raise


def _stay(settings: Settings, asked: Request | None, listener: Listener | None) -> tuple[int, bool]:
    """One window from its opening to its closing.

    :return: the exit code, and whether a window with the settings as they are then is wanted.
    """
    data_folder.make_ready(settings.data_dir)
    observing.start(settings.data_dir, "window")
    with Office(settings) as office:
        window = open_window(office, asked)
        if listener is not None:
            listener.asked.connect(window.take_request)
            window.leaving.connect(listener.close)
        code = QApplication.exec()
        if listener is not None:
            listener.asked.disconnect(window.take_request)
        again = window.reopening
        window.deleteLater()
        return code, again


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
