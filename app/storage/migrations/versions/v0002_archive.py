"""The decree's metadata of documents, dossiers, and the search index."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    connection = op.get_bind()
    old = _old_copies(connection)
    op.drop_table("filed_copies")
    _create_tables()
    _create_search(connection.dialect.name)
    _take_over(connection, old)


def _old_copies(connection: sa.Connection) -> list[dict[str, Any]]:
    table = sa.Table("filed_copies", sa.MetaData(), autoload_with=connection)
    return [dict(row._mapping) for row in connection.execute(sa.select(table).order_by(table.c.id))]


def _create_tables() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("incoming", sa.Boolean, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("number_value", sa.Text),
        sa.Column("symbol", sa.Text),
        sa.Column("date", sa.Date),
        sa.Column("place", sa.Text),
        sa.Column("issuer", sa.Text),
        sa.Column("summary", sa.Text),
        sa.Column("signer_title", sa.Text),
        sa.Column("signer_name", sa.Text),
        sa.Column("urgency", sa.Text),
        sa.Column("secrecy", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("pages", sa.Integer),
        sa.Column("note", sa.Text),
        sa.Column("recipients", sa.JSON),
        sa.Column("copies_issued", sa.Integer),
        sa.Column("due_date", sa.Date),
        sa.Column("kept_by", sa.Text),
        sa.Column("forwarded_on", sa.Date),
        sa.Column("arrived_on", sa.Date),
        sa.Column("arrival_number", sa.Integer),
        sa.Column("handled_by", sa.Text),
        sa.Column("handling", sa.Text),
        sa.Column("attached_to", sa.Integer),
        sa.Column("main", sa.Text),
        sa.Column("doubts", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("key", name="uq_documents_key"),
        sa.ForeignKeyConstraint(
            ["attached_to"], ["documents.id"], name="fk_documents_attached_to", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_documents_year_number_value_symbol", "documents", ["year", "number_value", "symbol"])
    op.create_index("ix_documents_incoming_year_type", "documents", ["incoming", "year", "type"])
    for name, columns in (
        ("ix_documents_arrival", ["year", "arrival_number"]),
        ("ix_documents_attached_to", ["attached_to"]),
        ("ix_documents_main", ["main"]),
    ):
        filled = sa.text(f"{columns[-1]} IS NOT NULL")
        op.create_index(name, "documents", columns, sqlite_where=filled, postgresql_where=filled)
    op.create_table(
        "filed_copies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("document_id", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("signers", sa.JSON, nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filed_copies"),
        sa.UniqueConstraint("path", name="uq_filed_copies_path"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_filed_copies_document_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_filed_copies_document_id", "filed_copies", ["document_id"])
    op.create_index("ix_filed_copies_sha256", "filed_copies", ["sha256"])
    op.create_table(
        "dossiers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("organ_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("notation", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("maintenance", sa.Text),
        sa.Column("rights", sa.Text),
        sa.Column("creator", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("start_date", sa.Date),
        sa.Column("end_date", sa.Date),
        sa.Column("note", sa.Text),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dossiers"),
        sa.UniqueConstraint("organ_id", "year", "notation", name="uq_dossiers_organ_id_year_notation"),
    )
    op.create_table(
        "dossier_documents",
        sa.Column("dossier_id", sa.Integer, nullable=False),
        sa.Column("document_id", sa.Integer, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "document_id", name="pk_dossier_documents"),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossiers.id"], name="fk_dossier_documents_dossier_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_dossier_documents_document_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_dossier_documents_document_id", "dossier_documents", ["document_id"])


def _create_search(dialect: str) -> None:
    if dialect == "sqlite":
        # Words come folded; "_" opens words that nobody types (app.archive.search_words).
        words = "content='', detail=none, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\""
        op.execute(f"CREATE VIRTUAL TABLE search_heads USING fts5(words, {words}, prefix='1 2 3 4 5 6 7')")
        op.execute(f"CREATE VIRTUAL TABLE search_texts USING fts5(words, {words}, columnsize=0)")
        return
    for name in ("search_heads", "search_texts"):
        op.execute(f"CREATE TABLE {name} (key bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute(f"CREATE INDEX ix_{name}_words ON {name} USING gin (words)")


def _take_over(connection: sa.Connection, old: list[dict[str, Any]]) -> None:
    """Make documents of what was known of copies: those of one number, date and summary are one document."""
    from app.archive.search import SearchIndex
    from app.archive.search_words import head_words
    from app.documents.text import fold

    tables = sa.MetaData()
    documents = sa.Table("documents", tables, autoload_with=connection)
    copies = sa.Table("filed_copies", tables, autoload_with=connection)
    index = SearchIndex(connection.dialect.name)
    known: dict[tuple[object, ...], int] = {}
    for row in old:
        summary = fold(row["summary"] or "")
        same = (row["incoming"], row["year"], row["number_value"], row["symbol"], row["date"], summary)
        document = known.get(same) if row["number"] and summary else None
        if document is None:
            day = row["date"] or _aware(row["filed_at"]).date()
            (key,) = index.next_keys(connection, [day])
            values = {name: row[name] for name in _KEPT} | {"key": key}
            (document,) = connection.execute(documents.insert().values(values)).inserted_primary_key or (0,)
            known[same] = document
            signers = list(row["signers"])
            index.add_heads(connection, [(key, head_words(values, signers, row["path"]))])
        copy = {name: row[name] for name in ("id", "path", "format", "size", "signers", "filed_at")}
        connection.execute(copies.insert().values(document_id=document, sha256=bytes.fromhex(row["sha256"]), **copy))
    if old and connection.dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('filed_copies', 'id'), (SELECT max(id) FROM filed_copies))")


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


#: Columns of both versions.
_KEPT = ("incoming", "year", "type", "number", "number_value", "symbol", "date", "summary", "issuer")
