"""Signed text documents that show properties of their file, altered after signing and left as they were.

Word fills a content control bound to a property when it opens the document, and a field when it lays out or prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import docx

from app.signing.model import Scope
from app.verification.model import Conclusion
from tests.attacks.model import Attack, Genuine
from tests.demo.pki import Pki
from tests.office_signing import changed, replacing, sign

_TITLE, _FORGED = "Cấp 10 triệu đồng", "Cấp 99 triệu đồng"
_CORE = "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"
_XPATH = "/ns1:coreProperties[1]/ns0:title[1]"
_RUN = "<w:r>{}</w:r>"


def _control(store: str = f' w:storeItemID="{_CORE}"') -> str:
    return (
        f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="{_XPATH}"{store}/><w:text/></w:sdtPr>'
        f"<w:sdtContent><w:p><w:r><w:t>{_TITLE}</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )


def _field(*instruction: str) -> str:
    """A field whose instruction stands in several runs, as Word splits it."""
    parts = [
        '<w:fldChar w:fldCharType="begin"/>',
        *(f'<w:instrText xml:space="preserve">{part}</w:instrText>' for part in instruction),
        '<w:fldChar w:fldCharType="separate"/>',
        f"<w:t>{_TITLE}</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ]
    return f"<w:p>{''.join(map(_RUN.format, parts))}</w:p>"


_PLACES = {
    "bound_control": _control(),
    "bound_control_without_store": _control(""),
    "simple_field": f'<w:p><w:fldSimple w:instr=" TITLE  \\* MERGEFORMAT ">{_RUN.format(f"<w:t>{_TITLE}</w:t>")}'
    "</w:fldSimple></w:p>",
    "field": _field(" TI", "TLE \\* Upper "),
    "property_field": _field(' DOCPROPERTY "Title" '),
}


def _made(pki: Pki, folder: Path, *, place: str, title: str) -> Path:
    document = docx.Document()
    document.core_properties.title = _TITLE
    document.save(str(folder / "plain.docx"))
    shown = changed(
        folder / "plain.docx", folder / "shown.docx", {"word/document.xml": replacing("<w:body>", f"<w:body>{place}")}
    )
    sign(shown, folder / "signed.docx", pki.credential("leader"), scope=Scope.OFFICE)
    edits: dict[str, Callable[[bytes], bytes] | bytes | None] = (
        {"docProps/core.xml": replacing(_TITLE, title)} if title != _TITLE else {}
    )
    return changed(folder / "signed.docx", folder / "sent.docx", edits)


ATTACKS: list[Attack] = []
GENUINE: list[Genuine] = []


def _add(name: str, place: str) -> None:
    forged = partial(_made, place=place, title=_FORGED)
    unchanged = partial(_made, place=place, title=_TITLE)
    ATTACKS.append(
        Attack(
            "ooxml",
            f"property_shown_by_a_{name}",
            lambda workshop, folder: forged(workshop.pki, folder),
            Conclusion.INDETERMINATE,
            "ooxml-property-shown",
        )
    )
    GENUINE.append(
        Genuine(
            "ooxml",
            f"unchanged_property_shown_by_a_{name}",
            lambda workshop, folder: unchanged(workshop.pki, folder),
            Conclusion.VALID,
            "ooxml-metadata-uncovered",
        )
    )


for _name, _place in _PLACES.items():
    _add(_name, _place)
