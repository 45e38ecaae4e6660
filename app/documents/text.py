"""Vietnamese text made comparable: composed, with plain blanks, and folded for search and for names.

The same word reaches us as ``hòa``, ``hoà``, or with combining marks, according to the keyboard and the program
that wrote it; here they become one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BLANKS = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: Grave, acute, tilde, hook above, dot below: the five tones.
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
#: Combining marks of Vietnamese and of most other languages, all of them of a combining class.
_COMMON_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_WORDS = re.compile(r"[^\W_]+")
#: What is neither plain nor one of those marks.
_ODD = re.compile("[^\u0000-\u007f\u0300-\u034e\u0350-\u036f]")
#: Different ones of those that are looked at one by one; a text with more is in another script.
_MOST_ODD = 32
#: Blanks for all of ASCII but letters and digits.
_PARTED = str.maketrans({code: " " for code in range(128) if not chr(code).isalnum()})
_CONTROLS = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """NFC, invisible and control characters removed, every run of blanks one space, none at the ends."""
    plain = " ".join(text.split())
    if plain.isprintable() and unicodedata.is_normalized("NFC", plain):
        # No control, invisible or other blank character is left to remove.
        return plain
    text = _INVISIBLE.sub("", _CONTROLS.sub(" ", text))
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


@lru_cache(maxsize=4096)
def spelling_key(text: str) -> str:
    """A key under which two spellings of the same words are equal: case, blanks (also ``T Ờ  T R Ì N H``), and on which
    vowel of a syllable the tone is written (``thỏa``, ``thoả``) do not count; every other mark does."""
    letters = unicodedata.normalize("NFD", clean(text).casefold().replace(" ", ""))
    bare = "".join(letter for letter in letters if letter not in _TONES)
    return bare + "".join(letter for letter in letters if letter in _TONES)


def fold(text: str) -> str:
    """A key for search: lower case, no diacritics, ``đ`` as ``d``, words of letters and digits parted by one space."""
    if text.isascii():
        return " ".join(text.lower().translate(_PARTED).split())
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = clean(text)
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    odd = set(_ODD.findall(letters))
    if len(odd) <= _MOST_ODD and not any(sign.isalnum() and not unicodedata.combining(sign) for sign in odd):
        for sign in odd:
            letters = letters.replace(sign, "" if unicodedata.combining(sign) else " ")
        # What is not plain now is a mark.
        return " ".join(letters.encode("ascii", "ignore").decode("ascii").translate(_PARTED).split())
    plain = _COMMON_MARKS.sub("", letters)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_WORDS.findall(plain))
