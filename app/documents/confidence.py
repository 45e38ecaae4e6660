"""How sure the fields are that were read from a page: 0 (nothing to read) to 1, by what speaks for each.

A value counts as sure (0.9 and more) where it stands where the decree puts it, in the form the decree gives it, and
nothing on the page speaks against it (Decree 30/2020, appendix I, part I). What takes away from it:

==========================================================  =====
a second, different value in the head                         0.5
a value in another column than the decree's                   0.8
set in another way than the decree's (weight, centring)       0.75
known only from another field (the type from the symbol)      0.7
as long as is read at all, so that it may be cut              0.5
against another field (the type against the symbol)           0.5
==========================================================  =====

Factors multiply. A field that was not found is sure to be absent where its blank is open (``Số:    /QĐ-UBND``), or
where marks are rare (secrecy, urgency); else it is in doubt. A page without any text is 0 throughout.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.documents.model import DocumentInfo
from app.documents.text import spelling_key
from app.documents.types import OFFICIAL_LETTER, type_of_symbol, types_by_heading
from app.times import today

if TYPE_CHECKING:
    from app.documents.fields import Line, SignatureBlock

#: Fields that are judged.
FIELDS = (
    "type", "number", "symbol", "date", "place", "issuer", "summary", "signer_title", "signer_name", "urgency",
    "secrecy",
)  # fmt: skip

_SURE, _TWO, _ASIDE, _OTHERWISE, _INFERRED, _CUT, _AGAINST = 0.97, 0.5, 0.8, 0.75, 0.7, 0.5, 0.5
_OPEN, _MISSING = 0.9, 0.4
_NUMBER = re.compile(r"^Số\s*:?[\s.…_]*(\d{1,6}[a-zA-Z]?)\s*[/\-–]", re.IGNORECASE)
_OPEN_NUMBER = re.compile(r"^Số\s*:?[\s.…_]*[/\-–]", re.IGNORECASE)
_DATE = re.compile(r"ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_OPEN_DATE = re.compile(r"ngày[\s.…_]*(?:\d{1,2}\s*)?tháng[\s.…_]*(?:\d{1,2}\s*)?năm", re.IGNORECASE)
_MAX_SUMMARY = 480
_FIRST_YEAR = 1945


def confidence(
    lines: Sequence[Line], head: Sequence[Line], info: DocumentInfo, blocks: Sequence[SignatureBlock]
) -> dict[str, float]:
    """Field → confidence, all of :data:`FIELDS`.

    :param lines: of the document. :param head: those of page one above the body.
    :param info: what was read from them. :param blocks: the signature blocks found.
    """
    if not any(line.text for line in lines):
        return dict.fromkeys(FIELDS, 0.0)
    found = {
        "type": _type(head, info),
        "number": _number(head, info),
        "symbol": _symbol(head, info),
        "date": _date(head, info),
        "place": _place(head, info),
        "issuer": _issuer(head, info),
        "summary": _summary(head, info),
        "signer_title": _SURE if info.signer_title else _MISSING,
        "signer_name": _signer(info, blocks),
        "urgency": _SURE,
        "secrecy": _SURE,
    }
    return {name: round(found[name], 2) for name in FIELDS}


def _type(head: Sequence[Line], info: DocumentInfo) -> float:
    if info.type is None:
        return _MISSING
    by_symbol = type_of_symbol(info.symbol) if info.symbol else None
    if info.type == OFFICIAL_LETTER:
        return _SURE if info.summary else _INFERRED
    heading = any(_is_heading(line.text, info.type) for line in head)
    sure = _SURE if heading else _SURE * _INFERRED
    return sure * _AGAINST if by_symbol is not None and by_symbol.name != info.type else sure


def _is_heading(text: str, type_: str) -> bool:
    """Whether a line is, or opens with, the name of a type in capitals."""
    words = text.split(" ")
    openings = [text, *(" ".join(words[:count]) for count in (2, 3))]
    kinds = types_by_heading()
    return any(one.isupper() and (kind := kinds.get(spelling_key(one))) and kind.name == type_ for one in openings)


def _place(head: Sequence[Line], info: DocumentInfo) -> float:
    named = any(", ngày" in line.text for line in head)
    return _SURE if info.place else _MISSING if named else _OPEN


def _number(head: Sequence[Line], info: DocumentInfo) -> float:
    from app.documents.fields import Side

    if info.number is None:
        return _OPEN if any(_OPEN_NUMBER.match(line.text) for line in head) else _MISSING
    shown = {found[1] for line in head if (found := _NUMBER.match(line.text)) is not None}
    left = any(line.side is Side.LEFT and _NUMBER.match(line.text) for line in head)
    return _SURE * (1 if left else _ASIDE) * (_TWO if len(shown) > 1 else 1)


def _symbol(head: Sequence[Line], info: DocumentInfo) -> float:
    if info.symbol is None:
        return _MISSING
    by_symbol = type_of_symbol(info.symbol)
    against = by_symbol is not None and info.type is not None and by_symbol.name != info.type
    sure = _number(head, info) if info.number is not None else _SURE
    return sure * _AGAINST if against else sure


def _date(head: Sequence[Line], info: DocumentInfo) -> float:
    from app.documents.fields import Side

    if info.date is None:
        whole = any(_DATE.search(line.text) for line in head)
        return _OPEN if not whole and any(_OPEN_DATE.search(line.text) for line in head) else _MISSING
    shown = {found.groups() for line in head if (found := _DATE.search(line.text)) is not None}
    right = any(line.side is not Side.LEFT and _DATE.search(line.text) for line in head)
    likely = info.date.year >= _FIRST_YEAR and info.date <= today() + dt.timedelta(days=366)
    return _SURE * (1 if right or not shown else _ASIDE) * (_TWO if len(shown) > 1 else 1) * (1 if likely else _AGAINST)


def _issuer(head: Sequence[Line], info: DocumentInfo) -> float:
    from app.documents.fields import Side

    if info.issuer is None:
        return _MISSING
    names = [line for line in head if line.side is Side.LEFT and line.text and line.text in info.issuer]
    light = not any(line.bold for line in names)
    # Without weights the superior agency above cannot be told from the agency itself.
    return _SURE * (_INFERRED if light and len(names) > 1 else _ASIDE if light else 1)


def _summary(head: Sequence[Line], info: DocumentInfo) -> float:
    if info.summary is None:
        return _MISSING
    opening = info.summary[:20]
    shown = next((line for line in head if opening.startswith(line.text[:20]) or opening in line.text), None)
    otherwise = shown is not None and info.type != OFFICIAL_LETTER and (shown.bold is False or shown.centred is False)
    return _SURE * (_OTHERWISE if otherwise else 1) * (_CUT if len(info.summary) > _MAX_SUMMARY else 1)


def _signer(info: DocumentInfo, blocks: Sequence[SignatureBlock]) -> float:
    if info.signer_name is None:
        return _MISSING
    names = {block.name.text for block in blocks if block.name is not None}
    return _SURE * (_ASIDE if len(names) > 1 else 1)
