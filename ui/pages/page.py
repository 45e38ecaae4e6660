"""What all pages have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.office import Office
from ui.widgets.basic import DropTarget


@dataclass(frozen=True)
class Kept:
    """What a page had at hand.

    :ivar files: to be added anew.
    :ivar results: what was found of them, in words of a language; empty where there is nothing to keep.
    """

    files: tuple[Path, ...] = ()
    results: tuple[object, ...] = ()

    def without_words(self) -> Kept:
        """The same for a page of another language."""
        return Kept(self.files)


class Page(DropTarget):
    """One place of the window.

    Lay it out from the outside in: what comes into something larger is styled anew with all that is in it already, so
    that from the inside out each part is styled once for every part around it.

    :cvar busy_changed: emitted when :attr:`busy` may have changed.
    """

    busy_changed = Signal()
    #: Another page should take these files: name of the page, list of paths.
    handed_over = Signal(str, list)

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office

    @property
    def busy(self) -> str:
        """What is going on, as a sentence; empty when the page may be left or closed without loss."""
        return ""

    def entered(self) -> None:
        """The person came to this page."""

    def first_focus(self) -> QWidget | None:
        """What the keyboard begins with on this page."""
        return None

    def choose(self) -> None:
        """Ask for files, on a page that takes some."""

    def add(self, paths: list[Path]) -> None:
        """Take files that were dropped, chosen or named on the command line."""

    def files(self) -> list[Path]:
        """The files at hand."""
        return []

    def keep(self) -> Kept:
        """What another page in the place of this one should begin with."""
        return Kept(tuple(self.files()))

    def take_over(self, kept: Kept) -> None:
        """Begin with what the page before had at hand."""
        if kept.files:
            self.add(list(kept.files))

    def cancel(self) -> None:
        """Give up what is going on as soon as that is clean; :attr:`busy` tells when it is over."""

    def stop(self) -> None:
        """Cancel all work and wait until no thread uses the page any more."""
