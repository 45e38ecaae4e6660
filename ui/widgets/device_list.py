"""The devices of the office: those in the register, and tokens plugged in that are not in it yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.custody.identity import serial_key
from app.custody.model import Device, Kind
from app.i18n import _
from app.signing.keys import SigningKey
from pkcs11_bridge.protocol import TokenInfo
from ui import custody_text, icons, theme, wording
from ui.theme import UNIT
from ui.tokens import Plugged
from ui.widgets import tips

_ROW = UNIT * 9


@dataclass(frozen=True)
class Shown:
    """A device as the page shows it.

    :ivar device: as the register has it; None where it does not.
    :ivar token: as it is plugged in; None where it is not.
    """

    device: Device | None
    token: TokenInfo | None
    keys: Sequence[SigningKey] = ()

    @property
    def serial(self) -> str:
        if self.device is not None:
            return self.device.serial
        return self.token.serial if self.token is not None else ""

    @property
    def name(self) -> str:
        if self.device is not None:
            return self.device.name
        return self.token.label if self.token is not None else ""

    @property
    def made_by(self) -> str:
        """Maker, model and serial."""
        if self.device is not None:
            return custody_text.made_by(self.device)
        assert self.token is not None
        made = f"{self.token.manufacturer} {self.token.model}".strip()
        return " · ".join(filter(None, (made, _("serial {n}").format(n=self.token.serial))))

    @property
    def icon(self) -> str:
        if self.device is not None:
            return custody_text.kind_icon(self.device.kind)
        organization = any(key.kind == Kind.ORGANIZATION for key in self.keys)
        return "stamp" if organization else "usb"

    @property
    def line(self) -> str:
        """Who holds it."""
        if self.device is None:
            return _("Not in the register yet")
        return custody_text.held_by(self.device)

    @property
    def sign(self) -> wording.Sign:
        if self.device is None:
            return wording.Sign("circle-dashed", "neutral", lambda: _("Not in the register yet"))
        return custody_text.standing(self.device)


def merge(devices: Iterable[Device], plugged: Plugged | None) -> list[Shown]:
    """The register and what is plugged in, each device once: those not in the register first."""
    tokens = {serial_key(token.serial): token for token in reversed(plugged.tokens)} if plugged is not None else {}
    shown = []
    for device in devices:
        token = tokens.pop(serial_key(device.serial), None)
        keys = plugged.keys_on(token) if plugged is not None and token is not None else []
        shown.append(Shown(device, token, keys))
    new = [Shown(None, token, plugged.keys_on(token) if plugged is not None else []) for token in tokens.values()]
    return sorted(new, key=lambda one: one.name) + shown


class DeviceModel(QAbstractListModel):
    """Rows of :class:`Shown`."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Shown] = []

    def show(self, shown: list[Shown]) -> None:
        self.beginResetModel()
        self.shown = shown
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.name
        if role == Qt.ItemDataRole.UserRole:
            return one
        if role == Qt.ItemDataRole.AccessibleTextRole:
            plugged = _("plugged in") if one.token is not None else ""
            return ". ".join(filter(None, (one.name, one.sign.word, one.line, plugged)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tips.plain("\n".join((one.name, one.made_by, one.sign.word, one.line)))
        return None


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(160, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one: Shown = index.data(Qt.ItemDataRole.UserRole)
        shown, rect = theme.current(), QRect(option.rect.adjusted(0, 1, 0, -1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(shown.accent_soft))
            painter.drawRoundedRect(rect, 6, 6)
        ratio = max(2.0, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 10, rect.top() + 11, icons.pixmap(one.icon, shown.accent, 22, ratio))
        words = rect.adjusted(44, 8, -10, -2)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(shown.text))
        room = words.width()
        if one.token is not None:
            room -= 24
            painter.drawPixmap(words.right() - 16, words.top() + 2, icons.pixmap("usb", shown.accent, 16, ratio))
        name = painter.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignTop), name)
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        line = metrics.elidedText(one.line, Qt.TextElideMode.ElideRight, words.width())
        painter.setPen(QColor(shown.text_soft))
        painter.drawText(words.adjusted(0, 21, 0, 0), int(Qt.AlignmentFlag.AlignTop), line)
        sign = one.sign
        if one.device is not None:
            painter.drawPixmap(
                words.left(), words.top() + 40, icons.pixmap(sign.icon, theme.tone_colour(sign.tone), 14, ratio)
            )
            painter.setPen(QColor(theme.tone_colour(sign.tone)))
            state = metrics.elidedText(sign.word, Qt.TextElideMode.ElideRight, words.width() - 18)
            painter.drawText(words.adjusted(18, 39, 0, 0), int(Qt.AlignmentFlag.AlignTop), state)
        painter.restore()


class DeviceList(QListView):
    """The rows; the device chosen stays chosen."""

    #: The :class:`Shown` chosen, None where there is none.
    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.found = DeviceModel()
        self.setModel(self.found)
        self.setItemDelegate(_Row(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(_("Devices"))
        self.setObjectName("deviceList")
        self.selectionModel().currentChanged.connect(lambda current, _previous: self.chosen.emit(self._at(current)))

    @property
    def current(self) -> Shown | None:
        return self._at(self.currentIndex())

    def show_devices(self, shown: list[Shown], choose: str | None = None) -> None:
        """Show what there is.

        :param choose: serial number of a device to be chosen; else the one chosen before, else the first.
        """
        before = self.current
        wanted = serial_key(choose or (before.serial if before is not None else ""))
        self.found.show(shown)
        row = next((at for at, one in enumerate(shown) if serial_key(one.serial) == wanted), 0)
        if shown:
            self.setCurrentIndex(self.found.index(row))
        else:
            self.chosen.emit(None)

    def _at(self, index: QModelIndex) -> Shown | None:
        return self.found.shown[index.row()] if index.isValid() else None
