"""The raw octets of a PDF dictionary: where in the file each value stands (ISO 32000-2, 7.2 and 7.3).

A parser gives values; to know that a signature leaves out its own ``/Contents`` and nothing else, their places count.
"""

from __future__ import annotations

import re

_BLANK = re.compile(rb"(?:[\0\t\n\f\r ]+|%[^\r\n]*)*")
_HEADER = re.compile(rb"[\0\t\n\f\r ]*(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj")
_REFERENCE = re.compile(rb"\d+[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>\[\]{}/%])")
_NAME = re.compile(rb"/[^\0\t\n\f\r ()<>\[\]{}/%]*")
_WORD = re.compile(rb"[^\0\t\n\f\r ()<>\[\]{}/%]+")
_HEXADECIMAL = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*>")
_IN_STRING = re.compile(rb"[^()\\]*")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_MAX_DEPTH = 64
#: Keys and values of one object; the largest that documents have are lists of some ten thousand pages or fields.
_MOST_TOKENS = 100_000

#: Half-open range of offsets.
Span = tuple[int, int]


class SyntaxFault(ValueError):
    """Not what a dictionary looks like. ``truncated``: the window ended within it."""

    def __init__(self, *, truncated: bool = False) -> None:
        super().__init__("PDF syntax")
        self.truncated = truncated


class ObjectTooLarge(ValueError):
    """More keys and values in one object, or deeper in each other, than any document needs."""


def object_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Number and generation of the indirect object at ``at``, and where its value begins.

    :raises SyntaxFault: there is no object header.
    """
    match = _HEADER.match(data, at)
    if match is None:
        raise SyntaxFault
    return int(match[1]), int(match[2]), blank_end(data, match.end())


def dictionary_spans(data: bytes, at: int) -> tuple[dict[str, list[Span]], int]:
    """The places of the values of a dictionary, by key, and where it ends.

    :param at: offset of ``<<``.
    :return: more than one place where a key stands twice.
    :raises SyntaxFault: it is no dictionary.
    """
    if data[at : at + 2] != b"<<":
        raise SyntaxFault
    spans: dict[str, list[Span]] = {}
    at = blank_end(data, at + 2)
    while data[at : at + 2] != b">>":
        key = _NAME.match(data, at)
        if key is None:
            raise SyntaxFault(truncated=at >= len(data) - 1)
        start = blank_end(data, key.end())
        end = value_end(data, start)
        name = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), key[0])
        spans.setdefault(name.decode("latin-1"), []).append((start, end))
        at = blank_end(data, end)
    return spans, at + 2


def blank_end(data: bytes, at: int) -> int:
    """Where the blanks and comments end that begin at ``at``, if any do."""
    match = _BLANK.match(data, at)
    return match.end() if match else at


def value_end(data: bytes, at: int) -> int:
    """The end of the value that begins at ``at``; of a stream, the end of its dictionary.

    :raises SyntaxFault: it is no value.
    :raises ObjectTooLarge: see there.
    """
    depth = 0
    for _token in range(_MOST_TOKENS):
        two, one = data[at : at + 2], data[at : at + 1]
        if not one:
            raise SyntaxFault(truncated=True)
        if two == b"<<" or one == b"[":
            depth += 1
            if depth > _MAX_DEPTH:
                raise ObjectTooLarge
            at += len(two) if two == b"<<" else 1
        elif two == b">>" or one == b"]":
            depth -= 1
            if depth < 0:
                raise SyntaxFault
            at += len(two) if two == b">>" else 1
        else:
            at = _scalar_end(data, at, one)
        if depth == 0:
            return at
        at = blank_end(data, at)
    raise ObjectTooLarge


def _scalar_end(data: bytes, at: int, first: bytes) -> int:
    if first == b"(":
        return _string_end(data, at)
    patterns = {b"<": (_HEXADECIMAL,), b"/": (_NAME,)}.get(first, (_REFERENCE, _WORD))
    for pattern in patterns:
        match = pattern.match(data, at)
        if match is not None:
            return match.end()
    raise SyntaxFault(truncated=at >= len(data) - 1 or (first == b"<" and data.find(b">", at) < 0))


def _string_end(data: bytes, at: int) -> int:
    depth = 0
    while at < len(data):
        match = _IN_STRING.match(data, at)
        at = match.end() if match else at
        mark = data[at : at + 1]
        at += 2 if mark == b"\\" else 1
        depth += {b"(": 1, b")": -1}.get(mark, 0)
        if depth == 0:
            return at
    raise SyntaxFault(truncated=True)
