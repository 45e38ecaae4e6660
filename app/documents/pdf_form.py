"""The form fields of a PDF (ISO 32000-2, 12.7), read without trust in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic

#: Deeper or wider forms are refused: no document of an office comes near.
MAX_DEPTH = 32
MAX_FIELDS = 20_000


class FormTooComplex(ValueError):
    """The field tree is deeper or wider than the limits above."""


@dataclass(frozen=True)
class FormField:
    """A terminal or intermediate field.

    :ivar name: fully qualified, parts joined by dots.
    :ivar type: ``/Sig``, ``/Tx``…, inherited where the field itself has none; empty for a mere node.
    :ivar reference: None where the field is a direct object.
    """

    name: str
    type: str
    dictionary: generic.DictionaryObject
    reference: generic.Reference | None


def entry(container: object, key: str) -> object:
    """The value of a dictionary's key with references followed; None where there is no dictionary, key or value."""
    from pyhanko.pdf_utils import generic

    if not isinstance(container, generic.DictionaryObject):
        return None
    try:
        value: object = container[key]
    except KeyError:
        return None
    return value


def elements(array: object) -> Iterator[object]:
    """The elements of an array with references followed; none where it is no array."""
    from pyhanko.pdf_utils import generic

    if isinstance(array, generic.ArrayObject):
        yield from (array[index] for index in range(len(array)))


def numbers(array: object) -> list[float]:
    """The numbers of an array, other elements left out."""
    return [float(element) for element in elements(array) if isinstance(element, (int, float, Decimal))]


def walk_fields(root: generic.DictionaryObject) -> Iterator[FormField]:
    """All fields of the interactive form, parents before children, each object once.

    :param root: the document catalog.
    :raises FormTooComplex: beyond the limits of this module.
    """
    from pyhanko.pdf_utils import generic

    fields = entry(entry(root, "/AcroForm"), "/Fields")
    if not isinstance(fields, generic.ArrayObject):
        return
    seen: set[tuple[int, int]] = set()
    stack = [(raw, "", "", 0) for raw in reversed(list(_raw(fields)))]
    count = 0
    while stack:
        raw, prefix, inherited, depth = stack.pop()
        reference = raw.reference if isinstance(raw, generic.IndirectObject) else None
        if reference is not None:
            key = (reference.idnum, reference.generation)
            if key in seen:
                continue
            seen.add(key)
        field = raw.get_object() if reference is not None else raw
        if not isinstance(field, generic.DictionaryObject):
            continue
        count += 1
        if depth > MAX_DEPTH or count > MAX_FIELDS:
            raise FormTooComplex("form fields")
        own = entry(field, "/T")
        name = ".".join(part for part in (prefix, str(own) if own is not None else "") if part)
        kind = str(entry(field, "/FT") or inherited)
        yield FormField(name, kind, field, reference)
        kids = entry(field, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            stack.extend((kid, name, kind, depth + 1) for kid in reversed(list(_raw(kids))))


def is_filled(field: FormField) -> bool:
    """Whether a field shows a value, its own or that of a field above it; an unticked box shows none."""
    node: object = field.dictionary
    for _level in range(MAX_DEPTH):
        value = entry(node, "/V")
        if value is not None:
            return not _says_nothing(value)
        node = entry(node, "/Parent")
    return False


def _says_nothing(value: object) -> bool:
    from pyhanko.pdf_utils import generic

    empty = isinstance(value, str) and value.strip() in ("", "/Off")
    return empty or isinstance(value, generic.NullObject) or value == []


def _raw(array: generic.ArrayObject) -> Iterator[generic.PdfObject]:
    return (array.raw_get(index) for index in range(len(array)))
