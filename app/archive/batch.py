"""Filing many files at once: read and copied side by side, entered many in one transaction."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from app.archive.copying import copy_flushed
from app.archive.entering import Entry
from app.archive.errors import NumberAlreadyFiled
from app.archive.model import Corrections, FiledCopy
from app.archive.newcomers import Newcomers
from app.archive.placing import Finished, check_secrecy, place
from app.archive.tree import ArchiveAway
from app.archive.waiting import Waiting, WaitingRoom, is_away, let_wait
from app.documents.formats import Format, detect
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.documents.page_client import PageReader
from app.documents.pdf_signatures import SignatureValue
from app.documents.reading import Reading, Whole, read_whole
from app.errors import AntinError, CopyDiffers
from app.storage.errors import StoreUnreachable
from app.storage.files import flush_folder, rename_new, writing_error
from app.storage.staging import staging_path
from app.times import VIETNAM

if TYPE_CHECKING:
    from app.archive.archive import Archive

_TOGETHER: Final = 64
#: Processes that read pages, at most; entering keeps no more of them busy.
_MOST_READERS: Final = 4
#: Files that one of them reads in one go, at most; read one by one, the processes waited for their next question.
_IN_ONE_GO: Final = 8
#: Threads for each of them: while some files are read, others are copied and flushed.
_FOR_A_READER: Final = 3

P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the copy, or what went wrong.

    :ivar source: as it was given.
    :ivar waiting: the copy on this workstation that waits for the archive to be back.
    """

    source: Path
    copy: FiledCopy | None = None
    error: AntinError | OSError | None = None
    waiting: Path | None = None


@dataclass(frozen=True)
class LookedAt:
    """What a person who looked at a file says of it; nothing of it is in doubt.

    :ivar info: what the document says of itself. :ivar more: metadata beside that.
    """

    info: DocumentInfo
    more: Corrections | None = None


@dataclass(frozen=True)
class BatchOptions:
    """What holds for all files of a batch.

    :ivar year: of the documents, None for each document's own. :ivar more: metadata beside what is read.
    :ivar told: gives what a document says from what was read, such as with a person's corrections.
    :ivar looked_at: of files that somebody looked at, what they said; goes before ``told`` and ``more``.
    :ivar signers: names of those who signed a file, without any check of the signatures; given those of a PDF where
        they were read already.
    :ivar room: where copies wait while the archive is away; None: they are refused.
    """

    year: int | None = None
    incoming: bool = False
    more: Corrections | None = None
    told: Callable[[DocumentInfo], DocumentInfo] = lambda info: info
    looked_at: Mapping[Path, LookedAt] = field(default_factory=dict)
    signers: Callable[[Path, Sequence[SignatureValue] | None], Sequence[str]] = lambda path, values: ()
    room: WaitingRoom | None = None


class _Readers:
    """Processes that read pages, for the threads that ask them."""

    def __init__(self, count: int) -> None:
        self._all = [PageReader() for _ in range(count)]
        self._stopped = False
        self._free: SimpleQueue[PageReader] = SimpleQueue()
        for reader in self._all:
            self._free.put(reader)

    def read(self, paths: Sequence[Path]) -> Generator[Whole, None, None]:
        """PDFs, read in their order by one process that nobody else asks meanwhile; to be closed.

        :raises ReadingProcessMissing: it does not start.
        :raises CancelledError: nothing more is read.
        """
        reader = self._free.get()
        try:
            with closing(reader.read_each(paths)) as wholes:
                for _path in paths:
                    if self._stopped:
                        raise CancelledError
                    yield next(wholes)
        finally:
            self._free.put(reader)

    def stop(self) -> None:
        """Give up what is being read, and read nothing more."""
        self._stopped = True
        for reader in self._all:
            reader.give_up()

    def close(self) -> None:
        for reader in self._all:
            reader.close()


@dataclass(frozen=True)
class _Read:
    """A file as it is to be entered."""

    source: Path
    entry: Entry
    signers: Sequence[str]
    format: str


