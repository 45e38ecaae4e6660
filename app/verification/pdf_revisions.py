"""A signed revision of a PDF beside the document as it is now: what reads otherwise, and what refers to it."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import FormField, entry, walk_fields
from app.documents.pdf_reader import DocumentReader
from app.verification.pdf_objects import (
    Edge,
    TooComplex,
    children,
    edges_to,
    references,
    same,
    table,
    table_after,
)

_MAX_PAGES = 50_000
_FIELD_PLACES = {"/Fields", "/Annots", "/Parent", "/Obj", "/CO"}
#: The key under which people know what such objects belong to.
_NAMED_BY_TYPE = {
    **dict.fromkeys(("/Font", "/FontDescriptor"), "/Font"),
    **dict.fromkeys(("/EmbeddedFile", "/Filespec"), "/EmbeddedFiles"),
    **dict.fromkeys(("/OCG", "/OCMD"), "/OCProperties"),
    "/XObject": "/XObject",
    "/ExtGState": "/Resources",
    "/StructElem": "/StructTreeRoot",
}


class Revisions:
    """What differs between a revision and the last.

    :ivar before, after: cross-reference entries in force then and now.
    :ivar changed: old and new value of the objects that read otherwise, by number; None where freed or of another
        generation.
    :ivar added: numbers that the revision did not have.
    :ivar edges: all places in the revision that refer to the objects changed or added.
    :ivar root: number of the catalog; ``pages``: index by number; ``fields``: of the form, by number.
    """

    def __init__(self, reader: DocumentReader, revision: int, until: float) -> None:
        """
        :param revision: index of the signed revision; not the last.
        :param until: in processor seconds of this thread, when to give up.
        :raises app.verification.pdf_objects.TooComplex: the document is too large to be compared in that time.
        """
        self.reader, self.revision = reader, revision
        self.last = reader.total_revisions - 1
        self.before = table(reader, revision)
        self.after = table_after(reader, self.before, range(revision + 1, self.last + 1))
        self.changed = self._changed_objects(until)
        self.added = self.after.entries.keys() - self.before.entries.keys()
        past = reader.get_historical_resolver(revision)
        self.root: int = past.root_ref.idnum
        self.edges: dict[int, list[Edge]] = edges_to(
            reader, revision, self.before, set(self.changed) | self.added, until
        )
        self.pages: dict[int, int] = {}
        self._number_pages(past.root)
        self.fields: dict[int, FormField] = {
            field.reference.idnum: field for field in walk_fields(past.root) if field.reference is not None
        }

    def only_from(self, number: int, *places: tuple[int, str]) -> bool:
        """Whether all references to the object come from these places, by object and first key."""
        edges = self.edges.get(number, [])
        return bool(edges) and all((parent, path[0]) in places for parent, path in edges if path)

    def is_field_list(self, number: int) -> bool:
        """Whether the object is the array of the form's fields and nothing else."""
        edges = self.edges[number]
        return bool(edges) and all(path[-1:] == ("/Fields",) and self._is_form(parent, path) for parent, path in edges)

    def _is_form(self, parent: int, path: tuple[str | int, ...]) -> bool:
        if parent == self.root:
            return path == ("/AcroForm", "/Fields")
        form = self.past_root().raw_get("/AcroForm")
        return isinstance(form, generic.IndirectObject) and form.idnum == parent and path == ("/Fields",)

    def is_annotation_list(self, number: int) -> bool:
        """Whether the object is the array of a page's annotations and nothing else."""
        edges = self.edges.get(number, [])
        return bool(edges) and all(parent in self.pages and path == ("/Annots",) for parent, path in edges)

    def is_annotation(self, number: int) -> bool:
        """Pages list it among their annotations, and nothing but annotations refers to it otherwise."""
        return all(
            (parent in self.pages and path[:1] == ("/Annots",))
            or parent in self._annotation_lists
            or path[:1] in (("/Popup",), ("/Parent",), ("/IRT",))
            for parent, path in self.edges[number]
        )

    @cached_property
    def _annotation_lists(self) -> set[int]:
        """Numbers of the arrays that pages of the signed revision name as ``/Annots``."""
        lists = (raw_entry(self.signed_object(number), "/Annots") for number in self.pages)
        return {raw.idnum for raw in lists if isinstance(raw, generic.IndirectObject)}

    def is_only_field(self, number: int) -> bool:
        """Nothing but forms, pages' annotations and structure refers to it, so that it is not content as well."""
        form = raw_entry(self.past_root(), "/AcroForm")
        listed = raw_entry(self.resolved(form, self.revision), "/Fields")
        lists = {listed.idnum} if isinstance(listed, generic.IndirectObject) else set()
        for parent, path in self.edges[number]:
            keys = [step for step in path if isinstance(step, str)]
            if not keys:
                allowed = parent in lists or parent in self._annotation_lists
            elif keys[-1] == "/Kids":
                allowed = parent in self.fields
            else:
                allowed = keys[-1] in _FIELD_PLACES
            if not allowed:
                return False
        return True

    def is_calculated(self, number: int) -> bool:
        """The form of the signed revision lists the field among those it calculates from others (12.7.3, ``/CO``)."""
        form = raw_entry(self.past_root(), "/AcroForm")
        order = self.resolved(raw_entry(self.resolved(form, self.revision), "/CO"), self.revision)
        return any(isinstance(item, generic.IndirectObject) and item.idnum == number for _at, item in children(order))

    def is_evidence(self, number: int) -> bool:
        """Only the document security store refers to it (ISO 32000-2, 12.8.4.3)."""
        return all(
            parent in self._evidence or (parent == self.root and path[:1] == ("/DSS",))
            for parent, path in self.edges[number]
        )

    @cached_property
    def _evidence(self) -> set[int]:
        """Numbers of what the store of the signed revision consists of."""
        store = raw_entry(self.past_root(), "/DSS")
        inside: set[int] = set()
        waiting = [(0, store)] if store is not None else []
        while waiting:
            depth, value = waiting.pop()
            for _path, reference in references(value):
                if reference.idnum not in inside and depth < 4:
                    inside.add(reference.idnum)
                    if reference.idnum in self.before.entries:
                        waiting.append((depth + 1, self.signed_object(reference.idnum)))
        return inside

    def page_of(self, number: int) -> int | None:
        """One-based page that refers to the object, directly or through one changed object; None where unknown."""
        if number in self.pages:
            return self.pages[number] + 1
        for parent, _path in self.edges.get(number, []):
            if parent in self.pages:
                return self.pages[parent] + 1
        return None

    def name_of(self, number: int) -> str:
        """The key under which people know what a changed object belongs to."""
        if number == self.root:
            return "/Root"
        if number in self.pages:
            return "/Page"
        kind = entry(self.changed[number][0], "/Type")
        if kind in _NAMED_BY_TYPE:
            return _NAMED_BY_TYPE[str(kind)]
        paths = [path for _parent, path in self.edges.get(number, []) if path]
        return (
            str(next((step for step in reversed(paths[0]) if isinstance(step, str)), number)) if paths else str(number)
        )

    def past_root(self) -> Any:
        """The catalog of the signed revision; what it refers to is as it was then, too."""
        return self.reader.get_historical_resolver(self.revision).root

    def resolved(self, value: Any, revision: int) -> Any:
        """What a reference led to at a revision; any other value itself."""
        if isinstance(value, generic.IndirectObject):
            return self.reader.object_at(value.idnum, value.generation, revision)
        return value

    def signed_object(self, number: int) -> generic.PdfObject:
        """An object as it was signed.

        :raises KeyError: there was none of this number.
        """
        return self.reader.object_at(number, self.before.entries[number][0], self.revision)

    def _changed_objects(self, until: float) -> dict[int, tuple[generic.PdfObject | None, generic.PdfObject | None]]:
        """Old and new value of the objects that read otherwise; None where freed or of another generation."""
        changed: dict[int, tuple[generic.PdfObject | None, generic.PdfObject | None]] = {}
        for number, place in self.before.entries.items():
            if time.thread_time() > until:
                raise TooComplex
            now = self.after.entries.get(number)
            if now == place:
                continue
            old = self.reader.object_at(number, place[0], self.revision)
            if now is None or now[0] != place[0]:
                changed[number] = (old, None)
                continue
            new = self.reader.object_at(number, now[0], self.last)
            if number in self.before.containers or not same(old, new):
                changed[number] = (old, new)
        return changed

    def _number_pages(self, root: generic.DictionaryObject) -> None:
        """Page numbers by object number, at the signed revision."""
        stack = [(raw, 0) for raw in [root.raw_get("/Pages")]]
        seen: set[int] = set()
        while stack and len(self.pages) < _MAX_PAGES:
            raw, depth = stack.pop()
            if not isinstance(raw, generic.IndirectObject) or raw.idnum in seen or depth > 64:
                continue
            seen.add(raw.idnum)
            node = raw.get_object()
            kids = entry(node, "/Kids")
            if isinstance(kids, generic.ArrayObject):
                stack.extend((kid, depth + 1) for _index, kid in reversed(list(children(kids))))
            elif isinstance(node, generic.DictionaryObject):
                self.pages[raw.idnum] = len(self.pages)


def raw_entry(container: Any, key: str) -> Any:
    """A key's value as it stands, references not followed; None where there is no dictionary or key."""
    return container.raw_get(key) if isinstance(container, generic.DictionaryObject) and key in container else None
