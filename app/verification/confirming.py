"""Confirming the signatures of a batch in a process of its own, so that they cost the signing of the next file
nothing where there is a second processor."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import msgspec

from app.decoding import decodable
from app.documents.child import ChildProcess, ReadingProcessMissing
from app.documents.hashing import KnownBeginning
from app.documents.packing import packed
from app.verification.guards import Confirmation, confirm

#: Files confirmed here before a process is started for the others: it costs what thirty of them do.
_FEW: Final = 5
#: Files of a run for which the process is started before the first is confirmed.
_MANY: Final = 20
#: Seconds for one file; those of hundreds of megabytes take a few.
_PATIENCE: Final = 30.0


class Confirmer:
    """Confirms as :func:`app.verification.guards.confirm` does; after the first few in a process of its own.

    The process only ever says yes: whatever it does not confirm is looked at again in this one, which says why. Threads
    may share it. Close it when done.
    """

    def __init__(self, few: int = _FEW) -> None:
        self._few = few
        self._confirmed = 0
        self._process = ChildProcess("app.verification.confirm_process", _PATIENCE)
        self._starting: threading.Thread | None = None

    def expect(self, files: int) -> None:
        """Start the process now where that pays for so many files."""
        if files > _MANY:
            self._begin()

    def __call__(self, path: Path, certificate: bytes, known: KnownBeginning | None = None) -> Confirmation:
        """Whose signatures the file bears, and what it was.

        :param certificate: DER of the signer's certificate. :param known: of the file, which is confirmed here then:
            what is left of it to read is little.
        :raises SignatureNotConfirmed: see :func:`app.verification.guards.confirm`.
        """
        if known is not None:
            return confirm(path, certificate, known)
        self._confirmed += 1
        confirmation = self._ask(path, certificate) if self._ready() else None
        return confirm(path, certificate) if confirmation is None else confirmation

    def close(self) -> None:
        """End the process, if there is one."""
        if self._starting is not None:
            self._starting.join()
        self._process.close()

    def _ready(self) -> bool:
        """Whether the process can be asked; it starts while files go on being confirmed here."""
        if self._confirmed > self._few:
            self._begin()
        return self._starting is not None and not self._starting.is_alive() and self._process.is_running

    def _begin(self) -> None:
        if self._starting is None:
            self._starting = threading.Thread(target=self._start, name="antin-confirm")
            self._starting.start()

    def _start(self) -> None:
        try:
            self._process.start()
        except ReadingProcessMissing:
            return  # files are confirmed in this process

    def _ask(self, path: Path, certificate: bytes) -> Confirmation | None:
        from app.verification.confirm_process import Question

        answer = self._process.ask(packed(Question(path.absolute(), certificate)))
        return None if answer is None else msgspec.msgpack.decode(answer, type=decodable(Confirmation | None))
