"""What was changed in a PDF after a signature, and whether signing allows it.

Every object that existed in the signed revision and reads otherwise now must be explained by one of the rules here,
by what it is and by the places that refer to it; whatever no rule explains is a change of content. Objects that are
new are reached through such an object only, except where the signed revision already referred to a number that did
not exist yet, which is refused.

After an approval signature the rules allow further signatures, document time stamps and evidence (``/DSS``). After a
certification, and after the approvals that follow it, they allow also what its permission grants: ISO 32000-2, 12.8.2.2
(DocMDP) and 12.8.2.4 (FieldMDP). What the signer of such an approval found filled in and another changed is a doubt.

Kinds of :class:`app.verification.model.Change`: ``signature-added``, ``timestamp-added``, ``evidence-added``,
``form-filled``, ``field-added``, ``field-changed``, ``action-added``, ``annotation-added``, ``annotation-changed``,
``annotation-removed``, ``metadata-changed``, ``content-changed``; and of the examiner ``octets-appended``. ``what`` is
the name of a field or of the key that reads otherwise.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import FormField, elements, entry, is_filled, walk_fields
from app.documents.pdf_reader import DocumentReader
from app.verification.model import Change
from app.verification.pdf_annotations import ACTIONS, area, has_area, is_comment, may_cover, share_of_page
from app.verification.pdf_evidence import is_only_evidence
from app.verification.pdf_fields import (
    gains_unused_fonts,
    is_push_button,
    is_read_only,
    new_pictures,
    value_told,
    writes_only,
)
from app.verification.pdf_metadata import INFO_OF_SAVING, says_the_same
from app.verification.pdf_objects import TooComplex, children, differing, same, trailer_at
from app.verification.pdf_permissions import Permission
from app.verification.pdf_revisions import Revisions, raw_entry

#: More are found, and count, but are not told.
_MOST_CHANGES = 200
_TRAILER_BOOKKEEPING = {"/Size", "/Prev", "/ID", "/XRefStm", "/W", "/Index", "/Filter", "/DecodeParms", "/Length"}
_CATALOG_HARMLESS = {"/Extensions", "/Version"}
_SIGNED_FIELD_KEYS = {"/V", "/AP", "/M", "/MK", "/F", "/DA"}
_FILLED_FIELD_KEYS = {"/V", "/AP", "/AS", "/M", "/I", "/RV"}
#: What part of a page the pictures of signatures added later may cover: after a certification no more than a seal and
#: an arrival stamp of usual size take, else no more than several of them.
_LARGEST_SHARE, _LARGEST_SHARE_CERTIFIED = 1 / 4, 1 / 25
#: The same for one form field that is filled in; a line of text across the page takes a fortieth.
_LARGEST_FIELD = 1 / 25


@dataclass(frozen=True)
class Changes:
    """What was found.

    :ivar allowed: no change but such as signing allows, provided that the added signatures hold.
    :ivar signatures: names of the fields signed since.
    :ivar doubts: codes of reasons why what is allowed may still change what a reader sees.
    """

    changes: tuple[Change, ...]
    allowed: bool
    signatures: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def changes_since(reader: DocumentReader, revision: int, permission: Permission, until: float) -> Changes:
    """Compare a signed revision with the document as it is now.

    :param revision: index of the signed revision; not the last.
    :param until: in processor seconds of this thread, when to give up.
    :raises app.verification.pdf_objects.TooComplex: the document is too large to be compared in that time.
    """
    if time.thread_time() > until:
        raise TooComplex
    return _Comparison(Revisions(reader, revision, until), permission, until).run()


class _Comparison:
    def __init__(self, document: Revisions, permission: Permission, until: float) -> None:
        self.document, self.permission, self.until = document, permission, until
        self.widgets: set[int] = set()
        self.signed: list[str] = []
        self.freshly_signed: set[int] = set()
        self.found: list[Change] = []
        self.allowed = True
        self.doubts: set[str] = set()
        self.covered: defaultdict[int, float] = defaultdict(float)
        self.prepared: defaultdict[int, float] = defaultdict(float)

    def run(self) -> Changes:
        for number in self.document.added:
            if self.document.edges[number]:
                self._refuse("content-changed", f"{number} 0 R", self.document.page_of(number))
        self._trailer()
        for number in sorted(self.document.changed, key=self._order):
            if time.thread_time() > self.until:
                raise TooComplex
            if self._known_change(number):
                continue
            if number in self.document.fields:
                self._refuse("field-changed", self.document.fields[number].name, self.document.page_of(number))
            else:
                self._refuse("content-changed", self.document.name_of(number), self.document.page_of(number))
        self._weigh_pictures()
        if any(change.kind == "evidence-added" for change in self.found) and not is_only_evidence(
            entry(self.document.reader.root, "/DSS")
        ):
            self._refuse("content-changed", "/DSS")
        found = tuple(islice(dict.fromkeys(self.found), _MOST_CHANGES))
        return Changes(found, self.allowed, tuple(self.signed), tuple(sorted(self.doubts)))

    def _order(self, number: int) -> tuple[int, int]:
        """Form and fields before what shows them: a widget or picture is judged by the field it belongs to."""
        old = self.document.changed[number][0]
        if number == self.document.root:
            rank = 0
        elif self.document.only_from(number, (self.document.root, "/AcroForm")) or self.document.is_field_list(number):
            rank = 1
        elif number in self.document.fields:
            rank = 2 if "/T" in self.document.fields[number].dictionary else 3
        else:
            rank = 5 if isinstance(old, generic.StreamObject) else 4
        return rank, number

    # Findings

    def _refuse(self, kind: str, what: str, page: int | None = None) -> None:
        self.found.append(Change(kind, what, page))
        self.allowed = False

    def _allow(self, kind: str, what: str, page: int | None = None) -> None:
        self.found.append(Change(kind, what, page))

    def _weigh_pictures(self) -> None:
        """Whether the pictures of added signatures leave the page to be seen; those in fields prepared for them have
        the room that whoever certified the document gave them."""
        limit = _LARGEST_SHARE if self.permission.level is None else _LARGEST_SHARE_CERTIFIED
        if any(self._share(points, page) > limit for page, points in self.covered.items()) or any(
            self._share(points, page) > _LARGEST_SHARE for page, points in self.prepared.items()
        ):
            self.doubts.add("pdf-signature-may-cover")

    def _share(self, points: float, page: int) -> float:
        """:param page: one-based; 0 where unknown."""
        number = next((number for number, index in self.document.pages.items() if index + 1 == page), None)
        return share_of_page(points, self.document.signed_object(number) if number is not None else None)

    # Rules

    def _trailer(self) -> None:
        old, new = (
            trailer_at(self.document.reader, self.document.revision),
            trailer_at(self.document.reader, self.document.last),
        )
        for key in differing(old, new) - _TRAILER_BOOKKEEPING:
            if key == "/Info":
                self._info(entry(old, "/Info"), entry(new, "/Info"))
            else:
                self._refuse("content-changed", key)

    def _known_change(self, number: int) -> bool:
        """Judge one changed object by the rule for what it is; False where there is none."""
        old, new = self.document.changed[number]
        if number in self.document.before.containers:
            return False
        if not self.document.edges[number]:
            return True
        if new is None:
            return self._removed_annotation(number, old)
        if number == self.document.root:
            self._catalog(old, new)
        elif self.document.only_from(number, (self.document.root, "/AcroForm")) and isinstance(
            old, generic.DictionaryObject
        ):
            self._form(old, new)
        elif self.document.is_field_list(number):
            self._field_list(old, new)
        elif number in self.document.pages:
            self._changed_page(number, old, new)
        elif self.document.is_annotation_list(number) and isinstance(old, generic.ArrayObject):
            self._annotations(self.document.page_of(number), old, new)
        elif self.document.only_from(number, (0, "/Info")):
            self._info(old, new)
        elif self.document.only_from(number, (self.document.root, "/Metadata")):
            self._metadata(old, new)
        elif self.document.is_evidence(number):
            self._allow("evidence-added", "/DSS")
        else:
            return self._field_or_annotation(number, old, new)
        return True

    def _catalog(self, old: Any, new: Any) -> None:
        for key in differing(old, new) - _CATALOG_HARMLESS:
            if key == "/AcroForm":
                self._form(entry(self.document.past_root(), key), entry(new, key))
            elif key == "/DSS":
                self._allow("evidence-added", "/DSS")
            elif key == "/Metadata" and key in old:
                self._metadata(
                    self.document.resolved(old.raw_get(key), self.document.revision),
                    self.document.resolved(raw_entry(new, key), self.document.last),
                )
            else:
                self._refuse("content-changed", key)

    def _form(self, old: Any, new: Any) -> None:
        only_signatures = all(field.type == "/Sig" for field in self.document.fields.values())
        for key in differing(old, new):
            if key == "/Fields":
                self._field_list(self.document.resolved(raw_entry(old, key), self.document.revision), entry(new, key))
            elif (
                key == "/SigFlags"
                or (key == "/NeedAppearances" and not entry(new, key))
                or (key in ("/DR", "/DA") and raw_entry(old, key) is None and only_signatures)
                or (key == "/DR" and self._gains_unused_fonts(old, new))
            ):
                continue
            else:
                self._refuse("content-changed", f"/AcroForm {key}")

    def _gains_unused_fonts(self, old: Any, new: Any) -> bool:
        """Acrobat gives the form the font of the signature that it draws."""
        before = self.document.resolved(raw_entry(old, "/DR"), self.document.revision)
        after: Any = entry(new, "/DR")
        if differing(before, after) != {"/Font"}:
            return False
        had = self.document.resolved(raw_entry(before, "/Font"), self.document.revision)
        fields = walk_fields(self.document.past_root())
        return gains_unused_fonts(had, entry(after, "/Font"), [old, *(field.dictionary for field in fields)])

    def _field_list(self, old: Any, new: Any) -> None:
        """Old fields stay, in order; what follows them must be signed signature fields."""
        before = [item for _index, item in children(old)] if isinstance(old, generic.ArrayObject) else []
        after = [item for _index, item in children(new)] if isinstance(new, generic.ArrayObject) else []
        if len(after) < len(before) or not all(same(one, other) for one, other in zip(before, after, strict=False)):
            self._refuse("content-changed", "/AcroForm /Fields")
            return
        for item in after[len(before) :]:
            if not isinstance(item, generic.IndirectObject) or item.idnum not in self.document.added:
                self._refuse("field-added", "/AcroForm /Fields")
            else:
                self._added_field(item.idnum, item.get_object())

    def _added_field(self, number: int, field: Any) -> None:
        name = str(entry(field, "/T") or "")
        value = entry(field, "/V")
        widgets = {number: field}
        kids = entry(field, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            raw = [item for _index, item in children(kids)]
            if not all(isinstance(item, generic.IndirectObject) and item.idnum in self.document.added for item in raw):
                self._refuse("field-added", name)
                return
            widgets |= {item.idnum: item.get_object() for item in raw if isinstance(item, generic.IndirectObject)}
        plain = not any(ACTIONS & set(widget) for widget in widgets.values() if isinstance(widget, dict))
        if entry(field, "/FT") != "/Sig" or not isinstance(value, generic.DictionaryObject) or "/Parent" in field:
            self._refuse("field-added", name)
        elif not plain:
            self._refuse("action-added", name)
        else:
            self.widgets |= set(widgets)
            self._signature(name, value, list(widgets.values()))

    def _page_named(self, widgets: Iterable[Any]) -> int | None:
        """One-based page that a widget with an area says it stands on."""
        for widget in widgets:
            page = raw_entry(widget, "/P")
            if has_area(widget) and isinstance(page, generic.IndirectObject) and page.idnum in self.document.pages:
                return self.document.pages[page.idnum] + 1
        return None

    def _signature(self, name: str, value: Any, widgets: list[Any]) -> None:
        visible, page = any(map(has_area, widgets)), self._page_named(widgets)
        stamp = entry(value, "/SubFilter") == "/ETSI.RFC3161"
        self.signed.append(name)
        if stamp and visible:
            self._refuse("annotation-added", name, page)  # anybody gets a time stamp: its picture says nothing
        elif stamp:
            self._allow("timestamp-added", name, page)
        elif self.permission.level == 1:
            self._refuse("signature-added", name, page)
        else:
            self._allow("signature-added", name, page)

    def _changed_page(self, number: int, old: Any, new: Any) -> None:
        page = self.document.pages[number] + 1
        for key in differing(old, new):
            if key == "/Annots":
                self._annotations(
                    page, self.document.resolved(raw_entry(old, key), self.document.revision), entry(new, key)
                )
            else:
                self._refuse("content-changed", key, page)

    def _annotations(self, page: int | None, old: Any, new: Any) -> None:
        """Old annotations stay, in order; new ones are the widgets of added signatures, or what P 3 leaves free."""
        before = [item for _index, item in children(old)] if isinstance(old, generic.ArrayObject) else []
        after = [item for _index, item in children(new)] if isinstance(new, generic.ArrayObject) else []
        left, right = [_written(item) for item in before], [_written(item) for item in after]
        known, kept = set(left), set(right)
        if len(kept) != len(right) or [key for key in left if key in kept] != [key for key in right if key in known]:
            self._refuse("annotation-changed", "/Annots", page)
        for item, key in zip(after, right, strict=True):
            if key in known:
                continue
            annotation = self.document.resolved(item, self.document.last)
            if isinstance(item, generic.IndirectObject) and item.idnum in self.widgets:
                self.covered[page or 0] += area(annotation)
            else:
                self._comment("annotation-added", annotation, page)
        for item, key in zip(before, left, strict=True):
            if key not in kept:
                self._comment("annotation-removed", self.document.resolved(item, self.document.revision), page)

    def _comment(self, kind: str, annotation: Any, page: int | None) -> None:
        if not self._is_free(annotation):
            self._refuse(kind, self._subtype(annotation), page)
            return
        self._allow(kind, self._subtype(annotation), page)
        if may_cover(annotation):
            self.doubts.add("pdf-annotation-may-cover")

    def _is_free(self, annotation: Any) -> bool:
        """Whether P 3 leaves an annotation to everybody."""
        return self.permission.level == 3 and is_comment(annotation)

    @staticmethod
    def _subtype(annotation: Any) -> str:
        return str(entry(annotation, "/Subtype") or "")

    def _removed_annotation(self, number: int, old: Any) -> bool:
        if not self.document.is_annotation(number):
            return False
        self._comment("annotation-removed", old, self.document.page_of(number))
        return True

    def _info(self, old: Any, new: Any) -> None:
        for key in differing(old, new) - (frozenset() if self._forbids_all else INFO_OF_SAVING):
            self._refuse("metadata-changed", key)

    def _metadata(self, old: Any, new: Any) -> None:
        if self._forbids_all or not says_the_same(old, new):
            self._refuse("metadata-changed", "/Metadata")

    @property
    def _forbids_all(self) -> bool:
        """P 1 leaves not even the date of saving free; evidence and time stamps are no changes of the document."""
        return self.permission.level == 1

    def _field_or_annotation(self, number: int, old: Any, new: Any) -> bool:
        if isinstance(old, generic.StreamObject):
            return self._appearance(number)
        keys = differing(old, new)
        if _made_read_only(old, new):
            keys -= {"/Ff"}
        field = self.document.fields.get(number)
        if field is not None and field.type == "/Sig":
            return self._signing_of(number, field, old, new, keys)
        if self.permission.level not in (2, 3):
            return False
        if field is not None and self._may_be_filled(number, field, keys):
            self._filled(number, field, old, new, keys)
            return True
        if self._is_free(old) and self._is_free(new) and self.document.is_annotation(number):
            self.freshly_signed.add(number)
            self._comment("annotation-changed", new, self.document.page_of(number))
            if may_cover(old):
                self.doubts.add("pdf-annotation-may-cover")
            return True
        return False

    def _may_be_filled(self, number: int, field: FormField, keys: set[str]) -> bool:
        if is_push_button(field) and keys:
            return False  # it has no value: what changes is its look
        if is_read_only(field) and keys and not self.document.is_calculated(number):
            return False
        return (
            keys <= _FILLED_FIELD_KEYS and self.document.is_only_field(number) and not self.permission.locks(field.name)
        )

    def _filled(self, number: int, field: FormField, old: Any, new: Any, keys: set[str]) -> None:
        """A field that was filled in as the certification allows, and what of that may deceive."""
        page = self.document.page_of(number)
        self.freshly_signed.add(number)
        self.found.append(Change("form-filled", field.name, page, value=value_told(new)))
        if self.permission.inherited and is_filled(field):
            self.doubts.add("pdf-filled-field-changed")
        if is_read_only(field) and keys:
            self.doubts.add("pdf-calculated-field-changed")
        pictures = new_pictures(old, new, self.document.changed.keys() | self.document.added)
        if self._share(area(new), page or 0) > _LARGEST_FIELD:
            self.doubts.add("pdf-field-may-cover")
        if not all(map(writes_only, pictures)):
            self.doubts.add("pdf-field-draws")

    def _signing_of(self, number: int, field: FormField, old: Any, new: Any, keys: set[str]) -> bool:
        """An empty signature field that was signed; or the widget of one."""
        value = entry(new, "/V")
        if not self.document.is_only_field(number):
            return False
        if "/V" not in old and isinstance(value, generic.DictionaryObject) and keys <= _SIGNED_FIELD_KEYS:
            if self.permission.locks(field.name):
                return False
            self.freshly_signed.add(number)
            self.prepared[self.document.page_of(number) or 0] += area(new)
            self._signature(field.name, value, [new, *elements(entry(new, "/Kids"))])
            return True
        parent = old.raw_get("/Parent") if "/Parent" in old else None
        if "/T" not in old and isinstance(parent, generic.IndirectObject) and keys <= _SIGNED_FIELD_KEYS - {"/V"}:
            signed = self.document.changed.get(parent.idnum)
            if signed is not None and parent.idnum in self.freshly_signed:
                self.freshly_signed.add(number)
                self.prepared[self.document.page_of(number) or 0] += area(new)
                return True
        return False

    def _appearance(self, number: int) -> bool:
        """The picture of a field just signed or filled, written anew in its old place."""
        edges = self.document.edges[number]
        return all(parent in self.freshly_signed and path[:1] == ("/AP",) for parent, path in edges)


def _made_read_only(old: Any, new: Any) -> bool:
    """Whether the flags of a field differ by nothing but that it can no longer be filled in, as signing with a lock
    leaves it (ISO 32000-2, 12.7.5.5)."""
    before, after = entry(old, "/Ff") or 0, entry(new, "/Ff")
    return isinstance(before, int) and isinstance(after, int) and after == before | 1


def _written(value: generic.PdfObject) -> bytes:
    out = BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()
