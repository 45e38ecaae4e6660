"""Raising the levels of signatures one by one: what it is done with, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import AntinError
from app.signing.errors import TimestamperMissing
from app.signing.gathering import Gathering
from app.signing.levels import lower
from app.signing.model import Level, Timestamper

#: Hash of what is added.
HASH: Final = "sha256"


@dataclass(frozen=True)
class Means:
    """What levels are raised with.

    :ivar timestamper: None where no server is set.
    :ivar certificate: DER; only signatures of this signer are raised. None: all.
    """

    wanted: Level
    gathering: Gathering
    timestamper: Timestamper | None
    certificate: bytes | None = None

    def to(self, wanted: Level) -> Means:
        """The same for another level."""
        return dataclasses.replace(self, wanted=wanted)

    def token(self, imprint: bytes) -> bytes:
        """A time stamp.

        :param imprint: by :data:`HASH`.
        :raises TimestamperMissing: no server is set.
        :raises app.trust.errors.TimestampUnavailable: no usable token came.
        """
        if self.timestamper is None:
            raise TimestamperMissing()
        return self.timestamper.token(imprint, HASH)


@dataclass
class Outcome:
    """What became of some signatures.

    :ivar level: of the signature that has the least; LTA where none was to be raised.
    :ivar notes: why not more, each kind of cause once.
    :ivar changed: something was added.
    """

    level: Level = Level.LTA
    notes: Sequence[Exception] = ()
    changed: bool = False

    def add(self, other: Outcome) -> None:
        """Count further signatures in."""
        self.level = lower(self.level, other.level)
        self.changed |= other.changed
        for note in other.notes:
            self.note(note)

    def note(self, note: Exception) -> None:
        """Tell a cause."""
        if not any(type(known) is type(note) for known in self.notes):
            self.notes = (*self.notes, note)


def climb(wanted: Level, steps: Mapping[Level, Callable[[], None]]) -> tuple[Level, Exception | None]:
    """Take one signature up from level B, step by step.

    :param steps: what adds all that a level has beyond the one before, in their order.
    :return: the level reached, and why not the one wanted; None where it was.
    """
    reached = Level.B
    for level, step in steps.items():
        try:
            step()
        except AntinError as error:
            return reached, error
        reached = level
        if level == wanted:
            break
    return reached, None
