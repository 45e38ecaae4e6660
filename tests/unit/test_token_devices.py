"""Which devices are plugged in, and whose driver each needs: a USB bus as Linux shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import token_devices
from app.system import smart_cards
from app.system.smart_cards import Reader, Readers, Service
from app.token_devices import Device
from pkcs11_bridge.discovery import known_modules


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    """A bus with a token of a known maker, a reader of an unknown one and a mouse."""
    bus = tmp_path / "usb"
    for name, vendor, product, maker, called, kind in (
        ("1-1", "25dd", "2371", "bit4id", "tokenME EVO v2", "0b"),
        ("1-2", "abcd", "0001", "", "Smart Card Reader", "0b"),
        ("1-3", "046d", "c077", "Logitech", "Mouse", "03"),
    ):
        interface = bus / name / f"{name}:1.0"
        interface.mkdir(parents=True)
        (interface / "bInterfaceClass").write_text(f"{kind}\n")
        for file, text in (("idVendor", vendor), ("idProduct", product), ("manufacturer", maker), ("product", called)):
            if text:
                (bus / name / file).write_text(f"{text}\n")
    return bus


def _list(tmp_path: Path, driver: str) -> Path:
    file = tmp_path / "modules.toml"
    file.write_text(
        "[folders]\nwindows = []\nlinux = []\nmacos = []\n"
        f"[[module]]\nvendor = 'VGCA'\nlinux = ['{driver}']\nusb = ['25DD:2371']\nreaders = ['bit4id']\n"
    )
    return file


def test_a_device_is_named_with_its_driver_and_others_are_left_out(usb: Path, tmp_path: Path) -> None:
    found = token_devices.plugged(usb, _list(tmp_path, "/nowhere/libbit4xpki.so"))
    assert found == [Device("bit4id tokenME EVO v2", "VGCA"), Device("Smart Card Reader")]


def test_a_driver_that_is_there_is_seen(usb: Path, tmp_path: Path) -> None:
    driver = tmp_path / "libbit4xpki.so"
    driver.write_bytes(b"")
    assert token_devices.plugged(usb, _list(tmp_path, str(driver)))[0].installed


def test_where_the_bus_is_not_shown_the_names_of_readers_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Readers(Service.RUNNING, (Reader("BIT4ID tokenME EVO v2 0", True), Reader("Empty Reader 0", False)))
    monkeypatch.setattr(smart_cards, "readers", lambda: seen)
    found = token_devices.plugged(tmp_path / "none", _list(tmp_path, "/nowhere"))
    assert found == [Device("BIT4ID tokenME EVO v2 0", "VGCA")]


def test_ids_and_words_of_the_shipped_list_lead_to_one_driver_each() -> None:
    modules = known_modules().module
    for ids in ([number for one in modules for number in one.usb], [word for one in modules for word in one.readers]):
        assert ids
        assert len(ids) == len({name.casefold() for name in ids})
    assert all(number == number.upper() and len(number) == 9 for one in modules for number in one.usb)
