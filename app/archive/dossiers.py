"""Dossiers (hồ sơ): documents about one matter, in order, with metadata of their own (appendix VI, part II, III)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from app.archive.errors import DocumentUnknown, DossierExists, DossierUnknown
from app.archive.model import Dossier, DossierData
from app.documents.text import fold
from app.storage.schema.archive import documents, dossier_documents, dossiers

if TYPE_CHECKING:
    from app.storage.store import Store


class Dossiers:
    """The dossiers of an office.

    :param store: opens the database; called when it is needed.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def open(self, data: DossierData) -> Dossier:
        """A new dossier.

        :raises DossierExists: one of that notation is there in that year.
        """
        with self._store().write() as connection:
            self._check_free(connection, data, None)
            (identifier,) = connection.execute(dossiers.insert().values(_row(data))).inserted_primary_key or (0,)
            return self._one(connection, identifier)

    def change(self, dossier: int, data: DossierData) -> Dossier:
        """Say all of a dossier anew.

        :raises DossierUnknown: there is none. :raises DossierExists: another one has that notation in that year.
        """
        with self._store().write() as connection:
            self._check_free(connection, data, dossier)
            connection.execute(dossiers.update().where(dossiers.c.id == dossier).values(_row(data)))
            return self._one(connection, dossier)

    def put(self, dossier: int, *document_ids: int) -> Dossier:
        """Put documents into a dossier, after those that lie there; one that does lies where it is.

        :raises DossierUnknown, DocumentUnknown: there is none.
        """
        with self._store().write() as connection:
            self._one(connection, dossier)
            lying = dossier_documents.c.dossier_id == dossier
            there = set(connection.execute(sa.select(dossier_documents.c.document_id).where(lying)).scalars())
            last = connection.execute(sa.select(sa.func.max(dossier_documents.c.ordinal)).where(lying)).scalar() or 0
            known = set(connection.execute(sa.select(documents.c.id).where(documents.c.id.in_(document_ids))).scalars())
            for identifier in dict.fromkeys(document_ids):
                if identifier not in known:
                    raise DocumentUnknown(id=identifier)
                if identifier not in there:
                    last += 1
                    row = {"dossier_id": dossier, "document_id": identifier, "ordinal": last}
                    connection.execute(dossier_documents.insert().values(row))
            return self._one(connection, dossier)

    def take_out(self, dossier: int, document: int) -> Dossier:
        """Take a document out of a dossier; it stays in the archive, and the numbers of the others stay.

        :raises DossierUnknown: there is none.
        """
        with self._store().write() as connection:
            row = dossier_documents.c.dossier_id == dossier, dossier_documents.c.document_id == document
            connection.execute(dossier_documents.delete().where(*row))
            return self._one(connection, dossier)

    def get(self, dossier: int) -> Dossier:
        """:raises DossierUnknown: there is none."""
        with self._store().read() as connection:
            return self._one(connection, dossier)

    def find(self, query: str = "", *, year: int | None = None) -> list[Dossier]:
        """Dossiers that have all words of a query in notation, title, creator or note, newest year first.

        :param query: accents and case do not count; parts of words do.
        """
        statement = sa.select(dossiers.c.id).order_by(dossiers.c.year.desc(), dossiers.c.notation)
        for word in fold(query).split():
            statement = statement.where(dossiers.c.words.contains(word, autoescape=True))
        if year is not None:
            statement = statement.where(dossiers.c.year == year)
        with self._store().read() as connection:
            return [self._one(connection, found) for found in connection.execute(statement).scalars().all()]

    def contents(self, dossier: int) -> list[int]:
        """Ids of its documents in their order.

        :raises DossierUnknown: there is none.
        """
        with self._store().read() as connection:
            self._one(connection, dossier)
            statement = sa.select(dossier_documents.c.document_id).where(dossier_documents.c.dossier_id == dossier)
            return list(connection.execute(statement.order_by(dossier_documents.c.ordinal)).scalars())

    def _check_free(self, connection: sa.Connection, data: DossierData, own: int | None) -> None:
        same = dossiers.c.organ_id == data.organ_id, dossiers.c.year == data.year, dossiers.c.notation == data.notation
        found = connection.execute(sa.select(dossiers.c.id).where(*same)).scalar()
        if found is not None and found != own:
            raise DossierExists(notation=data.notation, year=data.year)

    def _one(self, connection: sa.Connection, identifier: int) -> Dossier:
        row = connection.execute(sa.select(dossiers).where(dossiers.c.id == identifier)).first()
        if row is None:
            raise DossierUnknown(id=identifier)
        counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(documents.c.pages), 0)).select_from(
            dossier_documents.join(documents)
        )
        count, pages = connection.execute(counted.where(dossier_documents.c.dossier_id == identifier)).one()
        values = {name: row._mapping[name] for name in DossierData.__struct_fields__}
        return Dossier(identifier, DossierData(**values), count, pages)


def _row(data: DossierData) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.structs.asdict(data)
    words: Sequence[str | None] = (data.notation, data.title, data.creator, data.note)
    return values | {"words": fold(" ".join(filter(None, words)))}
