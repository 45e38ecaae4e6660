"""The quality of a scan, as Decree 30/2020 asks of a copy made from paper (appendix I, part II, I): PDF 1.4 or later,
in colour, 200 dots an inch or more, at 100 %."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from app.preflight.model import Found, named

_LEAST_DPI: Final = 195  # 200, less what rounding of the page's size takes away
_LEAST_VERSION: Final = (1, 4)
_PAGES_LIMIT: Final = 300
_CONTENT_LIMIT: Final = 1 << 20
#: The part of a page that a picture covers where the page is a scan.
_COVERING: Final = 0.5
_FULLY: Final = 0.9
#: A3, A4, A5 and the letter sizes of older papers, in millimetres, and how far a scanner may be off.
_PAPERS: Final = ((297, 420), (210, 297), (148, 210), (216, 279), (216, 356))
_PAPER_TOLERANCE: Final = 6.0
_MM: Final = 25.4 / 72
_VERSION: Final = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True)
class _Picture:
    """:ivar box: width and height on the page in points. :ivar dpi: the lower of both directions."""

    box: tuple[float, float]
    dpi: float
    coloured: bool


def scan_findings(pdf: Pdf) -> list[Found]:
    """What is wrong with the scanned pages; nothing where none is a scan. The first 300 pages are looked at."""
    coarse, grey, shrunk, scans = [], [], [], 0
    for number, page in enumerate(pdf.pages[:_PAGES_LIMIT], 1):
        left, bottom, right, top = (float(edge) for edge in page.cropbox)
        unit = float(page.obj.get("/UserUnit", 1))
        size = abs(right - left) * unit, abs(top - bottom) * unit
        picture = _largest(page, unit)
        if picture is None or not _covers(picture, size, _COVERING):
            continue
        scans += 1
        if picture.dpi < _LEAST_DPI:
            coarse.append(str(number))
        if not picture.coloured:
            grey.append(str(number))
        if not _covers(picture, size, _FULLY) or not _is_paper(size):
            shrunk.append(str(number))
    found = []
    version = _VERSION.match(pdf.pdf_version)
    if scans and version and (int(version[1]), int(version[2])) < _LEAST_VERSION:
        found.append(Found("scan-version", {"version": pdf.pdf_version}))
    for code, pages in (("scan-resolution", coarse), ("scan-colour", grey), ("scan-scale", shrunk)):
        if pages:
            found.append(named(code, pages))
    return found


def _covers(picture: _Picture, size: tuple[float, float], part: float) -> bool:
    return picture.box[0] * picture.box[1] >= part * size[0] * size[1]


def _is_paper(size: tuple[float, float]) -> bool:
    narrow, long = sorted(edge * _MM for edge in size)
    return any(
        abs(narrow - paper[0]) <= _PAPER_TOLERANCE and abs(long - paper[1]) <= _PAPER_TOLERANCE for paper in _PAPERS
    )


def _largest(page: pikepdf.Page, unit: float) -> _Picture | None:
    """The picture that takes most of a page, drawn by the page's own content."""
    pictures: dict[str, Any] = {str(name): image for name, image in page.images.items()}
    if not pictures or _content_size(page) > _CONTENT_LIMIT:
        return None
    largest: _Picture | None = None
    stack: list[pikepdf.Matrix] = []
    matrix = pikepdf.Matrix()
    for instruction in pikepdf.parse_content_stream(page, "q Q cm Do"):
        operator = str(instruction.operator)
        if operator == "q":
            stack.append(matrix)
        elif operator == "Q" and stack:
            matrix = stack.pop()
        elif operator == "cm":
            matrix = pikepdf.Matrix(*(float(number) for number in instruction.operands)) @ matrix
        elif operator == "Do":
            picture = _drawn(pictures.get(str(instruction.operands[0])), matrix, unit)
            if picture and (largest is None or picture.box[0] * picture.box[1] > largest.box[0] * largest.box[1]):
                largest = picture
    return largest


def _content_size(page: pikepdf.Page) -> int:
    contents: Any = page.obj.get("/Contents")
    parts = list(contents) if isinstance(contents, Array) else [contents]
    return sum(int(part.get("/Length", 0)) for part in parts if isinstance(part, Stream))


def _drawn(image: Any, matrix: pikepdf.Matrix, unit: float) -> _Picture | None:
    if image is None:
        return None
    columns, rows = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    width = unit * (matrix.a**2 + matrix.b**2) ** 0.5
    height = unit * (matrix.c**2 + matrix.d**2) ** 0.5
    if not (columns > 0 and rows > 0 and width > 0 and height > 0):
        return None
    return _Picture((width, height), 72 * min(columns / width, rows / height), _coloured(image))


def _coloured(image: Any) -> bool:
    """Whether the colour space has three components or more (ISO 32000-2, 8.6); an unknown one counts as coloured."""
    if bool(image.get("/ImageMask", False)):
        return False
    space = image.get("/ColorSpace")
    kind = space[0] if isinstance(space, Array) and len(space) else space
    if str(kind) in ("/DeviceGray", "/CalGray"):
        return False
    if str(kind) == "/Indexed":
        return str(space[1]) not in ("/DeviceGray", "/CalGray")
    if str(kind) == "/ICCBased" and isinstance(space[1], (Dictionary, Stream)):
        return int(space[1].get("/N", 3)) >= 3
    return isinstance(kind, Name) or "/JPXDecode" in str(image.get("/Filter", ""))
