"""Facts with what was changed told so that a person understands it: page by page, part by part.

Only for signatures that do not protect the document as it is now, so that genuine files cost nothing.
"""

from __future__ import annotations

import atexit
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.documents.child import ReadingProcessMissing
from app.verification.model import Change, DocumentFacts, SignatureFacts

if TYPE_CHECKING:
    from app.documents.child import ChildProcess

#: Seconds in which pages may be compared; a page begun may take :data:`_PATIENCE` more.
_SECONDS: Final = 1.5
_PATIENCE: Final = 1.5
_PAGES: Final = 12

#: Less time than this is not worth the start.
_LEAST_SECONDS: Final = 0.2

#: Changes of pages told of one signature.
_MOST: Final = 30


def explained(path: Path, document: DocumentFacts, until: float) -> DocumentFacts:
    """The same facts, with further :class:`~app.verification.model.Change` entries for a person to read.

    :param until: by the monotonic clock; what is not compared by then is left out.
    :return: never other facts than those given but for ``changes`` and the names of parts in ``problems``.
    """
    match document.format:
        case "pdf" if any(_is_altered(signature) for signature in document.signatures):
            return _with_pages(path, document, min(until, time.monotonic() + _SECONDS))
    return document


def _is_altered(signature: SignatureFacts) -> bool:
    return signature.signed_size is not None and not signature.changes_allowed


def _with_pages(path: Path, document: DocumentFacts, until: float) -> DocumentFacts:
    """With what pages look like otherwise, before what the examiner named."""
    seen: dict[int, tuple[Change, ...]] = {}
    try:
        for signature in filter(_is_altered, document.signatures):
            size = signature.signed_size or 0
            if size not in seen:
                seen[size] = _pages(path, signature, until)
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


def _pages(path: Path, signature: SignatureFacts, until: float) -> tuple[Change, ...]:
    left = until - time.monotonic()
    if left < _LEAST_SECONDS:
        return ()
    from app.verification.changes.compare import Limits, RevisionComparer
    from app.verification.changes.sentences import page_told

    limits = Limits(pages=_PAGES, seconds=left, patience=_PATIENCE)
    with RevisionComparer(path, signature.signed_size or 0, limits, _process()) as comparer:
        found = comparer.compare(change.page - 1 for change in signature.changes if change.page)
    return tuple(
        Change(change.kind, page_told(change), 1 + (change.before or 0 if change.after is None else change.after))
        for change in found.changes[:_MOST]
    )


@cache
def _process() -> ChildProcess:
    """One for all files that this process verifies."""
    from app.verification.changes.compare import drawing_process

    made = drawing_process()
    atexit.register(made.close)
    return made
