"""What the archive hands out and is asked with."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

#: Urgency of a document, rising (Decree 30/2020, appendix I, part I, III.2.b).
Urgency = Literal["Khẩn", "Thượng khẩn", "Hỏa tốc"]

#: Degree of secrecy of a document, rising (Law 117/2025 on the protection of state secrets).
Secrecy = Literal["Mật", "Tối mật", "Tuyệt mật"]


class FiledCopy(msgspec.Struct, frozen=True):
    """A file in the archive, with what its document is known by.

    :ivar path: absolute.
    :ivar type: of the document: a type of the decree or of the office's own, or ``Khác``.
    :ivar date: of the document.
    :ivar signers: names of those whose signatures this file bears.
    :ivar filed_at: aware.
    :ivar incoming: received, not issued here.
    :ivar duplicate: the same octets were filed before; nothing new was written.
    :ivar document: id of the :class:`Document` that this is a file of.
    :ivar format: as :class:`app.documents.formats.Format` says it; ``size`` in octets.
    """

    id: int
    path: str
    year: int
    type: str
    number: str | None
    symbol: str | None
    date: dt.date | None
    summary: str | None
    signers: list[str]
    sha256: str
    filed_at: dt.datetime
    incoming: bool = False
    duplicate: bool = False
    document: int = 0
    format: str = ""
    size: int = 0


class Recipient(msgspec.Struct, frozen=True, array_like=True):
    """Who gets an issued document (appendix VI, part II, I.13).

    :ivar organ_id: the agency's code, empty where not known.
    """

    organ_id: str
    name: str


class Document(msgspec.Struct, frozen=True):
    """A document with the metadata of Decree 30/2020, appendix VI, part II, I (issued) and II (received).

    :ivar number: CodeNumber, as written, leading zero kept. :ivar symbol: CodeNotation. :ivar date: IssuedDate.
    :ivar issuer: OrganName. :ivar summary: Subject. :ivar signer_title: Position. :ivar signer_name: FullName.
    :ivar urgency: with ``secrecy`` the decree's Priority. :ivar pages: PageAmount. :ivar note: Description.
    :ivar recipients: To. :ivar copies_issued: IssuedAmount. :ivar due_date: DueDate.
    :ivar kept_by: unit or person that keeps the file copy, and ``forwarded_on`` the day it was passed on: columns of
        the registers (appendix IV).
    :ivar arrived_on: ArrivalDate. :ivar arrival_number: ArrivalNumber. :ivar handled_by: ToPlaces.
    :ivar handling: TraceHeaderList, opinions and state of handling.
    :ivar attached_to: id of the main document of an attachment.
    :ivar doubts: what a person should look at: field → confidence, 0 to 1 (:mod:`app.documents.confidence`).
    :ivar copies: its files, oldest first.
    :ivar attachments: ids of its attachments.
    :ivar dossiers: dossier id → ordinal of the document in it.
    """

    id: int
    incoming: bool
    year: int
    type: str
    number: str | None = None
    symbol: str | None = None
    date: dt.date | None = None
    place: str | None = None
    issuer: str | None = None
    summary: str | None = None
    signer_title: str | None = None
    signer_name: str | None = None
    urgency: str | None = None
    secrecy: str | None = None
    language: str = "Tiếng Việt"
    pages: int | None = None
    note: str | None = None
    recipients: list[Recipient] = []
    copies_issued: int | None = None
    due_date: dt.date | None = None
    kept_by: str | None = None
    forwarded_on: dt.date | None = None
    arrived_on: dt.date | None = None
    arrival_number: int | None = None
    handled_by: str | None = None
    handling: str | None = None
    attached_to: int | None = None
    doubts: dict[str, float] = {}
    copies: list[FiledCopy] = []
    attachments: list[int] = []
    dossiers: dict[int, int] = {}


def _text(limit: int) -> msgspec.Meta:
    return msgspec.Meta(max_length=limit)


def _count(digits: int) -> msgspec.Meta:
    return msgspec.Meta(ge=0, lt=10**digits)


class Corrections(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a person says of a document in the place of what was read. A field that is UNSET stays as it is; None
    empties it. The lengths are the decree's (appendix VI, part II); a longer text is refused by
    :func:`msgspec.convert`.
    """

    year: Annotated[int, msgspec.Meta(ge=1900, le=9999)] | msgspec.UnsetType = msgspec.UNSET
    type: Annotated[str, _text(100)] | msgspec.UnsetType = msgspec.UNSET
    number: Annotated[str, _text(11)] | msgspec.UnsetType | None = msgspec.UNSET
    symbol: Annotated[str, _text(30)] | msgspec.UnsetType | None = msgspec.UNSET
    date: dt.date | msgspec.UnsetType | None = msgspec.UNSET
    place: Annotated[str, _text(100)] | msgspec.UnsetType | None = msgspec.UNSET
    issuer: Annotated[str, _text(200)] | msgspec.UnsetType | None = msgspec.UNSET
    summary: Annotated[str, _text(500)] | msgspec.UnsetType | None = msgspec.UNSET
    signer_title: Annotated[str, _text(100)] | msgspec.UnsetType | None = msgspec.UNSET
    signer_name: Annotated[str, _text(50)] | msgspec.UnsetType | None = msgspec.UNSET
    urgency: Urgency | msgspec.UnsetType | None = msgspec.UNSET
    secrecy: Secrecy | msgspec.UnsetType | None = msgspec.UNSET
    language: Annotated[str, _text(30)] | msgspec.UnsetType | None = msgspec.UNSET
    pages: Annotated[int, _count(3)] | msgspec.UnsetType | None = msgspec.UNSET
    note: Annotated[str, _text(500)] | msgspec.UnsetType | None = msgspec.UNSET
    recipients: list[Recipient] | msgspec.UnsetType = msgspec.UNSET
    copies_issued: Annotated[int, _count(3)] | msgspec.UnsetType | None = msgspec.UNSET
    due_date: dt.date | msgspec.UnsetType | None = msgspec.UNSET
    kept_by: Annotated[str, _text(200)] | msgspec.UnsetType | None = msgspec.UNSET
    forwarded_on: dt.date | msgspec.UnsetType | None = msgspec.UNSET
    arrived_on: dt.date | msgspec.UnsetType | None = msgspec.UNSET
    arrival_number: Annotated[int, _count(10)] | msgspec.UnsetType | None = msgspec.UNSET
    handled_by: Annotated[str, _text(1000)] | msgspec.UnsetType | None = msgspec.UNSET
    handling: str | msgspec.UnsetType | None = msgspec.UNSET


