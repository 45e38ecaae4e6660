"""Corrections by a person: metadata, what is attached to what, which files are of one document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection

from app.archive import names
from app.archive.entering import columns
from app.archive.errors import (
    AttachedInCircle,
    CopyAlone,
    CopyUnknown,
    DocumentUnknown,
    NoFreeName,
    NumberAlreadyFiled,
)
from app.archive.index import Index
from app.archive.model import Corrections, Document, FiledCopy
from app.archive.tree import signatures_beside
from app.documents.full_text import read_text
from app.documents.model import DocumentInfo
from app.errors import AntinError
from app.storage.files import flush_folder, rename_new, writing_error

if TYPE_CHECKING:
    from app.archive.archive import Archive

_MAX_NAMES = 9999


def correct(archive: Archive, identifier: int, corrections: Corrections) -> Document:
    """See :meth:`app.archive.archive.Archive.correct`."""
    index, store = archive.indexed()
    with store.read() as connection:
        text = _text(_known(index, connection, identifier))
    with _moves() as moved, store.write() as connection:
        before = _known(index, connection, identifier)
        values = columns(corrections) | {"doubts": None}
        after = {name: values.get(name, getattr(before, name)) for name in ("year", *_NAMING)}
        _check_number(index, connection, before, after)
        index.change(connection, identifier, values)
        for copy in before.copies:
            path = _move(archive, before, after, Path(copy.path), moved)
            if path is not None:
                index.moved(connection, copy.id, path)
        index.enter_again(connection, identifier, text)
        return _known(index, connection, identifier)


def attach(archive: Archive, identifier: int, main: int | None) -> Document:
    """See :meth:`app.archive.archive.Archive.attach`."""
    index, store = archive.indexed()
    with store.write() as connection:
        document = _known(index, connection, identifier)
        if main is not None and (
            main == identifier or document.attachments or _known(index, connection, main).attached_to is not None
        ):
            raise AttachedInCircle
        index.change(connection, identifier, {"attached_to": main, "main": None})
        return _known(index, connection, identifier)


def join(archive: Archive, identifier: int, other: int) -> Document:
    """See :meth:`app.archive.archive.Archive.join`."""
    index, store = archive.indexed()
    with store.read() as connection:
        text = _text(_known(index, connection, identifier))
    with store.write() as connection:
        _known(index, connection, identifier)
        copies = _known(index, connection, other).copies if other != identifier else []
        if copies:
            index.take_over(connection, identifier, other)
        for copy in copies:
            index.move_copy(connection, copy.id, identifier)
        index.enter_again(connection, identifier, text)
        return _known(index, connection, identifier)


def part(archive: Archive, identifier: int) -> Document:
    """See :meth:`app.archive.archive.Archive.part`."""
    from app.archive.rebuild import read_as_it_lies

    index, store = archive.indexed()
    with store.read() as connection:
        copy = index.copy(connection, identifier)
        if copy is None:
            raise CopyUnknown(copy=identifier)
        before = _known(index, connection, copy.document)
    path = Path(copy.path)
    _copy, entry = read_as_it_lies(archive, path, copy.sha256, lambda _path: copy.signers)
    text = _text(msgspec.structs.replace(before, copies=[one for one in before.copies if one.id != identifier]))
    with store.write() as connection:
        if len(_known(index, connection, copy.document).copies) < _A_PAIR:
            raise CopyAlone(path=copy.path)
        values = entry.values()
        if before.incoming:
            number = index.next_arrival_number(connection, before.year)
            values |= {"arrived_on": before.arrived_on, "arrival_number": number}
        values |= {"incoming": before.incoming, "year": before.year}
        entered = index.add_document(connection, values, copy, entry.text)
        index.enter_again(connection, before.id, text)
        return _known(index, connection, entered.document)


#: Copies that a document has at least where one can be parted from it.
_A_PAIR = 2
_NAMING = ("type", "number", "symbol", "date", "summary", "issuer")


def _known(index: Index, connection: Connection, identifier: int) -> Document:
    document = index.document(connection, identifier)
    if document is None:
        raise DocumentUnknown(id=identifier)
    return document


def _text(document: Document) -> str:
    """Of the newest copy that can be read."""
    for copy in reversed(document.copies):
        with suppress(AntinError):
            if text := read_text(Path(copy.path)):
                return text
    return ""


def _check_number(index: Index, connection: Connection, before: Document, after: dict[str, Any]) -> None:
    number, symbol, year = after["number"], after["symbol"], after["year"]
    if before.incoming or not number:
        return
    others = index.with_number(connection, year, number, symbol)
    other: FiledCopy | None = next((copy for copy in others if copy.document != before.id), None)
    if other is not None:
        raise NumberAlreadyFiled(number=number, symbol=symbol or "", year=year, path=other.path)


@contextmanager
def _moves() -> Iterator[list[tuple[Path, Path]]]:
    """Renames (from, to) that are undone by an error."""
    done: list[tuple[Path, Path]] = []
    try:
        yield done
    except BaseException:
        for before, after in reversed(done):
            with suppress(OSError):
                rename_new(after, before)
        raise


def _move(
    archive: Archive, before: Document, after: dict[str, Any], path: Path, moved: list[tuple[Path, Path]]
) -> Path | None:
    """Give a copy the place that follows from the corrected document, with the signature files beside it; None where it
    lies there, was put elsewhere by hand, or is not to be found."""
    was = _info({name: getattr(before, name) for name in _NAMING})
    info = _info(after)
    layout, root = archive.layout, archive.root
    old = layout.folder(root, was, before.year, before.incoming)
    folder = layout.folder(root, info, after["year"], before.incoming)
    stem = layout.stem(info, path, folder, path.suffix)
    if path.parent != old or not path.is_file() or (folder == old and stem == layout.stem(was, path, old, path.suffix)):
        return None
    signatures = signatures_beside(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for count in range(1, _MAX_NAMES):
            target = folder / names.numbered(stem, count, path.suffix)
            with suppress(FileExistsError):
                rename_new(path, target)
                moved.append((path, target))
                for signature in signatures:
                    named = target.with_name(target.name + signature.name.removeprefix(path.name))
                    rename_new(signature, named)
                    moved.append((signature, named))
                for one in (folder, old):
                    flush_folder(one)
                return target
    except OSError as error:
        raise writing_error(error, folder) from error
    raise NoFreeName(name=stem)


def _info(values: dict[str, Any]) -> DocumentInfo:
    return dataclasses.replace(DocumentInfo(), **{name: values[name] for name in _NAMING})
