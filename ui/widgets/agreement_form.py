"""What is agreed on in a handover: who gives, who receives, why, with whose permission."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.custody.model import Device, Kind, Person
from app.custody.states import RULES, EventKind
from app.i18n import _
from app.times import today
from ui import custody_text, wording
from ui.theme import UNIT
from ui.widgets.basic import ScrollPane, clear, column, label, line_field
from ui.widgets.metadata_form import date_of
from ui.widgets.permission_fields import PermissionFields
from ui.widgets.person_fields import PersonFields

if TYPE_CHECKING:
    from app.custody.handovers import Handed, Handover

#: Why devices change hands; the minutes are in Vietnamese whatever the language of the program.
_REASONS = {
    EventKind.HANDED_OVER: ("Cấp mới", "Thay đổi vị trí công tác", "Nghỉ hưu", "Thu hồi", "Sửa chữa, khôi phục"),
    EventKind.LENT: ("Mượn có thời hạn", "Người giữ thiết bị nghỉ phép", "Người giữ thiết bị đi công tác"),
    EventKind.RETURNED: ("Hết thời hạn mượn", "Trả trước thời hạn", "Thay đổi vị trí công tác"),
}
_APPEARANCES = ("Hoạt động bình thường", "Hoạt động bình thường, vỏ trầy xước", "Bị khóa mã PIN", "Bị hỏng")
_ACCESSORIES = ("Không có phụ kiện", "Mã PIN niêm phong trong phong bì", "Hộp đựng, dây nối")


class AgreementForm(ScrollPane):
    """The fields; :attr:`changed` follows each change."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(_("What is agreed on"))
        self._kind = EventKind.HANDED_OVER
        self._device: Device | None = None
        self._giver = label(role="soft")
        self._others = column(spacing=0)
        self.others: dict[str, QCheckBox] = {}
        self.receiver = PersonFields(_("Who receives"), "receiver")
        self.witness = PersonFields(_("Witness (may be left out)"), "witness")
        self.reason = self._choice("agreementReason", _("Reason"))
        self.appearance = self._choice("agreementAppearance", _("State of the device"))
        self.accessories = self._choice("agreementAccessories", _("Accessories"))
        self.permission = PermissionFields()
        self.permission.changed.connect(self.changed)
        self.due = self._line("agreementDue", _("To be returned by, dd/mm/yyyy"))
        self.minutes_number = self._line("minutesNumber", _("Number of the minutes, such as 05/BB-UBND"))
        self.paper = QCheckBox(_("&Print the minutes and sign them by hand"))
        self.paper.setAccessibleName(_("Print the minutes and sign them by hand"))
        self.paper.setObjectName("agreementPaper")
        self.paper.toggled.connect(lambda _on: self.changed.emit())
        for person in (self.receiver, self.witness):
            person.changed.connect(self.changed)
        body = QWidget()
        body.setObjectName("scrollBody")
        self.setWidget(body)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(2, 0, UNIT, UNIT)
        layout.setSpacing(UNIT * 2)
        giver = column(spacing=0)
        giver.addWidget(label(_("Who gives"), "strong"))
        giver.addWidget(self._giver)
        layout.addLayout(giver)
        layout.addWidget(self.receiver)
        layout.addWidget(self.due)
        layout.addWidget(self.permission)
        layout.addWidget(_captioned(_("Reason"), self.reason))
        layout.addWidget(_captioned(_("State of the device"), self.appearance))
        layout.addWidget(_captioned(_("Accessories"), self.accessories))
        layout.addLayout(self._others)
        layout.addWidget(self.witness)
        layout.addWidget(self.minutes_number)
        layout.addWidget(self.paper)
        layout.addStretch(1)

    def begin(self, kind: EventKind, device: Device, others: Sequence[Device], receiver: Person | None) -> None:
        """Begin with a device.

        :param others: devices of the same holder that may change hands with it.
        :param receiver: who is proposed.
        """
        self._kind, self._device = kind, device
        self._giver.setText(custody_text.person(device.holder))
        self.receiver.show_person(receiver)
        self.witness.show_person(None)
        for box, texts in (
            (self.reason, _REASONS[kind]),
            (self.appearance, _APPEARANCES),
            (self.accessories, _ACCESSORIES),
        ):
            box.clear()
            box.addItems(list(texts))
        for field in (self.due, self.minutes_number):
            field.clear()
        self.permission.begin(perhaps=not RULES[kind].permission)
        self.permission.setVisible(RULES[kind].permission or device.kind is not Kind.PERSON)
        self.due.setVisible(RULES[kind].due)
        if RULES[kind].due:
            self.due.setText(wording.day(today() + dt.timedelta(days=14)))
        self.paper.setChecked(False)
        clear(self._others)
        self.others = {}
        if others:
            self._others.addWidget(label(_("Together with it"), "strong"))
        for other in others:
            box_ = QCheckBox(f"{other.name} · {other.serial}")
            box_.setAccessibleName(box_.text())
            box_.setObjectName(f"together-{other.serial}")
            box_.toggled.connect(lambda _on: self.changed.emit())
            self.others[other.serial] = box_
            self._others.addWidget(box_)
        self.verticalScrollBar().setValue(0)
        self.receiver.name.setFocus()

    @property
    def serials(self) -> list[str]:
        """The devices that change hands."""
        together = [serial for serial, box in self.others.items() if box.isChecked()]
        return [self._device.serial, *together] if self._device is not None else together

    def handover(self, devices: Sequence[Handed]) -> Handover:
        """What the form says.

        :raises ValueError: a day that cannot be read; its argument names the field.
        """
        from app.custody.handovers import Handover

        try:
            due = date_of(self.due.text()) if self.due.text().strip() else None
        except ValueError as error:
            self.due.setFocus()
            raise ValueError(self.due.accessibleName()) from error
        return Handover(
            self._kind,
            devices,
            receiver=self.receiver.person(),
            witness=self.witness.person(),
            permission=self.permission.permission(),
            reason=self.reason.currentText().strip(),
            due=due if RULES[self._kind].due else None,
            number=self.minutes_number.text().strip(),
            paper=self.paper.isChecked(),
        )

    def _line(self, name: str, spoken: str) -> QLineEdit:
        made = line_field(name, spoken)
        made.textChanged.connect(lambda _text: self.changed.emit())
        return made

    def _choice(self, name: str, spoken: str) -> QComboBox:
        made = QComboBox()
        made.setEditable(True)
        made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        made.setObjectName(name)
        made.setAccessibleName(spoken)
        made.setMinimumContentsLength(12)
        made.currentTextChanged.connect(lambda _text: self.changed.emit())
        return made


def _captioned(caption: str, field: QWidget) -> QWidget:
    both = QWidget()
    words = label(caption, "label", wrap=False)
    words.setBuddy(field)
    layout = column(spacing=2)
    layout.addWidget(words)
    layout.addWidget(field)
    both.setLayout(layout)
    return both
