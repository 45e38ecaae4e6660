"""Remembering what was read, within a number of octets rather than of things."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class WeighedCache(Generic[Value]):
    """What was made of octets, the least lately used forgotten first. Thread-safe.

    Evidence may have a hundred octets or thirty million, and hostile files bring as much of it as they please.
    """

    def __init__(self, limit: int) -> None:
        """:param limit: octets of all keys together; what is larger than half of it is not kept at all."""
        self._limit, self._weight = limit, 0
        self._kept: OrderedDict[bytes, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, data: bytes, make: Callable[[bytes], Value]) -> Value:
        """The value of ``data``, made where it is not remembered; what ``make`` raises is passed on and not kept."""
        with self._lock:
            if data in self._kept:
                self._kept.move_to_end(data)
                return self._kept[data]
        made = make(data)
        if len(data) * 2 > self._limit:
            return made
        with self._lock:
            if data not in self._kept:
                self._kept[data] = made
                self._weight += len(data)
            while self._weight > self._limit:
                self._weight -= len(self._kept.popitem(last=False)[0])
        return made
