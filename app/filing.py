"""Where the copies of a signing run go: into the archive, or into a folder of the person's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from msgspec import UNSET

from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.signing.model import Arrival, Filed, SignOptions
from app.signing.services import Destination, Placed, SignedCopy
from app.storage.files import rename_first_free, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from app.archive.archive import Archive
    from app.archive.layout import Slot
    from app.archive.model import Corrections


def destination(options: SignOptions, archive: Callable[[], Archive]) -> Destination:
    """The folder asked for, else the archive."""
    return FolderDestination(options.out) if options.out is not None else ArchiveDestination(archive)


def destination_of_raised(
    source: Path, out: Path | None, *, beside: bool, archive_dir: Path, archive: Callable[[], Archive]
) -> Destination:
    """The folder asked for; else the archive for a filed copy, and the original's folder for any other file."""
    filed, root = source.resolve(), archive_dir.resolve()
    if out is None and filed.is_relative_to(root) and not beside:
        lies = archive().layout.slot(PurePosixPath(filed.relative_to(root).as_posix()))
        return ArchiveDestination(archive, beside=lies)
    return FolderDestination(out or source.absolute().parent, mark="_nangmuc")


class ArchiveDestination:
    """Copies are filed by year and type, what arrived apart from what the office issues; a signature file beside its
    document, named after it. A document that has one gets a second one with a number (:mod:`app.trust.cms_file` finds
    both).

    :param beside: where all copies go: received or issued, and of which year; None: as each says itself.
    """

    def __init__(self, archive: Callable[[], Archive], *, beside: Slot | None = None) -> None:
        self._archive = archive
        self._year = None if beside is None else beside.year
        self._received = beside is not None and beside.incoming

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str, arrival: Arrival | None = None) -> Path:
        incoming = self._received or arrival is not None
        year = self._year_of(arrival)
        return self._archive().staging(info, year=year, suffix=suffix, source=source, incoming=incoming)

    def take(self, copy: SignedCopy) -> Placed:
        filed = self._archive().take(
            copy.document,
            copy.info,
            year=self._year_of(copy.arrival),
            sha256=copy.document_sha256(),
            source=copy.source,
            signers=copy.signers,
            format=copy.format,
            incoming=self._received or copy.arrival is not None,
            text=copy.text,
            more=registered(copy.arrival),
            made_from=copy.made_from,
        )
        path = Path(filed.path)
        if copy.content is not None:
            path = place_beside(copy.staged, path)
        return Placed(path, Filed(filed.year, filed.type, str(path)))

    def keep_original(self, info: DocumentInfo, source: Path, arrival: Arrival | None = None) -> Path | None:
        incoming = self._received or arrival is not None
        return Path(self._archive().add(source, info, year=self._year_of(arrival), incoming=incoming).path)

    def _year_of(self, arrival: Arrival | None) -> int | None:
        """What the archive is told of the year: that of a day of arrival which a person names."""
        if self._year is not None or arrival is None or arrival.date is None:
            return self._year
        return arrival.date.year


class FolderDestination:
    """Copies get the name of the original with a mark, and a number where that name is taken. A document whose
    signature stands beside it keeps its name where it can."""

    def __init__(self, folder: Path, mark: str = "_daky") -> None:
        self._folder, self._mark = folder, mark

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str, arrival: Arrival | None = None) -> Path:
        return staging_path(self._folder, suffix)

    def take(self, copy: SignedCopy) -> Placed:
        names = (f"{copy.source.stem}{mark}{copy.suffix}" for mark in _marks(self._mark))
        if copy.content is not None:
            return self._take_pair(copy.staged, copy.content, chain([copy.source.name], names))
        return Placed(rename_first_free(copy.staged, map(self._folder.joinpath, names)), None)

    def keep_original(self, info: DocumentInfo, source: Path, arrival: Arrival | None = None) -> Path | None:
        return None

    def _take_pair(self, staged: Path, content: Path, names: Iterable[str]) -> Placed:
        """A document under the first name that is free or of the same octets, and has no signature file yet."""
        digest = sha256_file(content)
        for path in map(self._folder.joinpath, names):
            beside = path.with_name(path.name + staged.suffix)
            if beside.exists():
                continue
            try:
                rename_new(content, path)
            except FileExistsError:
                if not path.is_file() or sha256_file(path) != digest:
                    continue
                content.unlink()
            except OSError as error:
                raise writing_error(error, path) from error
            return Placed(place_beside(staged, path), None)
        raise AssertionError("names do not end")


def _marks(first: str) -> Iterator[str]:
    yield first
    for number in count(2):
        yield f"{first} ({number})"


def registered(arrival: Arrival | None) -> Corrections | None:
    """What an arrival says of itself, as the archive enters it."""
    from app.archive.model import Corrections

    if arrival is None:
        return None
    return Corrections(
        arrived_on=UNSET if arrival.date is None else arrival.date,
        arrival_number=UNSET if arrival.number is None else arrival.number,
    )


def place_beside(staged: Path, document: Path) -> Path:
    """Name a signature file after its document, with a number where that has one already."""
    names = (f"{document.name}{number}{staged.suffix}" for number in _marks(""))
    return rename_first_free(staged, map(document.with_name, names))
