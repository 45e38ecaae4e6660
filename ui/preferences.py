"""What a person chooses for the window alone, kept in ``window.ini`` of the data folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QSettings

from app.i18n import Language
from ui.theme import ThemeName

#: In the data folder.
FILE_NAME = "window.ini"


class Preferences:
    """Read and written at once; whatever is missing or strange counts as not chosen."""

    def __init__(self, data_dir: Path, locked: Collection[str] = ()) -> None:
        """
        :param locked: names of settings that IT staff have locked; what was chosen for them counts no more.
        """
        self._store = QSettings(str(data_dir / FILE_NAME), QSettings.Format.IniFormat)
        self._locked = locked

    @property
    def language(self) -> Language | None:
        """None: the language of the settings file."""
        value = self._store.value("language")
        return cast("Language", value) if value in ("vi", "en") and "language" not in self._locked else None

    @language.setter
    def language(self, value: Language) -> None:
        self._store.setValue("language", value)
        self._store.sync()

    @property
    def theme(self) -> ThemeName:
        value = self._store.value("theme")
        return cast("ThemeName", value) if value in ("light", "dark") else "system"

    @theme.setter
    def theme(self, value: ThemeName) -> None:
        self._store.setValue("theme", value)
        self._store.sync()

    @property
    def online(self) -> bool | None:
        """Whether revocation addresses may be contacted. None: as the settings file says."""
        value = self._store.value("online")
        if value not in ("true", "false") or "network.online" in self._locked:
            return None
        return bool(value == "true")

    @online.setter
    def online(self, value: bool) -> None:
        self._store.setValue("online", "true" if value else "false")
        self._store.sync()

    @property
    def first_run_over(self) -> bool:
        """Whether the first-run page was finished or put off."""
        return bool(self._store.value("first-run-over") == "true")

    @first_run_over.setter
    def first_run_over(self, value: bool) -> None:
        self._store.setValue("first-run-over", "true" if value else "false")
        self._store.sync()

    @property
    def geometry(self) -> QByteArray:
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("geometry", value)
        self._store.sync()
