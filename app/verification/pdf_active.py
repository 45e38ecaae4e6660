"""What makes a signed PDF look otherwise elsewhere or later although nobody changes it.

Scripts and other actions that run by themselves (ISO 32000-2, 12.6), dynamic forms (Annex K), collections of files
(12.3.5), content from outside of the file (7.3.8.2, 8.10.4) and layers that depend on where they are shown (8.11.4.4).
Links and layers that only people switch are what documents are made of, and nothing to tell.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import elements, entry, walk_fields
from app.documents.pdf_reader import FAULTS, DocumentReader, TooSlow
from app.verification.pdf_objects import children

#: Objects that are looked at, for one file; each takes some ten thousandths of a second.
_MOST_LOOKS: Final = 10_000
_MAX_DEPTH: Final = 32
#: What only leads the reader somewhere.
_LEADS: Final = frozenset({"/GoTo", "/GoToR", "/GoToDp", "/Named", "/Thread"})
_PLAYED: Final = frozenset({"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D"})
#: Of the processor, for one file.
_SECONDS: Final = 0.8
#: Of an optional content group's ``/Usage``, by event (table 100); the first state is that on screen.
_STATES: Final = {"/View": "/ViewState", "/Print": "/PrintState", "/Export": "/ExportState"}


class _LookedEnough(Exception):
    """More objects, or more time, than one file gets."""


def active_content(reader: DocumentReader) -> frozenset[str]:
    """Codes of reasons why the document as it is now may look otherwise elsewhere.

    What cannot be read is passed over here: that it can be is for others to judge. Where there is more than can be
    looked at, ``pdf-active-unknown`` says so.
    """
    search = _Search(reader, time.thread_time() + _SECONDS)
    try:
        search.run()
    except (_LookedEnough, TooSlow):
        search.found.add("pdf-active-unknown")
    return frozenset(search.found)


class _Search:
    def __init__(self, reader: DocumentReader, until: float) -> None:
        self.reader, self.until = reader, until
        self.found: set[str] = set()
        self.left = _MOST_LOOKS
        self.seen: set[int] = set()

    def run(self) -> None:
        root: Any = self.reader.root
        for look in (self._catalog, self._layers, self._fields, self._pages):
            try:
                look(root)
            except FAULTS:
                continue

    def _look(self) -> None:
        self.left -= 1
        if self.left < 0 or time.thread_time() > self.until:
            raise _LookedEnough

    def _catalog(self, root: Any) -> None:
        scripts = entry(entry(root, "/Names"), "/JavaScript")
        if scripts is not None or _acts(entry(root, "/OpenAction"), _LEADS) or self._reacts(root):
            self.found.add("pdf-active-content")
        if entry(entry(root, "/AcroForm"), "/XFA") is not None or entry(root, "/NeedsRendering"):
            self.found.add("pdf-dynamic-form")
        if entry(root, "/Collection") is not None:
            self.found.add("pdf-portfolio")

    def _layers(self, root: Any) -> None:
        layers = entry(root, "/OCProperties")
        default = entry(layers, "/D")
        automatic = list(elements(entry(default, "/AS")))
        if not automatic:
            return
        switched = {key: _numbers(entry(default, key)) for key in ("/ON", "/OFF")}
        shown = {number: entry(default, "/BaseState") != "/OFF" for number in _numbers(entry(layers, "/OCGs"))}
        shown |= dict.fromkeys(switched["/ON"], True) | dict.fromkeys(switched["/OFF"], False)
        states: dict[str, dict[int, bool]] = {}
        for each in automatic:
            event = str(entry(each, "/Event"))
            for layer in _references(entry(each, "/OCGs")):
                self._look()
                usage = entry(layer.get_object(), "/Usage")
                for category in elements(entry(each, "/Category")):
                    stated = entry(entry(usage, str(category)), _STATES.get(str(category), ""))
                    if category not in _STATES and entry(usage, str(category)) is not None:
                        self.found.add("pdf-shown-differently")
                    elif stated is not None:
                        states.setdefault(event, {})[layer.idnum] = stated != "/OFF"
        on_screen = shown | states.get("/View", {})
        if any(shown | states.get(event, {}) != on_screen for event in ("/Print", "/Export")):
            self.found.add("pdf-shown-differently")

    def _fields(self, root: Any) -> None:
        for field in walk_fields(root):
            self._look()
            if self._reacts(field.dictionary) or _acts(entry(field.dictionary, "/A")):
                self.found.add("pdf-active-content")

    def _pages(self, root: Any) -> None:
        waiting = [(entry(root, "/Pages"), 0)]
        while waiting:
            node, depth = waiting.pop()
            kids = entry(node, "/Kids")
            self._look()
            self._drawn(entry(node, "/Resources"), 0)
            if kids is not None:
                waiting += [(kid, depth + 1) for kid in elements(kids) if depth < _MAX_DEPTH]
            elif isinstance(node, generic.DictionaryObject):
                self._page(node)

    def _page(self, page: generic.DictionaryObject) -> None:
        if self._reacts(page):
            self.found.add("pdf-active-content")
        contents = page.raw_get("/Contents") if "/Contents" in page else None
        parts = [contents]
        if isinstance(entry(page, "/Contents"), generic.ArrayObject):
            parts = [part for _index, part in children(page["/Contents"])]
        for part in parts:
            if isinstance(part, generic.IndirectObject):
                self._stream(part, 0)
        for annotation in elements(entry(page, "/Annots")):
            self._look()
            acts = self._reacts(annotation) or _acts(entry(annotation, "/A"))
            if acts or entry(annotation, "/Subtype") in _PLAYED:
                self.found.add("pdf-active-content")
            for picture in _references(entry(annotation, "/AP")):
                self._stream(picture, 0)

    def _drawn(self, resources: object, depth: int) -> None:
        for key in ("/XObject", "/Pattern"):
            for reference in _references(entry(resources, key)):
                self._stream(reference, depth)

    def _stream(self, reference: generic.IndirectObject, depth: int) -> None:
        """Of streams only the dictionary is read: what they draw may be large."""
        if reference.idnum in self.seen or depth > _MAX_DEPTH:
            return
        self.seen.add(reference.idnum)
        self._look()
        outline = self.reader.outline_at(reference.idnum, reference.generation, self.reader.total_revisions - 1)
        if any(entry(outline, key) is not None for key in ("/F", "/Ref", "/OPI")):
            self.found.add("pdf-external-content")
        if entry(outline, "/Alternates") is not None:
            self.found.add("pdf-shown-differently")
        self._drawn(entry(outline, "/Resources"), depth + 1)

    def _reacts(self, holder: object) -> bool:
        """Whether something is done by itself when a document, page or field is opened, left or filled (12.6.3)."""
        reactions = entry(holder, "/AA")
        if not isinstance(reactions, generic.DictionaryObject):
            return False
        return any(_acts(entry(reactions, key), _LEADS) for key in reactions)


def _acts(action: object, plain: frozenset[str] = _LEADS | {"/URI"}) -> bool:
    """Whether an action, or one of those after it, does more than lead the reader somewhere.

    :param plain: kinds that do not.
    """
    waiting, steps = [action], 0
    while waiting and steps < _MAX_DEPTH:
        steps += 1
        step = waiting.pop()
        if not isinstance(step, generic.DictionaryObject):
            continue  # a destination, or nothing
        if entry(step, "/S") not in plain | {None}:
            return True
        following = entry(step, "/Next")
        waiting += elements(following) if isinstance(following, generic.ArrayObject) else [following]
    return bool(waiting)


def _references(container: object) -> Iterator[generic.IndirectObject]:
    """References that a dictionary or array holds, or a dictionary in it."""
    if not isinstance(container, (generic.DictionaryObject, generic.ArrayObject)):
        return
    for _key, value in children(container):
        if isinstance(value, generic.IndirectObject):
            yield value
        elif isinstance(value, generic.DictionaryObject):
            yield from (inner for _name, inner in children(value) if isinstance(inner, generic.IndirectObject))


def _numbers(array: object) -> set[int]:
    return {reference.idnum for reference in _references(array)}
