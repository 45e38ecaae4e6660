"""Filing many files at once: read and copied side by side, entered many in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.archive.copying import copy_flushed
from app.archive.entering import Entry
from app.archive.errors import CopyDiffers
from app.archive.model import Corrections, FiledCopy
from app.archive.newcomers import Newcomers
from app.archive.placing import Finished, place
from app.documents.formats import Format, detect
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.documents.page_client import PageReader
from app.documents.reading import Reading, read_all
from app.errors import AntinError
from app.storage.files import flush_folder, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from app.archive.archive import Archive

_TOGETHER = 64
_WORKERS = 2


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the copy, or what went wrong.

    :ivar source: as it was given.
    """

    source: Path
    copy: FiledCopy | None = None
    error: AntinError | OSError | None = None


@dataclass(frozen=True)
class BatchOptions:
    """What holds for all files of a batch.

    :ivar year: of the documents, None for each document's own. :ivar more: metadata beside what is read.
    :ivar told: gives what a document says from what was read, such as with a person's corrections.
    :ivar signers: names of those who signed a file, without any check of the signatures.
    """

    year: int | None = None
    incoming: bool = False
    more: Corrections | None = None
    told: Callable[[DocumentInfo], DocumentInfo] = lambda info: info
    signers: Callable[[Path], Sequence[str]] = lambda path: ()


def add_all(archive: Archive, sources: Iterable[Path], wanted: BatchOptions) -> Iterator[list[Outcome]]:
    """File copies of many files; they themselves stay as they are. Outcomes come in the files' order, some together,
    when their copies are on the disk and in the index.

    :raises StoreBusy, StoreUnreachable: the index cannot be written; nothing of the files not told yet was filed.
    """
    readers = [PageReader() for _ in range(_WORKERS)]
    free = list(readers)

    def prepare(source: Path) -> Finished | Outcome:
        reader = free.pop()
        try:
            return _prepared(archive, source, wanted, reader)
        except (AntinError, OSError) as error:
            return Outcome(source, error=error)
        finally:
            free.append(reader)

    waiting = iter(sources)
    with ThreadPoolExecutor(_WORKERS) as pool:
        ahead: list[Future[Finished | Outcome]] = []
        try:
            ahead = [pool.submit(prepare, source) for source in islice(waiting, 2 * _TOGETHER)]
            while ahead:
                together = [future.result() for future in ahead[:_TOGETHER]]
                ahead = ahead[_TOGETHER:] + [pool.submit(prepare, source) for source in islice(waiting, _TOGETHER)]
                yield _entered(archive, together)
        finally:
            for future in ahead:
                prepared = None if future.cancel() else future.result()
                if isinstance(prepared, Finished):
                    prepared.staged.unlink(missing_ok=True)
            for reader in readers:
                reader.close()


def _prepared(archive: Archive, source: Path, wanted: BatchOptions, reader: PageReader) -> Finished:
    """Read a file and copy it to a staging name."""
    format = detect(source)
    read, text = read_all(source, reader)
    info = wanted.told(read.info)
    year = archive.year(info, wanted.year, wanted.incoming)
    folder = archive.layout.folder(archive.root, info, year, wanted.incoming)
    staged = staging_path(folder, source.suffix)
    try:
        sha256, size = copy_flushed(source, staged)
        if sha256_file(staged) != sha256:
            raise CopyDiffers(path=str(source))
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise writing_error(error, staged) from error
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    doubts = _doubts(archive, read, info)
    entry = Entry(info, year, wanted.incoming, wanted.more, doubts, text, made_from=sha256)
    stem = archive.layout.stem(info, source, folder, staged.suffix)
    signers = _signers(staged, wanted) if format is not Format.UNKNOWN else ()
    return Finished(staged, stem, sha256, size, source, signers, str(format), entry)


def _signers(staged: Path, wanted: BatchOptions) -> Sequence[str]:
    """Of the copy; none of a file whose signatures cannot be read, which is filed all the same."""
    try:
        return wanted.signers(staged)
    except AntinError:
        return ()


def _doubts(archive: Archive, read: Reading, info: DocumentInfo) -> dict[str, float]:
    """Fields in doubt, but those that a person said."""
    found = read.doubts(archive.layout.settings.doubtful_below)
    return {name: sure for name, sure in found.items() if getattr(info, name) == getattr(read.info, name)}


def _entered(archive: Archive, together: Sequence[Finished | Outcome]) -> list[Outcome]:
    """Name and enter what was prepared, in one transaction; where it fails, all of it is named back and removed."""
    index, store = archive.indexed()
    outcomes: dict[int, Outcome] = {}
    copies: dict[int, FiledCopy] = {}
    placed: list[tuple[Path, Path]] = []
    try:
        with store.write() as connection:
            newcomers = Newcomers(index, connection, [one for one in together if isinstance(one, Finished)])
            for at, one in enumerate(together):
                if isinstance(one, Outcome):
                    outcomes[at] = one
                    continue
                try:
                    done = newcomers.take(one, at)
                    if done is None:
                        copies |= newcomers.enter()
                        with connection.begin_nested():
                            done = place(index, connection, one)
                        copies[at] = done.copy
                except (AntinError, OSError) as error:
                    one.staged.unlink(missing_ok=True)
                    known = writing_error(error, one.staged) if isinstance(error, OSError) else error
                    outcomes[at] = Outcome(one.source, error=known)
                    continue
                if done.path is not None:
                    placed.append((done.path, one.staged))
            copies |= newcomers.enter()
            for folder in {path.parent for path, _ in placed}:
                flush_folder(folder)
    except BaseException:
        for path, staged in placed:
            with suppress(OSError):
                rename_new(path, staged)
        for one in together:
            if isinstance(one, Finished):
                one.staged.unlink(missing_ok=True)
        raise
    return [outcomes.get(at) or Outcome(one.source, copies[at]) for at, one in enumerate(together)]
