"""A ZIP of documents, walked as a folder is: each member is checked by itself, from a temporary file.

Only a plain ZIP is walked. One that is a document, or claims to be several kinds of document, is left to the verifier
of its format: two programs would not see the same in it. A ZIP inside a ZIP is a member that has members.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
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
_PLAIN = re.compile(r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)\.)\w[\w .,()+-]{0,80}\.[A-Za-z0-9]{1,10}")
#: Files whose name is that of what they sign, and this.
_SIGNATURE_FILES = {".p7s", ".p7m"}


@dataclass(frozen=True)
class Member:
    """A file inside a ZIP.

    :ivar archive: the ZIP, itself perhaps inside another.
    :ivar name: as the ZIP has it, with forward slashes.
    """

    archive: Path | Member
    name: str

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"

    @property
    def places(self) -> tuple[Path, list[str]]:
        """The file on the disk, and the names that lead from there to this member."""
        if isinstance(self.archive, Path):
            return self.archive, [self.name]
        path, names = self.archive.places
        return path, [*names, self.name]

    @classmethod
    def at(cls, path: Path, names: Sequence[str]) -> Path | Member:
        """The reverse of :attr:`places`; the path itself where there are no names."""
        place: Path | Member = path
        for name in names:
            place = cls(place, name)
        return place


@dataclass(frozen=True)
class _Open:
    """An archive that is open.

    :ivar of: what it is, and for a file on the disk also its size and time, so that another one in its place is seen.
    :ivar folder: where it was unpacked to, for a ZIP inside a ZIP.
    """

    of: tuple[object, ...]
    zip: StrictZip
    folder: tempfile.TemporaryDirectory[str] | None

    def close(self) -> None:
        self.zip.close()
        if self.folder is not None:
            self.folder.cleanup()


class Bundles:
    """Opens ZIPs and checks what is in them. The last one stays open, with those that it is in: thousands of members
    cost one look at the structure. For one thread; a context manager."""

    def __init__(self) -> None:
        self._open: list[_Open] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._close_from(0)

    def members(self, archive: Path | Member) -> list[Member]:
        """The files of a plain ZIP, in its order; empty for any other file, one that cannot be read, and an empty ZIP.

        :raises app.documents.zip_errors.ArchiveRejected: a ZIP that programs read differently, or too large.
        """
        if isinstance(archive, Path):
            try:
                if detect(archive) is not Format.ZIP:
                    return []
            except AntinError:
                return []
        entries = self._opened(archive).entries.values()
        if any(_OF_A_DOCUMENT.fullmatch(entry.name) for entry in entries):
            return []
        return [Member(archive, entry.name) for entry in entries if not entry.is_directory]

    def verify(self, verifier: Verifier, member: Member, *, at: dt.datetime | None = None) -> FileReport:
        """The report on one member, ``path`` being ``archive.zip/name``.

        :return: a report whatever is wrong, as :meth:`Verifier.verify`.
        """
        try:
            with self._unpacked(member) as path:
                return msgspec.structs.replace(verifier.verify(path, at=at), path=str(member))
        except AntinError as error:
            return rejected(member, error)

    def extract(self, member: Member, folder: Path) -> Path:
        """Write one member into a folder, under the last part of its name where every system takes that for one.

        :raises AntinError: as :meth:`members`, and for a member that does not unpack to what it declares.
        """
        archive = self._opened(member.archive)
        return self._unpack(archive, member, Path(folder, _shown_name(PurePosixPath(member.name))))

    @contextmanager
    def _unpacked(self, member: Member) -> Iterator[Path]:
        """The member as a file of its own, gone at the end; what a signature file signs lies beside it."""
        archive = self._opened(member.archive)
        with tempfile.TemporaryDirectory(prefix="antin-") as folder:
            path = Path(folder, _file_name(member.name))
            signed, ending = PurePosixPath(member.name).with_suffix(""), PurePosixPath(member.name).suffix
            if ending.lower() in _SIGNATURE_FILES and str(signed) in archive.entries:
                content = self._unpack(archive, Member(member.archive, str(signed)), Path(folder, _shown_name(signed)))
                path = content.with_name(content.name + ending)
            yield self._unpack(archive, member, path)

    def _unpack(self, archive: StrictZip, member: Member, path: Path) -> Path:
        """Write a member into a file.

        :raises ArchiveRejected: it does not unpack to what it declares.
        :raises ZipTooLarge: it is larger than :data:`MAX_MEMBER`.
        """
        entry = archive.entries.get(member.name)
        if entry is None:
            raise FileMissing(path=str(member))
        if entry.size > MAX_MEMBER:
            raise ZipTooLarge(name=member.name, limit=MAX_MEMBER)
        try:
            with path.open("xb") as file:
                for chunk in archive.chunks(entry):
                    file.write(chunk)
        except OSError as error:
            raise writing_error(error, path) from error
        return path

    def _opened(self, archive: Path | Member) -> StrictZip:
        """The archive as it is on the disk now.

        :raises AntinError: as :class:`StrictZip`, and as :meth:`_unpack` for one inside another.
        """
        chain: list[Path | Member] = [archive]
        while isinstance(outer := chain[0], Member):
            chain.insert(0, outer.archive)
        for level, place in enumerate(chain):
            of = _identity(place)
            if level < len(self._open) and self._open[level].of == of:
                continue
            self._close_from(level)
            self._open.append(self._opened_anew(place, of))
        return self._open[len(chain) - 1].zip

    def _opened_anew(self, archive: Path | Member, of: tuple[object, ...]) -> _Open:
        if isinstance(archive, Path):
            return _Open(of, StrictZip(archive), None)
        folder = tempfile.TemporaryDirectory(prefix="antin-")
        try:
            return _Open(
                of, StrictZip(self._unpack(self._open[-1].zip, archive, Path(folder.name, "archive.zip"))), folder
            )
        except BaseException:
            folder.cleanup()
            raise

    def _close_from(self, level: int) -> None:
        while len(self._open) > level:
            self._open.pop().close()


def _file_name(name: str) -> str:
    """The name of a file of ours for a member: nothing but the ending is taken over."""
    suffix = PurePosixPath(name).suffix
    return f"document{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def _shown_name(member: PurePosixPath) -> str:
    """The same where the name is told to the person: its last part, where every system takes that for a file's name."""
    return member.name if _PLAIN.fullmatch(member.name) else _file_name(member.name)


def _identity(archive: Path | Member) -> tuple[object, ...]:
    if isinstance(archive, Member):
        return (archive,)
    try:
        status = archive.stat()
    except OSError as error:
        raise from_os_error(error, archive) from error
    return archive, status.st_size, status.st_mtime_ns


def rejected(path: Path | Member, error: AntinError, format_: Format = Format.UNKNOWN) -> FileReport:
    """The report on what could not be checked at all.

    :param error: why.
    """
    told = describe(error)
    reasons = [Reason(told.code, told.message, told.hint)]
    return FileReport(
        path=str(path),
        sha256=None,
        format=str(format_),
        conclusion=Conclusion.UNREADABLE,
        summary=summary(Conclusion.UNREADABLE, [], reasons),
        next_step=what_next(Conclusion.UNREADABLE, [], reasons),
        reasons=reasons,
        signatures=[],
        seconds=0.0,
    )
