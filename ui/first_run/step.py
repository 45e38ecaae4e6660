"""What the steps of the first run have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.i18n import _
from app.office import Office
from ui.theme import UNIT
from ui.widgets.basic import Notice, column, label


class Step(QWidget):
    """One step: a few values, what they are for, and a look whether they work.

    :cvar settings: names of the settings it asks for.
    :ivar notice: what became of a look or of saving; hidden until there is something to tell.
    """

    settings: ClassVar[tuple[str, ...]]
    #: What is typed, or whether it may be saved, changed.
    changed = Signal()

    def __init__(self, office: Office, title: str, lead: str) -> None:
        super().__init__()
        self.office = office
        self.title = title
        self.notice = Notice()
        self.notice.hide()
        self.body = column(spacing=UNIT * 2)
        heading = column(spacing=2)
        heading.addWidget(label(title, "heading"))
        heading.addWidget(label(lead, "soft"))
        self.body.addLayout(heading)
        if self.locked_settings:
            places = sorted({office.settings.origin(name).where for name in self.locked_settings})
            self.body.addWidget(
                Notice(
                    _("IT staff have set this for your computer: {place}").format(place=", ".join(places)),
                    _("What they have locked is shown here and cannot be changed."),
                    icon="lock",
                )
            )
        self.setLayout(self.body)

    @property
    def locked_settings(self) -> Sequence[str]:
        """Those that IT staff have locked."""
        return [name for name in self.settings if name in self.office.settings.locked]

    @property
    def locked(self) -> bool:
        """Whether nothing is left to be asked here."""
        return len(self.locked_settings) == len(self.settings)

    @property
    def problem(self) -> str:
        """Why it cannot be saved; empty where it can."""
        return ""

    def values(self) -> dict[str, Any]:
        """What is to be written, by the settings' names; only what was changed. None takes a setting out."""
        return {}

    def saving(self) -> Callable[[], dict[str, Any]]:
        """What saving takes, as it is typed now.

        :return: a function that touches no widget, run off the main thread: it puts in place what the values stand for,
            such as a picture, and returns what is to be written. An error it raises is told; nothing is written then.
        """
        values = self.values()
        return lambda: values

    def entered(self) -> None:
        """The step is shown."""

    def stop(self) -> None:
        """End what is going on."""
