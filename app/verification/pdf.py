"""Facts of a PDF's signatures (ISO 32000-2, 12.8; ETSI EN 319 142-1).

pyHanko reads the structure; what a signature covers is judged on the raw octets (:mod:`app.verification.pdf_ranges`),
its value by :mod:`app.verification.pdf_signature`, later changes by :mod:`app.verification.pdf_changes`. Whatever
cannot be read is reported as such, never passed over: a field with an unknown kind of signature is a signature that is
not supported.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from app.documents.hashing import KnownBeginning, PrefixDigests
from app.errors import from_os_error
from app.trust.model import Problem, problem
from app.verification.model import Change, Coverage, DocumentFacts, SignatureFacts
from app.verification.pdf_ranges import (
    RangeDigests,
    RangeFault,
    SignedRange,
    end_of_last_revision,
    signed_range,
    trailing,
    unlisted_object,
)

if TYPE_CHECKING:
    from app.documents.pdf_form import FormField
    from app.documents.pdf_reader import DocumentReader
    from app.verification.pdf_permissions import Permission

FORMAT = "pdf"

#: Each signature costs a pass over the file.
MAX_SIGNATURES = 100
#: Each costs a look at its catalog.
MAX_REVISIONS = 500
#: Of the processor, for one file; those of the clock would make an honest file fail on a busy machine.
MAX_SECONDS = 2.5
#: More for telling what was found, where comparing took all of that.
_GRACE = 0.5
#: Files up to this are read once into memory, larger ones stay on disk.
_IN_MEMORY = 16 * 1024 * 1024
#: Octets of objects that are kept once they are read.
_MOST_HELD = 512 * 1024


def examine(path: Path) -> DocumentFacts:
    """Find and check all signatures of a PDF, without judging trust.

    :return: facts; a file that cannot be read as a PDF has ``readable`` False and a problem that says why.
    :raises AntinError: the operating system does not let it be read.
    """
    return examine_written(path, None)


def examine_written(path: Path, known: KnownBeginning | None) -> DocumentFacts:
    """:func:`examine` a file that this program has just written.

    :param known: its digests are used where they hold.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            return _examine(BytesIO(file.read()) if size <= _IN_MEMORY and known is None else file, size, known)
    except OSError as error:
        raise from_os_error(error, path) from error


def _examine(file: IO[bytes], size: int, known: KnownBeginning | None = None) -> DocumentFacts:
    from app.documents.pdf_form import FormTooComplex
    from app.documents.pdf_reader import FAULTS, PasswordNeeded, TooSlow

    try:
        return _Examination(file, size, known).facts()
    except PasswordNeeded:
        return _unreadable("pdf-encrypted")
    except (FormTooComplex, TooSlow):
        return _unreadable("pdf-too-complex")
    except FAULTS as error:
        return _unreadable("pdf-damaged", detail=f"{type(error).__name__}: {error}"[:200])
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a seek to where the file says, before its beginning
            raise
        return _unreadable("pdf-damaged", detail=str(error))


def _unreadable(code: str, **data: str) -> DocumentFacts:
    return DocumentFacts(FORMAT, readable=False, problems=(problem(code, **data),))


@dataclass(frozen=True)
class _Found:
    """A signature and what later comparison needs of it.

    :ivar revision: index of the revision that it covers, None where it does not cover one.
    :ivar evidence_inside: the signature value itself carries evidence of revocation.
    """

    field: FormField
    facts: SignatureFacts
    covered: SignedRange | None = None
    revision: int | None = None
    evidence_inside: bool = False


