"""The index of documents and filed copies in the store."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from app.archive.marking import document_marks
from app.archive.model import Branch, Document, FiledCopy, Found, Hit, Query, Recipient
from app.archive.search import Place, SearchIndex
from app.archive.search_words import Wanted, head_words, number_value, text_words
from app.documents.model import MainDocument
from app.documents.text import fold
from app.storage.schema.archive import documents, dossier_documents, filed_copies
from app.times import local

#: Columns of a document that are its own and no link.
FIELDS = tuple(column.name for column in documents.columns if column.name not in ("id", "key", "number_value"))
#: Year, number value and symbol of a document.
Number = tuple[int, str, str | None]
#: Of these, those by which a document has its place.
_PLACE = frozenset({"incoming", "year", "type", "attached_to", "main", "doubts"})
_SHOWN = tuple(name for name in FIELDS if name != "main")


class Index:
    """Reads and writes the rows of one archive; the caller holds the transaction.

    :param root: the archive; paths are kept relative to it.
    :param dialect: of the store.
    """

    def __init__(self, root: Path, dialect: str) -> None:
        self._root = root
        self._before_path = str(root / "_")[:-1]
        self._search = SearchIndex(dialect)

    # Writing

    def add_document(
        self, connection: sa.Connection, values: Mapping[str, Any], copy: FiledCopy, text: str
    ) -> FiledCopy:
        """Enter a document with its first copy.

        :param values: by name of column, those of :data:`FIELDS`.
        :param text: of the document, for search.
        :return: the copy with its id and its document's.
        """
        return self.add_documents(connection, [(values, copy, text)])[0]

    def add_documents(
        self, connection: sa.Connection, new: Sequence[tuple[Mapping[str, Any], FiledCopy, str]]
    ) -> list[FiledCopy]:
        """Enter documents with their first copies, in a few statements.

        :param new: what :meth:`add_document` takes of each.
        :return: the copies with their ids and their documents'.
        """
        days = [values.get("date") or local(copy.filed_at).date() for values, copy, _ in new]
        rows = [
            {name: values.get(name) for name in FIELDS}
            | {"number_value": number_value(values.get("number")), "key": key}
            for (values, _, _), key in zip(new, self._search.next_keys(connection, days), strict=True)
        ]
        entered = connection.execute(documents.insert().returning(documents.c.key, documents.c.id), rows)
        known: dict[int | None, int] = {row.key: row.id for row in entered}
        copies = [
            msgspec.structs.replace(copy, document=known[row["key"]])
            for (_, copy, _), row in zip(new, rows, strict=True)
        ]
        copies = self._add_copies(connection, copies)
        self._enter(
            connection,
            [
                (row, copy.signers, self._relative(copy.path), text)
                for row, copy, (_, _, text) in zip(rows, copies, new, strict=True)
            ],
        )
        return copies

    def add_copy(self, connection: sa.Connection, document: int, copy: FiledCopy) -> FiledCopy:
        """Enter a further copy of a document, in place of what the index knew of a file at that path."""
        return self._add_copies(connection, [msgspec.structs.replace(copy, document=document)])[0]

    def _add_copies(self, connection: sa.Connection, copies: Sequence[FiledCopy]) -> list[FiledCopy]:
        paths = [self._relative(copy.path) for copy in copies]
        taken = sa.select(filed_copies.c.path).where(filed_copies.c.path.in_(paths))
        replaced = self.forget(connection, connection.execute(taken).scalars().all())
        rows = [
            {
                "document_id": copy.document,
                "path": path,
                "format": copy.format,
                "size": copy.size,
                "sha256": copy.sha256,
                "signers": copy.signers,
                "filed_at": copy.filed_at,
            }
            for copy, path in zip(copies, paths, strict=True)
        ]
        entered = connection.execute(filed_copies.insert().returning(filed_copies.c.path, filed_copies.c.id), rows)
        self.drop_empty(connection, replaced)
        known: dict[str, int] = {row.path: row.id for row in entered}
        return [msgspec.structs.replace(copy, id=known[path]) for copy, path in zip(copies, paths, strict=True)]

    def forget(self, connection: sa.Connection, paths: Sequence[str]) -> set[int]:
        """Take out copies.

        :return: the ids of their documents, some perhaps without a copy now.
        """
        gone = filed_copies.delete().where(filed_copies.c.path.in_(paths)).returning(filed_copies.c.document_id)
        return set(connection.execute(gone).scalars()) if paths else set()

    def drop_empty(self, connection: sa.Connection, ids: Collection[int]) -> None:
        """Take out those of the documents that have no copy."""
        if ids:
            copies = sa.exists().where(filed_copies.c.document_id == documents.c.id)
            connection.execute(documents.delete().where(documents.c.id.in_(ids), ~copies))

    def enter_again(self, connection: sa.Connection, document: int, text: str) -> None:
        """Let search find a document by what its row and its copies say now, under a new key.

        :param text: of the document.
        """
        row = dict(connection.execute(sa.select(documents).where(documents.c.id == document)).one()._mapping)
        copies = self._copies(connection, [document])[document]
        day = row["date"] or local(min(copy["filed_at"] for copy in copies)).date()
        (row["key"],) = self._search.next_keys(connection, [day])
        connection.execute(documents.update().where(documents.c.id == document).values(key=row["key"]))
        signers = [signer for copy in copies for signer in copy["signers"]]
        self._enter(connection, [(row, signers, copies[0]["path"], text)])

    def change(self, connection: sa.Connection, document: int, values: Mapping[str, Any]) -> None:
        """Set columns of a document; search finds it as before until :meth:`enter_again`."""
        row = dict(values)
        if "number" in row:
            row["number_value"] = number_value(row["number"])
        connection.execute(documents.update().where(documents.c.id == document).values(row))

    def complete(self, connection: sa.Connection, document: int, values: Mapping[str, Any]) -> None:
        """Set those columns of a document that are empty."""
        row = connection.execute(sa.select(documents).where(documents.c.id == document)).one()._mapping
        new = {name: value for name, value in values.items() if value is not None and row[name] is None}
        if new:
            self.change(connection, document, new)

    def take_over(self, connection: sa.Connection, document: int, other: int) -> None:
        """Let a document have what is known of another one, which will go: where it has nothing itself, and the
        dossiers that the other lies in. A number goes along only within the same year's numbers."""
        found = connection.execute(sa.select(documents).where(documents.c.id.in_((document, other))))
        rows = {row.id: row._mapping for row in found}
        mine, theirs = rows[document], rows[other]
        names = set(FIELDS).difference(_PLACE)
        if mine["number"] is not None or any(mine[name] != theirs[name] for name in ("incoming", "year")):
            names -= {"number", "symbol"}
        if not (mine["incoming"] and theirs["incoming"] and mine["year"] == theirs["year"]):
            names -= {"arrived_on", "arrival_number"}
        self.complete(connection, document, {name: theirs[name] for name in names})
        lying = dossier_documents.c
        there = sa.select(lying.dossier_id).where(lying.document_id == document).scalar_subquery()
        gone = dossier_documents.update().where(lying.document_id == other, lying.dossier_id.not_in(there))
        connection.execute(gone.values(document_id=document))

    def moved(self, connection: sa.Connection, copy: int, path: Path) -> None:
        """A copy has another path."""
        relative = self._relative(str(path))
        connection.execute(filed_copies.update().where(filed_copies.c.id == copy).values(path=relative))

    def move_copy(self, connection: sa.Connection, copy: int, document: int) -> None:
        """A copy is one of another document; the one it was of goes where it has no other copy."""
        query = sa.select(filed_copies.c.document_id).where(filed_copies.c.id == copy)
        before = connection.execute(query).scalar()
        connection.execute(filed_copies.update().where(filed_copies.c.id == copy).values(document_id=document))
        left = sa.exists().where(filed_copies.c.document_id == before)
        if before != document and not connection.execute(sa.select(left)).scalar():
            attached = documents.update().where(documents.c.attached_to == before)
            connection.execute(attached.values(attached_to=sa.case((documents.c.id == document, None), else_=document)))
            connection.execute(documents.delete().where(documents.c.id == before))

    def _enter(
        self, connection: sa.Connection, new: Iterable[tuple[Mapping[str, Any], Sequence[str], str, str]]
    ) -> None:
        """:param new: row, signers, path and text of each document."""
        heads: list[tuple[int, list[str]]] = []
        texts: list[tuple[int, list[str]]] = []
        for row, signers, path, text in new:
            head = head_words(row, signers, path)
            heads.append((row["key"], head))
            texts.append((row["key"], text_words(row, head, text)))
        self._search.add_heads(connection, heads)
        self._search.add_texts(connection, texts)

    def attach_waiting(self, connection: sa.Connection, copy: FiledCopy) -> None:
        """Attach to a document that came now those that came before and said they belong to it."""
        if copy.incoming or not copy.number or not copy.symbol:
            return
        waiting = documents.c.main == _key(copy.year, copy.number, copy.symbol), documents.c.attached_to.is_(None)
        statement = documents.update().where(*waiting, documents.c.id != copy.document)
        connection.execute(statement.values(attached_to=copy.document))

    # Reading

    def known_hashes(self, connection: sa.Connection, hashes: Sequence[str]) -> set[str]:
        """Those of some SHA-256 that a filed copy has."""
        statement = sa.select(filed_copies.c.sha256).where(filed_copies.c.sha256.in_(hashes))
        return set(connection.execute(statement).scalars())

    def known_numbers(self, connection: sa.Connection, numbers: Sequence[Number]) -> set[Number]:
        """Those of some numbers that an issued document bears."""
        columns = documents.c.year, documents.c.number_value, documents.c.symbol
        found: set[Number] = set()
        for year in {number[0] for number in numbers}:
            values = {number[1] for number in numbers if number[0] == year}
            statement = sa.select(*columns).where(columns[0] == year, columns[1].in_(values))
            rows = connection.execute(statement.where(documents.c.incoming.is_(False)))
            found.update((row[0], row[1], row[2]) for row in rows)
        return found.intersection(numbers)

    def awaited(self, connection: sa.Connection, mains: Sequence[str]) -> set[str]:
        """Those of some main documents, of :func:`main_key`, that an attachment names."""
        statement = sa.select(documents.c.main).where(documents.c.main.in_(mains))
        return set(connection.execute(statement).scalars())

    def main_document(self, connection: sa.Connection, main: str) -> int | None:
        """The issued document that an attachment names.

        :param main: of :func:`main_key`.
        """
        year, number, symbol = main.split("/", 2)
        statement = sa.select(documents.c.id).where(
            documents.c.year == int(year),
            documents.c.number_value == number,
            documents.c.symbol == symbol,
            documents.c.attached_to.is_(None),
        )
        return connection.execute(statement.order_by(documents.c.incoming, documents.c.id)).scalar()

    def next_arrival_number(self, connection: sa.Connection, year: int) -> int:
        """One more than the highest of a year (appendix VI, part I, III.1.đ)."""
        highest = sa.select(sa.func.max(documents.c.arrival_number)).where(documents.c.year == year)
        return (connection.execute(highest).scalar() or 0) + 1

    def document(self, connection: sa.Connection, identifier: int) -> Document | None:
        rows = connection.execute(sa.select(documents).where(documents.c.id == identifier)).all()
        return self._documents(connection, rows)[0] if rows else None

    def copy(self, connection: sa.Connection, identifier: int) -> FiledCopy | None:
        return self._one_copy(connection, filed_copies.c.id == identifier)

    def with_hash(self, connection: sa.Connection, sha256: str) -> FiledCopy | None:
        rows = connection.execute(_with_hash(), {"hash": sha256})
        return next((self._copy(dict(row._mapping)) for row in rows), None)

    def at(self, connection: sa.Connection, path: Path) -> FiledCopy | None:
        """The copy at a path, as the index knows it."""
        return self._one_copy(connection, filed_copies.c.path == self._relative(str(path)))

    def with_number(
        self, connection: sa.Connection, year: int, number: str, symbol: str | None, *, incoming: bool = False
    ) -> list[FiledCopy]:
        """Copies of documents of that number, symbol and year; a missing symbol is one of its own."""
        wanted = {"year": year, "number": number_value(number), "incoming": incoming}
        rows = connection.execute(_with_number(bool(symbol)), wanted | ({"symbol": symbol} if symbol else {}))
        return [self._copy(dict(row._mapping)) for row in rows]

    def of_same_words(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[FiledCopy]:
        """Copies of documents without a number that have the same type, date, issuer and summary."""
        found = self._some_copies(
            connection,
            documents.c.incoming.is_(bool(values["incoming"])),
            documents.c.year == values["year"],
            documents.c.number_value.is_(None),
            documents.c.type == values["type"],
            documents.c.date == values["date"],
            documents.c.summary == values["summary"],
        )
        return [copy for copy in found if fold(copy.summary or "")]

    def find(self, connection: sa.Connection, query: Query, *, after: str | None, limit: int) -> Found:
        """A page of documents found; see :meth:`app.archive.archive.Archive.find`."""
        wanted = Wanted.of(query)
        place = Place.parse(after) if after else None
        matches = self._search.find(
            connection,
            wanted,
            dossier=query.dossier,
            doubtful=query.doubtful,
            after=place,
            limit=limit,
        )
        found = self._documents(connection, [match.row for match in matches])
        hits = [
            Hit(document, document_marks(document, wanted.shown), match.in_text)
            for match, document in zip(matches, found, strict=True)
        ]
        return Found(hits, str(matches[-1].place) if matches and len(matches) == limit else None)

    def register_rows(self, connection: sa.Connection, year: int, incoming: bool) -> Iterator[Mapping[str, Any]]:
        """The documents of a year that have a line of their own in a register."""
        statement = sa.select(documents).where(
            documents.c.incoming.is_(incoming), documents.c.year == year, documents.c.attached_to.is_(None)
        )
        if not incoming:
            statement = statement.where(documents.c.number_value.is_not(None))
        for row in connection.execute(statement):
            yield dict(row._mapping)

    def tree(self, connection: sa.Connection) -> list[Branch]:
        """Years and types that have documents, newest year first."""
        columns = (documents.c.incoming, documents.c.year, documents.c.type)
        statement = sa.select(*columns, sa.func.count()).group_by(*columns)
        branches = [Branch(*row) for row in connection.execute(statement)]
        return sorted(branches, key=lambda branch: (branch.incoming, -branch.year, fold(branch.type)))

    def _documents(self, connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Document]:
        identifiers = [row._mapping["id"] for row in rows]
        copies = self._copies(connection, identifiers)
        attached: dict[int, list[int]] = defaultdict(list)
        for identifier, main in connection.execute(
            sa.select(documents.c.id, documents.c.attached_to).where(documents.c.attached_to.in_(identifiers))
        ):
            attached[main].append(identifier)
        lying: dict[int, dict[int, int]] = defaultdict(dict)
        for dossier, identifier, ordinal in connection.execute(
            sa.select(dossier_documents).where(dossier_documents.c.document_id.in_(identifiers))
        ):
            lying[identifier][dossier] = ordinal
        return [
            self._document(dict(row._mapping), copies[row._mapping["id"]], attached, lying[row._mapping["id"]])
            for row in rows
        ]

    def _document(
        self,
        values: Mapping[str, Any],
        copies: Sequence[Mapping[str, Any]],
        attached: Mapping[int, list[int]],
        lying: dict[int, int],
    ) -> Document:
        fields = {name: values[name] for name in _SHOWN if values[name] is not None}
        fields["recipients"] = [Recipient(*one) for one in values["recipients"] or ()]
        return Document(
            id=values["id"],
            copies=[self._copy({**values, **copy}) for copy in copies],
            attachments=sorted(attached.get(values["id"], ())),
            dossiers=lying,
            **fields,
        )

    def _copies(self, connection: sa.Connection, identifiers: Collection[int]) -> dict[int, list[Mapping[str, Any]]]:
        found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        statement = sa.select(filed_copies).where(filed_copies.c.document_id.in_(identifiers))
        for row in connection.execute(statement.order_by(filed_copies.c.id)):
            found[row._mapping["document_id"]].append(dict(row._mapping))
        return found

    def _one_copy(self, connection: sa.Connection, condition: sa.ColumnElement[bool]) -> FiledCopy | None:
        return next(iter(self._some_copies(connection, condition, limit=1)), None)

    def _some_copies(
        self, connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None
    ) -> list[FiledCopy]:
        statement = _copies_where(*conditions).limit(limit)
        return [self._copy(dict(row._mapping)) for row in connection.execute(statement)]

    def _copy(self, values: Mapping[str, Any]) -> FiledCopy:
        return FiledCopy(
            id=values["id"],
            path=self._before_path + values["path"].replace("/", os.sep),
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
            document=values["document_id"],
            format=values["format"],
            size=values["size"],
        )

    def _relative(self, path: str) -> str:
        return Path(path).relative_to(self._root).as_posix()


def _copies_where(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    known = (documents.c[name] for name in ("year", "type", "number", "symbol", "date", "summary", "incoming"))
    return sa.select(filed_copies, *known).join(documents).where(*conditions).order_by(filed_copies.c.id)


@cache
def _with_hash() -> sa.Select[Any]:
    """Asked several times for every file that is filed, as is :func:`_with_number`: made once."""
    return _copies_where(filed_copies.c.sha256 == sa.bindparam("hash")).limit(1)


@cache
def _with_number(with_symbol: bool) -> sa.Select[Any]:
    return _copies_where(
        documents.c.year == sa.bindparam("year"),
        documents.c.number_value == sa.bindparam("number"),
        documents.c.symbol == sa.bindparam("symbol") if with_symbol else documents.c.symbol.is_(None),
        documents.c.incoming == sa.bindparam("incoming"),
    )


def main_key(main: MainDocument, year: int) -> str:
    """What an attachment says its main document is, for :meth:`Index.main_document`.

    :param year: of the attachment, where it gives no date of the other.
    """
    return _key(main.date.year if main.date else year, main.number, main.symbol)


def _key(year: int, number: str, symbol: str) -> str:
    return f"{year}/{number_value(number)}/{symbol}"
