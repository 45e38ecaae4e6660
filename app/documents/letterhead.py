"""Whose report, register or list a sheet is: the head that the decree's documents begin with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Letterhead:
    """:ivar office: the office's name, empty where the settings name none. :ivar parent: the body above it.
    :ivar place: written before the date.
    """

    office: str
    parent: str
    place: str
