"""What of an XML document stands outside of what a signature covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.i18n import N_, _
from app.xmldsig.markup import Element, is_element

_SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
#: Attributes that only say where a schema may be found.
_HARMLESS: Final = frozenset({f"{_SCHEMA}schemaLocation", f"{_SCHEMA}noNamespaceSchemaLocation"})
_NAMES_LIMIT: Final = 1_000


@dataclass(frozen=True)
class Frame:
    """The elements that a known kind of document puts around what is signed.

    :ivar content: children of the root that are signed.
    :ivar additions: children of the root that come in after the first signature.
    """

    content: frozenset[str]
    around: frozenset[str]
    additions: frozenset[str] = frozenset()


#: By the name of the root: electronic invoices (form of data under Decree 123/2020, article 12), whose tax code is
#: given after the seller has signed, and tax returns as the tax authority's program writes them.
_KNOWN: Final = {
    "HDon": Frame(
        frozenset({"DLHDon"}),
        frozenset({"HDon", "DSCKS", "NBan", "NMua", "CQT", "CCKSKhac"}),
        frozenset({"MCCQT", "DLQRCode"}),
    ),
    "HSoThueDTu": Frame(frozenset({"HSoKhaiThue"}), frozenset({"HSoThueDTu", "CKyDTu"})),
}

#: Parts of those documents as people know them.
_IN_WORDS: Final = {
    "HDon/DLHDon": N_("the data of the invoice"),
    "HDon/MCCQT": N_("the tax authority's code"),
    "HDon/DLQRCode": N_("the QR code"),
    "HSoThueDTu/HSoKhaiThue": N_("the data of the tax return"),
}


@dataclass
class Outside:
    """What is not covered.

    :ivar names: paths of elements, attributes, text and instructions.
    :ivar elements: those among them that are whole elements.
    :ivar frame: elements around what is covered that carry nothing of their own.
    """

    names: list[str] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    frame: list[Element] = field(default_factory=list)

    @property
    def framed(self) -> bool:
        return bool(self.frame)


def uncovered(root: Element, covered: Sequence[Element], signatures: Sequence[Element], *, whole: bool) -> Outside:
    """Walk a document past what is covered.

    :param covered: elements covered with all they hold.
    :param signatures: elements that are examined by themselves.
    :param whole: what stands beside the root is covered too.
    """
    found = Outside()
    known = {id(one) for one in (*covered, *signatures)}
    # The elements are kept beside their identities, which lxml gives anew to an element that nobody holds.
    leading = {id(one): one for target in (*covered, *signatures) for one in target.iterancestors()}
    if not whole:
        beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
        found.names.extend(f"?{one.target}" for one in beside if _is_instruction(one))
    pending = [root]
    while pending and len(found.names) < _NAMES_LIMIT:
        node = pending.pop()
        if id(node) in known:
            continue
        if id(node) not in leading:
            if is_element(node):
                found.names.append(told(node))
                found.elements.append(node)
            elif _is_instruction(node):
                found.names.append(f"?{node.target}")
            continue
        found.frame.append(node)
        found.names.extend(f"{told(node)}/@{_local(name)}" for name in node.attrib if name not in _HARMLESS)
        if any(text and text.strip() for text in (node.text, *(child.tail for child in node))):
            found.names.append(f"{told(node)}/text()")
        pending.extend(reversed(list(node)))
    return found


def _is_instruction(node: Element) -> bool:
    return not is_element(node) and hasattr(node, "target")


def frame_is_known(
    root: Element, covered: Iterable[Element], frame: Iterable[Element], additions: Sequence[Element] = ()
) -> bool:
    """Whether everything around what is signed is as a known kind of document has it."""
    known = _KNOWN.get(_local(root.tag))
    if known is None:
        return False
    content = [_local(one.tag) for one in covered if one.getparent() is root]
    children = [_local(one.tag) for one in root if is_element(one)]
    return (
        bool(known.content.intersection(content))
        and known.content.union(known.additions).issuperset(content)
        and all(children.count(name) <= 1 for name in known.content | known.additions)
        and all(_local(one.tag) in known.around for one in frame)
        and all(_is_addition(one, root, known) for one in additions)
    )


def _is_addition(one: Element, root: Element, known: Frame) -> bool:
    """A plain value, in which no second document can hide."""
    return (
        _local(one.tag) in known.additions
        and one.tag.rpartition("}")[0] == root.tag.rpartition("}")[0]
        and one.getparent() is root
        and not len(one)
        and all(_local(name).lower() == "id" for name in one.attrib)
    )


def told(node: Element) -> str:
    """The way to an element, such as ``HDon/DLHDon``."""
    names = [_local(one.tag) for one in (node, *node.iterancestors())]
    return "/".join(reversed(names[:6]))[-120:]


def in_words(path: str) -> str:
    """A path of :func:`told` as people know the part; as it is where they do not."""
    return _(_IN_WORDS[path]) if path in _IN_WORDS else path


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
