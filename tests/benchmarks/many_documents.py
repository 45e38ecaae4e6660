"""An archive's index of a million documents, made in minutes: the rows and search words that filing enters, in bulk.

Words are made of syllables as Vietnamese has them, as unevenly spread as in a language (Zipf); a document has a page
and a half of text. Names are invented.
"""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from collections.abc import Callable, Iterator
from itertools import accumulate, islice, product
from pathlib import Path
from typing import Any

from app.archive.search_words import head_words, number_value, text_words
from app.documents.text import fold
from app.documents.types import document_types
from app.storage.schema.archive import documents, filed_copies
from app.storage.store import open_store

_ONSETS = (
    "",
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "h",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "qu",
    "s",
    "t",
    "th",
    "tr",
    "v",
    "x",
)
_RIMES = (
    "a", "ác", "ài", "ám", "án", "áng", "ao", "áo", "ât", "ấp", "âu", "ế", "ết", "iên", "iết", "ình", "ích", "ọc", "ô",
    "ộ", "ội", "ông", "ơ", "ới", "ợp", "ú", "uân", "uyết", "ư", "ương", "ược", "ường", "ỹ", "yên", "oan", "oạch",
    "oà", "uê",
)  # fmt: skip
_FIRST_DAY = dt.date(2006, 1, 2)
#: A million are 20 years of an office that is busy every day.
_A_DAY = 137
LAST_DAY = dt.date(2026, 1, 2)
_PARAGRAPH, _PARAGRAPHS = 55, 7
_BATCH = 5000


class Corpus:
    """What a number of documents says, the same every time.

    :param count: of documents.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._random = random.Random(5)
        syllables = [onset + rime for onset, rime in product(_ONSETS, _RIMES)]
        self._random.shuffle(syllables)
        self._syllables = syllables
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(syllables))))
        self.summaries = [self._words(self._random.randint(8, 16)) for _ in range(20_000)]
        self.paragraphs = [fold(self._words(_PARAGRAPH)) for _ in range(20_000)]
        self.names = [self._words(3).title() for _ in range(300)]
        self._issuers = [f"ỦY BAN NHÂN DÂN {self._words(3).upper()}" for _ in range(200)]
        self._types = [kind for kind in document_types() if kind.abbreviation]

    def _words(self, count: int) -> str:
        return " ".join(self._random.choices(self._syllables, cum_weights=self._weights, k=count))

    def rows(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
        """A document, its copy and its text, oldest first."""
        chance = self._random
        numbers: dict[tuple[int, str], int] = {}
        for serial in range(self._count):
            day = _FIRST_DAY + dt.timedelta(days=serial // _A_DAY)
            kind = chance.choice(self._types)
            incoming = serial % 3 == 0
            number = numbers[day.year, kind.name] = numbers.get((day.year, kind.name), 0) + 1
            summary, name = chance.choice(self.summaries), chance.choice(self.names)
            symbol = f"{kind.abbreviation}-UBND"
            document = {
                "id": serial + 1,
                "incoming": incoming,
                "year": day.year,
                "type": kind.name,
                "number": f"{number:02d}",
                "number_value": number_value(str(number)),
                "symbol": symbol,
                "date": day,
                "place": "Hòa Sơn",
                "issuer": chance.choice(self._issuers),
                "summary": f"Về việc {summary}",
                "signer_title": "CHỦ TỊCH",
                "signer_name": name,
                "pages": 2,
                "arrived_on": day if incoming else None,
                "arrival_number": serial % 20_000 + 1 if incoming else None,
            }
            folder = f"Văn bản đến/{day.year}" if incoming else str(day.year)
            path = f"{folder}/{kind.name}/{number:02d}_{symbol}_{summary.replace(' ', '-')[:80]}_{serial}.pdf"
            copy = {
                "id": serial + 1,
                "document_id": serial + 1,
                "path": path,
                "format": "pdf",
                "size": 60_000,
                "sha256": f"{chance.getrandbits(256):064x}",
                "signers": [name],
                "filed_at": dt.datetime.combine(day, dt.time(9), dt.UTC),
            }
            yield document, copy, " ".join(chance.choices(self.paragraphs, k=_PARAGRAPHS))


def build(path: Path, count: int, told: Callable[[str], None] = lambda progress: None) -> Corpus:
    """A database of so many documents.

    :param path: of the new SQLite file. :param told: is told ten times how far it is.
    """
    open_store(path).close()
    corpus = Corpus(count)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    day, serial, done = None, 0, 0
    rows = corpus.rows()
    while batch := list(islice(rows, _BATCH)):
        heads, texts = [], []
        for document, copy, text in batch:
            serial = serial + 1 if document["date"] == day else 0
            day = document["date"]
            document["key"] = (day.toordinal() << 16) + serial
            head = head_words(document, copy["signers"], copy["path"])
            heads.append((document["key"], " ".join(head)))
            texts.append((document["key"], " ".join(text_words(document, head, text))))
        _insert(connection, documents, [document for document, _, _ in batch])
        _insert(connection, filed_copies, [copy for _, copy, _ in batch])
        connection.executemany("INSERT INTO search_heads (rowid, words) VALUES (?, ?)", heads)
        connection.executemany("INSERT INTO search_texts (rowid, words) VALUES (?, ?)", texts)
        connection.commit()
        done += len(batch)
        if done * 10 // count > (done - len(batch)) * 10 // count:
            told(f"{done:,} of {count:,} documents entered")
    connection.close()
    return corpus


def _insert(connection: sqlite3.Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    from sqlalchemy.dialects import sqlite

    names = list(rows[0])
    dialect = sqlite.dialect()
    bind = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    values = [
        tuple(process(row[name]) if (process := bind[name]) is not None else row[name] for name in names)
        for row in rows
    ]
    marks = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", values)