class _Examination:
    def __init__(self, file: IO[bytes], size: int, known: KnownBeginning | None) -> None:
        from app.documents.pdf_reader import open_reader

        self.file, self.size = file, size
        self.until = time.thread_time() + MAX_SECONDS
        self.digests = PrefixDigests(file, known)
        self.reader: DocumentReader = open_reader(file)
        self.reader.deadline = self.until + _GRACE
        self.reader.most_held = _MOST_HELD
        self.root: Any = self.reader.root
        self.last = self.reader.total_revisions - 1
        self.evidence = self._evidence()

    def facts(self) -> DocumentFacts:
        from app.documents.pdf_reader import TooSlow
        from app.verification.pdf_active import active_content

        fields = list(islice(self._signature_fields(), MAX_SIGNATURES + 1))
        if len(fields) > MAX_SIGNATURES or self.last >= MAX_REVISIONS:
            return _unreadable("pdf-too-complex")
        if not fields:
            return DocumentFacts(FORMAT, problems=self._orphans())
        found: list[_Found] = []
        values: set[int] = set()
        for field, reference in fields:
            self._check_time()
            signature = self._signature(field)
            if reference is not None and reference in values:
                signature = _broken(signature, "pdf-signature-shared")
            values.add(reference or 0)
            found.append(signature)
        found.sort(key=self._order)
        signatures = self._compared_signatures(found)
        try:
            doubts = self._ambiguities(found)
        except TooSlow:
            if all(signature.supported for signature in signatures):
                raise
            doubts = ()  # it is told already that the document is too large to be compared
        return DocumentFacts(
            FORMAT,
            signatures,
            problems=(*doubts, *map(problem, sorted(active_content(self.reader)))),
            sha256=self.digests("sha256", [(0, self.size)]).hex(),
        )

    def _order(self, signature: _Found) -> int:
        """Signatures follow each other by the revisions they cover; fields may have been prepared in another order.

        One that covers no revision stands where its dictionary does.
        """
        if signature.covered is not None:
            return signature.covered.end
        place = self._place(signature.field)
        return place if place is not None else self.size

    def _check_time(self) -> None:
        from app.documents.pdf_reader import TooSlow

        if time.thread_time() > self.until:
            raise TooSlow

    # Finding

    def _signature_fields(self) -> Iterator[tuple[FormField, int | None]]:
        """Fields that bear a signature, and the number of the object that holds its dictionary, if it is in one."""
        from pyhanko.pdf_utils import generic

        from app.documents.pdf_form import entry, walk_fields
        from app.verification.pdf_dictionary import holder_of

        for field in walk_fields(self.root):
            value = entry(field.dictionary, "/V")
            dictionary = isinstance(value, generic.DictionaryObject)
            if value is None or not (field.type == "/Sig" or (dictionary and "/ByteRange" in value)):  # type: ignore[operator]
                continue
            holder = holder_of(field)
            yield field, holder.idnum if holder is not None else None

    def _place(self, field: FormField) -> int | None:
        """Offset of the object that holds a signature's dictionary; None where the file has no such place."""
        from app.verification.pdf_dictionary import holder_of

        holder = holder_of(field)
        offset = self.reader.xrefs[holder] if holder is not None else None
        return offset if isinstance(offset, int) else None

    def _orphans(self) -> tuple[Problem, ...]:
        """A signature that an earlier revision had and the form no longer shows."""
        from app.documents.pdf_form import entry, walk_fields

        for revision in range(self.last):
            self._check_time()
            past = self.reader.get_historical_resolver(revision).root
            if any(field.type == "/Sig" and entry(field.dictionary, "/V") for field in walk_fields(past)):
                return (problem("pdf-signature-removed"),)
        return ()

    def _evidence(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]:
        """Certificates, revocation lists and OCSP answers of the document security store (ISO 32000-2, 12.8.4.3)."""
        from app.documents.pdf_form import entry

        store = entry(self.root, "/DSS")
        if store is None:
            return (), (), ()
        from app.verification.pdf_evidence import read_store

        return read_store(store)

    def _ambiguities(self, found: list[_Found]) -> tuple[Problem, ...]:
        """What makes programs differ on what the signed document is."""
        from app.verification.pdf_objects import defined_twice

        if self.reader.listed_twice:
            return (problem("pdf-object-twice"),)
        end = max((signature.covered.end for signature in found if signature.covered is not None), default=0)
        if defined_twice(self.reader, self.file, end, self.until):
            return (problem("pdf-object-defined-twice"),)
        return ()

    # One signature

    def _signature(self, field: FormField) -> _Found:
        from pyhanko.pdf_utils import generic

        from app.documents.pdf_form import entry
        from app.documents.pdf_reader import FAULTS
        from app.verification.pdf_signature import signed_facts, signer_only

        value = entry(field.dictionary, "/V")
        unread = _Found(field, SignatureFacts(field.name, FORMAT, intact=False, certificate=None))
        if not isinstance(value, generic.DictionaryObject):
            return _broken(unread, "pdf-signature-incomplete")
        try:
            covered, revision = self._covered(field, value)
        except RangeFault as fault:
            return replace(unread, facts=signer_only(unread.facts, value, fault.problem))
        except FAULTS as error:
            return _broken(unread, "pdf-signature-malformed", detail=f"{type(error).__name__}"[:200])
        digests = RangeDigests(self.digests, covered)
        facts = signed_facts(unread.facts, value, covered.contents, digests, self.evidence)
        store = len(self.evidence[1]) + len(self.evidence[2])
        inside = len(facts.embedded_crls) + len(facts.embedded_ocsps) > store
        return _Found(field, replace(facts, signed_size=covered.end), covered, revision, inside)

    def _covered(self, field: FormField, value: Any) -> tuple[SignedRange, int]:
        """The octets covered and the revision they make up.

        :raises RangeFault: they are not what a signature must cover.
        """
        from pyhanko.pdf_utils import generic

        from app.verification.pdf_dictionary import holder_of, parsed_contents
        from app.verification.pdf_objects import covers_own_objects, table

        offset = self._place(field)
        if offset is None:
            raise RangeFault("pdf-signature-malformed")
        apart = isinstance(field.dictionary.raw_get("/V"), generic.IndirectObject)
        covered = signed_range(self.file, self.size, offset, () if apart else ("/V",))
        if parsed_contents(value) != covered.contents:
            raise RangeFault("pdf-contents-malformed")
        sections = [self.reader.xrefs.get_xref_container_info(index) for index in range(self.last + 1)]
        revision = next(
            (i for i, section in enumerate(sections) if section.declared_startxref == covered.startxref), None
        )
        if revision is None:
            raise RangeFault("pdf-byterange-not-revision")
        inside = all(section.start_location < covered.end for section in sections[: revision + 1])
        after = all(section.start_location >= covered.end for section in sections[revision + 1 :])
        known = table(self.reader, revision)
        if not (inside and after and covers_own_objects(known, covered.gap, covered.end)):
            raise RangeFault("pdf-objects-outside")
        if self.reader.xrefs.get_historical_ref(holder_of(field), revision) != offset:
            raise RangeFault("pdf-signature-replaced")
        return covered, revision

    # What came after

    def _compared_signatures(self, found: list[_Found]) -> tuple[SignatureFacts, ...]:
        """The facts of all, each with what was changed since.

        A certification that is the first signature and holds governs what may follow the later ones as well (ISO
        32000-2, 12.8.2.2): their signers signed a document that says what may still be filled in.

        :param found: in the order of their revisions.
        """
        facts: list[SignatureFacts] = []
        governing: Permission | None = None
        signers = 0
        for index, signature in enumerate(found):
            compared = self._with_coverage(signature, found, governing)
            if compared.document_timestamp:
                compared = replace(compared, seals=self._sealed(signature, found[:index]))
            if not compared.document_timestamp:
                signers += 1
                if signers == 1 and compared.intact and compared.coverage is Coverage.WHOLE:
                    governing = self._certification(signature)
            facts.append(compared)
        return tuple(facts)

    def _sealed(self, stamp: _Found, earlier: list[_Found]) -> tuple[str, ...]:
        """Names of the signatures whose evidence of revocation a document time stamp covers."""
        from app.documents.pdf_form import entry
        from app.verification.pdf_dictionary import without_padding
        from app.verification.pdf_evidence import evidence_for

        if stamp.revision is None:
            return ()
        store = entry(self.reader.get_historical_resolver(stamp.revision).root, "/DSS")
        names: list[str] = []
        for signature in earlier:
            if signature.covered is None or signature.revision is None:
                continue
            values = signature.covered.contents, without_padding(signature.covered.contents)[0]
            before = entry(self.reader.get_historical_resolver(signature.revision).root, "/DSS")
            if signature.evidence_inside or evidence_for(values, before, store):
                names.append(signature.facts.name)
        return tuple(names)

    def _with_coverage(
        self, signature: _Found, all_found: list[_Found], governing: Permission | None
    ) -> SignatureFacts:
        facts, covered, revision = signature.facts, signature.covered, signature.revision
        if covered is None or revision is None:
            return facts
        if revision == self.last:
            rest = trailing(self.file, self.size, covered.end)
            if rest == "octets":
                return _changed(facts, (Change("octets-appended", ""),), problem("pdf-octets-appended"))
            return replace(facts, coverage=Coverage.WHOLE)
        return self._compared(signature, revision, covered, all_found, governing)

    def _compared(
        self,
        signature: _Found,
        revision: int,
        covered: SignedRange,
        all_found: list[_Found],
        governing: Permission | None,
    ) -> SignatureFacts:
        from app.documents.pdf_reader import FAULTS, TooSlow
        from app.verification.pdf_changes import changes_since
        from app.verification.pdf_objects import TooComplex, offsets_of
        from app.verification.pdf_permissions import permission_of, under

        facts = signature.facts
        if trailing(self.file, self.size, end_of_last_revision(self.file, self.size)) == "octets":
            return _changed(facts, (Change("octets-appended", ""),), problem("pdf-octets-appended"))
        offsets = offsets_of(self.reader, range(revision + 1, self.last + 1))
        if unlisted_object(self.file, covered.end, self.size, offsets):
            return _changed(facts, (Change("octets-appended", ""),), problem("pdf-object-unlisted"))
        stated = permission_of(signature.field.dictionary["/V"])
        permission = self._certification(signature) or under(governing, stated)
        try:
            report = changes_since(self.reader, revision, permission, self.until)
        except (TooComplex, TooSlow):
            return replace(
                facts,
                intact=False,
                supported=False,
                coverage=Coverage.EARLIER_REVISION,
                problems=(*facts.problems, problem("pdf-changes-not-compared")),
            )
        except FAULTS as error:
            detail = f"{type(error).__name__}: {error}"[:200]
            return _changed(facts, (), problem("pdf-changes-unreadable", detail=detail))
        if not report.allowed:
            kinds = ", ".join(dict.fromkeys(change.kind for change in report.changes))
            return _changed(facts, report.changes, problem("changed-after-signing", kinds=kinds))
        holding = {
            other.field.name
            for other in all_found
            if other.facts.intact and other.covered is not None and other.covered.end > covered.end
        }
        if not set(report.signatures) <= holding:
            return _changed(facts, report.changes, problem("pdf-later-signature-broken"))
        doubts = tuple(map(problem, report.doubts))
        return replace(facts, coverage=Coverage.WHOLE, changes=report.changes, problems=(*facts.problems, *doubts))

    def _certification(self, signature: _Found) -> Permission | None:
        """What a signature grants that the catalog of its revision names as the certification; None for another."""
        from pyhanko.pdf_utils import generic

        from app.documents.pdf_form import entry
        from app.verification.pdf_permissions import permission_of

        if signature.revision is None:
            return None
        past = self.reader.get_historical_resolver(signature.revision).root
        permissions = entry(past, "/Perms")
        if not isinstance(permissions, generic.DictionaryObject) or "/DocMDP" not in permissions:
            return None
        named, raw = permissions.raw_get("/DocMDP"), signature.field.dictionary.raw_get("/V")
        certifies = (
            isinstance(named, generic.IndirectObject)
            and isinstance(raw, generic.IndirectObject)
            and (named.idnum, named.generation) == (raw.idnum, raw.generation)
        )
        return permission_of(signature.field.dictionary["/V"]) if certifies else None


def _broken(signature: _Found, code: str, **data: str) -> _Found:
    facts = signature.facts
    broken = replace(facts, intact=False, coverage=Coverage.PARTIAL, problems=(*facts.problems, problem(code, **data)))
    return replace(signature, facts=broken, covered=None, revision=None)


def _changed(facts: SignatureFacts, changes: tuple[Change, ...], problem: Problem) -> SignatureFacts:
    return replace(
        facts,
        coverage=Coverage.EARLIER_REVISION,
        changes=changes,
        changes_allowed=False,
        problems=(*facts.problems, problem),
    )
