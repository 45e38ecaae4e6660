"""The ledger taken along when an office goes from a file to a database that its workstations share, or back.

Lines are moved as they are, so that the chain and the seals over it hold there too, and what was wrong with it is found
there as well.
"""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from app.journal.database_book import DatabaseBook
from app.journal.file_book import FileBook, is_torn
from app.journal.head import EMPTY, Head, write_head
from app.storage.files import flush_file, flush_folder, rename_first_free, rename_new, writing_error
from app.storage.staging import staging_path
from app.times import today

if TYPE_CHECKING:
    from app.storage.store import Store

#: Rows entered together.
_TOGETHER = 1000


def into_database(folder: Path, store: Store) -> None:
    """Enter the lines of a ledger that is a file in a database whose ledger is empty; nothing is done with another one.

    :param folder: where the file is; it stays.
    :raises AntinError: the file cannot be read, or the database not be written; nothing was entered.
    """
    import sqlalchemy as sa

    from app.storage.schema.journal import ledger_entries, ledger_head

    book = FileBook(folder)
    snapshot = book.snapshot()
    lines = (line for line in book.lines(snapshot.length) if line.finished or not is_torn(line))
    with store.write(None) as connection:
        if snapshot.length == 0 or connection.execute(sa.select(ledger_entries.c.seq).limit(1)).first():
            return
        rows: list[dict[str, object]] = []
        for number, line in enumerate(lines, start=1):
            text = line.content.decode("utf-8", "replace").replace("\0", "\ufffd")
            rows.append({"seq": number, "line": text, "origin": f"file-{number}"})
            if len(rows) == _TOGETHER:
                connection.execute(ledger_entries.insert(), rows)
                rows = []
        if rows:
            connection.execute(ledger_entries.insert(), rows)
        connection.execute(ledger_head.delete())
        if snapshot.head is not None:
            connection.execute(ledger_head.insert().values(id=1, seq=snapshot.head.seq, hash=snapshot.head.hash))


def into_file(store: Store, folder: Path) -> None:
    """Write the lines of a database's ledger to the file of a data folder, and take them out of the database, in which
    nobody looks for them any more. Nothing is done where it has none. A ledger that is there keeps another name.

    :raises AntinError: the database cannot be read or written, or the file not be written.
    """
    import sqlalchemy as sa

    from app.storage.schema.journal import ledger_entries, ledger_head

    database = DatabaseBook(lambda: store)
    snapshot = database.snapshot()
    if snapshot.length == 0:
        return
    book = FileBook(folder)
    try:
        staged = staging_path(folder, ".jsonl")
        length, head = 0, EMPTY
        with staged.open("xb") as file:
            for line in database.lines(snapshot.length):
                length += file.write(line.content + b"\n")
                if snapshot.head is not None and line.at == snapshot.head.seq:
                    head = Head(snapshot.head.seq, snapshot.head.hash, length)
        flush_file(staged)
        for path in (book.path, folder / "ledger.head"):
            if path.exists():
                mark = f"{path.name}.before-restore-{today():%Y%m%d}"
                others = (folder / f"{mark}-{number}" for number in count(2))
                rename_first_free(path, chain([folder / mark], others))
        rename_new(staged, book.path)
        if snapshot.head is not None:
            write_head(folder / "ledger.head", head if head != EMPTY else _cut(snapshot.head, length))
        flush_folder(folder)
    except OSError as error:
        raise writing_error(error, book.path) from error
    with store.write(None) as connection:
        connection.execute(ledger_entries.delete())
        connection.execute(sa.update(ledger_head).values(seq=EMPTY.seq, hash=EMPTY.hash))


def _cut(head: Head, length: int) -> Head:
    """Of a ledger whose end is missing: it shall be found to be so."""
    return Head(head.seq, head.hash, length)
