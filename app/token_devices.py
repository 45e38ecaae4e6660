"""Tokens that are plugged in although no driver shows them: what they are called, and whose driver they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.system import smart_cards
from pkcs11_bridge.discovery import MODULE_LIST, KnownModule, ModuleList, known_modules, places_of

_USB = Path("/sys/bus/usb/devices")
#: USB device class of chip card interface devices (USB CCID 1.1, 3).
_CARD_CLASS = "0b"


@dataclass(frozen=True)
class Device:
    """A token or a reader with a card.

    :ivar name: as it calls itself.
    :ivar vendor: whose driver it needs, after the shipped list; empty where that does not say.
    :ivar installed: whether a file of that driver is on this computer.
    """

    name: str
    vendor: str = ""
    installed: bool = False


def plugged(usb: Path = _USB, modules: Path = MODULE_LIST) -> list[Device]:
    """The devices that are plugged in now: by the USB bus where the system shows it, else by the names of readers.

    :param usb: where Linux shows the USB bus (Documentation/ABI/testing/sysfs-bus-usb).
    :param modules: the shipped list of drivers.
    :raises OSError: the system's service for readers answers with an error.
    """
    known = known_modules(modules)
    if usb.is_dir():
        return [_device(name, known, by_id) for name, by_id in _usb_devices(usb, known)]
    return [
        _device(reader.name, known, _by_reader(reader.name, known))
        for reader in smart_cards.readers().readers
        if reader.card
    ]


def _usb_devices(usb: Path, known: ModuleList) -> Iterator[tuple[str, KnownModule | None]]:
    """Name and driver of each device on the bus that is a card reader or known to be a token."""
    drivers = {number: module for module in known.module for number in module.usb}
    for device in sorted(usb.iterdir()):
        number = f"{_content(device / 'idVendor')}:{_content(device / 'idProduct')}".upper()
        driver = drivers.get(number)
        classes = [_content(part) for part in device.glob(f"{device.name}:*/bInterfaceClass")]
        if driver is not None or _CARD_CLASS in classes:
            names = (_content(device / "manufacturer"), _content(device / "product"))
            yield " ".join(name for name in names if name) or f"USB {number}", driver


def _by_reader(name: str, known: ModuleList) -> KnownModule | None:
    spoken = name.casefold()
    return next((one for one in known.module if any(word.casefold() in spoken for word in one.readers)), None)


def _device(name: str, known: ModuleList, driver: KnownModule | None) -> Device:
    if driver is None:
        return Device(name)
    return Device(name, driver.vendor, any(place.is_file() for place in places_of(driver, known.folders)))


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
