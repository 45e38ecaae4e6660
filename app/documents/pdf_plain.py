"""The plain objects of a PDF, read in one go: what most dictionaries of a document are.

pyHanko's parser takes every octet by itself. What is read here is a subset that leaves no choice to a reader: no
comments, no escapes in names or strings, no streams, no key twice. Everything else is left to pyHanko, and what is read
here is what pyHanko would have read; a test holds both against each other.
"""

from __future__ import annotations

import re
from typing import Final

from pyhanko.pdf_utils import generic

_HEADER: Final = re.compile(rb"([1-9][0-9]{0,9}) ([0-9]{1,5}) obj(?=[\t\n\f\r /<\[(])")
_TOKEN: Final = re.compile(
    rb"""[\0\t\n\f\r ]*(?:
        /(?P<name>[-!"$&'*+,.0-9:;=?@A-Z\\^_`a-z|~]+)(?=[\0\t\n\f\r /<>\[\]()])
      | (?P<reference>[1-9][0-9]{0,8})\ (?P<generation>[0-9]{1,5})\ R(?=[\0\t\n\f\r /<>\[\]()])
      | (?P<integer>[-+]?[0-9]{1,18})(?=[\0\t\n\f\r /<>\[\]()])
      | (?P<real>[-+]?[0-9]{1,18}\.[0-9]{0,18})(?=[\0\t\n\f\r /<>\[\]()])
      | (?P<begin><<)
      | (?P<end>>>)
      | (?P<open>\[)
      | (?P<close>\])
      | \((?P<string>[^()\\\r]*)\)
      | <(?P<hexadecimal>[0-9A-Fa-f]*)>
      | (?P<word>true|false|null)(?=[\0\t\n\f\r /<>\[\]()])
      | (?P<last>endobj)
    )""",
    re.VERBOSE,
)
_MAX_DEPTH: Final = 16


class _NotPlain(Exception):
    """To be read by the general parser."""


def plain_object(window: bytes, reference: generic.Reference) -> tuple[generic.PdfObject, int] | None:
    """The indirect object that a window begins with, where it is plain and stands in it whole.

    :param reference: number and generation that it must have.
    :return: the object and where it ends; None: it is to be read otherwise, if it can be read at all.
    """
    header = _HEADER.match(window)
    if header is None or (int(header[1]), int(header[2])) != (reference.idnum, reference.generation):
        return None
    try:
        value, at = _value(window, header.end(), reference)
        end = _TOKEN.match(window, at)
    except _NotPlain:
        return None
    return (value, end.end()) if end is not None and end.lastgroup == "last" else None


def plain_value(window: bytes, start: int, end: int, reference: generic.Reference) -> generic.PdfObject | None:
    """The value between two offsets of an object, where it is plain.

    :param reference: of the object.
    :return: None: it is to be read otherwise.
    """
    try:
        value, at = _value(window[start:end] + b" ", 0, reference)
    except _NotPlain:
        return None
    return value if at == end - start else None


def _value(data: bytes, at: int, reference: generic.Reference, depth: int = 0) -> tuple[generic.PdfObject, int]:
    """The value at an offset, and where it ends.

    :raises _NotPlain: it is not, or is nothing.
    """
    token = _token(data, at)
    value, at = _of_token(token, data, reference, depth)
    value.container_ref = reference
    return value, at


def _token(data: bytes, at: int) -> re.Match[bytes]:
    token = _TOKEN.match(data, at)
    if token is None:
        raise _NotPlain
    return token


def _of_token(
    token: re.Match[bytes], data: bytes, reference: generic.Reference, depth: int
) -> tuple[generic.PdfObject, int]:
    kind, at = token.lastgroup, token.end()
    if kind == "begin" or kind == "open":
        if depth == _MAX_DEPTH:
            raise _NotPlain
        return (_dictionary if kind == "begin" else _array)(data, at, reference, depth + 1)
    if kind == "name":
        return generic.NameObject("/" + token["name"].decode("ascii")), at
    if kind == "generation":
        return generic.IndirectObject(int(token["reference"]), int(token["generation"]), reference.pdf), at
    if kind == "integer":
        return generic.NumberObject(token["integer"]), at
    if kind == "real":
        return generic.FloatObject(token["real"].decode("ascii")), at
    if kind == "string":
        return generic.pdf_string(token["string"]), at
    if kind == "hexadecimal" and len(token["hexadecimal"]) % 2 == 0:
        return generic.pdf_string(bytes.fromhex(token["hexadecimal"].decode("ascii"))), at
    if kind == "word":
        word = token["word"]
        return generic.NullObject() if word == b"null" else generic.BooleanObject(word == b"true"), at
    raise _NotPlain


def _dictionary(data: bytes, at: int, reference: generic.Reference, depth: int) -> tuple[generic.DictionaryObject, int]:
    entries: dict[generic.NameObject, generic.PdfObject] = {}
    while True:
        token = _token(data, at)
        if token.lastgroup == "end":
            return generic.DictionaryObject(entries), token.end()
        if token.lastgroup != "name":
            raise _NotPlain
        key = generic.NameObject("/" + token["name"].decode("ascii"))
        if key in entries:
            raise _NotPlain
        entries[key], at = _value(data, token.end(), reference, depth)


def _array(data: bytes, at: int, reference: generic.Reference, depth: int) -> tuple[generic.ArrayObject, int]:
    elements = generic.ArrayObject()
    while True:
        token = _token(data, at)
        if token.lastgroup == "close":
            return elements, token.end()
        value, at = _of_token(token, data, reference, depth)
        value.container_ref = reference
        elements.append(value)
