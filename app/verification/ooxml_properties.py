"""What a text document shows of its file's properties, which Office signatures leave out.

A content control bound to a property, and a field such as TITLE or DOCPROPERTY, show the property and not the text that
was signed in their place (ISO/IEC 29500-1, 17.5.2.6 dataBinding and 17.16.5 field definitions; the identifiers of the
property parts: MS-OE376, 2.1.174). As long as both say the same nothing is altered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.ooxml.package import Metadata, Package, Part
from app.trust.model import Problem
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element

_TEXT_PARTS: Final = ("application/vnd.openxmlformats-officedocument.wordprocessingml.", "application/vnd.ms-word.")
_PART_LIMIT: Final = 64 << 20
#: Marks of what may show a property; in UTF-16, which is not looked through, a part is parsed at once.
_SIGNS: Final = (b"dataBinding", b"instr", b"\0")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_OVERLAP: Final = 16
_TOLD: Final = 5
_TOLD_LETTERS: Final = 120

_CORE, _EXTENDED, _CUSTOM = "core", "extended", "custom"
_STORES: Final = {
    "6C3C8BC8-F283-45AE-878A-BAB7291924A1": _CORE,
    "6668398D-A668-4E3E-A5EB-62B293D839F1": _EXTENDED,
}
_ROOTS: Final = {"coreProperties": _CORE, "Properties": _EXTENDED}
#: Names of properties in fields, folded, and the elements that hold them.
_NAMES: Final = {
    "title": (_CORE, "title"),
    "subject": (_CORE, "subject"),
    "author": (_CORE, "creator"),
    "keywords": (_CORE, "keywords"),
    "comments": (_CORE, "description"),
    "category": (_CORE, "category"),
    "company": (_EXTENDED, "Company"),
    "manager": (_EXTENDED, "Manager"),
}
#: Those that are the code of a field of their own.
_CODES: Final = frozenset({"title", "subject", "author", "keywords", "comments"})
_FIELD: Final = re.compile(r'\s*(?P<code>\w+)\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"\\]+))?')
_STEP: Final = re.compile(r"(?:[\w.\-]+:)?([\w.\-]+)\s*(?:\[[^\]]*\])?\s*\Z")
_UNPRINTED: Final = re.compile(r"_x000[dDaA]_|\s+")

#: Most pieces of text that are put together in a part, and fields that stand in one another: Word knows 20.
_PIECES_LIMIT: Final = 500_000
_NESTED_LIMIT: Final = 64

_Properties = dict[tuple[str, str], str]


def shown_otherwise(package: Package, metadata: Metadata) -> list[Problem]:
    """Where the document shows a property other than the text signed in its place, each once, five at most.

    :param metadata: the parts of the properties.
    :raises SignatureFault: a part that may show some holds more than can be looked through.
    :raises app.documents.zip_errors.ZipDataDamaged: a part does not unpack.
    """
    parts = [
        part
        for part in package.parts.values()
        if part.content_type.startswith(_TEXT_PARTS) and _may_show(package, part)
    ]
    if not parts:
        return []
    properties = _properties(package, metadata)
    found: dict[Problem, None] = {}
    for part in parts:
        shown_in = _Shown(parse_bounded(package.read(part, _PART_LIMIT), part.name), part.name, properties)
        for signed, shown in shown_in.places():
            if _folded(signed) != _folded(shown):
                texts = ("signed", _short(signed)), ("shown", _short(shown))
                found.setdefault(Problem("ooxml-property-shown", texts))
    return list(found)[:_TOLD]


def _may_show(package: Package, part: Part) -> bool:
    end = b""
    for chunk in package.archive.chunks(part.entry):
        piece = end + bytes(chunk)
        if piece.startswith(_BYTE_ORDER_MARKS) or any(sign in piece for sign in _SIGNS):
            return True
        end = piece[-_OVERLAP:]
    return False


def _properties(package: Package, metadata: Metadata) -> _Properties:
    """The values; those of a part that cannot be read are missing."""
    found: _Properties = {}
    for key in metadata.parts:
        part = package.parts[key]
        kind = next((one for one in (_CORE, _EXTENDED, _CUSTOM) if f"{one}-properties" in part.content_type), None)
        if kind is None:
            continue
        try:
            root = parse_bounded(package.read(part, _PART_LIMIT), part.name)
        except SignatureFault:
            continue
        for node in root:
            if isinstance(node.tag, str):
                name = node.get("name", "").casefold() if kind == _CUSTOM else _local(node.tag)
                found[kind, name] = "".join(node.itertext())
    return found


@dataclass
class _Open:
    """A field whose end has not come yet."""

    instruction: str = ""
    result: str = ""
    has_result: bool = False


class _Shown:
    """The places of a part that show properties."""

    def __init__(self, root: Element, name: str, properties: _Properties) -> None:
        self._root, self._name, self._properties = root, name, properties
        self._pieces = 0

    def places(self) -> Iterator[tuple[str, str]]:
        """What was signed and what is shown in each.

        :raises SignatureFault: so many stand in one another that they are not put together.
        """
        for control in self._root.iter("{*}sdt"):
            yield from self._control(control)
        for simple in self._root.iter("{*}fldSimple"):
            yield from self._field(_attribute(simple, "instr"), self._text(simple))
        yield from self._fields()

    def _control(self, control: Element) -> Iterator[tuple[str, str]]:
        """A content control, where it is bound to a property."""
        setting = control.find("{*}sdtPr")
        binding = None if setting is None else setting.find("{*}dataBinding")
        if binding is None:
            return
        stated = {_local(name): value for name, value in binding.items()}
        place = _bound(stated.get("storeItemID", ""), stated.get("xpath", ""))
        if place is None:
            return
        value = self._properties.get(place, "")
        date = setting.find("{*}date")
        if date is not None:
            yield _attribute(date, "fullDate").rstrip("Z"), value.rstrip("Z")
        elif setting.find("{*}showingPlcHdr") is not None:
            yield "", value
        else:
            listed = {
                _attribute(item, "value"): _attribute(item, "displayText") for item in setting.iter("{*}listItem")
            }
            content = control.find("{*}sdtContent")
            yield "" if content is None else self._text(content), listed.get(value) or value

    def _fields(self) -> Iterator[tuple[str, str]]:
        """Fields written as a run of marks, instructions and results."""
        unfinished: list[_Open] = []
        for node in self._root.iter("{*}fldChar", "{*}instrText", "{*}t"):
            name, kind = _local(node.tag), _attribute(node, "fldCharType")
            if name == "t":
                self._count(len(unfinished))
                for field in unfinished:
                    field.result += (node.text or "") if field.has_result else ""
            elif name == "instrText" and unfinished:
                unfinished[-1].instruction += node.text or ""
            elif kind == "begin":
                self._count(_PIECES_LIMIT if len(unfinished) == _NESTED_LIMIT else 1)
                unfinished.append(_Open())
            elif kind == "separate" and unfinished:
                unfinished[-1].has_result = True
            elif kind == "end" and unfinished:
                ended = unfinished.pop()
                yield from self._field(ended.instruction, ended.result)

    def _field(self, instruction: str, result: str) -> Iterator[tuple[str, str]]:
        found = _FIELD.match(instruction)
        if found is None:
            return
        code, argument = found["code"].casefold(), (found["quoted"] or found["plain"] or "").casefold()
        if code in ("docproperty", "info"):
            place = _NAMES.get(argument, (_CUSTOM, argument) if code == "docproperty" else None)
        else:
            place = _NAMES.get(code) if code in _CODES else None
        if place is not None:
            yield result.casefold(), self._properties.get(place, "").casefold()

    def _text(self, node: Element) -> str:
        pieces = []
        for one in node.iter("{*}t"):
            self._count(1)
            pieces.append(one.text or "")
        return "".join(pieces)

    def _count(self, pieces: int) -> None:
        self._pieces += pieces
        if self._pieces > _PIECES_LIMIT:
            raise SignatureFault("xmldsig-too-complex", supported=False, name=self._name)


def _bound(store: str, xpath: str) -> tuple[str, str] | None:
    """Which property a binding names; None where it names something else, which is a part that must be signed."""
    kind = _STORES.get(store.strip("{} ").upper())
    if kind is None and not store:
        kind = next((kind for root, kind in _ROOTS.items() if re.match(rf"/+(?:[\w.\-]+:)?{root}\b", xpath)), None)
    step = _STEP.search(xpath.rpartition("/")[2])
    return (kind, step[1] if step else "") if kind is not None else None


def _attribute(node: Element, name: str) -> str:
    return next((value for key, value in node.items() if _local(key) == name), "")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _folded(text: str) -> str:
    return _UNPRINTED.sub("", text)


def _short(text: str) -> str:
    return text if len(text) <= _TOLD_LETTERS else text[: _TOLD_LETTERS - 1] + "…"