def add_all(archive: Archive, sources: Iterable[Path], wanted: BatchOptions) -> Iterator[list[Outcome]]:
    """File copies of many files; they themselves stay as they are. Outcomes come in the files' order, some together,
    when their copies are on the disk and in the index, or wait.

    :raises StoreBusy: the index cannot be written; nothing of the files not told yet was filed.
    """
    count = max(2, min(os.cpu_count() or 2, _MOST_READERS))
    threads = count * _FOR_A_READER
    readers = _Readers(count)

    def prepare(sources: Sequence[Path]) -> list[Finished | _Read | Outcome]:
        found = [(source, _tried(source, detect, source)) for source in sources]
        with closing(readers.read([source for source, format in found if format is Format.PDF])) as wholes:
            read = [
                format
                if isinstance(format, Outcome)
                else _tried(source, _read, archive, source, format, wholes, wanted)
                for source, format in found
            ]
        return [one if isinstance(one, Outcome) else _tried(one.source, _copied, archive, one, wanted) for one in read]

    waiting = iter(sources)
    first = list(islice(waiting, 2 * _TOGETHER))
    waiting = chain(first, waiting)
    # A few files are shared out among all.
    in_one_go = max(1, min(_IN_ONE_GO, len(first) // threads))
    goes = _TOGETHER // in_one_go
    with ThreadPoolExecutor(threads) as pool:
        going = (pool.submit(prepare, files) for files in iter(lambda: list(islice(waiting, in_one_go)), []))
        ahead = list(islice(going, 2 * goes))
        try:
            while ahead:
                prepared = [one for future in ahead[:goes] for one in future.result()]
                # Here, in the order of the files: what waits is filed in the order in which it came.
                together = [
                    _tried(one.source, _let_wait, wanted, one) if isinstance(one, _Read) else one for one in prepared
                ]
                ahead = ahead[goes:] + list(islice(going, goes))
                yield _entered_or_waiting(archive, together, wanted)
        finally:
            readers.stop()
            for future in ahead:
                future.cancel()
            for future in ahead:
                # A fault of one is told by whoever waits for its result; here the others are cleared up.
                for one in [] if future.cancelled() or future.exception() else future.result():
                    if isinstance(one, Finished):
                        one.staged.unlink(missing_ok=True)
            readers.close()


def _tried(source: Path, step: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result | Outcome:
    """What a step gives of a file, or that it failed."""
    try:
        return step(*args, **kwargs)
    except (AntinError, OSError) as error:
        return Outcome(source, error=error)


def _read(archive: Archive, source: Path, format: Format, wholes: Iterator[Whole], wanted: BatchOptions) -> _Read:
    """Read a file.

    :param wholes: gives what is read of PDFs; where that has ended before its time, they are read one by one.
    :raises SecretNotFiled: it bears a mark of secrecy.
    """
    whole = next(wholes, None) if format is Format.PDF else None
    if whole is None:
        whole = read_whole(source, format=format)
    said = wanted.looked_at.get(source)
    info = wanted.told(whole.reading.info) if said is None else said.info
    check_secrecy(info, source)
    more = wanted.more if said is None else said.more
    year = archive.year(info, wanted.year, wanted.incoming, more)
    doubts = _doubts(archive, whole.reading, info) if said is None else {}
    entry = Entry(info, year, wanted.incoming, more, doubts, whole.text)
    signers = _signers(source, whole, wanted) if format is not Format.UNKNOWN else ()
    return _Read(source, entry, signers, str(format))


def _copied(archive: Archive, file: _Read, wanted: BatchOptions) -> Finished | _Read:
    """Copy a file to a staging name.

    :return: the file as it was given, where it is to wait.
    """
    if is_away(archive):
        if wanted.room is None:
            raise ArchiveAway(root=str(archive.root))
        return file
    try:
        return _staged(archive, file)
    except (AntinError, OSError):
        if wanted.room is not None and is_away(archive):  # it went in the middle of writing
            return file
        raise


def _staged(archive: Archive, file: _Read) -> Finished:
    """Copy a file to a staging name in the folder where it will stay.

    :raises CopyDiffers: the copy, read back, is not what was written.
    :raises AntinError: it cannot be written.
    """
    source, entry = file.source, file.entry
    folder = archive.layout.folder(archive.root, entry.info, entry.year, entry.incoming)
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
    stem = archive.layout.stem(entry.info, source, folder, staged.suffix)
    made = replace(entry, made_from=sha256)
    return Finished(staged, stem, sha256, size, source, file.signers, file.format, made)


def _signers(source: Path, whole: Whole, wanted: BatchOptions) -> Sequence[str]:
    """None of a file whose signatures cannot be read, which is filed all the same."""
    try:
        return wanted.signers(source, whole.signatures)
    except AntinError:
        return ()


def _let_wait(wanted: BatchOptions, file: _Read | Finished) -> Outcome:
    """Keep a copy on this workstation until the archive is back."""
    assert wanted.room is not None
    entry = file.entry
    waiting = Waiting(
        name="",
        sha256="",
        info=entry.info,
        source=str(file.source.absolute()),
        signers=list(file.signers),
        format=file.format,
        since=dt.datetime.now(VIETNAM),
        incoming=entry.incoming,
        year=entry.year,
        more=entry.more,
        doubts=dict(entry.doubts),
    )
    return Outcome(file.source, waiting=let_wait(wanted.room, file.source, waiting))


def _entered_or_waiting(
    archive: Archive, together: Sequence[Finished | Outcome], wanted: BatchOptions
) -> list[Outcome]:
    """:func:`_entered`; where the database or the folder of the archive went away meanwhile, what could not be entered
    waits."""
    try:
        outcomes = _entered(archive, together)
    except (StoreUnreachable, OSError) as error:
        outcomes = [one if isinstance(one, Outcome) else Outcome(one.source, error=error) for one in together]
    failed = [
        one
        for one, done in zip(together, outcomes, strict=True)
        if isinstance(one, Finished) and done.error is not None and not isinstance(done.error, NumberAlreadyFiled)
    ]
    if wanted.room is None or not failed:
        return outcomes
    if not is_away(archive) and not any(isinstance(done.error, StoreUnreachable) for done in outcomes):
        return outcomes
    return [
        _tried(one.source, _let_wait, wanted, one) if isinstance(one, Finished) and one in failed else done
        for one, done in zip(together, outcomes, strict=True)
    ]


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
