"""The archive: documents with the decree's metadata, their filed copies, dossiers, and what search looks in.

Metadata after Decree 30/2020, appendix VI, part II; the decree's own names stand with each column of
:data:`documents` and :data:`dossiers`.
"""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.schema.base import Digest, Moment, metadata

_JSON = sa.JSON(none_as_null=True)

#: Documents (văn bản), issued and received. ``key`` orders them by day, newest highest, and is the row of the search
#: index (:mod:`app.archive.search`); it changes with every correction. ``number_value`` is the number without leading
#: zeros, in lower case. ``doubts`` holds what a person should still look at: field → confidence (0 to 1), NULL when
#: nothing. ``attached_to`` is the main document of an attachment, ``main`` what the attachment says that one is, as
#: year, number value and symbol between ``/``.
documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.BigInteger, nullable=False, unique=True),
    sa.Column("incoming", sa.Boolean, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),  # FileCatalog
    sa.Column("type", sa.Text, nullable=False),  # TypeName
    sa.Column("number", sa.Text),  # CodeNumber
    sa.Column("number_value", sa.Text),
    sa.Column("symbol", sa.Text),  # CodeNotation
    sa.Column("date", sa.Date),  # IssuedDate
    sa.Column("place", sa.Text),
    sa.Column("issuer", sa.Text),  # OrganName
    sa.Column("summary", sa.Text),  # Subject
    sa.Column("signer_title", sa.Text),  # Position
    sa.Column("signer_name", sa.Text),  # FullName
    sa.Column("urgency", sa.Text),  # Priority, with secrecy
    sa.Column("secrecy", sa.Text),
    sa.Column("language", sa.Text),  # Language, NULL for Vietnamese
    sa.Column("pages", sa.Integer),  # PageAmount
    sa.Column("note", sa.Text),  # Description
    sa.Column("recipients", _JSON),  # To: [[OrganId, OrganName], …]
    sa.Column("copies_issued", sa.Integer),  # IssuedAmount
    sa.Column("due_date", sa.Date),  # DueDate
    sa.Column("kept_by", sa.Text),
    sa.Column("forwarded_on", sa.Date),
    sa.Column("arrived_on", sa.Date),  # ArrivalDate
    sa.Column("arrival_number", sa.Integer),  # ArrivalNumber
    sa.Column("handled_by", sa.Text),  # ToPlaces
    sa.Column("handling", sa.Text),  # TraceHeaderList
    sa.Column("attached_to", sa.Integer, sa.ForeignKey("documents.id", ondelete="SET NULL")),
    sa.Column("main", sa.Text),
    sa.Column("doubts", _JSON),
    sa.Index(None, "year", "number_value", "symbol"),
    sa.Index(None, "incoming", "year", "type"),
)

for _name, _columns in (
    ("arrival", ("year", "arrival_number")),
    ("attached_to", ("attached_to",)),
    ("main", ("main",)),
):
    _filled = documents.c[_columns[-1]].is_not(None)
    sa.Index(
        f"ix_documents_{_name}",
        *(documents.c[name] for name in _columns),
        sqlite_where=_filled,
        postgresql_where=_filled,
    )

#: Files of documents, several where one is a .docx and its .pdf, or a copy before and after a signature. ``path`` is
#: relative to the archive, with ``/``; ``signers`` those of the signatures in this file.
filed_copies = sa.Table(
    "filed_copies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("documents.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", Digest, nullable=False, index=True),
    sa.Column("signers", sa.JSON, nullable=False),
    sa.Column("filed_at", Moment, nullable=False),
)

#: Dossiers (hồ sơ). DocTotal and PageTotal are counted, not kept.
dossiers = sa.Table(
    "dossiers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("organ_id", sa.Text, nullable=False),  # OrganId
    sa.Column("year", sa.Integer, nullable=False),  # FileCatalog
    sa.Column("notation", sa.Text, nullable=False),  # FileNotation
    sa.Column("title", sa.Text, nullable=False),  # Title
    sa.Column("maintenance", sa.Text),  # Maintenance
    sa.Column("rights", sa.Text),  # Rights
    sa.Column("creator", sa.Text),  # Creator
    sa.Column("language", sa.Text),  # Language
    sa.Column("start_date", sa.Date),  # StartDate
    sa.Column("end_date", sa.Date),  # EndDate
    sa.Column("note", sa.Text),  # Description
    sa.Column("words", sa.Text, nullable=False),
    sa.UniqueConstraint("organ_id", "year", "notation"),
)

#: A document may lie in several dossiers (appendix VI, part I, III.4.e); ``ordinal`` is DocOrdinal.
dossier_documents = sa.Table(
    "dossier_documents",
    metadata,
    sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Index(None, "document_id"),
)

#: The search index: FTS5 tables on SQLite, ordinary ones on PostgreSQL. Rows are named by ``documents.key`` and never
#: changed: a corrected document gets a new key and a new row.
SEARCH_TABLES = ("search_heads", "search_texts")


def search_index(dialect: str) -> list[str]:
    """The statements that make the search index of an empty database.

    :param dialect: ``sqlite`` or ``postgresql``.
    """
    if dialect == "sqlite":
        # Words come folded; "_" opens words that nobody types (app.archive.search_words).
        words = "content='', detail=none, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\""
        return [
            f"CREATE VIRTUAL TABLE search_heads USING fts5(words, {words}, prefix='1 2 3 4 5 6 7')",
            f"CREATE VIRTUAL TABLE search_texts USING fts5(words, {words}, columnsize=0)",
            # Whoever enters a row merges a little (app.archive.search) instead of much now and then.
            "INSERT INTO search_heads (search_heads, rank) VALUES ('automerge', 0)",
            "INSERT INTO search_texts (search_texts, rank) VALUES ('automerge', 0)",
        ]
    return [
        statement
        for name in SEARCH_TABLES
        for statement in (
            f"CREATE TABLE {name} (key bigint PRIMARY KEY, words tsvector NOT NULL)",
            f"CREATE INDEX ix_{name}_words ON {name} USING gin (words)",
        )
    ]


def is_search_table(name: str | None) -> bool:
    """Whether a table belongs to the search index, which is no part of :data:`~app.storage.schema.metadata`."""
    return name is not None and name.startswith(SEARCH_TABLES)
