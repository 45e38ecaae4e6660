"""Facts with what was changed told so that a person understands it: page by page, part by part.

Only for signatures that do not protect the document as it is now, so that genuine files cost nothing.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.documents.child import ReadingProcessMissing
from app.errors import AntinError
from app.trust.model import Problem
from app.verification.changes.sentences import UNSIGNED
from app.verification.model import Change, Coverage, DocumentFacts, SignatureFacts

if TYPE_CHECKING:
    from app.documents.child import ChildProcess
    from app.verification.changes.model import PageChange

#: Seconds in which pages may be compared; a page begun may take :data:`_PATIENCE` more.
_SECONDS = 1.5
_PATIENCE = 1.2
_PAGES: Final = 12

#: Less time than this is not worth the start.
_LEAST_SECONDS: Final = 0.2

#: Changes told of one signature, and parts named in one sentence.
_MOST: Final = 30
_NAMED: Final = 5

#: Codes of problems with a part → the kind of change they tell of.
_PART_CHANGES: Final = {
    "ooxml-part-changed": "part-changed",
    "ooxml-part-missing": "part-removed",
    "ooxml-content-type-changed": "part-retyped",
    "ooxml-relationships-changed": "links-changed",
    "container-part-changed": "part-changed",
    "container-part-missing": "part-removed",
}


def explained(path: Path, document: DocumentFacts, until: float) -> DocumentFacts:
    """The same facts, with further :class:`~app.verification.model.Change` entries for a person to read.

    :param until: by the monotonic clock; what is not compared by then is left out.
    :return: never other facts than those given but for ``changes`` and the names of parts in ``problems``.
    """
    match document.format:
        case "pdf" if any(_is_altered(signature) for signature in document.signatures):
            return _with_pages(path, document, until)
        case "ooxml" | "odf" if any(map(_is_partial, document.signatures)):
            return _with_parts(path, document)
    return document


def _is_altered(signature: SignatureFacts) -> bool:
    return signature.intact and signature.signed_size is not None and not signature.changes_allowed


def _is_partial(signature: SignatureFacts) -> bool:
    parts = signature.coverage is Coverage.PARTIAL and signature.uncovered
    return bool(parts) or any(problem.code in _PART_CHANGES for problem in signature.problems)


def _with_parts(path: Path, document: DocumentFacts) -> DocumentFacts:
    """With the parts that were altered, or are not signed, in words."""
    from app.documents.strict_zip import StrictZip
    from app.ooxml.package import Package
    from app.verification.changes.odf_parts import OdfPartWords
    from app.verification.changes.office_parts import PartWords

    try:
        if document.format == "odf":
            with StrictZip(path) as archive:
                return _told_parts(document, OdfPartWords(archive).told)
        with Package(path) as package:
            return _told_parts(document, PartWords(package).told)
    except AntinError:
        return document


def _told_parts(document: DocumentFacts, told: Callable[[str], str]) -> DocumentFacts:
    return replace(document, signatures=tuple(_with_words(signature, told) for signature in document.signatures))


def _with_words(signature: SignatureFacts, told: Callable[[str], str]) -> SignatureFacts:
    changes: list[Change] = []
    problems: list[Problem] = []
    for problem in signature.problems:
        data = dict(problem.data)
        kind, name = _PART_CHANGES.get(problem.code), data.get("name", "")
        if kind is not None and name:
            data["name"] = told(name)
            changes.append(Change(kind, data["name"], part=name))
        elif "names" in data and signature.uncovered:
            data["names"] = ", ".join(dict.fromkeys(map(told, signature.uncovered[:_NAMED])))
        problems.append(replace(problem, data=tuple(data.items())))
    if signature.coverage is Coverage.PARTIAL:
        changes += [Change(UNSIGNED, told(name), part=name) for name in signature.uncovered[:_MOST]]
    return replace(signature, changes=(*signature.changes, *changes), problems=tuple(problems))


def _with_pages(path: Path, document: DocumentFacts, until: float) -> DocumentFacts:
    """With what pages look like otherwise, before what the examiner named."""
    seen: dict[int, tuple[Change, ...]] = {}
    try:
        _process().start()
        until = min(until, time.monotonic() + _SECONDS)
        for signature in filter(_is_altered, document.signatures):
            size = signature.signed_size or 0
            if size not in seen:
                seen[size] = _pages(path, signature, _later_signatures(document, size), until)
    except ReadingProcessMissing:
        return document
    return replace(
        document,
        signatures=tuple(
            replace(signature, changes=(*seen[signature.signed_size or 0], *signature.changes))
            if _is_altered(signature)
            else signature
            for signature in document.signatures
        ),
    )


def _later_signatures(document: DocumentFacts, size: int) -> frozenset[str]:
    """Fields of the whole signatures made after a revision: their pictures are told with them, and are no fault."""
    later = (known for known in document.signatures if known.intact and (known.signed_size or 0) > size)
    return frozenset(known.name for known in later)


def _without(change: PageChange, fields: frozenset[str]) -> PageChange | None:
    """A change without the pictures of fields; None where nothing is left of it."""
    if not any(region.field in fields for region in change.regions):
        return change
    regions = tuple(region for region in change.regions if region.field not in fields)
    return msgspec.structs.replace(change, regions=regions) if regions else None


def _pages(path: Path, signature: SignatureFacts, later: frozenset[str], until: float) -> tuple[Change, ...]:
    left = until - time.monotonic()
    if left < _LEAST_SECONDS:
        return ()
    from app.verification.changes.compare import Limits, RevisionComparer
    from app.verification.changes.sentences import page_told

    limits = Limits(pages=_PAGES, seconds=left, patience=_PATIENCE)
    with RevisionComparer(path, signature.signed_size or 0, limits, _process()) as comparer:
        found = comparer.compare(change.page - 1 for change in signature.changes if change.page)
    told = [change for each in found.changes if (change := _without(each, later)) is not None]
    return tuple(
        Change(str(change.kind), page_told(change), 1 + (change.before or 0 if change.after is None else change.after))
        for change in told[:_MOST]
    )


@cache
def _process() -> ChildProcess:
    """One for all files that this process verifies."""
    from app.verification.changes.compare import drawing_process

    made = drawing_process()
    atexit.register(made.close)
    return made
