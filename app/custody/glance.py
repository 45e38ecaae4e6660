"""What signing needs of the register, read without SQLAlchemy, whose import costs a third of a second.

Of a register in SQLite the rows are read with the standard library; of one on a server they come from
:class:`app.custody.custody.Custody`, and stay in a file of the data folder for the time the server cannot be reached
(decision 0020).
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.custody.identity import serial_key
from app.custody.model import Device, HeldAt, Person, held_in
from app.decoding import decodable
from app.errors import AntinError
from app.storage.errors import StoreBusy, StoreDamaged, StoreUnreachable
from app.storage.writing import replace

if TYPE_CHECKING:
    from app.custody.custody import Custody

_BUSY_SECONDS = 30.0
_KEPT = "custody-seen.json"

_DEVICES = "SELECT id, serial_key, nickname FROM custody_devices"
_KINDS = "SELECT device_id, sha256, kind FROM custody_certificates WHERE sha256 IS NOT NULL AND kind_corrected"
_HELD = """
    SELECT device_id, keeping, holder FROM (
        SELECT device_id, keeping, holder,
               row_number() OVER (PARTITION BY device_id ORDER BY at DESC, id DESC) AS place
        FROM custody_events WHERE withdrawn_at IS NULL
    ) WHERE place = 1
"""
_ONE_DEVICE = "SELECT id FROM custody_devices WHERE serial_key = ?"
_ONE_HELD = """
    SELECT keeping, holder FROM custody_events
    WHERE device_id = ? AND withdrawn_at IS NULL ORDER BY at DESC, id DESC LIMIT 1
