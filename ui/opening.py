"""Files and folders, opened by the system's own programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_file(file: Path) -> None:
    """Show a file in the program the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def open_folder_of(file: Path) -> None:
    """Show the folder of a file in the system's file manager."""
    open_folder(file.parent)
