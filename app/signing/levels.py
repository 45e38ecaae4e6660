"""Levels above B: what is added after the token has signed, and what of it the file really proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.formats import Format
from app.signing.errors import LevelNotProven
from app.signing.model import Level, Timestamper

if TYPE_CHECKING:
    from app.signing.gathering import Gather

_ORDER = (Level.B, Level.T, Level.LT, Level.LTA)

#: The level that the program's verifier finds: of the signatures of one certificate, or of all without it.
Proven = Callable[[Path, bytes | None], Level]


def lower(one: Level, other: Level) -> Level:
    return min(one, other, key=_ORDER.index)


def reaches(level: Level, wanted: Level) -> bool:
    return _ORDER.index(level) >= _ORDER.index(wanted)


@dataclass(frozen=True)
class Raised:
    """What was reached, and why not more."""

    level: Level
    notes: tuple[Exception, ...] = ()


class Levels:
    """Raises levels and says which was reached.

    :param gather: what is known of a certificate, and the evidence for it.
    :param proven: what the verifier makes of a file; of LT and above by what the file itself carries.
    """

    def __init__(self, gather: Gather, proven: Proven) -> None:
        self._gather, self._proven = gather, proven

    def after_signing(
        self,
        path: Path,
        format: Format,
        certificate: bytes,
        *,
        wanted: Level,
        made: Level,
        timestamper: Timestamper | None,
    ) -> Raised:
        """Add what a fresh signature lacks of the level wanted.

        :param path: the finished temporary file; written to.
        :param made: the level that the signature has by itself; at B the time stamp has failed and is not tried again.
        :raises AntinError: the file cannot be read or written.
        """
        if Level.B in (wanted, made):
            return Raised(made)
        reached, notes = made, list[Exception]()
        if wanted != Level.T:
            reached, notes = self._raised(path, format, wanted, timestamper, certificate)
        return self._honest(path, certificate, reached, notes)

    def upgrade(self, path: Path, format: Format, wanted: Level, timestamper: Timestamper | None) -> Raised:
        """Raise the level of all signatures of a file.

        :param path: a copy of the file; written to.
        :raises AntinError: the file cannot be read or written.
        """
        reached, notes = self._raised(path, format, wanted, timestamper)
        return self._honest(path, None, reached, notes)

    def proven(self, path: Path) -> Level:
        """The level of the signature that has the least."""
        return self._proven(path, None)

    def _raised(
        self,
        path: Path,
        format: Format,
        wanted: Level,
        timestamper: Timestamper | None,
        certificate: bytes | None = None,
    ) -> tuple[Level, list[Exception]]:
        """:param certificate: DER; only signatures of this signer are raised, but of a PDF, where all are at once."""
        if format is Format.PDF:
            from app.signing import pdf_levels

            return pdf_levels.raise_level(path, wanted, self._gather, timestamper)
        from app.signing.gathering import Gathering
        from app.signing.raising import Means

        means = Means(wanted, Gathering(self._gather), timestamper, certificate)
        if format is Format.OOXML:
            from app.signing import ooxml_levels

            return ooxml_levels.raise_level(path, means)
        if format is Format.CMS:
            from app.signing import cms_levels

            return cms_levels.raise_level(path, means)
        from app.signing import container_levels

        return container_levels.raise_level(path, format, means)

    def _honest(self, path: Path, certificate: bytes | None, reached: Level, notes: list[Exception]) -> Raised:
        proven = self._proven(path, certificate)
        if not reaches(proven, reached):
            return Raised(proven, (*notes, LevelNotProven(reached=proven.value, wanted=reached.value)))
        return Raised(reached, tuple(notes))
