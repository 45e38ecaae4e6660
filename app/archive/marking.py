"""Where the words of a query stand in a text, and the passage of a text that shows them best."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from app.archive.model import Document, Passage
from app.documents.text import fold

#: Letters with the marks that follow them, digits.
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_FIELDS = ("number", "symbol", "type", "summary", "issuer", "signer_name", "signer_title", "place")


def marks(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Places of words in a text.

    :param words: folded; each is found as the beginning of a word, a number also inside one and without leading zeros.
    :return: offsets (start, end) in order, not overlapping; only the letters that were typed where the word goes on.
    """
    found = []
    beginnings = tuple(words)
    for match in _WORD.finditer(text):
        folded = _folded(match[0])
        if not folded.startswith(beginnings) and not folded[:1].isdigit():
            continue
        length = max([_length(folded, word) for word in words], default=0)
        if length:
            whole = length >= len(folded) or len(folded) != len(match[0])
            found.append((match.start(), match.end() if whole else match.start() + length))
    return found


#: A language has so few words, and documents found share most of theirs.
_folded = lru_cache(maxsize=16_384)(fold)


def _length(folded: str, word: str) -> int:
    if folded.startswith(word):
        return len(word)
    if word.isdigit() and folded[:1].isdigit() and (word in folded or folded.lstrip("0") == word.lstrip("0")):
        return len(folded)
    return 0


def document_marks(document: Document, words: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Field → places of words in it, fields without any left out."""
    asked = tuple(words)
    found = {name: _field_marks(value, asked) for name in _FIELDS if (value := getattr(document, name))}
    return {name: list(places) for name, places in found.items() if places}


@lru_cache(maxsize=2048)
def _field_marks(value: str, words: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """:func:`marks` of a field; documents found together share types, issuers and signers."""
    return tuple(marks(value, words))


def passage(text: str, words: Sequence[str], length: int) -> Passage | None:
    """The piece of a text with most of the words, whole words only; None where it has none of them.

    :param length: letters shown, about.
    """
    places = marks(text, words)
    if not places:
        return None
    best, most = 0, 0
    first = 0
    for last, (_, end) in enumerate(places):
        while end - places[first][0] > length and first < last:
            first += 1
        kinds = len({fold(text[start:stop]) for start, stop in places[first : last + 1]})
        if kinds > most:
            best, most = first, kinds
    start = _blank_before(text, max(0, places[best][0] - length // 4))
    end = _blank_after(text, min(len(text), start + length))
    shown = [(one - start, other - start) for one, other in places if one >= start and other <= end]
    return Passage(text[start:end], shown)


def _blank_before(text: str, at: int) -> int:
    return 0 if at == 0 else text.rfind(" ", 0, at) + 1


def _blank_after(text: str, at: int) -> int:
    found = text.find(" ", at)
    return len(text) if found < 0 else found
