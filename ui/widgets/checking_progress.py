"""How far checking is: files done of all, the time left, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from app.i18n import _
from ui import wording
from ui.checking import Checking
from ui.theme import UNIT
from ui.widgets.basic import button, label, row


class CheckingProgress(QWidget):
    """One line, hidden while nothing or a single file is checked.

    :param parent: where it is to be shown.
    """

    #: A person wants no more files checked.
    stopped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = label(role="soft", wrap=False)
        self._text.setObjectName("verifyProgress")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Files checked"))
        self.stop = button(_("S&top"), "x", clicked=self.stopped.emit)
        self.stop.setObjectName("verifyStop")
        self.setLayout(row(self._text, self._bar, self.stop, spacing=UNIT * 2))

    def show_state(self, checking: Checking) -> None:
        """Show how far it is."""
        done, total = checking.done, checking.total
        self.setVisible(checking.busy and total != 1)
        self._bar.setRange(0, total or 0)
        self._bar.setValue(done)
        parts = [
            _("Looking for files…") if total is None else _("Checked: {done} of {total}").format(done=done, total=total)
        ]
        if (left := checking.seconds_left) is not None:
            parts.append(_("{time} left").format(time=wording.duration(left)))
        self._text.setText(" · ".join(parts))
