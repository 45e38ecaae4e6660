"""Raising the level of files that are signed: time stamps and evidence are added to a copy, without any token."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from app.documents.formats import Format
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.errors import AntinError, ErrorInfo, describe, from_os_error
from app.signing.errors import FilingNotEntered, LevelsNotOfFormat, NothingToRaise
from app.signing.levels import Levels, reaches
from app.signing.model import Filed, Level, Timestamper
from app.signing.services import CheckEarlier, Destination, Ledger, SignedCopy

_FORMATS = (Format.PDF, Format.OOXML, Format.ODF, Format.ASICE, Format.CMS)


class UpgradeStatus(StrEnum):
    """``SKIPPED``: the file has the level already; nothing was written."""

    UPGRADED = "upgraded"
    SKIPPED = "skipped"
    FAILED = "failed"


class UpgradeResult(msgspec.Struct, frozen=True):
    """One file of ``antin upgrade``. Levels are those of the signature that has the least."""

    input: str
    output: str | None
    format: str
    status: UpgradeStatus
    level_before: Level | None
    level_requested: Level
    level_reached: Level | None
    sha256: str | None
    seconds: float
    filed: Filed | None = None
    error: ErrorInfo | None = None
    warnings: list[ErrorInfo] = []


@dataclass(frozen=True)
class UpgradeServices:
    """What raising levels uses of the other services.

    :ivar read: what a document says of itself.
    :ivar signers: whose signatures a file bears.
    :ivar check_earlier: raises where a signature in the file is broken.
    """

    detect: Callable[[Path], Format]
    read: Callable[[Path], DocumentInfo]
    signers: Callable[[Path], Sequence[str]]
    check_earlier: CheckEarlier
    levels: Levels
    ledger: Ledger


class Upgrader:
    """Raises levels of files, one after the other.

    :param destination: where the copy of a file goes.
    :param timestamper: None where no server is set.
    """

    def __init__(
        self,
        services: UpgradeServices,
        destination: Callable[[Path], Destination],
        timestamper: Timestamper | None,
    ) -> None:
        self._services, self._destination, self._timestamper = services, destination, timestamper

    def upgrade(self, source: Path, wanted: Level) -> UpgradeResult:
        """Raise a file to a level; level LTA is renewed where the file has it.

        :return: the result; nothing is raised, and the source is only read.
        """
        started = time.perf_counter()
        attempt = _Attempt(self._services, self._timestamper, source, wanted)
        try:
            result = attempt.run(self._destination(source))
        except OSError as error:
            result = attempt.failed(from_os_error(error, source))
        except AntinError as error:
            result = attempt.failed(error)
        return msgspec.structs.replace(result, seconds=time.perf_counter() - started)


class _Attempt:
    def __init__(self, services: UpgradeServices, timestamper: Timestamper | None, source: Path, wanted: Level) -> None:
        self._services, self._timestamper = services, timestamper
        self._source, self._wanted = source, wanted
        self._format = ""
        self._before: Level | None = None

    def run(self, destination: Destination) -> UpgradeResult:
        services, source = self._services, self._source
        found = services.detect(source)
        self._format = str(found)
        if found not in _FORMATS:
            raise LevelsNotOfFormat(path=source)
        signers = services.signers(source)
        if not signers:
            raise NothingToRaise(path=source)
        services.check_earlier(source, b"", once=False)
        before = self._before = services.levels.proven(source)
        if reaches(before, self._wanted) and self._wanted != Level.LTA:
            return self._result(UpgradeStatus.SKIPPED, level_reached=before)
        document = _document(source, found)
        info = services.read(document)
        content = destination.staging(info, source=document, suffix=document.suffix)
        staged = content if document == source else content.with_name(content.name + source.suffix)
        try:
            for original, copy in {document: content, source: staged}.items():
                shutil.copyfile(original, copy)
            raised = services.levels.upgrade(staged, found, self._wanted, self._timestamper)
            if raised.level == before and raised.level != Level.LTA and raised.notes:
                return self.failed(raised.notes[0])
            services.check_earlier(staged, b"", once=False)
            sha256 = sha256_file(staged)
            services.ledger.append(
                "upgrade",
                input=str(source),
                input_sha256=sha256_file(source),
                output_sha256=sha256,
                level_before=str(before),
                level=str(raised.level),
            )
            placed = destination.take(
                SignedCopy(
                    staged,
                    info,
                    source=document,
                    suffix=document.suffix,
                    sha256=sha256,
                    signers=signers,
                    format=self._format,
                    content=None if staged == content else content,
                )
            )
        finally:
            for path in (staged, content):
                path.unlink(missing_ok=True)
        notes = [*raised.notes]
        try:
            services.ledger.append("file", path=str(placed.path), sha256=sha256, archive=placed.filed is not None)
        except AntinError as error:
            notes.append(FilingNotEntered(why=error.message))
        return self._result(
            UpgradeStatus.UPGRADED,
            output=str(placed.path),
            level_reached=raised.level,
            sha256=sha256,
            filed=placed.filed,
            warnings=[describe(note) for note in notes],
        )

    def failed(self, error: Exception) -> UpgradeResult:
        return self._result(UpgradeStatus.FAILED, level_reached=self._before, error=describe(error))

    def _result(
        self,
        status: UpgradeStatus,
        *,
        output: str | None = None,
        level_reached: Level | None = None,
        sha256: str | None = None,
        filed: Filed | None = None,
        error: ErrorInfo | None = None,
        warnings: Sequence[ErrorInfo] = (),
    ) -> UpgradeResult:
        return UpgradeResult(
            input=str(self._source),
            output=output,
            format=self._format,
            status=status,
            level_before=self._before,
            level_requested=self._wanted,
            level_reached=level_reached,
            sha256=sha256,
            seconds=0.0,
            filed=filed,
            error=error,
            warnings=list(warnings),
        )


def _document(source: Path, format: Format) -> Path:
    """What the copy is named after, and what lies beside it: the document of a detached signature, else the file.

    :raises SignedContentMissing: it is not there.
    """
    if format is not Format.CMS:
        return source
    from app.signing import cades

    return source if cades.read(source).content is not None else cades.document_of(source)
