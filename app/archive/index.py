"""The index of filed copies in the store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path, PurePosixPath

import msgspec
import sqlalchemy as sa

from app.archive.model import FiledCopy
from app.documents.text import fold
from app.documents.types import document_types, type_named
from app.storage.schema.archive import filed_copies as table


class Index:
    """Reads and writes the rows of one archive; the caller holds the transaction.

    :param root: the archive; paths are kept relative to it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(
        self, connection: sa.Connection, copy: FiledCopy, *, issuer: str | None, format: str, size: int
    ) -> FiledCopy:
        """Enter a copy, in place of what the index knew of a file at that path.

        :return: the copy with its id.
        """
        relative = Path(copy.path).relative_to(self._root).as_posix()
        connection.execute(table.delete().where(table.c.path == relative))
        words = [copy.number, copy.symbol, copy.type, copy.summary, issuer, *copy.signers, Path(copy.path).stem]
        result = connection.execute(
            table.insert().values(
                path=relative,
                year=copy.year,
                type=copy.type,
                number=copy.number,
                number_value=_value(copy.number),
                symbol=copy.symbol,
                date=copy.date,
                summary=copy.summary,
                issuer=issuer,
                signers=copy.signers,
                format=format,
                size=size,
                sha256=copy.sha256,
                incoming=copy.incoming,
                filed_at=copy.filed_at,
                words=fold(" ".join(word for word in words if word)),
                signer_words=fold(" ".join(copy.signers)),
            )
        )
        (identifier,) = result.inserted_primary_key or (0,)
        return msgspec.structs.replace(copy, id=identifier)

    def with_hash(self, connection: sa.Connection, sha256: str) -> FiledCopy | None:
        row = connection.execute(sa.select(table).where(table.c.sha256 == sha256).order_by(table.c.id)).first()
        return self._copy(row) if row is not None else None

    def with_number(self, connection: sa.Connection, year: int, number: str, symbol: str | None) -> list[FiledCopy]:
        """Issued copies of that number, symbol and year; a missing symbol is one of its own."""
        rows = connection.execute(
            sa.select(table)
            .where(
                table.c.year == year,
                table.c.number_value == _value(number),
                table.c.symbol == symbol if symbol else table.c.symbol.is_(None),
                table.c.incoming.is_(False),
            )
            .order_by(table.c.id)
        )
        return [self._copy(row) for row in rows]

    def search(
        self,
        connection: sa.Connection,
        query: str,
        *,
        year: int | None,
        type: str | None,
        signer: str | None,
        date_from: dt.date | None,
        date_to: dt.date | None,
        limit: int,
    ) -> list[FiledCopy]:
        words = fold(query).split()
        statement = sa.select(table)
        for word in words:
            statement = statement.where(table.c.words.contains(word, autoescape=True))
        if year is not None:
            statement = statement.where(table.c.year == year)
        if type is not None:
            known = type_named(type) or next((it for it in document_types() if fold(it.name) == fold(type)), None)
            statement = statement.where(table.c.type == (known.name if known is not None else type))
        for word in fold(signer or "").split():
            statement = statement.where(table.c.signer_words.contains(word, autoescape=True))
        if date_from is not None:
            statement = statement.where(table.c.date >= date_from)
        if date_to is not None:
            statement = statement.where(table.c.date <= date_to)
        numbers = [_value(word) for word in words]
        rank = sa.case((table.c.number_value.in_(numbers), 0), else_=1)
        newest = sa.func.coalesce(table.c.date, sa.literal(dt.date.min, sa.Date))
        rows = connection.execute(statement.order_by(rank, newest.desc(), table.c.id.desc()).limit(limit))
        return [self._copy(row) for row in rows]

    def _copy(self, row: sa.Row[tuple[object, ...]]) -> FiledCopy:
        values = row._mapping
        return FiledCopy(
            id=values["id"],
            path=str(self._root.joinpath(*PurePosixPath(values["path"]).parts)),
            year=values["year"],
            type=values["type"],
            number=values["number"],
            symbol=values["symbol"],
            date=values["date"],
            summary=values["summary"],
            signers=list(values["signers"]),
            sha256=values["sha256"],
            filed_at=values["filed_at"],
            incoming=values["incoming"],
        )


def _value(number: str | None) -> str | None:
    """A number without leading zeros, in one case: ``05`` and ``5`` are the same."""
    return (number.lstrip("0").lower() or "0") if number else None
