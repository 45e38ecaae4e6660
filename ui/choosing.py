"""Asking for files: the system's own dialog where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.i18n import _


def to_open(parent: QWidget, title: str, filters: Sequence[str]) -> list[Path]:
    """Files that are there; empty where the person thought better of it.

    :param filters: such as ``Documents (*.pdf *.docx)``; "All files" is added.
    """
    names, _filter = QFileDialog.getOpenFileNames(parent, title, "", ";;".join((*filters, _("All files (*)"))))
    return [Path(name) for name in names]


def one_to_open(parent: QWidget, title: str, filters: Sequence[str]) -> Path | None:
    """One file that is there."""
    name, _filter = QFileDialog.getOpenFileName(parent, title, "", ";;".join((*filters, _("All files (*)"))))
    return Path(name) if name else None


def to_save(parent: QWidget, title: str, proposed: Path, filters: Sequence[str]) -> Path | None:
    """A name for a new file; it gets the ending of the filter chosen where it has none.

    Whoever writes it refuses a name that is taken, so the dialog does not offer to replace anything.

    :param filters: such as ``Document (*.pdf)``, the first one chosen.
    """
    name, chosen = QFileDialog.getSaveFileName(
        parent, title, str(proposed), ";;".join(filters), options=QFileDialog.Option.DontConfirmOverwrite
    )
    if not name:
        return None
    endings = [filter_.rpartition("(*")[2].rstrip(")") for filter_ in filters]
    path = Path(name)
    if path.suffix.lower() in endings:
        return path
    ending = next((ending for filter_, ending in zip(filters, endings, strict=True) if filter_ == chosen), endings[0])
    return path.with_name(path.name + ending)
