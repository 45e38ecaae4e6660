"""Filing into the archive that goes on while the archive is away: copies then wait on this workstation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.archive.waiting import Waiting, WaitingRoom, is_away, let_wait
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.filing import ArchiveDestination
from app.signing.services import Placed

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

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str) -> Path:
        from app.storage.errors import StoreUnreachable

        try:
            if not is_away(self._archive()):
                self._back()
                return self._inner.staging(info, source=source, suffix=suffix)
        except StoreUnreachable:
            pass
        return self._room.staging(suffix)

    def take(
        self,
        staged: Path,
        info: DocumentInfo,
        *,
        source: Path,
        suffix: str,
        sha256: str,
        signers: Sequence[str],
        format: str,
        content: Path | None = None,
        made_from: str | None = None,
    ) -> Placed:
        digest = sha256 if content is None else sha256_file(content)
        if not self._room.holds(staged):
            placed = self._inner.take(
                staged,
                info,
                source=source,
                suffix=suffix,
                sha256=sha256,
                signers=signers,
                format=format,
                content=content,
                made_from=made_from,
            )
            self._filed(digest)
            return placed
        document = self._room.name(staged if content is None else content, staged, source)
        beside = None if content is None else self._room.name(staged, staged, source).name
        waiting = Waiting(
            name=document.name,
            sha256=digest,
            info=info,
            source=str(source),
            signers=list(signers),
            format=format,
            since=dt.datetime.now().astimezone(),
            beside=beside,
        )
        self._room.keep(document, waiting)
        return Placed(document, None)

    def keep_original(self, info: DocumentInfo, source: Path) -> Path | None:
        from app.documents.formats import detect

        if not is_away(self._archive()):
            return self._inner.keep_original(info, source)
        now = dt.datetime.now().astimezone()
        return let_wait(self._room, source, Waiting("", "", info, str(source), [], str(detect(source)), now))
