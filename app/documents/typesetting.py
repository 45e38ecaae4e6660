"""Documents for people as PDF/A-2a, set by Typst from the templates of ``resources/templates``.

A template holds the layout; what it prints comes as data (``sys.inputs.data``, JSON). It reads nothing but files of its
own folder.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from app.paths import RESOURCES
from app.times import VIETNAM

TEMPLATES = RESOURCES / "templates"


@dataclass(frozen=True)
class Typeset:
    """A document.

    :ivar marks: the values of the template's ``metadata`` labelled ``<mark>``, such as the places of signatures.
    """

    pdf: bytes
    marks: list[Any]


def typeset(template: Path, data: Mapping[str, Any], at: dt.datetime, *, marks: bool = False) -> Typeset:
    """Set a document.

    :param template: one of :data:`TEMPLATES`, or a copy of one in a private folder with pictures beside it.
    :param data: anything msgspec can encode.
    :param at: aware; the time at which the document was made.
    :param marks: also read the template's marks.
    :raises typst.TypstError: the template or the data is at fault.
    """
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        sys_inputs={"data": msgspec.json.encode(data).decode()},
    )
    moment = at.astimezone(VIETNAM).replace(microsecond=0)
    pdf = compiler.compile(format="pdf", pdf_standards="a-2a", timestamp=moment)
    assert isinstance(pdf, bytes)
    found = msgspec.json.decode(compiler.query("<mark>", field="value")) if marks else []
    return Typeset(pdf, found)


@cache
def _fonts() -> typst.Fonts:
    """The program's own fonts alone, read once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(RESOURCES / "fonts")])
