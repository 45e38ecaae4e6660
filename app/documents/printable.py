"""Text of strangers (file names, names in certificates) made fit to be printed."""

from __future__ import annotations

import unicodedata

#: Letters that all faces of Tinos have: Latin with Vietnamese, Greek, Cyrillic, punctuation, currency, arrows.
_PRINTED = (
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x377),
    (0x384, 0x38A),
    (0x38E, 0x3A1),
    (0x3A3, 0x52F),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20BE),
    (0x2100, 0x214F),
    (0x2190, 0x2195),
)

#: No characters of XML (section 2.2); PDF programs leave them where a word was parted at a line's end.
_NO_LETTERS = "\ufffe\uffff"

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

#: A name longer than this is cut: certificates and files may carry names of any length.
LONGEST = 400

#: Longer runs without a place to break are given one.
_LONGEST_WORD = 32

_BREAK = "\N{ZERO WIDTH SPACE}"


def printable(text: str) -> str:
    """The text in composed letters, with a sign in the place of every letter that the font lacks, and of what changes
    the order or look of others (controls, directions of writing, invisible letters); cut at :data:`LONGEST`."""
    composed = unicodedata.normalize("NFC", text[:LONGEST] + "…" if len(text) > LONGEST else text)
    return "".join(letter if _is_printed(letter) else _replaced(letter) for letter in composed)


def wrapped(text: str) -> str:
    """:func:`printable`, with places to break inside very long words."""
    return _broken(printable(text), "")


def breakable(text: str) -> str:
    """:func:`wrapped`, with places to break after the marks of paths too."""
    return _broken(printable(text), "/\\_.-")


def _broken(text: str, marks: str) -> str:
    out, run = [], 0
    for letter in text:
        out.append(letter)
        run = 0 if letter == " " else run + 1
        if letter in marks or run >= _LONGEST_WORD:
            out.append(_BREAK)
            run = 0
    return "".join(out)


def plain(text: str) -> str:
    """The text on lines of its own: controls and directions of writing are replaced, all letters stay."""
    return "".join(
        _replaced(letter) if letter in _NO_LETTERS or unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter
        for letter in text
    )


def _is_printed(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _PRINTED)


def _replaced(letter: str) -> str:
    return " " if letter in "\t\n\r" else _REPLACEMENT
