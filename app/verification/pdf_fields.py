"""What filling in a form field of a PDF may do, and what its new picture may draw (ISO 32000-2, 12.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import MAX_DEPTH, FormField, entry
from app.documents.pdf_reader import FAULTS
from app.documents.pdf_syntax import blank_end, value_end
from app.documents.text import clean
from app.verification.pdf_evidence import predicts
from app.verification.pdf_objects import children, differing

_INDIRECT: Final = generic.IndirectObject
#: Table 227 and table 229.
_READ_ONLY: Final = 1
_PUSH_BUTTON: Final = 1 << 16
#: Octets of a picture as stored and as unpacked; a page of text takes some four thousand.
_LARGEST_STORED, _LARGEST_PICTURE = 1 << 14, 1 << 16
_LONGEST_VALUE: Final = 200
#: The background and the border.
_MOST_RECTANGLES: Final = 2
_PAINTING: Final = frozenset({b"f", b"F", b"f*", b"S", b"s", b"B", b"B*", b"b", b"b*"})
#: Operators of table 50 that write text, clip, choose a plain colour or width, or mark what is written.
_PLAIN: Final = _PAINTING | frozenset(
    {
        *(b"BT", b"ET", b"Tc", b"Tw", b"Tz", b"TL", b"Tf", b"Tr", b"Ts", b"Td", b"TD", b"Tm", b"T*"),
        *(b"Tj", b"TJ", b"'", b'"', b"q", b"Q", b"cm", b"w", b"J", b"j", b"M", b"d", b"ri", b"i"),
        *(b"re", b"W", b"W*", b"n", b"g", b"G", b"rg", b"RG", b"k", b"K", b"BMC", b"EMC"),
    }
)
_OPERAND: Final = b"+-.0123456789(<[/"
_WRITES_ONLY: Final = frozenset({"/Font", "/ProcSet"})


def flags_of(field: FormField) -> int:
    """``/Ff``, a field's own or that of a field above it; malformed ones count as all set."""
    stated = _inherited(field.dictionary, "/Ff")
    if stated is None:
        return 0
    return stated if isinstance(stated, int) else -1


def is_read_only(field: FormField) -> bool:
    """Whether nobody is to fill it in."""
    return bool(flags_of(field) & _READ_ONLY)


def is_push_button(field: FormField) -> bool:
    """Whether it only triggers something and holds no value."""
    return field.type == "/Btn" and bool(flags_of(field) & _PUSH_BUTTON)


def gains_unused_fonts(old: Any, new: Any, written: Iterable[Any]) -> bool:
    """Whether a form's fonts are those that it had, and others that nothing in it is written in.

    :param old, new: fonts by name, of the form's default resources.
    :param written: the form and its fields, which name a font in their default appearance (12.7.4.3).
    """
    added = differing(old, new)
    if not isinstance(old, generic.DictionaryObject) or any(name in old for name in added):
        return False
    named = {word for one in written for word in str(entry(one, "/DA") or "").split()}
    return not added & named and not any("#" in word for word in named)  # a name may be spelt with codes of its letters


def value_told(field: Any) -> str:
    """What a field or its widget says, its own value or that of a field above it, for people; empty for none.

    :return: one line, the end of a long one left out.
    """
    value = _inherited(field, "/V")
    parts = [item for _key, item in children(value)] if isinstance(value, generic.ArrayObject) else [value]
    told = ", ".join(text for text in map(_text, parts) if text)
    return clean(told[: 4 * _LONGEST_VALUE])[:_LONGEST_VALUE]


def _text(part: object) -> str:
    if isinstance(part, generic.NameObject):
        return part.removeprefix("/")
    if isinstance(part, bytes):
        return part.decode("latin-1")  # no text after 7.9.2.2, which does not keep programs from showing it
    return part if isinstance(part, str) else ""


def new_pictures(old: Any, new: Any, changed: set[int]) -> Iterator[object]:
    """The streams that a widget shows (``/AP``) and did not show before, or not as they are now.

    :param old, new: the widget at both revisions.
    :param changed: numbers of the objects that read otherwise at the later one.
    """
    known = {reference.idnum for reference in _pictures(entry(old, "/AP")) if isinstance(reference, _INDIRECT)}
    for picture in _pictures(entry(new, "/AP")):
        if not isinstance(picture, _INDIRECT):
            yield picture
        elif picture.idnum not in known or picture.idnum in changed:
            yield picture.get_object()


def writes_only(picture: object) -> bool:
    """Whether a picture draws nothing but text, within a clip and on a plain background with a border.

    What can be made to look like anything – images, other drawings, paths, patterns, fonts that draw – is not plain,
    nor is what cannot be read.
    """
    if not isinstance(picture, generic.StreamObject):
        return False
    try:
        return _plain_resources(entry(picture, "/Resources")) and _plain_content(_unpacked(picture))
    except FAULTS:
        return False


def _inherited(node: Any, key: str) -> object:
    for _level in range(MAX_DEPTH):
        value = entry(node, key)
        if value is not None:
            return value
        node = entry(node, "/Parent")
    return None


def _pictures(appearances: object) -> Iterator[generic.PdfObject]:
    """References to the streams of an appearance dictionary, those of single states included (12.5.5); whatever else
    stands there itself."""
    if appearances is None:
        return
    if not isinstance(appearances, generic.DictionaryObject):
        yield generic.NullObject()
        return
    for _key, raw in children(appearances):
        value = raw.get_object() if isinstance(raw, _INDIRECT) else raw
        if isinstance(value, generic.DictionaryObject) and not isinstance(value, generic.StreamObject):
            yield from (state for _name, state in children(value))
        else:
            yield raw


def _unpacked(picture: generic.StreamObject) -> bytes:
    """:raises ValueError: it is larger than the text of a field, or packed as pictures of pixels are."""
    if len(picture.encoded_data) > _LARGEST_STORED or predicts(picture):
        raise ValueError("picture too large")
    content: bytes = picture.data
    if len(content) > _LARGEST_PICTURE:
        raise ValueError("picture too large")
    return content


def _plain_resources(resources: object) -> bool:
    if resources is None:
        return True
    if not isinstance(resources, generic.DictionaryObject):
        return False
    used = {key for key in resources if entry(resources, key) not in (None, {})}
    fonts = entry(resources, "/Font")
    names = list(fonts) if isinstance(fonts, generic.DictionaryObject) else []
    return used <= _WRITES_ONLY and all(
        entry(entry(fonts, name), "/Subtype") in ("/Type0", "/Type1", "/TrueType", "/MMType1") for name in names
    )


def _plain_content(content: bytes) -> bool:
    rectangles, at = 0, blank_end(content, 0)
    while at < len(content):
        end = value_end(content, at)
        if content[at] not in _OPERAND:
            operator = content[at:end]
            rectangles += operator in _PAINTING
            if operator not in _PLAIN or rectangles > _MOST_RECTANGLES:
                return False
        at = blank_end(content, end)
    return True
