"""One finding of the doctor: icon, word and colour, what was found, what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.doctor.finding import CHECK_TITLES, STATUS_WORDS, Finding, Status
from app.i18n import _, pgettext
from ui import theme
from ui.theme import UNIT, Tone
from ui.widgets.basic import copy_text, icon_button, label, pictogram, selectable

TONES: dict[Status, tuple[Tone, str]] = {
    "ok": ("good", "circle-check"),
    "warn": ("caution", "triangle-alert"),
    "fail": ("bad", "circle-x"),
}

#: A line may break after these, which stand in paths and addresses without a space.
_BREAKS = ("/", "\\", "_", "-")
_MAY_BREAK = "\u200b"


class FindingRow(QWidget):
    """A finding. It can be copied, with the code of its error."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding
        tone, icon = TONES[finding.status]
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(_(CHECK_TITLES[finding.check]), "strong"))
        message = selectable(_breakable(finding.message))
        message.setAccessibleName(finding.message)
        words.addWidget(message)
        if finding.hint:
            words.addWidget(label(finding.hint, "soft"))
        status = label(_(STATUS_WORDS[finding.status]), "strong", wrap=False)
        status.setProperty("tone", tone)
        status.setFixedWidth(UNIT * 11)
        self.copy = icon_button(_("Copy this message"), "copy", lambda: copy_text(as_text(finding)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, UNIT // 2, 0, UNIT // 2)
        layout.setSpacing(UNIT)
        top = Qt.AlignmentFlag.AlignTop
        layout.addWidget(pictogram(icon, theme.tone_colour(tone)), 0, top)
        layout.addWidget(status, 0, top)
        layout.addLayout(words, 1)
        layout.addWidget(self.copy, 0, top)
        self.setAccessibleName(as_text(finding))


class PendingRow(QWidget):
    """A check that is going on."""

    def __init__(self, check: str) -> None:
        super().__init__()
        waiting = label(pgettext("check", "looking…"), "soft", wrap=False)
        waiting.setFixedWidth(UNIT * 11)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, UNIT // 2, 0, UNIT // 2)
        layout.setSpacing(UNIT)
        layout.addWidget(pictogram("clock", theme.current().text_soft))
        layout.addWidget(waiting)
        layout.addWidget(label(_(CHECK_TITLES[check]), "soft", wrap=False), 1)


def as_text(finding: Finding) -> str:
    """A finding to be sent on: what it is about, its status, what was found, what to do, its code."""
    head = f"{_(CHECK_TITLES[finding.check])}: {_(STATUS_WORDS[finding.status])}"
    lines = [head, finding.message, finding.hint, f"[{finding.code}]" if finding.code else ""]
    return "\n".join(line for line in lines if line)


def _breakable(text: str) -> str:
    for sign in _BREAKS:
        text = text.replace(sign, sign + _MAY_BREAK)
    return text