"""
_CERTIFICATES = "SELECT sha256, ended_at FROM custody_certificates WHERE sha256 IS NOT NULL"
_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'custody_devices'"


class Seen(msgspec.Struct, frozen=True):
    """A device as signing sees it.

    :ivar kinds: ``person`` or ``organization`` by the SHA-256 of certificates whose kind was corrected by hand.
    :ivar held: in whose hands it is now.
    """

    nickname: str = ""
    kinds: dict[str, str] = {}
    held: HeldAt = HeldAt("outside")


_UNREGISTERED = HeldAt("unregistered")
_NOBODY_KNOWS = Seen(held=_UNREGISTERED)
_NOT_SEEN = Seen(held=HeldAt("unknown"))


class Look:
    """What one look at the register found.

    :param seen: devices by their serial number; None where the register could not be looked at, and never was.
    """

    def __init__(self, seen: Mapping[str, Seen] | None) -> None:
        self._seen = seen or {}
        self._other = _NOBODY_KNOWS if seen is not None else _NOT_SEEN

    def device(self, serial: str) -> Seen:
        """:param serial: of a token. :return: in the state ``unregistered`` where the register does not have it,
        ``unknown`` where it could not be looked at."""
        return self._seen.get(serial_key(serial), self._other)

    @property
    def kinds(self) -> dict[str, str]:
        """``person`` or ``organization`` by the SHA-256 of all certificates whose kind was corrected by hand."""
        return {sha256: kind for device in self._seen.values() for sha256, kind in device.kinds.items()}


class Glance:
    """Looks at the register.

    :param folder: the data folder.
    :param file: of the SQLite database; None where the register is on a server.
    :param custody: the register on a server.
    """

    def __init__(self, folder: Path, file: Path | None, custody: Callable[[], Custody]) -> None:
        self._kept = folder / _KEPT
        self._file = file
        self._custody = custody

    def look(self) -> Look:
        """The devices as they are now.

        A server that cannot be reached keeps nobody from signing: what was seen last counts, and where nothing
        ever was, certificates are taken for what they say themselves.

        :raises StoreBusy, StoreDamaged: the register cannot be read.
        """
        return Look(self._of_server() if self._file is None else _of_file(self._file))

    def held(self, serial: str) -> HeldAt:
        """In whose hands one token is now; asked for each file that is signed.

        :raises AntinError: as :meth:`look`.
        """
        if self._file is None:
            return self._held_by_server(serial)
        if not self._file.is_file():
            return _UNREGISTERED
        with _opened(self._file) as found:
            row = found.execute(_ONE_DEVICE, [serial_key(serial)]).fetchone() if _has_register(found) else None
            if row is None:
                return _UNREGISTERED
            last = found.execute(_ONE_HELD, [row[0]]).fetchone()
        return HeldAt("outside") if last is None else _held(*last)

    def certificates(self) -> dict[str, dt.datetime | None]:
        """The certificates of all devices ever plugged in: SHA-256 (hexadecimal), and when each ended, None for one
        that did not.

        :raises AntinError: the register cannot be read.
        """
        if self._file is None:
            present = [one for device in self._custody().devices() for one in device.certificates]
            return _latest((one.sha256, one.ended_at) for one in present if one.sha256)
        if not self._file.is_file():
            return {}
        with _opened(self._file) as found:
            rows = found.execute(_CERTIFICATES).fetchall() if _has_register(found) else []
        return _latest((sha256, None if ended is None else _moment(ended)) for sha256, ended in rows)

    def _held_by_server(self, serial: str) -> HeldAt:
        from app.custody.errors import DeviceUnknown

        try:
            device = self._custody().device_of(serial)
        except DeviceUnknown:
            return _UNREGISTERED
        return held_in(device.keeping, device.holder)

    def _of_server(self) -> Mapping[str, Seen] | None:
        try:
            seen = {serial_key(device.serial): _seen(device) for device in self._custody().devices()}
        except StoreUnreachable:
            try:
                return msgspec.json.decode(self._kept.read_bytes(), type=decodable(dict[str, Seen]))
            except (OSError, msgspec.DecodeError):
                return None
        content = msgspec.json.encode(seen)
        with suppress(AntinError):  # what was looked for is there; only a later fall of the server finds less
            if not self._kept.exists() or self._kept.read_bytes() != content:
                replace(self._kept, content)
        return seen


def _latest(found: Iterable[tuple[str, dt.datetime | None]]) -> dict[str, dt.datetime | None]:
    """Of a certificate that several devices have had, the end of the last."""
    ends: dict[str, dt.datetime | None] = {}
    for sha256, ended in found:
        known = ends.get(sha256, ended)
        ends[sha256] = None if known is None or ended is None else max(known, ended)
    return ends


def _seen(device: Device) -> Seen:
    kinds = {one.sha256: str(one.kind) for one in device.certificates if one.kind_corrected and one.sha256}
    return Seen(device.nickname, kinds, held_in(device.keeping, device.holder))


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The database for reading, all answers of one moment."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as found:
            found.execute("BEGIN")
            yield found
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error)):
            raise StoreBusy(path=str(file)) from error
        raise StoreDamaged(path=str(file), detail=str(error)) from error


def _has_register(found: sqlite3.Connection) -> bool:
    """Whether the database is of a version that has one."""
    return found.execute(_TABLE).fetchone() is not None


def _of_file(file: Path) -> Mapping[str, Seen]:
    if not file.is_file():
        return {}
    with _opened(file) as found:
        if not _has_register(found):
            return {}
        devices = found.execute(_DEVICES).fetchall()
        kinds: dict[int, dict[str, str]] = {}
        for device, sha256, kind in found.execute(_KINDS):
            kinds.setdefault(device, {})[sha256] = kind
        held = {device: _held(keeping, holder) for device, keeping, holder in found.execute(_HELD)}
    return {
        key: Seen(nickname, kinds.get(identifier, {}), held.get(identifier, HeldAt("outside")))
        for identifier, key, nickname in devices
    }


def _held(keeping: str, holder: str | None) -> HeldAt:
    person = None if holder is None else msgspec.convert(json.loads(holder), decodable(Person))
    return held_in(keeping, person)


def _moment(told: str) -> dt.datetime:
    """A time as SQLite keeps it, in UTC; see :class:`app.storage.schema.base.Moment`."""
    return dt.datetime.fromisoformat(told).replace(tzinfo=dt.UTC)
