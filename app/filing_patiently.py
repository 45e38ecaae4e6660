"""Filing into the archive that goes on while the archive is away: copies then wait on this workstation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.archive.waiting import Waiting, WaitingRoom, is_away, let_wait
from app.documents.model import DocumentInfo
from app.filing import ArchiveDestination, registered
from app.signing.model import Arrival
from app.signing.services import Placed, SignedCopy
from app.times import VIETNAM

if TYPE_CHECKING:
    from app.archive.archive import Archive


class PatientDestination:
    """An :class:`~app.filing.ArchiveDestination` that lets copies wait where it cannot file.

    :param archive: opens the archive. :param room: where they wait.
    :param back: told that the archive is there, before a copy is filed into it.
    :param filed: told the SHA-256 of every copy that was filed.
    """

    def __init__(
        self,
        archive: Callable[[], Archive],
        room: WaitingRoom,
        *,
        back: Callable[[], None],
        filed: Callable[[str], None],
    ) -> None:
        self._archive, self._room, self._back, self._filed = archive, room, back, filed
        self._inner = ArchiveDestination(archive)

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str, arrival: Arrival | None = None) -> Path:
        from app.storage.errors import StoreUnreachable

        try:
            if not is_away(self._archive()):
                self._back()
                return self._inner.staging(info, source=source, suffix=suffix, arrival=arrival)
        except StoreUnreachable:
            pass
        return self._room.staging(suffix)

    def take(self, copy: SignedCopy) -> Placed:
        digest = copy.document_sha256()
        if not self._room.holds(copy.staged):
            placed = self._inner.take(copy)
            self._filed(digest)
            return placed
        document = self._room.name(copy.document, copy.staged, copy.source)
        beside = None if copy.content is None else self._room.name(copy.staged, copy.staged, copy.source).name
        waiting = Waiting(
            name=document.name,
            sha256=digest,
            info=copy.info,
            source=str(copy.source),
            signers=list(copy.signers),
            format=copy.format,
            since=dt.datetime.now(VIETNAM),
            incoming=copy.arrival is not None,
            beside=beside,
            more=registered(copy.arrival),
        )
        self._room.keep(document, waiting)
        return Placed(document, None)

    def keep_original(self, info: DocumentInfo, source: Path, arrival: Arrival | None = None) -> Path | None:
        from app.documents.formats import detect

        if not is_away(self._archive()):
            return self._inner.keep_original(info, source, arrival)
        now, format = dt.datetime.now(VIETNAM), str(detect(source))
        incoming = arrival is not None
        return let_wait(self._room, source, Waiting("", "", info, str(source), [], format, now, incoming))
