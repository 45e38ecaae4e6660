"""In whose hands devices were at past moments."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right

import msgspec
import sqlalchemy as sa

from app.custody.identity import serial_key
from app.custody.model import HeldAt, Person, held_in
from app.decoding import decodable
from app.storage.schema.custody import devices, events

_OUTSIDE = HeldAt("outside")
_UNREGISTERED = HeldAt("unregistered")


class Timelines:
    """The hands through which all devices went, read once."""

    def __init__(self, connection: sa.Connection) -> None:
        self._times: dict[str, list[dt.datetime]] = {}
        self._held: dict[str, list[HeldAt]] = {}
        for row in connection.execute(sa.select(devices.c.serial_key)):
            self._times[row.serial_key], self._held[row.serial_key] = [], []
        wanted = (
            sa.select(devices.c.serial_key, events.c.at, events.c.keeping, events.c.holder)
            .join(events, events.c.device_id == devices.c.id)
            .where(events.c.withdrawn_at.is_(None))
            .order_by(events.c.at, events.c.id)
        )
        for row in connection.execute(wanted):
            holder = None if row.holder is None else msgspec.convert(row.holder, decodable(Person))
            self._times[row.serial_key].append(row.at)
            self._held[row.serial_key].append(held_in(row.keeping, holder))

    def at(self, serial: str, moment: dt.datetime) -> HeldAt:
        """:param moment: aware. :return: ``outside`` before the device's first event too."""
        key = serial_key(serial)
        if key not in self._times:
            return _UNREGISTERED
        place = bisect_right(self._times[key], moment)
        return self._held[key][place - 1] if place else _OUTSIDE
