"""Fonts inside a Word file, so that it looks the same where Times New Roman is missing."""

from __future__ import annotations

import io
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.demo.images import FONTS

_FACES = {"Regular": "Regular", "Bold": "Bold", "Italic": "Italic", "BoldItalic": "BoldItalic"}
_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/font"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
#: Basic Latin, Latin-1, the Vietnamese letters, and the dashes and quotes of office documents.
_LETTERS = [*range(0x20, 0x250), *range(0x300, 0x324), *range(0x1EA0, 0x1EFA), *range(0x2010, 0x2027), 0x20AB]


def embed_tinos(word: Any) -> None:
    """Embed Tinos and name it as what stands in for Times New Roman (ISO/IEC 29500-1, 17.8.3.1 and 17.8.3.3).

    :param word: a python-docx document.
    """
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import qn
    from lxml import etree

    table = word.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    fonts = parse_xml(table.blob)
    for font in fonts.findall(qn("w:font")):
        if font.get(qn("w:name")) == "Times New Roman":
            stand_in = OxmlElement("w:altName")
            stand_in.set(qn("w:val"), "Tinos")
            font.insert(0, stand_in)
    tinos = OxmlElement("w:font")
    tinos.set(qn("w:name"), "Tinos")
    for face, file in _FACES.items():
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"antin:tinos:{face}")).upper()
        name = PackURI(f"/word/fonts/{face.lower()}.odttf")
        part = Part(name, _CONTENT_TYPE, _obfuscated(_subset(FONTS / f"Tinos-{file}.ttf"), key), word.part.package)
        element = OxmlElement(f"w:embed{face}")
        element.set(qn("r:id"), table.relate_to(part, _RELATIONSHIP))
        element.set(qn("w:fontKey"), f"{{{key}}}")
        tinos.append(element)
    fonts.append(tinos)
    table._blob = etree.tostring(fonts, xml_declaration=True, encoding="UTF-8", standalone=True)
    settings = word.settings.element
    for position, flag in enumerate(("w:embedTrueTypeFonts", "w:saveSubsetFonts")):
        after_view = 1 + max((at for at, child in enumerate(settings) if child.tag in _BEFORE_EMBEDDING), default=-1)
        settings.insert(after_view + position, OxmlElement(flag))


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: What comes before w:embedTrueTypeFonts in the sequence of CT_Settings.
_BEFORE_EMBEDDING = {
    f"{_W}{name}"
    for name in ("writeProtection", "view", "zoom", "removePersonalInformation", "removeDateAndTime",
                 "doNotDisplayPageBoundaries", "displayBackgroundShape", "printPostScriptOverText",
                 "printFractionalCharacterWidth", "printFormsData")
}  # fmt: skip


@lru_cache
def _subset(file: Path) -> bytes:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(layout_features=["ccmp", "kern", "mark", "mkmk", "locl"], hinting=False, notdef_outline=True)
    font = TTFont(file, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=_LETTERS)
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _obfuscated(font: bytes, key: str) -> bytes:
    """The first 32 octets XORed with the key's octets in reverse (ISO/IEC 29500-4, 9.1 obfuscation)."""
    octets = bytes.fromhex(key.replace("-", ""))[::-1] * 2
    return bytes(octet ^ mask for octet, mask in zip(font[:32], octets, strict=True)) + font[32:]
