"""What IT staff set for this computer, on the settings page, and how a control shows that it is locked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.i18n import _
from app.settings import Settings, words
from app.settings.definitions import definitions, value_of
from ui import theme
from ui.theme import UNIT
from ui.widgets.basic import Card, label, pictogram, row, selectable

#: Long lists are cut after so many; the whole of them is in the file or policy.
_SHOWN = 4


def told_lock(settings: Settings, name: str) -> str:
    """The sentence that says who locked a setting; empty where nobody did."""
    if name not in settings.locked:
        return ""
    return _("Locked by IT staff ({where}); ask them for another value.").format(where=settings.origin(name).where)


def lock(control: QWidget, settings: Settings, name: str) -> None:
    """Switch a control off where its setting is locked, and say who locked it."""
    if told := told_lock(settings, name):
        control.setEnabled(False)
        control.setToolTip(told)
        control.setAccessibleDescription(told)


def lock_line(settings: Settings, name: str) -> QWidget:
    """The sentence with its lock, to stand below a control; hidden where the setting is not locked."""
    told = told_lock(settings, name)
    line = QWidget()
    text = label(told, "small")
    text.setObjectName(f"locked-{name}")
    inner = row(pictogram("lock", theme.current().text_soft, 16), text)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setStretch(1, 1)
    line.setLayout(inner)
    line.setVisible(bool(told))
    return line


def lock_mark(settings: Settings, name: str) -> QLabel:
    """A lock to stand beside the value of a locked setting."""
    mark = pictogram("lock", theme.current().text_soft, 16)
    mark.setAccessibleName(_("Locked"))
    mark.setToolTip(told_lock(settings, name))
    return mark


class ManagedCard(Card):
    """Each setting that IT staff set, with its value, and a lock where they locked it. Hidden where they set none."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("settingsManaged")
        names = [name for name in ("data_dir", *definitions()) if settings.origin(name).kind == "managed"]
        self.setVisible(bool(names))
        if not names:
            return
        self.body.addWidget(label(_("Set by IT staff"), "heading"))
        lead = _("IT staff set these for this computer ({where}). What bears a lock cannot be changed here.")
        self.body.addWidget(label(lead.format(where=settings.origin(names[0]).where), "soft"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT)
        grid.setVerticalSpacing(UNIT)
        grid.setColumnMinimumWidth(0, 16)
        grid.setColumnMinimumWidth(1, 200)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        for at, name in enumerate(names):
            locked = name in settings.locked
            if locked:
                grid.addWidget(lock_mark(settings, name), at, 0, top)
            title = label(words.title(name), "soft")
            title.setToolTip(words.explanation(name))
            value = selectable(_told(value_of(settings, name)))
            value.setObjectName(f"managed-{name}")
            value.setAccessibleName(words.title(name))
            value.setAccessibleDescription(told_lock(settings, name))
            grid.addWidget(title, at, 1, top)
            grid.addWidget(value, at, 2, top)
        self.body.addLayout(grid)


def _told(value: Any) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        value = [f"{key}: {inner}" for key, inner in value.items()]
    if isinstance(value, list | tuple):
        several = [str(item) for item in value]
        return "\n".join([*several[:_SHOWN], *(["…"] if len(several) > _SHOWN else [])]) or "—"
    return f"{value:g}" if isinstance(value, float) else str(value) or "—"
