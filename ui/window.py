"""The window: a rail of places, the page, and the line that tells of tokens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import i18n
from app.i18n import _, pgettext
from app.office import Office
from ui import icons, qt_words, theme
from ui.idle_care import IdleCare
from ui.instance import Request
from ui.pages.making import MODULES, PageMaker
from ui.pages.page import Kept, Page
from ui.places import Pages, PagesByName
from ui.preferences import Preferences
from ui.status_line import StatusLine
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.basic import ICON_GAP
from ui.widgets.crash_offer import CrashOffer

#: Places that have no button of their own in the rail, and under which they stand.
_RAIL = {"trust": "settings", "doctor": "settings", "first-run": "settings"}
#: Places that take files.
_TAKING = ("sign", "verify", "archive")


class MainWindow(QMainWindow):
    """The window on one office.

    :ivar pages: by name: ``sign``, ``verify``, ``archive``, ``tokens``, ``journal``, ``settings``,
        ``trust``, ``doctor``, ``first-run``.
    :ivar reopening: whether it closes so that one with other settings may open.
    """

    #: It closes, maybe after what is going on: another start had better be a window of its own.
    leaving = Signal()

    def __init__(self, office: Office, preferences: Preferences, first: str = "sign") -> None:
        """
        :param first: name of the page to begin with.
        """
        super().__init__()
        self._office = office
        self._preferences = preferences
        self.tokens = TokenWatch(office, self)
        self._maker = PageMaker(office, self.tokens, preferences)
        self._asking = False
        self._closing = False
        self._painted = False
        self.reopening = False
        self.setMinimumSize(1024, 640)
        self.resize(1280, 800)
        if not preferences.geometry.isEmpty():
            self.restoreGeometry(preferences.geometry)
        self._build(first)
        for at in range(6):
            QShortcut(QKeySequence(f"Ctrl+{at + 1}"), self, lambda at=at: self.show_page(list(self.pages)[at]))
        QShortcut(QKeySequence("Ctrl+7"), self, lambda: self.show_page("doctor"))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Open), self, self._choose)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)
        self._care = IdleCare(office, lambda: bool(self._busy()), self)

    @property
    def current_page(self) -> str:
        """Name of the page shown."""
        return self._stack.shown

    def show_page(self, name: str) -> None:
        """Go to a page."""
        page = self._stack.show_page(name)
        self._buttons[_RAIL.get(name, name)].setChecked(True)
        page.entered()
        if (first := page.first_focus()) is not None:
            first.setFocus()

    def open_files(self, files: list[Path]) -> None:
        """Check files that were dropped somewhere."""
        self._hand_over("verify", files)

    def show_asked(self, asked: Request) -> None:
        """Show what a start of the program asked for."""
        files = asked.paths
        if page := asked.page or ("verify" if files else None):
            self._hand_over(page, files)

    def take_request(self, asked: Request) -> None:
        """Show what another start asked for, and come forward."""
        self.show_asked(asked)
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized | Qt.WindowState.WindowActive)
        self.raise_()
        with _activation(asked.activation):
            self.activateWindow()
        QApplication.alert(self)

    def reopen(self) -> None:
        """Close, and open again with the settings as they are then."""
        self.reopening = True
        self.reopening = self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        """What would have kept the window from the screen."""
        self.tokens.look()
        self._stack.make_ahead()

    def closeEvent(self, event: QCloseEvent) -> None:
        busy = self._busy()
        if busy and (self._closing or not self._may_stop(busy)):
            event.ignore()
            return
        if busy:
            self._close_when_idle()
            event.ignore()
            return
        if not self.reopening:
            self.leaving.emit()
        self._preferences.geometry = self.saveGeometry()
        QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._system_theme_changed)
        self._stack.stop()
        self.crashes.stop()
        self._care.stop()
        self.tokens.stop()
        event.accept()

    def _close_when_idle(self) -> None:
        """End what is going on; the window stays, greyed, until that is over."""
        self._closing = True
        self.leaving.emit()
        if (body := self.centralWidget()) is not None:
            body.setEnabled(False)
        for page in self._stack.made:
            page.cancel()
        waiting = QTimer(self)
        waiting.setInterval(50)

        def close_if_idle() -> None:
            if not self._busy():
                waiting.stop()
                self._closing = False
                self.close()

        waiting.timeout.connect(close_if_idle)
        waiting.start()

    def _may_stop(self, busy: str) -> bool:
        """Ask beside the window's close button whether to stop what is going on."""
        if self._asking:
            return False
        self._asking = True
        box = QMessageBox(self)
        box.setWindowTitle(_("Ấn Tín"))
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setText(busy)
        box.setInformativeText(_("What is done so far is kept. The originals are untouched."))
        stay = box.addButton(_("&Keep working"), QMessageBox.ButtonRole.RejectRole)
        stop = box.addButton(_("&Stop and close"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.exec()
        self._asking = False
        return box.clickedButton() is stop

    def _build(self, shown: str, kept: Mapping[str, Kept] | None = None) -> None:
        """Make rail, pages and status line in the current language and theme.

        :param kept: what the pages before had at hand.
        """
        self.setWindowTitle(_("Ấn Tín"))
        makers = {
            "sign": self._maker.sign,
            "verify": self._maker.verify,
            "archive": self._maker.archive,
            "tokens": self._maker.tokens,
            "journal": self._maker.journal,
            "settings": self._settings_page,
            "trust": self._maker.trust,
            "doctor": self._maker.doctor,
            "first-run": self._first_run_page,
        }
        ready = {name: partial(self._ready, name, make) for name, make in makers.items()}
        self._stack = Pages(ready, kept, seldom={"first-run"}, modules=MODULES)
        self.pages: Mapping[str, Page] = PagesByName(self._stack, tuple(makers))

        status = StatusLine(self.tokens)
        status.clicked.connect(lambda: self.show_page("tokens"))
        right = QWidget()
        right_layout = QVBoxLayout(right)
        right_layout.setContentsMargins(0, 0, 0, 0)
        right_layout.setSpacing(0)
        self.crashes = CrashOffer(self._office)
        self.crashes.bundle_wanted.connect(self._offer_bundle)
        self.crashes.look()
        right_layout.addWidget(self.crashes)
        right_layout.addWidget(self._stack, 1)
        right_layout.addWidget(status)
        body = QWidget()
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._rail())
        layout.addWidget(right, 1)
        self.setCentralWidget(body)
        self.show_page(shown)
        if self._painted:
            self._stack.make_ahead()

    def _ready(self, name: str, make: Callable[[], Page]) -> Page:
        """A page, made, with what it asks of the window."""
        page = make()
        page.handed_over.connect(self._hand_over)
        if name not in _TAKING:
            page.files_dropped.connect(self.open_files)
        return page

    def _settings_page(self) -> Page:
        page = self._maker.settings()
        # Queued: the page goes with the others, and must not be within its own signal then.
        page.language_chosen.connect(self._language_chosen, Qt.ConnectionType.QueuedConnection)
        page.theme_chosen.connect(self._theme_chosen, Qt.ConnectionType.QueuedConnection)
        return page

    def _offer_bundle(self) -> None:
        from ui.pages.doctor import DoctorPage

        self.show_page("doctor")
        page = self.pages["doctor"]
        assert isinstance(page, DoctorPage)
        page.offer_bundle()

    def _first_run_page(self) -> Page:
        page = self._maker.first_run()
        page.over.connect(self._first_run_over, Qt.ConnectionType.QueuedConnection)
        return page

    def _first_run_over(self, written: bool) -> None:
        """Go to work; with the settings that were written, in a window opened anew."""
        if written:
            self.reopen()
        else:
            self.show_page("sign")

    def _rail(self) -> QFrame:
        rail = QFrame()
        rail.setObjectName("rail")
        rail.setFixedWidth(184)
        layout = QVBoxLayout(rail)
        layout.setContentsMargins(12, UNIT * 3, 12, UNIT * 2)
        layout.setSpacing(4)
        brand = QHBoxLayout()
        brand.setContentsMargins(6, 0, 0, UNIT * 2)
        brand.setSpacing(10)
        mark = QLabel()
        mark.setPixmap(icons.logo(36, max(2.0, self.devicePixelRatioF())))
        name = QLabel("Ấn Tín")
        name.setObjectName("brand")
        brand.addWidget(mark)
        brand.addWidget(name)
        brand.addStretch(1)
        layout.addLayout(brand)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        shown = theme.current()
        for at, (key, text, icon) in enumerate(
            (
                ("sign", pgettext("place", "Sign"), "pen-line"),
                ("verify", pgettext("place", "Check"), "shield-check"),
                ("archive", pgettext("place", "Archive"), "archive"),
                ("tokens", pgettext("place", "Tokens"), "usb"),
                ("journal", pgettext("place", "Journal"), "scroll-text"),
                ("settings", pgettext("place", "Settings"), "settings"),
            ),
            start=1,
        ):
            entry = QPushButton(text)
            entry.setObjectName("railButton")
            entry.setIcon(icons.icon(icon, shown.text_soft, None, shown.accent, ICON_GAP))
            entry.setIconSize(QSize(20 + ICON_GAP, 20))
            entry.setCheckable(True)
            entry.setAutoDefault(False)
            entry.setAccessibleName(text)
            entry.setToolTip(f"{text} (Ctrl+{at})")
            entry.clicked.connect(lambda _checked, key=key: self.show_page(key))
            self._group.addButton(entry)
            self._buttons[key] = entry
            if key == "settings":
                layout.addStretch(1)
            layout.addWidget(entry)
        return rail

    def _choose(self) -> None:
        page = self.pages[self.current_page]
        if self.current_page not in _TAKING:
            self.show_page("verify")
            page = self.pages["verify"]
        page.choose()

    def _hand_over(self, name: str, files: list[Path]) -> None:
        self.show_page(name)
        if files:
            self.pages[name].add(files)

    def _language_chosen(self, code: i18n.Language) -> None:
        if self._rebuild_allowed():
            self._preferences.language = code
            self._rebuild(language=code)

    def _theme_chosen(self, name: theme.ThemeName) -> None:
        if self._rebuild_allowed():
            self._preferences.theme = name
            self._rebuild()

    def _system_theme_changed(self, _scheme: Qt.ColorScheme) -> None:
        follows = self._preferences.theme == "system" and theme.named("system") is not theme.current()
        if follows and not self._busy():
            self._rebuild()

    def _busy(self) -> str:
        """What is going on, as a sentence; empty where nothing is."""
        return next((page.busy for page in self._stack.made if page.busy), "")

    def _rebuild_allowed(self) -> bool:
        busy = self._busy()
        return not busy or self._may_stop(busy)

    def _rebuild(self, language: i18n.Language | None = None) -> None:
        """Make the pages anew, with what was at hand.

        All widgets go first: a style sheet set on many costs a second, on none nothing.
        """
        shown, kept = self.current_page, self._stack.kept()
        self._stack.stop()
        self.crashes.stop()
        body = self.centralWidget()
        assert body is not None
        body.hide()
        body.deleteLater()
        QCoreApplication.sendPostedEvents(body, QEvent.Type.DeferredDelete.value)
        if language is not None:
            kept = {name: before.without_words() for name, before in kept.items()}
            i18n.set_language(language)
            qt_words.follow_language()
        theme.apply(self._preferences.theme)
        self._build(shown, kept)


@contextmanager
def _activation(token: str) -> Iterator[None]:
    """While this holds, Qt knows by which token the desktop lets a window come forward (xdg-activation-v1). Its Wayland
    part looks for it where it is when a program starts: in the environment."""
    name = "XDG_ACTIVATION_TOKEN"
    if not token or not QGuiApplication.platformName().startswith("wayland"):
        yield
        return
    os.environ[name] = token
    try:
        yield
    finally:
        os.environ.pop(name, None)
