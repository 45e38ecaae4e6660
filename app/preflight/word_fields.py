"""Fields of Word documents (ISO/IEC 29500-1, section 17.16): which change, and fixing them to what they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from app.preflight.markup import attribute, local

#: Fields whose result depends on when, where and by whom the file is opened, or that ask the reader.
CHANGING: Final = frozenset(
    (
        *("DATE", "TIME", "PRINTDATE", "SAVEDATE", "EDITTIME", "LASTSAVEDBY", "FILENAME", "FILESIZE"),
        *("USERNAME", "USERINITIALS", "USERADDRESS", "ASK", "FILLIN", "MERGEFIELD", "MERGEREC", "NEXT", "NEXTIF"),
    )
)
#: Fields that fetch their result from another file or program.
LINKED: Final = frozenset(
    ("INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "LINK", "DDE", "DDEAUTO", "DATABASE", "RD")
)


def keyword(instruction: str) -> str:
    """The kind of a field, in capitals: ``DATE`` of `` DATE \\@ "dd/MM/yyyy" ``."""
    return (instruction.split(None, 1) or [""])[0].upper()


@dataclass
class _Field:
    """A complex field being read.

    :ivar marks: its own fldChar elements; ``code``: what stands between begin and separate.
    """

    instruction: list[str] = field(default_factory=list)
    marks: list[Any] = field(default_factory=list)
    code: list[Any] = field(default_factory=list)
    in_code: bool = True


#: Elements that make up fields.
NAMES: Final = ("fldSimple", "fldChar", "instrText")


class FieldReader:
    """Follows the fields of a part through its elements.

    :ivar kinds: of the fields met that change or are linked.
    """

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self._open: list[list[str]] = []

    def read(self, element: Any) -> None:
        """Take the next element of :data:`NAMES`, in document order."""
        name = local(element)
        if name == "fldSimple":
            self._take(attribute(element, "instr"))
        elif name == "instrText" and self._open:
            self._open[-1].append(element.text or "")
        elif name == "fldChar":
            kind = attribute(element, "fldCharType")
            if kind == "begin":
                self._open.append([])
            elif kind in ("separate", "end") and self._open:
                self._take("".join(self._open[-1]))
                self._open[-1] = []
                if kind == "end":
                    self._open.pop()

    def _take(self, instruction: str) -> None:
        kind = keyword(instruction)
        if kind in CHANGING or kind in LINKED:
            self.kinds.append(kind)


def freeze(root: Any) -> bool:
    """Fix the fields of a part that change or are linked to what they show.

    :param root: of the part; changed in place.
    :return: whether there was any.
    """
    marked = list(_marked(root))
    simple = [one for one in root.iter() if local(one) == "fldSimple" and _moves(attribute(one, "instr"))]
    for element in marked:
        _drop(element)
    for one in simple:
        parent, place = one.getparent(), one.getparent().index(one)
        for child in reversed(list(one)):
            parent.insert(place, child)
        parent.remove(one)
    return bool(marked or simple)


def _moves(instruction: str) -> bool:
    kind = keyword(instruction)
    return kind in CHANGING or kind in LINKED


def _marked(root: Any) -> Iterator[Any]:
    """The elements in runs that make up the codes of moving fields."""
    stack: list[_Field] = []
    for element in root.iter():
        parent = element.getparent()
        if parent is None or local(parent) != "r" or local(element) == "rPr":
            continue
        kind = attribute(element, "fldCharType") if local(element) == "fldChar" else ""
        for outer in stack:
            if outer.in_code and not (outer is stack[-1] and kind in ("separate", "end")):
                outer.code.append(element)
        if kind == "begin":
            stack.append(_Field(marks=[element]))
        elif kind == "separate" and stack:
            stack[-1].marks.append(element)
            stack[-1].in_code = False
        elif kind == "end" and stack:
            done = stack.pop()
            if _moves("".join(done.instruction)):
                yield from (*done.marks, element, *done.code)
        elif stack and stack[-1].in_code and local(element) == "instrText":
            stack[-1].instruction.append(element.text or "")


def _drop(element: Any) -> None:
    run = element.getparent()
    if run is None:
        return
    run.remove(element)
    if all(local(child) == "rPr" for child in run) and run.getparent() is not None:
        run.getparent().remove(run)
