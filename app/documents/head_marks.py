"""Marks on page one: secrecy and urgency in their frames, the place of issue, and what an attachment belongs to.

Decree 30/2020, appendix I, part I, II.4, III.1 and III.2.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.documents.model import MainDocument
from app.documents.text import clean, spelling_key

if TYPE_CHECKING:
    from app.documents.fields import Line

_SECRECY = {spelling_key(level): level for level in ("Mật", "Tối mật", "Tuyệt mật")}
_URGENCY = {spelling_key(level): level for level in ("Khẩn", "Thượng khẩn", "Hỏa tốc")}
_SECRECY_LABELS = frozenset(map(spelling_key, ("Độ mật", "Mức độ mật")))
_URGENCY_LABELS = frozenset(map(spelling_key, ("Độ khẩn", "Mức độ khẩn")))
_SIGNS = re.compile(r"[\W_]+")
#: Stamps that may stand in one line with the mark of secrecy, at its right.
_BESIDE_SECRECY = re.compile(r"[\W_]+(?:bản số\b.*|(?:thượng )?khẩn|hỏa tốc|hoả tốc)[\W_]*$", re.IGNORECASE)
_LONGEST_MARK = 120
_PLACE = re.compile(r"^(?P<place>[^\W\d_][^,:;()/]{1,60}?(?:,\s[^,:;()/]{2,40}?)?)\s*,\s*ngày\b", re.IGNORECASE)
_ATTACHED = re.compile(
    r"\(?\s*(?:Ban hành\s+)?kèm theo\s+(?P<type>[^\d(]{2,40}?)\s+số\s*:?\s*(?P<number>\d{1,6}[a-zA-Z]?)\s*/\s*"
    r"(?P<symbol>[^\W_](?:[^\W_]|\s*[-–/&.]\s*(?=[^\W_]))*)"
    r"(?:[\s,]*ngày\s*(?P<day>\d{1,2})(?:\s*tháng\s*|[/.-])(?P<month>\d{1,2})(?:\s*năm\s*|[/.-])(?P<year>\d{4}))?",
    re.IGNORECASE,
)
_MOST_ATTACHED = 30


def secrecy_of(text: str) -> str | None:
    """The level where a text is nothing but the mark, alone, in a frame, letter-spaced, or after ``Độ mật:``; the
    stamp of urgency or that of the copy's number may stand beside it."""
    alone = _mark(text, _SECRECY, _SECRECY_LABELS)
    if alone is not None or len(text) > _LONGEST_MARK:
        return alone
    small = text.lower()
    if "bản số" not in small and "khẩn" not in small and "tốc" not in small:  # most lines
        return None
    return _mark(_BESIDE_SECRECY.sub("", clean(text)), _SECRECY, _SECRECY_LABELS)


def urgency_of(text: str) -> str | None:
    """The urgency where a text is nothing but the mark, as :func:`secrecy_of`."""
    return _mark(text, _URGENCY, _URGENCY_LABELS)


def _mark(text: str, levels: Mapping[str, str], labels: frozenset[str]) -> str | None:
    label, colon, value = text.partition(":")
    if colon and spelling_key(label) in labels:
        return levels.get(spelling_key(_SIGNS.sub(" ", value)))
    return levels.get(spelling_key(_SIGNS.sub(" ", text))) if text.isupper() else None


def secrecy(first: Sequence[Line]) -> str | None:
    """The mark on page one. Several different levels standing alone are the headings of a table, not a mark."""
    found = {level for line in first if (level := secrecy_of(line.text)) is not None}
    return found.pop() if len(found) == 1 else None


def urgency(first: Sequence[Line]) -> str | None:
    """As :func:`secrecy`."""
    found = {level for line in first if (level := urgency_of(line.text)) is not None}
    return found.pop() if len(found) == 1 else None


def place(head: Sequence[Line]) -> str | None:
    """What stands before the date, in the right column of the head or across it."""
    for line in head:
        found = _PLACE.match(line.text)
        if found is not None and not found["place"].isupper():
            return clean(found["place"])
    return None


def main_document(first: Sequence[Line]) -> MainDocument | None:
    """The document that page one says it is attached to, or issued with; None where that was left open, as the decree
    wants it of electronic attachments."""
    lines = [line.text for line in first if line.text][:_MOST_ATTACHED]
    for index, text in enumerate(lines):
        if "kèm theo" not in text.lower():
            continue
        found = _ATTACHED.search(clean(" ".join(lines[index : index + 3])))
        if found is not None and text.lower().lstrip("( ").startswith(("kèm theo", "ban hành kèm theo")):
            symbol = re.sub(r"\s+", "", found["symbol"]).replace("–", "-")
            return MainDocument(found["number"], symbol, _date(found), clean(found["type"]))
    return None


def _date(found: re.Match[str]) -> dt.date | None:
    if found["day"] is None:
        return None
    try:
        return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
