"""Where the copies of a signing run go: into the archive, or into a folder of the person's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.signing.model import Filed, SignOptions
from app.signing.services import Destination, Placed
from app.storage.files import rename_first_free, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from app.archive.archive import Archive


def destination(options: SignOptions, archive: Callable[[], Archive]) -> Destination:
    """The folder asked for, else the archive."""
    return FolderDestination(options.out) if options.out is not None else ArchiveDestination(archive)


def destination_of_raised(
    source: Path, out: Path | None, *, beside: bool, archive_dir: Path, archive: Callable[[], Archive]
) -> Destination:
    """The folder asked for; else the archive for a filed copy, and the original's folder for any other file."""
    filed = source.resolve().is_relative_to(archive_dir.resolve())
    if out is None and filed and not beside:
        return ArchiveDestination(archive)
    return FolderDestination(out or source.absolute().parent, mark="_nangmuc")


class ArchiveDestination:
    """Copies are filed by year and type; a signature file beside its document, named after it. A document that has one
    gets a second one with a number (:mod:`app.trust.cms_file` finds both)."""

    def __init__(self, archive: Callable[[], Archive]) -> None:
        self._archive = archive

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str) -> Path:
        return self._archive().staging(info, suffix=suffix, source=source)

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
        filed = staged if content is None else content
        copy = self._archive().take(
            filed,
            info,
            sha256=sha256 if content is None else sha256_file(content),
            source=source,
            signers=signers,
            format=format,
            made_from=made_from,
        )
        path = Path(copy.path)
        if content is not None:
            path = place_beside(staged, path)
        return Placed(path, Filed(copy.year, copy.type, str(path)))

    def keep_original(self, info: DocumentInfo, source: Path) -> Path | None:
        return Path(self._archive().add(source, info).path)


class FolderDestination:
    """Copies get the name of the original with a mark, and a number where that name is taken. A document whose
    signature stands beside it keeps its name where it can."""

    def __init__(self, folder: Path, mark: str = "_daky") -> None:
        self._folder, self._mark = folder, mark

    def staging(self, info: DocumentInfo, *, source: Path, suffix: str) -> Path:
        return staging_path(self._folder, suffix)

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
        names = (f"{source.stem}{mark}{suffix}" for mark in _marks(self._mark))
        if content is not None:
            return self._take_pair(staged, content, chain([source.name], names))
        return Placed(rename_first_free(staged, map(self._folder.joinpath, names)), None)

    def keep_original(self, info: DocumentInfo, source: Path) -> Path | None:
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


def place_beside(staged: Path, document: Path) -> Path:
    """Name a signature file after its document, with a number where that has one already."""
    names = (f"{document.name}{number}{staged.suffix}" for number in _marks(""))
    return rename_first_free(staged, map(document.with_name, names))