class Query(msgspec.Struct, frozen=True):
    """What to look for.

    :ivar text: words as people type them; accents, case and ``đ`` do not count, each may be the beginning of a word; a
        number's inner digits are found, too. ``"words in quotes"`` stand side by side in a field of the metadata.
        A day such as ``05/11/2026`` finds documents of that day. Empty: everything.
    :ivar type: name of a type, however spelled. :ivar signer: names or parts of names of who signed.
    :ivar date_from, date_to: first and last date of the document.
    :ivar incoming: only received (True) or only issued (False) documents.
    :ivar dossier: id of a dossier. :ivar doubtful: only documents with a field in doubt.
    """

    text: str = ""
    year: int | None = None
    type: str | None = None
    signer: str | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    incoming: bool | None = None
    dossier: int | None = None
    doubtful: bool = False


class Hit(msgspec.Struct, frozen=True):
    """A document found.

    :ivar marks: field of the document (``number``, ``symbol``, ``type``, ``summary``, ``issuer``, ``signer_name``,
        ``signer_title``, ``place``) → places of the words found, as offsets (start, end) in that field's text.
    :ivar in_text: some words stand only in the text of the document: :meth:`Archive.passage` shows where.
    """

    document: Document
    marks: dict[str, list[tuple[int, int]]] = {}
    in_text: bool = False


class Found(msgspec.Struct, frozen=True):
    """A page of results: a document of exactly a number typed first, then those whose metadata has all words, then
    those whose text has them; within each the newest first.

    :ivar next: give it to :meth:`Archive.find` as ``after`` for the next page; None at the end.
    """

    hits: list[Hit]
    next: str | None = None


class Passage(msgspec.Struct, frozen=True):
    """A piece of a document's text around the words found; ``marks`` are offsets (start, end) in ``text``."""

    text: str
    marks: list[tuple[int, int]]


class Branch(msgspec.Struct, frozen=True):
    """A folder of the tree: how many documents of a year and type were issued or received."""

    incoming: bool
    year: int
    type: str
    documents: int


class DossierData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says of a dossier (appendix VI, part II, III).

    :ivar notation: FileNotation such as ``01.TCCB``. :ivar year: FileCatalog. :ivar organ_id: OrganId of the agency.
    :ivar maintenance: time for which it is kept. :ivar rights: who may use it. :ivar creator: who made it.
    :ivar start_date, end_date: None where they follow from the documents.
    """

    notation: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    year: Annotated[int, msgspec.Meta(ge=1900, le=9999)]
    organ_id: Annotated[str, _text(13)] = ""
    maintenance: Annotated[str, _text(30)] | None = None
    rights: Annotated[str, _text(30)] | None = None
    creator: Annotated[str, _text(30)] | None = None
    language: Annotated[str, _text(50)] | None = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None
    note: Annotated[str, _text(500)] | None = None


class Dossier(msgspec.Struct, frozen=True):
    """A dossier (hồ sơ).

    :ivar documents: DocTotal. :ivar pages: PageTotal, of the documents whose pages are known.
    """

    id: int
    data: DossierData
    documents: int
    pages: int
