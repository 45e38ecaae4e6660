"""The words by which documents are found: those entered for a document, and those asked for by a query.

All are folded (:func:`app.documents.text.fold`). Words that nobody can type open with ``_``: ``_n12`` exactly the
number 12, ``_y2026`` the year, ``_t…`` the type, ``_i`` and ``_o`` received and issued, ``_s…`` a name of a signer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from app.archive.model import Query
from app.documents.text import fold
from app.documents.types import type_named

_MAX_WORD = 24
_MAX_TEXT_WORDS = 5000
_MAX_QUERY_WORDS = 16

_PHRASE = re.compile(r'"([^"]*)"')
_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")

#: What a document is known by, beside number, symbol and signers.
_HEAD_FIELDS = ("type", "summary", "issuer", "place", "signer_title", "signer_name")
#: Where words in quotes are looked for, first where they mostly stand.
_PHRASE_FIELDS = ("summary", "number", "symbol", *(name for name in _HEAD_FIELDS if name != "summary"))
_TEXT_FIELDS = ("note", "handled_by", "kept_by", "handling")


def number_value(number: str | None) -> str | None:
    """A number without leading zeros, in one case: ``05`` and ``5`` are the same."""
    return (number.strip().lstrip("0").lower() or "0") if number else None


def type_word(name: str) -> str:
    """The word of a type, however it is spelled."""
    known = type_named(name)
    return "_t" + fold(known.name if known is not None else name).replace(" ", "")


def head_words(document: Mapping[str, Any], signers: Iterable[str], path: str) -> list[str]:
    """The words of what a document is known by.

    :param document: its row.
    :param signers: of all its copies. :param path: of its first copy, relative; gives the words of a file's own name.
    """
    words = [*_number_words(document["number"]), *_words(document["symbol"] or "")]
    words += [word for name in _HEAD_FIELDS for word in _words(document.get(name) or "")]
    names = [word for signer in dict.fromkeys(signers) for word in _words(signer)]
    words += names
    if not document["number"]:
        words += fold(PurePosixPath(path).stem).split()
    signing = dict.fromkeys([*names, *_words(document.get("signer_name") or "")])
    value = number_value(document["number"])
    words += [str(document["year"]), f"_y{document['year']}", type_word(document["type"])]
    words += ["_i" if document["incoming"] else "_o", *(f"_s{name}" for name in signing)]
    words += [f"_n{value}"] if value else []
    return list(dict.fromkeys(word[:_MAX_WORD] for word in words))


def text_words(document: Mapping[str, Any], head: Sequence[str], text: str) -> list[str]:
    """The different words of a document's text, with those of its head."""
    recipients = " ".join(name for _, name in document.get("recipients") or ())
    more = fold(" ".join([*(document.get(name) or "" for name in _TEXT_FIELDS), recipients, text])).split()
    return list(dict.fromkeys(word for word in [*head, *more] if len(word) <= _MAX_WORD))[:_MAX_TEXT_WORDS]


def has_phrases(document: Mapping[Any, Any], phrases: Sequence[Sequence[str]]) -> bool:
    """Whether each of some phrases stands in a field of what a document is known by.

    :param document: its row.
    """
    if not phrases:
        return True
    values = [value for name in _PHRASE_FIELDS if (value := document[name])]
    return all(any(f" {' '.join(phrase)} " in _padded(value) for value in values) for phrase in phrases)


@lru_cache(maxsize=1024)
def _words(value: str) -> tuple[str, ...]:
    """The words of a field; documents that are filed together share types, issuers and signers."""
    return tuple(fold(value).split())


@lru_cache(maxsize=8192)
def _padded(value: str) -> str:
    """A field folded, each word between blanks; the same stand in many of the documents looked at."""
    return f" {fold(value)} "


def _number_words(number: str | None) -> list[str]:
    """The number as written, its value, and the ends of it of two signs or more, so that inner digits are found."""
    value = number_value(number)
    if value is None or number is None:
        return []
    ends = [value[start:] for start in range(1, len(value) - 1)]
    return list(dict.fromkeys([*fold(number).split(), value, *ends]))


@dataclass(frozen=True)
class Wanted:
    """A query in words.

    :ivar words: each to be found as the beginning of a word. :ivar phrases: words to be found side by side.
    :ivar filters: words nobody types; all of them. :ivar signers: beginnings of names of signers.
    :ivar date_from, date_to: as the query and a day typed in it say.
    """

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    filters: tuple[str, ...]
    signers: tuple[str, ...]
    date_from: dt.date | None
    date_to: dt.date | None

    @classmethod
    def of(cls, query: Query) -> Wanted:
        text, days = _without_day(query.text)
        phrases = tuple(tuple(fold(found).split()) for found in _PHRASE.findall(text))
        words = dict.fromkeys(fold(_PHRASE.sub(" ", text)).split())
        filters = [f"_y{query.year}"] if query.year is not None else []
        filters += [type_word(query.type)] if query.type is not None else []
        filters += [("_i" if query.incoming else "_o")] if query.incoming is not None else []
        return cls(
            tuple(word[:_MAX_WORD] for word in words)[:_MAX_QUERY_WORDS],
            tuple(phrase[:_MAX_QUERY_WORDS] for phrase in phrases if phrase)[:_MAX_QUERY_WORDS],
            tuple(filters),
            tuple(fold(query.signer or "").split()[:_MAX_QUERY_WORDS]),
            max(filter(None, (query.date_from, days)), default=None),
            min(filter(None, (query.date_to, days)), default=None),
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """Words that may be a document's number."""
        return tuple(word for word in self.words if word[0].isdigit())

    @property
    def shown(self) -> tuple[str, ...]:
        """Words to be marked where they were found."""
        return tuple(dict.fromkeys([*self.words, *(word for phrase in self.phrases for word in phrase), *self.signers]))


def _without_day(text: str) -> tuple[str, dt.date | None]:
    found = _DAY.search(text)
    if found is None:
        return text, None
    try:
        day = dt.date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return text, None
    return text[: found.start()] + " " + text[found.end() :], day
