"""The ledger of an office whose workstations share a database: the lines in a table, the head in a row.

An append holds the store's lock for the ledger (an advisory lock on PostgreSQL; SQLite has one writer anyway) and the
head's row, so that no two have the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.journal.book import Line, Snapshot
from app.journal.entry import Draft, Entry, encode
from app.journal.head import Head

if TYPE_CHECKING:
    import sqlalchemy as sa

    from app.storage.store import Store

#: Rows fetched from the server at a time.
_ROWS = 2000
#: Appends wait for one another, not for other work on the database.
_AREA = "ledger"


class DatabaseBook:
    """The tables ``ledger_entries`` and ``ledger_head``; see :class:`app.journal.book.Book`.

    :param store: opens the database, or says with an :class:`~app.errors.AntinError` why not.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def append(self, drafts: Sequence[tuple[str, Draft]]) -> list[Entry]:
        """Add entries in one transaction.

        :param drafts: each with a name of its own, of up to 32 letters; one that is entered already is left out, so
            that what may or may not have arrived can be sent again.
        :return: those entered now.
        :raises AntinError: none was entered, or it is not known whether they were.
        """
        return self._store().transact(partial(_append, drafts), area=_AREA)

    def snapshot(self) -> Snapshot:
        import sqlalchemy as sa

        from app.storage.schema.journal import ledger_entries, ledger_head

        with self._store().read() as connection:
            length = connection.scalar(sa.select(sa.func.max(ledger_entries.c.seq))) or 0
            head = connection.execute(sa.select(ledger_head.c.seq, ledger_head.c.hash)).one_or_none()
        if head is None:
            return Snapshot(None, length, exact=True)
        return Snapshot(Head(head.seq, head.hash, 0), max(length, head.seq), exact=True)

    def lines(self, until: int, *, kinds: Sequence[str] = ()) -> Iterator[Line]:
        import sqlalchemy as sa

        from app.storage.schema.journal import ledger_entries

        table = ledger_entries
        wanted = sa.select(table.c.seq, table.c.line).where(table.c.seq <= until).order_by(table.c.seq)
        if kinds:
            wanted = wanted.where(
                sa.or_(*(table.c.line.contains(f'"kind":"{kind}"', autoescape=True) for kind in kinds))
            )
        with self._store().read(unhurried=True) as connection:
            for row in connection.execution_options(yield_per=_ROWS).execute(wanted):
                yield Line(_octets(row.line), finished=True, at=row.seq, end=0)

    def at(self, places: Sequence[int]) -> list[bytes]:
        import sqlalchemy as sa

        from app.storage.schema.journal import ledger_entries

        wanted = sa.select(ledger_entries.c.seq, ledger_entries.c.line).where(ledger_entries.c.seq.in_(places))
        with self._store().read() as connection:
            found = {row.seq: _octets(row.line) for row in connection.execute(wanted)}
        return [found.get(place, b"") for place in places]


def _append(drafts: Sequence[tuple[str, Draft]], connection: sa.Connection) -> list[Entry]:
    import sqlalchemy as sa

    from app.storage.schema.journal import ledger_entries, ledger_head

    head = connection.execute(sa.select(ledger_head.c.seq, ledger_head.c.hash).with_for_update()).one_or_none()
    seq, previous = (head.seq, head.hash) if head is not None else _last(connection)
    names = [name for name, _draft in drafts]
    known = set(connection.scalars(sa.select(ledger_entries.c.origin).where(ledger_entries.c.origin.in_(names))))
    entries, rows = [], []
    for name, each in drafts:
        if name in known:
            continue
        entry, line = encode(seq + 1, previous, each)
        seq, previous = entry.seq, entry.hash
        entries.append(entry)
        rows.append({"seq": seq, "line": line.decode(), "origin": name})
    if rows:
        connection.execute(ledger_entries.insert(), rows)
        connection.execute(ledger_head.update().values(seq=seq, hash=previous))
    return entries


def _last(connection: sa.Connection) -> tuple[int, str]:
    """Where an append goes on although the head is gone: without a head, the check finds that for good."""
    import sqlalchemy as sa

    from app.journal.entry import GENESIS, decode
    from app.storage.schema.journal import ledger_entries

    row = connection.execute(
        sa.select(ledger_entries.c.seq, ledger_entries.c.line).order_by(ledger_entries.c.seq.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return 0, GENESIS
    entry = decode(_octets(row.line))
    return row.seq, entry.hash if entry is not None else GENESIS


def _octets(line: str) -> bytes:
    return line.encode("utf-8", "surrogatepass")
