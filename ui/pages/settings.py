"""Cài đặt: language and theme of the window; what the office's settings file says."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import __version__
from app.errors import describe
from app.i18n import _, current_language
from app.office import Office
from app.storage.files import made_folder
from ui.opening import open_file, open_folder
from ui.pages.page import Page
from ui.preferences import Preferences
from ui.theme import UNIT
from ui.widgets import tips
from ui.widgets.basic import Card, Header, Notice, button, label, row, selectable, set_property
from ui.widgets.card_column import CardColumn
from ui.widgets.managed_card import ManagedCard, lock, lock_line, lock_mark, told_lock
from ui.work import Pool


class SettingsPage(Page):
    language_chosen = Signal(str)
    theme_chosen = Signal(str)

    def __init__(self, office: Office, preferences: Preferences) -> None:
        super().__init__(office)
        self._pool = Pool(2, self)
        self.notice = Notice()
        self.notice.hide()
        version = label(_("Ấn Tín, version {version}").format(version=__version__), "small")
        cards = (
            self._window_card(preferences),
            _leading_card(
                _("Trusted sources"),
                _(
                    "Which authorities vouch for signatures, the revocation lists at hand, and whether the network is "
                    "asked."
                ),
                self._to_trust(),
            ),
            _leading_card(
                _("When something does not work"),
                _("Looks at drivers, tokens, clock, servers, folders and fonts, and says what to do."),
                self._to_doctor(),
            ),
            self._places_card(),
            self._office_card(),
            ManagedCard(office.settings),
            version,
        )
        scroll = CardColumn(_("Settings"), cards, width=880)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Settings")))
        layout.addWidget(scroll, 1)

    def _window_card(self, preferences: Preferences) -> Card:
        self.language = QComboBox()
        self.language.setObjectName("settingsLanguage")
        for name, code in (("Tiếng Việt", "vi"), ("English", "en")):
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(current_language()))
        self.language.activated.connect(lambda: self.language_chosen.emit(self.language.currentData()))
        self.theme = QComboBox()
        self.theme.setObjectName("settingsTheme")
        for name, code in ((_("As the system"), "system"), (_("Light"), "light"), (_("Dark"), "dark")):
            self.theme.addItem(name, code)
        self.theme.setCurrentIndex(self.theme.findData(preferences.theme))
        self.theme.activated.connect(lambda: self.theme_chosen.emit(self.theme.currentData()))
        card = Card()
        card.body.addWidget(label(_("The window"), "heading"))
        grid = _grid()
        for at, (text, field) in enumerate(((_("&Language"), self.language), (_("&Appearance"), self.theme))):
            caption = label(text, "soft", wrap=False)
            caption.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            field.setFixedWidth(240)
            grid.addWidget(caption, 2 * at, 0)
            grid.addWidget(field, 2 * at, 1, Qt.AlignmentFlag.AlignLeft)
        lock(self.language, self.office.settings, "language")
        grid.addWidget(lock_line(self.office.settings, "language"), 1, 1)
        card.body.addLayout(grid)
        card.body.addWidget(label(_("Both take effect at once."), "small"))
        return card

    def _to_trust(self) -> QPushButton:
        made = button(_("Open the &trusted sources"), "landmark", clicked=lambda: self.handed_over.emit("trust", []))
        made.setObjectName("settingsTrust")
        return made

    def _to_doctor(self) -> QPushButton:
        made = button(_("Loo&k over this computer"), "activity", clicked=lambda: self.handed_over.emit("doctor", []))
        made.setObjectName("settingsDoctor")
        made.setToolTip(f"{made.accessibleName()} (Ctrl+7)")
        return made

    def _places_card(self) -> Card:
        settings = self.office.settings
        card = Card()
        card.body.addWidget(label(_("Folders"), "heading"))
        grid = _grid()
        for at, (text, folder, name) in enumerate(
            (
                (_("Archive of signed copies"), settings.archive_dir, _("Open the archive's folder")),
                (_("Data of the program"), settings.data_dir, _("Open the data folder")),
            )
        ):
            opener = button(_("Open"), "folder-open", role="quiet", clicked=partial(self._open_made, folder))
            opener.setAccessibleName(name)
            grid.addWidget(label(text, "soft", wrap=False), at, 0)
            grid.addWidget(selectable(str(folder)), at, 1)
            grid.addWidget(opener, at, 2)
        card.body.addLayout(grid)
        card.body.addWidget(self.notice)
        return card

    def _office_card(self) -> Card:
        settings = self.office.settings
        card = Card()
        file = settings.base / "settings.toml"
        edit = button(_("Open the settings &file"), "external-link", clicked=partial(self._open_settings, file))
        edit.setObjectName("settingsFile")
        head = row(label(_("The office"), "heading"), edit)
        head.setStretch(0, 1)
        card.body.addLayout(head)
        first_run = button(
            _("Go through the first set-&up again"), "list", clicked=lambda: self.handed_over.emit("first-run", [])
        )
        first_run.setObjectName("settingsFirstRun")
        card.body.addLayout(row(first_run, stretch=True))
        grid = _grid()
        for at, (name, text, shown) in enumerate(self._office_rows(grid)):
            grid.addWidget(label(text, "soft", wrap=False), at, 0)
            if name in settings.locked:
                grid.addWidget(lock_mark(settings, name), at, 2, Qt.AlignmentFlag.AlignTop)
                shown.setAccessibleDescription(told_lock(settings, name))
            grid.addWidget(shown, at, 1)
        card.body.addLayout(grid)
        card.body.addWidget(
            label(_("These come from the settings file; changes to it count from the next start."), "small")
        )
        return card

    def _office_rows(self, grid: QGridLayout) -> list[tuple[str, str, QWidget]]:
        """What is shown of the settings: the name of each, what it is called, and its value.

        :param grid: in which they will stand.
        """
        settings = self.office.settings
        agency, network = settings.agency, settings.network
        signature = settings.resolve(agency.signature_image) if agency.signature_image else None
        rows: list[tuple[str, str, QWidget]] = [
            ("agency.name", _("Name of the agency"), selectable(agency.name or "—")),
            ("agency.parent", _("Agency above it"), selectable(agency.parent or "—")),
            (
                "agency.seal_image",
                _("Picture of the seal"),
                self._picture(settings.resolve(agency.seal_image) if agency.seal_image else None, grid),
            ),
            ("agency.signature_image", _("Picture of the leader's signature"), self._picture(signature, grid)),
            ("network.tsa_url", _("Time-stamp server"), selectable(network.tsa_url or _("None is set"))),
        ]
        if settings.updates.source:
            rows.append(("updates.source", _("New versions"), selectable(settings.updates.source)))
        return rows

    def stop(self) -> None:
        self._pool.leave()

    def _picture(self, path: Path | None, grid: QGridLayout) -> QLabel:
        """What is with a picture of the settings, then the picture, read off the main thread: it may lie on a share.

        :param grid: in which it stands.
        """
        if path is None:
            return selectable(_("None is set"))
        shown = selectable(_("Reading…"))
        self._pool.start(
            lambda _job: _read_picture(path),
            done=partial(_show_picture, shown, path, grid),
            failed=lambda error: shown.setText(describe(error).message),
        )
        return shown

    def _open_made(self, folder: Path) -> None:
        """Open a folder, made where it is not there yet."""
        self.notice.hide()
        self._pool.start(lambda _job: made_folder(folder), done=open_folder, failed=self._not_opened)

    def _open_settings(self, file: Path) -> None:
        """Open the settings file; its folder where there is none yet."""
        self.notice.hide()
        self._pool.start(lambda _job: file.exists(), done=partial(_open_file_or_folder, file), failed=self._not_opened)

    def _not_opened(self, error: Exception) -> None:
        self.notice.tell_error(describe(error))


def _leading_card(heading: str, lead: str, way: QPushButton) -> Card:
    """A card that leads to another page."""
    card = Card()
    card.body.addWidget(label(heading, "heading"))
    card.body.addWidget(label(lead, "soft"))
    card.body.addLayout(row(way, stretch=True))
    return card


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(UNIT * 2)
    grid.setVerticalSpacing(UNIT)
    grid.setColumnMinimumWidth(0, 216)
    grid.setColumnStretch(1, 1)
    return grid


def _read_picture(path: Path) -> QImage | None:
    """A picture in the height in which it is shown; None where there is none."""
    if not path.is_file():
        return None
    return QImage(str(path)).scaledToHeight(112, Qt.TransformationMode.SmoothTransformation)


def _show_picture(shown: QLabel, path: Path, grid: QGridLayout, image: QImage | None) -> None:
    if image is None or image.isNull():
        shown.setText(_("{path} is not there").format(path=path) if image is None else _("This picture is damaged."))
        return
    set_property(shown, "role", "picture")
    shown.setAccessibleName(str(path))
    shown.setToolTip(tips.plain(str(path)))
    shown.unsetCursor()
    shown.setWordWrap(False)  # else its height is asked for as of a text
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(2.0)
    shown.setPixmap(picture)
    grid.setAlignment(shown, Qt.AlignmentFlag.AlignLeft)


def _open_file_or_folder(file: Path, there: bool) -> None:
    open_file(file) if there else open_folder(file.parent)
