"""A value that is asked for: its name, what it is for, and what is wrong with it, at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.errors import ErrorInfo
from ui import theme
from ui.theme import UNIT
from ui.widgets.basic import column, label, pictogram, row, set_property


class Field(QWidget):
    """One line to be typed, below its name and above what it is for.

    :param name: of the control, for keyboards and tests.
    :param caption: with an ``&`` before the letter that leads to it.
    :param means: what the value is for.
    :param beside: controls that fill the line in or look at it.
    :ivar line: the control.
    """

    def __init__(self, name: str, caption: str, means: str, *beside: QWidget) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setAccessibleName(caption.replace("&", ""))
        self.line.setAccessibleDescription(means)
        words = label(caption, "label", wrap=False)
        words.setBuddy(self.line)
        control = row(self.line, *beside)
        control.setStretch(0, 1)
        self._means = label(means, "small")
        self._sign = pictogram("triangle-alert", theme.current().caution, 16)
        self._words = label(role="small")
        self._words.setProperty("tone", "caution")
        self._problem = QWidget()
        problem = row(spacing=UNIT // 2)
        problem.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        problem.addWidget(self._words, 1)
        self._problem.setLayout(problem)
        self._problem.hide()
        layout = column(spacing=2)
        layout.addWidget(words)
        layout.addLayout(control)
        layout.addWidget(self._problem)
        layout.addWidget(self._means)
        layout.addStretch(1)
        self.setLayout(layout)

    @property
    def text(self) -> str:
        """What is typed, without blanks around it."""
        return self.line.text().strip()

    @property
    def problem(self) -> str:
        """What is wrong with it, as it is told; empty where nothing is."""
        return self._words.text()

    def tell(self, problem: ErrorInfo | str) -> None:
        """Say what is wrong; nothing where that is empty."""
        text = problem if isinstance(problem, str) else f"{problem.message} {problem.hint}"
        self._words.setText(text)
        self._problem.setVisible(bool(text))
        set_property(self.line, "wrong", "true" if text else "false")
        self.line.setAccessibleDescription(text or self._means.text())

    def lock(self) -> None:
        """Show that IT staff have set it and nobody else may."""
        self.line.setReadOnly(True)
        self.line.setEnabled(False)
        self.line.setCursorPosition(0)


def beside(wider: Field, other: Field) -> QHBoxLayout:
    """Two fields in a line, the first of them twice as wide as the other."""
    made = row(wider, other, spacing=UNIT * 2)
    made.setStretch(0, 2)
    made.setStretch(1, 1)
    return made
