"""What annotations of a PDF can do to the page under them (ISO 32000-2, 12.5)."""

from __future__ import annotations

from typing import Any, Final

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import entry, numbers

ACTIONS: Final = frozenset({"/A", "/AA"})
#: Subtypes with which one comments; the rest acts, plays or belongs to the content.
_COMMENTS: Final = frozenset(
    {
        *("/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline"),
        *("/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Popup"),
    }
)
#: Subtypes that programs draw as a sign or a line of their own, unless the annotation brings a picture.
_SIGNS: Final = frozenset({"/Text", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Popup"})
#: A highlight darker than this, of 1 for white, hides what it marks.
_LIGHT: Final = 0.5
#: In square points.
_A4: Final = 595.0 * 842.0
_MAX_DEPTH: Final = 64


def is_comment(annotation: Any) -> bool:
    """Whether it is of a kind with which one comments, and does nothing."""
    return (
        isinstance(annotation, generic.DictionaryObject)
        and entry(annotation, "/Subtype") in _COMMENTS
        and not ACTIONS & set(annotation)
    )


def may_cover(annotation: Any) -> bool:
    """Whether a comment can hide what it lies on, or be taken for a part of the page.

    A picture of its own can show anything, whatever the kind of the annotation.
    """
    if entry(annotation, "/Subtype") not in _SIGNS or entry(annotation, "/AP") is not None:
        return True
    return entry(annotation, "/Subtype") == "/Highlight" and _brightness(numbers(entry(annotation, "/C"))) < _LIGHT


def _brightness(colour: list[float]) -> float:
    """Of a colour in grey, RGB or CMYK; light where none is stated."""
    match colour:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.3 * red + 0.59 * green + 0.11 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (1 - 0.3 * cyan - 0.59 * magenta - 0.11 * yellow)
    return 1.0


def has_area(widget: Any) -> bool:
    """Whether its rectangle gives a widget room on the page; a malformed one may."""
    return area(widget) > 0


def area(widget: Any) -> float:
    """Room on the page in square points; infinite where the rectangle is malformed."""
    stated = entry(widget, "/Rect")
    if stated is None:
        return 0.0
    corners = numbers(stated)
    if not isinstance(stated, generic.ArrayObject) or len(stated) != 4 or len(corners) != 4:
        return float("inf")
    return abs((corners[2] - corners[0]) * (corners[3] - corners[1]))


def share_of_page(covered: float, page: Any) -> float:
    """What part of a page so many square points are; of one larger than A4, what part of A4."""
    return covered / _room(page)


def _room(page: Any) -> float:
    """Square points that a page shows, those of A4 at most; boxes are inherited (ISO 32000-2, 7.7.3.4)."""
    for key in ("/CropBox", "/MediaBox"):
        node, depth = page, 0
        while isinstance(node, generic.DictionaryObject) and depth < _MAX_DEPTH:
            box = numbers(entry(node, key))
            if len(box) == 4:
                return min(_A4, abs((box[2] - box[0]) * (box[3] - box[1]))) or 1.0
            node, depth = entry(node, "/Parent"), depth + 1
    return _A4
