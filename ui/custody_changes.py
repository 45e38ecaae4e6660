"""Changes to the register of devices, made off the main thread."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from app.custody.identity import DeviceFacts
from app.custody.model import Device, Event, Kind
from app.errors import describe
from app.i18n import _
from app.office import Office
from pkcs11_bridge.protocol import TokenInfo
from ui import custody_text
from ui.work import Pool

if TYPE_CHECKING:
    from app.custody.custody import Happening

Result = TypeVar("Result")


@dataclass(frozen=True)
class Entered:
    """Something that was entered.

    :ivar serial: of the device to be shown.
    :ivar file: what was written, to be opened.
    """

    sentence: str
    hint: str = ""
    serial: str = ""
    file: Path | None = None


class CustodyChanges(QObject):
    """Does what the page is asked for, one after the other."""

    #: The :class:`Entered`.
    done = Signal(object)
    #: The :class:`ErrorInfo`; nothing was entered.
    failed = Signal(object)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pool = Pool(1, self)

    @property
    def busy(self) -> bool:
        return self._pool.unfinished > 0

    def register(self, token: TokenInfo) -> None:
        """Enter a token that is plugged in."""
        self.run(lambda: self._office.custody.register(token), _registered)

    def register_by_hand(self, facts: DeviceFacts, nickname: str, place: str) -> None:
        """Enter a device that is not plugged in."""

        def work() -> Device:
            device = self._office.custody.register_by_hand(facts)
            return self._office.custody.describe(device.serial, nickname=nickname, place=place)

        self.run(work, _registered)

    def describe(self, serial: str, nickname: str, place: str, note: str, kinds: dict[str, Kind]) -> None:
        """Say what a device is called, where it is kept, and whose its certificates are.

        :param kinds: serial number of a certificate → what it is, of those that are corrected.
        """

        def work() -> Device:
            custody = self._office.custody
            for certificate, kind in kinds.items():
                custody.correct_kind(serial, kind, certificate)
            return custody.describe(serial, nickname=nickname, place=place, note=note)

        self.run(work, lambda device: Entered(_("Saved: {name}").format(name=device.name), serial=device.serial))

    def record(self, serial: str, happening: Happening) -> None:
        """Enter an event; the scan of its permission is filed before."""

        def work() -> Event:
            permission = self._office.handovers.permissions.filed(happening.permission)
            return self._office.custody.record(serial, dataclasses.replace(happening, permission=permission))

        self.run(
            work,
            lambda event: Entered(_("Entered: {event}").format(event=custody_text.event_heading(event)), serial=serial),
        )

    def complete_permission(self, serial: str, event: int, scan: Path | None, date: dt.date | None) -> None:
        """Add what is owed of the permission of an event.

        :param event: its id.
        """
        self.run(
            lambda: self._office.handovers.permissions.complete(serial, scan=scan, date=date, event=event)[0],
            lambda done: Entered(_("The permission is in the register."), _filed(done), serial),
        )

    def withdraw(self, serial: str, why: str) -> None:
        """Take back the newest event, which was entered by mistake."""
        self.run(
            lambda: self._office.custody.withdraw_last(serial, why),
            lambda event: Entered(
                _("Withdrawn: {event}").format(event=custody_text.event_heading(event)),
                _("It stays to be seen, and counts no more."),
                serial,
            ),
        )

    def save(self, path: Path, make: Callable[[], bytes], serial: str = "") -> None:
        """Write a new file of what ``make`` returns.

        :param serial: of the device that it is about.
        """

        def work() -> Path:
            from app.errors import TargetExists
            from app.storage.writing import write_new

            try:
                write_new(path, make())
            except FileExistsError as error:
                raise TargetExists(path=str(path)) from error
            return path

        self.run(work, lambda file: Entered(_("Saved: {name}").format(name=file.name), str(file), serial, file))

    def run(self, work: Callable[[], Result], told: Callable[[Result], Entered]) -> None:
        """Do something off the main thread and tell it.

        :param told: what to tell of its result.
        """
        self._pool.start(
            lambda _job: work(),
            done=lambda result: self.done.emit(told(result)),
            failed=lambda error: self.failed.emit(describe(error)),
        )

    def stop(self) -> None:
        self._pool.close()


def _filed(event: Event) -> str:
    """Where the scan of its permission is."""
    return event.permission.scan or "" if event.permission is not None else ""


def _registered(device: Device) -> Entered:
    return Entered(_("In the register: {name}").format(name=device.name), serial=device.serial)
