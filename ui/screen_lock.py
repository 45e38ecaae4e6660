"""Tells when the person locks the screen, so that no token stays logged in."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import SLOT, QAbstractNativeEventFilter, QCoreApplication, QObject, Signal, Slot

#: Screen savers of desktops, on the session bus: interface and signal, whose argument is whether the screen is locked.
_SCREEN_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver")
_LOGIN_SESSION = "org.freedesktop.login1.Session"


class ScreenLock(QObject):
    """Listens from its making on. Where the system tells nothing of it, ``locked`` never comes."""

    locked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter: _WindowsFilter | None = None
        if sys.platform == "linux":
            self._listen_on_buses()
        elif sys.platform == "win32":
            self._filter = _WindowsFilter(self)

    def stop(self) -> None:
        """Hear no more of it."""
        if self._filter is not None:
            self._filter.stop()
            self._filter = None

    def _listen_on_buses(self) -> None:
        from PySide6.QtDBus import QDBusConnection

        session, system = QDBusConnection.sessionBus(), QDBusConnection.systemBus()
        for name in _SCREEN_SAVERS:
            session.connect("", "", name, "ActiveChanged", self, SLOT("_active_changed(bool)"))  # type: ignore[call-overload]
        system.connect("", "", _LOGIN_SESSION, "Lock", self, SLOT("_lock_asked()"))  # type: ignore[call-overload]

    @Slot(bool)
    def _active_changed(self, active: bool) -> None:
        if active:
            self.locked.emit()

    @Slot()
    def _lock_asked(self) -> None:
        self.locked.emit()


class _WindowsFilter(QAbstractNativeEventFilter):
    """Session notifications of Windows (WTSRegisterSessionNotification), sent to a hidden window of the program's."""

    _WM_WTSSESSION_CHANGE = 0x02B1
    _WTS_SESSION_LOCK = 0x7
    _NOTIFY_FOR_THIS_SESSION = 0

    def __init__(self, owner: ScreenLock) -> None:
        super().__init__()
        from PySide6.QtGui import QWindow

        self._owner = owner
        self._window = QWindow()
        self._window.create()
        self._terminal: Any = _windows_terminal()
        self._terminal.WTSRegisterSessionNotification(int(self._window.winId()), self._NOTIFY_FOR_THIS_SESSION)
        if (application := QCoreApplication.instance()) is not None:
            application.installNativeEventFilter(self)

    def stop(self) -> None:
        if (application := QCoreApplication.instance()) is not None:
            application.removeNativeEventFilter(self)
        self._terminal.WTSUnRegisterSessionNotification(int(self._window.winId()))
        self._window.destroy()

    def nativeEventFilter(self, kind: Any, message: int) -> object:
        import ctypes.wintypes

        told = ctypes.wintypes.MSG.from_address(int(message))
        if told.message == self._WM_WTSSESSION_CHANGE and told.wParam == self._WTS_SESSION_LOCK:
            self._owner.locked.emit()
        return False, 0


def _windows_terminal() -> Any:
    import ctypes

    return ctypes.WinDLL("wtsapi32")  # type: ignore[attr-defined]
