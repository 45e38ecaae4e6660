"""How a copy finds its document in the index: the one it belongs to, or a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.archive.index import Index, main_key
from app.archive.layout import type_folder
from app.archive.model import Corrections, FiledCopy
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.documents.text import clean, fold
from app.times import local

_READ = (
    "number",
    "symbol",
    "date",
    "place",
    "issuer",
    "summary",
    "signer_title",
    "signer_name",
    "urgency",
    "secrecy",
    "pages",
)


@dataclass(frozen=True)
class Entry:
    """What is to be entered with a copy.

    :ivar text: of the document, for search.
    :ivar made_from: SHA-256 of the file that the copy was made from; read from it where not given.
    """

    info: DocumentInfo
    year: int
    incoming: bool
    more: Corrections | None
    doubts: Mapping[str, float]
    text: str
    made_from: str | None = None

    def enter(self, index: Index, connection: Connection, copy: FiledCopy, source: Path) -> FiledCopy:
        """Enter the copy with its document.

        :param source: the file it was made from.
        :return: with its id and its document's.
        """
        known = self._document(index, connection, copy, source)
        if known is not None:
            entered = index.add_copy(connection, known, copy)
            index.complete(connection, known, {name: getattr(self.info, name) for name in _READ})
            index.enter_again(connection, known, self.text)
            return entered
        values = self.values()
        if self.incoming:
            values["arrived_on"] = values.get("arrived_on") or local(copy.filed_at).date()
            if values.get("arrival_number") is None:
                values["arrival_number"] = index.next_arrival_number(connection, self.year)
        main = self.info.main
        if main is not None:
            values["main"] = main_key(main, self.year)
            values["attached_to"] = index.main_document(connection, values["main"])
        entered = index.add_document(connection, values, copy, self.text)
        index.attach_waiting(connection, entered)
        return entered

    def values(self) -> dict[str, Any]:
        """The columns of the document."""
        values: dict[str, Any] = {name: getattr(self.info, name) for name in _READ}
        values |= {"incoming": self.incoming, "year": self.year, "type": type_folder(self.info.type)}
        values["doubts"] = dict(self.doubts) or None
        if self.more is not None:
            values |= columns(self.more)
        return values

    def _document(self, index: Index, connection: Connection, copy: FiledCopy, source: Path) -> int | None:
        """The document that a copy is one of: that of the filed copy it was made from; the issued one of the same
        number; one of the same words in another format."""
        digest = self.made_from or (sha256_file(source) if source.is_file() else copy.sha256)
        made_from = index.with_hash(connection, digest) if digest != copy.sha256 else None
        if made_from is not None and made_from.incoming == copy.incoming and made_from.number in (None, copy.number):
            return made_from.document
        values = self.values()
        if values["number"]:
            alike = index.with_number(connection, self.year, values["number"], values["symbol"], incoming=self.incoming)
            alike = [other for other in alike if fold(other.summary or "") == fold(self.info.summary or "")]
            alike = [
                other
                for other in alike
                if other.date == copy.date and (not self.incoming or other.format != copy.format)
            ]
        else:
            alike = [other for other in index.of_same_words(connection, values) if other.format != copy.format]
        return alike[0].document if alike else None


def columns(corrections: Corrections) -> dict[str, Any]:
    """What is set in corrections, by name of column."""
    set_ = {
        name: value
        for name in corrections.__struct_fields__
        if (value := getattr(corrections, name)) is not msgspec.UNSET
    }
    if "recipients" in set_:
        set_["recipients"] = [[one.organ_id, one.name] for one in set_["recipients"]] or None
    if "type" in set_:
        set_["type"] = type_folder(set_["type"])
    return {name: _stripped(value) for name, value in set_.items()}


def _stripped(value: Any) -> Any:
    return clean(value) or None if isinstance(value, str) else value
