"""Parts of a report's card: a reason, rows of facts, a signer whose facts unfold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from app.verification.model import Conclusion, Reason, SignatureReport
from ui import icons, report_text, theme, wording
from ui.report_text import Row
from ui.theme import UNIT
from ui.widgets.basic import button, column, label, pictogram, row, selectable, set_property

#: Width of the captions of facts, in pixels.
_CAPTION = 136


def badge(sign: wording.Sign, size: int = 40) -> QFrame:
    """The icon of a state on its soft ground."""
    frame = QFrame()
    frame.setProperty("role", "notice")
    frame.setProperty("tone", sign.tone)
    frame.setFixedSize(size, size)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(8, 8, 8, 8)
    layout.addWidget(pictogram(sign.icon, theme.tone_colour(sign.tone), size - 16))
    return frame


def reason_line(reason: Reason, told: str = "") -> QHBoxLayout:
    """A reason with its hint, but for a hint that stands elsewhere already."""
    words = column(spacing=0)
    words.addWidget(selectable(reason.message))
    if reason.hint and reason.hint != told:
        words.addWidget(selectable(reason.hint, "soft"))
    line = QHBoxLayout()
    line.setSpacing(UNIT)
    line.addWidget(pictogram("info", theme.current().text_soft, 18), 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(words, 1)
    return line


def facts(rows: Sequence[Row]) -> QGridLayout:
    """Captions and values, each value selectable and told with its caption by a screen reader."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(UNIT * 2)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(rows):
        caption = label(name, "small")
        caption.setFixedWidth(_CAPTION)
        caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(caption, at, 0)
        shown = selectable(breakable(value))
        shown.setAlignment(Qt.AlignmentFlag.AlignTop)
        shown.setAccessibleName(f"{name}: {value}")
        grid.addWidget(shown, at, 1)
    return grid


def breakable(text: str) -> str:
    """Long words (digests, paths) get places where a line may break; what is copied by a button has none."""
    return " ".join(
        word if len(word) <= 24 else "\u200b".join(word[at : at + 8] for at in range(0, len(word), 8))
        for word in text.split(" ")
    )


class Fold(QWidget):
    """A button that shows and hides what is under it, made when first shown.

    :param caption: of the button.
    :param name: what a screen reader calls it.
    """

    unfolded = Signal(bool)

    def __init__(self, caption: str, name: str) -> None:
        super().__init__()
        self._content: QWidget | None = None
        self.button: QPushButton = button(caption, role="fold", clicked=lambda: self.unfold(not self.is_unfolded))
        self.button.setAccessibleName(name)
        self._layout = column(spacing=UNIT)
        self._layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(self._layout)
        self._turn(False)

    @property
    def is_unfolded(self) -> bool:
        return self._content is not None and not self._content.isHidden()

    def unfold(self, open_: bool) -> None:
        """Show or hide the content."""
        if open_ and self._content is None:
            self._content = self.make()
            self._layout.addWidget(self._content)
        if self._content is not None:
            self._content.setVisible(open_)
        self._turn(open_)
        self.unfolded.emit(open_)

    def make(self) -> QWidget:
        """What is under the button."""
        raise NotImplementedError

    def _turn(self, open_: bool) -> None:
        self.button.setIcon(icons.icon("chevron-down" if open_ else "chevron-right", theme.current().accent))


class FactsFold(Fold):
    """Rows of facts under a button."""

    def __init__(self, caption: str, name: str, rows: Sequence[Row]) -> None:
        self._rows = rows
        super().__init__(caption, name)

    def make(self) -> QWidget:
        box = QFrame()
        box.setProperty("role", "sunken")
        layout = facts(self._rows)
        layout.setContentsMargins(UNIT * 2, UNIT + 4, UNIT * 2, UNIT + 4)
        box.setLayout(layout)
        return box


class Signer(QWidget):
    """Who signed, for whom, when; the reasons of a verdict other than valid; and a fold of all facts.

    :ivar fold: the facts.
    :param now: aware; the age of evidence is told as of then.
    :param told: what to do, where the card says it already.
    """

    def __init__(self, index: int, signature: SignatureReport, now: dt.datetime, told: str = "") -> None:
        super().__init__()
        sign = wording.VERDICTS[signature.conclusion]
        name = report_text.signer(signature)
        words = column(spacing=2)
        words.addWidget(selectable(breakable(name), "strong"))
        if organization := report_text.organization(signature):
            words.addWidget(selectable(organization))
        words.addWidget(selectable(report_text.signed_when(signature), "soft"))
        if signature.conclusion is not Conclusion.VALID:
            verdict = label(sign.word)
            set_property(verdict, "tone", sign.tone)
            words.addWidget(verdict)
        for reason in signature.reasons:
            words.addSpacing(4)
            words.addLayout(reason_line(reason, told))
        self.fold = FactsFold(
            _("Details of the signature"),
            _("Details of signature {n}: {signer}").format(n=index, signer=name),
            report_text.signature_rows(signature, now),
        )
        line = row(spacing=UNIT + 4)
        line.addWidget(pictogram(sign.icon, theme.tone_colour(sign.tone)), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        layout = column(spacing=4)
        layout.addLayout(line)
        inset = row(self.fold)
        inset.setContentsMargins(UNIT * 3, 0, 0, 0)
        layout.addLayout(inset)
        self.setLayout(layout)
