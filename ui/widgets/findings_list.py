"""What preflight found in the document shown: consequence, what to do, and the repair on a copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.i18n import _
from app.preflight.model import Finding, Severity
from ui.theme import UNIT, Tone
from ui.widgets.basic import Notice, button, clear

_TONES: dict[Severity, tuple[Tone, str]] = {
    Severity.STOP: ("caution", "ban"),
    Severity.ASK: ("caution", "triangle-alert"),
    Severity.WARN: ("neutral", "circle-alert"),
}


class FindingsList(QWidget):
    """The findings that a person should read; hidden where there are none."""

    #: A copy is to be repaired and signed instead.
    repair_wanted = Signal()
    #: Emitted with whether the document is to be signed as it is.
    accepted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._found = QVBoxLayout()
        self._found.setSpacing(UNIT // 2)
        self.repair = button(_("&Mend on a copy"), "save", clicked=self.repair_wanted.emit)
        self.repair.setObjectName("findingsRepair")
        self.repair.setToolTip(_("The original stays as it is; the copy is signed."))
        self.accept_box = QCheckBox(_("I have looked: sign it as it is"))
        self.accept_box.setObjectName("findingsAccept")
        self.accept_box.setAccessibleName(self.accept_box.text())
        self.accept_box.toggled.connect(self.accepted.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, UNIT, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addLayout(self._found)
        layout.addWidget(self.repair)
        layout.addWidget(self.accept_box)
        self.hide()

    def show_findings(self, findings: Sequence[Finding], *, accepted: bool) -> None:
        """Show what was found.

        :param accepted: whether a person said already that it is to be signed as it is.
        """
        clear(self._found)
        told = [one for one in findings if one.severity in _TONES]
        for one in told:
            notice = Notice()
            notice.tell(one.message, one.hint, *_TONES[one.severity])
            self._found.addWidget(notice)
        self.repair.setVisible(any(one.mendable for one in findings))
        self.accept_box.blockSignals(True)
        self.accept_box.setChecked(accepted)
        self.accept_box.blockSignals(False)
        asks = any(one.severity is Severity.ASK for one in told)
        stops = any(one.severity is Severity.STOP for one in told)
        self.accept_box.setVisible(asks and not stops)
        self.setVisible(bool(told) or self.repair.isVisibleTo(self))
