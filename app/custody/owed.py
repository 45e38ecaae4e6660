"""What is owed of written permissions: told, filed and added to the events that wait for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec
import sqlalchemy as sa

from app.custody import log, register
from app.custody.custody import Custody
from app.custody.errors import PermissionComplete, PermissionNotOwed, PermissionUnclear
from app.custody.model import Device, Event, Permission
from app.custody.permission import missing, with_owed
from app.custody.scans import check_permission
from app.custody.services import FileAway
from app.storage.store import Store
from app.times import day


class Permissions:
    """The permissions of the register's events.

    :param custody: the register. :param store: opens the office's database. :param file_away: into the archive.
    """

    def __init__(self, custody: Custody, store: Callable[[], Store], file_away: FileAway) -> None:
        self._custody = custody
        self._store = store
        self._file_away = file_away

    def filed(self, permission: Permission | None) -> Permission | None:
        """A permission whose ``scan`` is filed, where it names a file; as it is without one.

        :raises ScanUnfit, ScanTooLarge, FileMissing, FileNotReadable: the file cannot be its scan.
        :raises AntinError: the archive did not take it.
        """
        if permission is None or permission.scan is None:
            return permission
        path, sha256 = self._file(Path(permission.scan))
        return msgspec.structs.replace(permission, scan=path, sha256=sha256)

    def owing(self) -> list[tuple[Device, Event]]:
        """Events whose permission lacks date or scan, with their devices, the oldest first."""
        with self._store().read() as connection:
            found = _owing(connection)
        return sorted(found, key=lambda pair: (pair[1].at, pair[1].id))

    def complete(
        self, wanted: str, *, scan: Path | None = None, date: dt.date | None = None, event: int | None = None
    ) -> list[Event]:
        """Add what is owed of a permission. All events entered by the same handover get it.

        :param wanted: the device: serial number, nickname or label.
        :param scan: a file, which is filed. :param date: of the permission.
        :param event: id of the event; the only one of the device that waits, where not given.
        :return: the events, with what is still owed of them.
        :raises PermissionNotOwed, PermissionUnclear: no event waits, or it is not said which one.
        :raises PermissionComplete: what is given is there already; another workstation may have added it meanwhile.
        :raises ScanUnfit, ScanTooLarge, FileMissing, FileNotReadable: the file cannot be a scan.
        :raises AntinError: the archive did not take it. In all these cases nothing was entered.
        """
        with self._store().read() as connection:
            self._waiting(connection, wanted, event, scan, date)
        given: dict[str, object] = {} if date is None else {"date": date}
        if scan is not None:
            path, sha256 = self._file(scan)
            given |= {"scan": path, "sha256": sha256}
        given["completed_at"] = dt.datetime.now(dt.UTC)
        with self._store().read() as connection:
            waiting = self._waiting(connection, wanted, event, scan, date)
            untold = set(log.waiting(connection, [one.id for one, _permission in waiting]))
        self._custody.tell_ledger([one for one, _permission in waiting if one.id in untold])
        done = []
        with self._store().write() as connection:
            for one, permission in self._waiting(connection, wanted, event, scan, date):
                completed = msgspec.structs.replace(permission, **given)
                log.complete_permission(connection, one.id, completed)
                done.append(msgspec.structs.replace(one, permission=completed, permission_owed=missing(completed)))
        self._custody.tell_ledger(done)
        return done

    def _file(self, scan: Path) -> tuple[str, str]:
        check_permission(scan)
        return self._file_away(scan, None)

    def _waiting(
        self, connection: sa.Connection, wanted: str, event: int | None, scan: Path | None, date: dt.date | None
    ) -> list[tuple[Event, Permission]]:
        """The event meant and those entered with it that wait for the same, with their permissions as they stand."""
        device = register.find(connection, wanted)
        own = with_owed(device.kind, log.of_device(connection, device.id))
        chosen = [one for one in own if (one.permission_owed if event is None else one.id == event)]
        if len({one.minutes or -one.id for one in chosen}) > 1:
            told = ", ".join(f"{one.id} ({day(one.at)})" for one in chosen)
            raise PermissionUnclear(name=device.name, events=told)
        if not chosen or chosen[0].permission is None:
            raise PermissionNotOwed(name=device.name)
        (one, *_more) = chosen
        given = {name for name, value in (("scan", scan), ("date", date)) if value is not None}
        if not given <= set(one.permission_owed):
            raise PermissionComplete(number=chosen[0].permission.number, path=chosen[0].permission.scan or "—")
        others = [
            other for _device, other in _owing(connection) if one.minutes is not None and other.minutes == one.minutes
        ]
        together = {
            one.id: one,
            **{other.id: other for other in others if other.permission_owed == one.permission_owed},
        }
        return [(it, it.permission) for it in together.values() if it.permission is not None]


def _owing(connection: sa.Connection) -> list[tuple[Device, Event]]:
    devices = [
        register.device(connection, identifier) for identifier in sorted(log.with_incomplete_permission(connection))
    ]
    return [
        (device, event)
        for device in devices
        for event in with_owed(device.kind, log.of_device(connection, device.id))
        if event.permission_owed
    ]
