"""Where the copies of a signing run go: into the archive, or into a folder of the person's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.model import DocumentInfo
from app.signing.job import Destination, Placed
from app.signing.model import Filed, SignOptions
from app.storage.files import flush_folder, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from app.archive.archive import Archive


def destination(options: SignOptions, archive: Callable[[], Archive]) -> Destination:
    """The folder asked for, else the archive."""
    return FolderDestination(options.out) if options.out is not None else ArchiveDestination(archive)


class ArchiveDestination:
    """Copies are filed by year and type."""

    def __init__(self, archive: Callable[[], Archive]) -> None:
        self._archive = archive

    def staging(self, info: DocumentInfo, *, source: Path) -> Path:
        return self._archive().staging(info, suffix=source.suffix, source=source)

    def take(
        self, staged: Path, info: DocumentInfo, *, source: Path, sha256: str, signers: Sequence[str], format: str
    ) -> Placed:
        copy = self._archive().take(staged, info, sha256=sha256, source=source, signers=signers, format=format)
        return Placed(Path(copy.path), Filed(copy.year, copy.type, copy.path))


class FolderDestination:
    """Copies get the name of the original with ``_daky``, and a number where that name is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def staging(self, info: DocumentInfo, *, source: Path) -> Path:
        return staging_path(self._folder, source.suffix)

    def take(
        self, staged: Path, info: DocumentInfo, *, source: Path, sha256: str, signers: Sequence[str], format: str
    ) -> Placed:
        number = 1
        while True:
            mark = "_daky" if number == 1 else f"_daky ({number})"
            path = self._folder / f"{source.stem}{mark}{source.suffix}"
            try:
                rename_new(staged, path)
            except FileExistsError:
                number += 1
            except OSError as error:
                raise writing_error(error, path) from error
            else:
                flush_folder(self._folder)
                return Placed(path, None)
