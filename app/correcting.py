"""Corrections of the archive's records, told in the ledger with what was there before, so that each can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from app.decoding import decodable
from app.errors import AntinError
from app.i18n import N_

if TYPE_CHECKING:
    from app.archive.model import Corrections, Document
    from app.journal.entry import Entry
    from app.office import Office

_KIND = "correct"


class CorrectionOverwritten(AntinError):
    """Carries ``field``."""

    code = "correction-overwritten"
    message_id = N_("The field “{field}” was corrected again since; the earlier correction is not undone alone.")
    hint_id = N_("Undo the later correction first, or correct the field by hand.")


class CorrectionUnknown(AntinError):
    """Carries ``document`` and ``entry``."""

    code = "correction-unknown"
    message_id = N_("The journal has no correction of the document {document} in entry {entry}.")
    hint_id = N_("“antin archive corrections” lists those that can be undone.")


class Correction(msgspec.Struct, frozen=True):
    """What a person said of a document in the place of what was there.

    :ivar entry: number in the ledger. :ivar actor: the user of the operating system.
    :ivar before, after: field → value, as plain values; empty where an earlier version made it, which
        cannot be undone.
    :ivar undoes: number of the entry that it undid. :ivar undone: it was undone itself.
    """

    entry: int
    time: dt.datetime
    actor: str
    before: dict[str, Any]
    after: dict[str, Any]
    undoes: int | None = None
    undone: bool = False

    @property
    def undoable(self) -> bool:
        """Whether it can be undone, as long as nobody has changed its fields since."""
        return bool(self.before) and not self.undone


class Corrector:
    """Corrects the records of an office's archive. Thread-safe."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def correct(self, document: int, corrections: Corrections) -> Document:
        """See :meth:`app.archive.archive.Archive.correct`; the ledger is told."""
        return self._correct(document, corrections, None)

    def undo(self, document: int, entry: int) -> Document:
        """Put back what a correction replaced; its files move back along.

        :param entry: number of the correction in the ledger.
        :raises CorrectionUnknown: there is none that can be undone.
        :raises CorrectionOverwritten: a field has another value by now.
        :raises AntinError: as :meth:`correct`.
        """
        from app.archive.model import Corrections

        found = next((one for one in self.history(document) if one.entry == entry and one.undoable), None)
        if found is None:
            raise CorrectionUnknown(document=document, entry=entry)
        now = _values(self._known(document), found.after)
        for name, value in found.after.items():
            if now[name] != value:
                raise CorrectionOverwritten(field=name)
        try:
            corrections = msgspec.convert(found.before, decodable(Corrections), strict=False)
        except msgspec.ValidationError as error:
            raise CorrectionUnknown(document=document, entry=entry) from error
        return self._correct(document, corrections, entry)

    def history(self, document: int) -> list[Correction]:
        """The corrections of a document, the newest first.

        :raises AntinError: the ledger cannot be read.
        """
        told = [
            entry for entry in self._office.ledger.entries(kinds=(_KIND,)) if entry.data.get("document") == document
        ]
        undone = {entry.data.get("undoes") for entry in told}
        return [_correction(entry, entry.seq in undone) for entry in reversed(told)]

    def join(self, document: int, other: int) -> Document:
        """See :meth:`app.archive.archive.Archive.join`; the ledger is told."""
        joined = self._office.archive.join(document, other)
        self._office.ledger.append(_KIND, document=document, joined=other, paths=[one.path for one in joined.copies])
        return joined

    def part(self, copy: int) -> Document:
        """See :meth:`app.archive.archive.Archive.part`; the ledger is told."""
        parted = self._office.archive.part(copy)
        self._office.ledger.append(_KIND, document=parted.id, parted=copy, paths=[one.path for one in parted.copies])
        return parted

    def _correct(self, document: int, corrections: Corrections, undoes: int | None) -> Document:
        wanted = {name for name in corrections.__struct_fields__ if getattr(corrections, name) is not msgspec.UNSET}
        before = _values(self._known(document), wanted)
        found = self._office.archive.correct(document, corrections)
        after = _values(found, wanted)
        changed = sorted(name for name in wanted if before[name] != after[name])
        self._office.ledger.append(
            _KIND,
            document=document,
            fields=sorted(wanted),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            paths=[copy.path for copy in found.copies],
            **({} if undoes is None else {"undoes": undoes}),
        )
        return found

    def _known(self, document: int) -> Document:
        from app.archive.errors import DocumentUnknown

        found = self._office.archive.document(document)
        if found is None:
            raise DocumentUnknown(id=document)
        return found


def _values(document: Document, names: Mapping[str, Any] | set[str]) -> dict[str, Any]:
    """Fields of a document as the ledger keeps values."""
    values = {name: getattr(document, name) for name in names}
    if values.get("recipients", ()) is None:
        values["recipients"] = []
    plain: dict[str, Any] = msgspec.to_builtins(values)
    return plain


def _correctable() -> frozenset[str]:
    from app.archive.model import Corrections

    return frozenset(Corrections.__struct_fields__)


def _correction(entry: Entry, undone: bool) -> Correction:
    data = entry.data
    before, after, undoes = data.get("before"), data.get("after"), data.get("undoes")
    sound = isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys() <= _correctable()
    return Correction(
        entry.seq,
        entry.time,
        entry.actor,
        before if sound and isinstance(before, dict) else {},
        after if sound and isinstance(after, dict) else {},
        undoes if isinstance(undoes, int) else None,
        undone,
    )
