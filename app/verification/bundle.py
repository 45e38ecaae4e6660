"""A ZIP of documents, walked as a folder is: each member is checked by itself, from a temporary file.

Only a plain ZIP is walked. One that is a document, or claims to be several kinds of document, is left to the verifier
of its format: two programs would not see the same in it.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from app.documents.formats import Format, detect
from app.documents.strict_zip import StrictZip
from app.documents.zip_errors import ZipTooLarge
from app.errors import AntinError, FileMissing, describe, from_os_error
from app.storage.files import writing_error
from app.verification.model import Conclusion, FileReport, Reason
from app.verification.sentences import summary, what_next

if TYPE_CHECKING:
    from app.verification.engine import Verifier

#: A member larger than this is not unpacked; the bounds of the whole are those of :class:`StrictZip`.
MAX_MEMBER = 1 << 30

#: Names at the top of a ZIP that make it a document (OPC, ODF and ASiC).
_OF_A_DOCUMENT = re.compile(r"\[content_types\]\.xml|mimetype|meta-inf/.*", re.IGNORECASE)

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")


@dataclass(frozen=True)
class Member:
    """A file inside a ZIP.

    :ivar name: as the ZIP has it, with forward slashes.
    """

    archive: Path
    name: str

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


class Bundles:
    """Opens ZIPs and checks what is in them. The last one stays open: thousands of members cost one look at the
    structure. For one thread; a context manager."""

    def __init__(self) -> None:
        self._last: tuple[tuple[Path, int, int], StrictZip] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        if self._last is not None:
            self._last[1].close()
            self._last = None

    def members(self, path: Path) -> list[Member]:
        """The files of a plain ZIP, in its order; empty for any other file, one that cannot be read, and an empty ZIP.

        :raises app.documents.zip_errors.ArchiveRejected: a ZIP that programs read differently, or too large.
        """
        try:
            if detect(path) is not Format.ZIP:
                return []
        except AntinError:
            return []
        entries = self._opened(path).entries.values()
        if any(_OF_A_DOCUMENT.fullmatch(entry.name) for entry in entries):
            return []
        return [Member(path, entry.name) for entry in entries if not entry.is_directory]

    def verify(self, verifier: Verifier, member: Member, *, at: dt.datetime | None = None) -> FileReport:
        """The report on one member, ``path`` being ``archive.zip/name``.

        :return: a report whatever is wrong, as :meth:`Verifier.verify`.
        """
        try:
            with self._unpacked(member) as path:
                return msgspec.structs.replace(verifier.verify(path, at=at), path=str(member))
        except AntinError as error:
            return rejected(member, error)

    @contextmanager
    def _unpacked(self, member: Member) -> Iterator[Path]:
        """The member as a file of its own, gone at the end. Its name keeps nothing but the ending.

        :raises ArchiveRejected: it does not unpack to what it declares.
        :raises ZipTooLarge: it is larger than :data:`MAX_MEMBER`.
        """
        archive = self._opened(member.archive)
        entry = archive.entries.get(member.name)
        if entry is None:
            raise FileMissing(path=str(member))
        if entry.size > MAX_MEMBER:
            raise ZipTooLarge(name=member.name, limit=MAX_MEMBER)
        suffix = Path(member.name).suffix
        with tempfile.TemporaryDirectory(prefix="antin-") as folder:
            path = Path(folder, f"document{suffix if _SUFFIX.fullmatch(suffix) else ''}")
            try:
                with path.open("xb") as file:
                    for chunk in archive.chunks(entry):
                        file.write(chunk)
            except OSError as error:
                raise writing_error(error, path) from error
            yield path

    def _opened(self, path: Path) -> StrictZip:
        """The archive as it is on the disk now.

        :raises AntinError: as :class:`StrictZip`.
        """
        try:
            status = path.stat()
        except OSError as error:
            raise from_os_error(error, path) from error
        key = path, status.st_size, status.st_mtime_ns
        if self._last is None or self._last[0] != key:
            self.close()
            self._last = key, StrictZip(path)
        return self._last[1]


def rejected(path: Path | Member, error: AntinError) -> FileReport:
    """The report on a ZIP, or a member of one, that cannot be opened."""
    told = describe(error)
    reasons = [Reason(told.code, told.message, told.hint)]
    return FileReport(
        path=str(path),
        sha256=None,
        format=str(Format.ZIP if isinstance(path, Path) else Format.UNKNOWN),
        conclusion=Conclusion.UNREADABLE,
        summary=summary(Conclusion.UNREADABLE, [], reasons),
        next_step=what_next(Conclusion.UNREADABLE, [], reasons),
        reasons=reasons,
        signatures=[],
        seconds=0.0,
    )
