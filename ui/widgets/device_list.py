"""The devices of the office: those in the register, and tokens plugged in that are not in it yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QColor, QFont, QPainter

from app.custody.identity import serial_key
from app.custody.model import Device, Kind
from app.i18n import _
from app.signing.keys import SigningKey
from pkcs11_bridge.protocol import TokenInfo
from ui import custody_text, icons, theme, wording
from ui.theme import UNIT
from ui.tokens import Plugged
from ui.widgets.row_list import RowList, RowModel, RowPainter, Texts, ratio, use, write

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


class DeviceModel(RowModel[Shown]):
    """Rows of :class:`Shown`."""

    def texts(self, item: Shown) -> Texts:
        plugged = _("plugged in") if item.token is not None else ""
        return Texts(
            item.name,
            "\n".join((item.name, item.made_by, item.sign.word, item.line)),
            ". ".join(filter(None, (item.name, item.sign.word, item.line, plugged))),
        )


class _Row(RowPainter[Shown]):
    def draw(self, painter: QPainter, rect: QRect, item: Shown, font: QFont, *, chosen: bool) -> None:
        shown, dots = theme.current(), ratio(painter)
        painter.drawPixmap(rect.left() + 10, rect.top() + 11, icons.pixmap(item.icon, shown.accent, 22, dots))
        words = rect.adjusted(44, 8, -10, -2)
        use(painter, font, shown.text, strong=True)
        room = words
        if item.token is not None:
            room = words.adjusted(0, 0, -24, 0)
            painter.drawPixmap(words.right() - 16, words.top() + 2, icons.pixmap("usb", shown.accent, 16, dots))
        write(painter, room, item.name)
        use(painter, font, shown.text_soft, strong=False)
        write(painter, words.adjusted(0, 21, 0, 0), item.line)
        if item.device is not None:
            sign, colour = item.sign, theme.tone_colour(item.sign.tone)
            painter.drawPixmap(words.left(), words.top() + 40, icons.pixmap(sign.icon, colour, 14, dots))
            painter.setPen(QColor(colour))
            write(painter, words.adjusted(18, 39, 0, 0), sign.word)


class DeviceList(RowList[Shown]):
    """The rows; the device chosen stays chosen."""

    #: The :class:`Shown` chosen, None where there is none.
    chosen = Signal(object)

    def __init__(self) -> None:
        self.found = DeviceModel()
        super().__init__(self.found, "deviceList", _("Devices"))
        self.setItemDelegate(_Row(self, 160, _ROW))
        self.selectionModel().currentChanged.connect(lambda current, _previous: self.chosen.emit(self.item_at(current)))

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
