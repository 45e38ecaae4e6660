"""Qt's own words (file dialogs, menus of text fields) in the language of the window.

Qt ships no Vietnamese catalogue of its own words; they stand in the program's.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app.i18n import N_, _, current_language

_CONTEXTS: Final = frozenset(
    {
        *("QFileDialog", "QFileSystemModel", "QAbstractFileIconProvider", "QPlatformTheme", "QDialogButtonBox"),
        *("QLineEdit", "QWidgetTextControl", "QAbstractSpinBox", "QScrollBar", "QComboBox"),
    }
)

#: As Qt has them in its sources.
_WORDS: Final = frozenset(
    {
        N_("Drive"),
        N_("Folder"),
        N_("Unknown"),
        N_("%1 File"),
        N_("File"),
        N_("&Delete"),
        N_("Look in:"),
        N_("&Look in:"),
        N_("&New Folder"),
        N_("New Folder"),
        N_("&Open"),
        N_("&Choose"),
        N_("&Rename"),
        N_("&Save"),
        N_("All Files (*)"),
        N_("Back"),
        N_("Change to detail view mode"),
        N_("Change to list view mode"),
        N_("Create New Folder"),
        N_("Create a New Folder"),
        N_("Detail View"),
        N_("File &name:"),
        N_("Files of &type:"),
        N_("Files"),
        N_("Forward"),
        N_("Go back"),
        N_("Go forward"),
        N_("Go to the parent directory"),
        N_("List View"),
        N_("List of places and bookmarks"),
        N_("Parent Directory"),
        N_("Show &hidden files"),
        N_("Show "),
        N_("Sidebar"),
        N_("Remove"),
        N_("Delete"),
        N_("Are you sure you want to delete '%1'?"),
        N_("Could not delete directory."),
        N_("'%1' is write protected.\nDo you want to delete it anyway?"),
        N_("%1\nFile not found.\nPlease verify the correct file name was given."),
        N_("%1\nDirectory not found.\nPlease verify the correct directory name was given."),
        N_("Computer"),
        N_("My Computer"),
        N_("Date Modified"),
        N_("Name"),
        N_("Size"),
        N_("Type"),
        N_("&Copy"),
        N_("&Paste"),
        N_("&Redo"),
        N_("&Undo"),
        N_("Cu&t"),
        N_("Select All"),
        N_("Copy &Link Location"),
        N_("&Select All"),
        N_("&Step up"),
        N_("Step &down"),
        N_("Scroll here"),
        N_("Top"),
        N_("Bottom"),
        N_("Page up"),
        N_("Page down"),
        N_("Scroll up"),
        N_("Scroll down"),
        N_("&Yes"),
        N_("&No"),
        N_("Cancel"),
        N_("OK"),
        N_("Open"),
        N_("Save"),
        N_("Close"),
    }
)


class QtWords(QTranslator):
    """Asks the program's catalogue for Qt's words, each time in the language the window has then."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, _disambiguation: str | None = None, _count: int = -1) -> str | None:
        """The word in the current language; None where Qt's own English is to stand."""
        if context not in _CONTEXTS or source not in _WORDS or current_language() == "en":
            return None
        return _(source)


def install(application: QApplication) -> None:
    """Give a running application its words; once is enough for all languages."""
    if application.findChild(QtWords) is None:
        application.installTranslator(QtWords(application))


def follow_language() -> None:
    """Write dates and numbers as the current language does."""
    QLocale.setDefault(QLocale(QLocale.Language.Vietnamese, QLocale.Country.Vietnam))
    if current_language() == "en":
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
