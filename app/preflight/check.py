"""Preflight of one file, and its repair on a copy; the work is done in a process of its own."""

from __future__ import annotations

import atexit
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.documents.child import ChildProcess
from app.documents.formats import Format, detect
from app.documents.hashing import state
from app.documents.packing import packed
from app.errors import TargetNotWritable, from_os_error
from app.preflight.errors import NothingToMend, RepairFailed, SignedNotRepaired, SourceWritten
from app.preflight.model import Found, Inspection, Preflight
from app.preflight.sentences import findings, mendable_codes
from app.preflight.worker import Answer, Order
from app.storage.files import flush_file, rename_first_free
from app.storage.staging import staging_path

#: Seconds for one document; an honest one takes a few thousandths, a large one a second or two.
_PATIENCE = 20.0

_OPENED = frozenset({Format.PDF, Format.OOXML, Format.ODF})
_TOLD = {Format.ENCRYPTED_OFFICE: "office-encrypted", Format.LEGACY_OFFICE: "legacy-office"}


class Inspector(ChildProcess):
    """The preflight process and the way to it.

    :param patience: seconds after which a document is given up and the process ended.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        super().__init__("app.preflight.worker", patience)

    def order(self, order: Order) -> Answer:
        """What was found, or that the document was given up."""
        message = self.ask(packed(order))
        if message is None:
            given_up = Inspection([Found("not-examined", {"count": "1", "names": "-"})])
            return Answer(given_up, unmended="no answer")
        return msgspec.msgpack.decode(message, type=decodable(Answer))


#: The process that :func:`preflight` and :func:`repair` use.
shared = Inspector()
atexit.register(shared.close)


def preflight(path: Path, *, as_copy: bool = False) -> Preflight:
    """Look through a document before it is signed. The file is only read.

    :param as_copy: it is a scan to be signed as a copy, whose quality the decree rules (30/2020, appendix I, part II).
    :return: the findings in the current language; those of a format that is not looked into are none.
    :raises app.errors.AntinError: the file cannot be read.
    """
    found = detect(path)
    inspection = Inspection([Found(_TOLD[found])] if found in _TOLD else [])
    if found in _OPENED:
        inspection = shared.order(Order(path.absolute(), str(found), as_copy)).inspection
    told = findings(inspection.found, signed=inspection.signed)
    return Preflight(path, str(found), told, inspection.signed)


def fonts(path: Path) -> list[str]:
    """The names of the fonts that a PDF or Word file uses; none of other files.

    :raises app.errors.AntinError: the file cannot be read.
    """
    found = detect(path)
    return shared.order(Order(path.absolute(), str(found))).inspection.fonts if found in _OPENED else []


def repair(path: Path, out: Path) -> Preflight:
    """Write a repaired copy, flushed to disk; what was mendable is gone from it, and nothing else has changed.

    :param out: a path that does not exist yet, in the folder of the final place; gone again where anything fails.
    :return: the findings left on the copy.
    :raises SignedNotRepaired: the file bears a signature, be it a broken one.
    :raises NothingToMend: a copy would not differ.
    :raises RepairFailed: no sound copy could be made.
    :raises SourceWritten: somebody wrote to the file meanwhile.
    :raises TargetNotWritable: there is something at ``out`` already.
    :raises app.errors.AntinError: the file cannot be read.
    """
    if out.exists():
        raise TargetNotWritable(path=out)
    before = preflight(path)
    if before.signed:
        raise SignedNotRepaired(path=path)
    if not before.mendable:
        raise NothingToMend(path=path)
    try:
        found = state(path)
        answer = shared.order(Order(path.absolute(), before.format, out=out.absolute()))
        if answer.unmended == "Unmendable":
            raise SignedNotRepaired(path=path)
        left = {one.code for one in answer.inspection.found}
        if answer.unmended or left & (mendable_codes() | {"damaged", "not-examined", "pdf-unreadable"}):
            raise RepairFailed(path=path)
        if state(path) != found:
            raise SourceWritten(path=path)
        flush_file(out)
    except BaseException as error:
        out.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise from_os_error(error, path) from error
        raise
    return Preflight(out, before.format, findings(answer.inspection.found, signed=False))


def repair_into(path: Path, folder: Path) -> Preflight:
    """Write a repaired copy into a folder under the file's name with ``_dasua``, and a number where that is taken.

    :param folder: made where needed.
    :return: the findings left on the copy, and its path.
    :raises app.errors.AntinError: as :func:`repair`, or the folder cannot be written to.
    """
    staged = staging_path(folder, path.suffix)
    left = repair(path, staged)
    marks = chain(["_dasua"], (f"_dasua ({number})" for number in count(2)))
    try:
        placed = rename_first_free(staged, (folder / f"{path.stem}{mark}{path.suffix}" for mark in marks))
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    return replace(left, path=placed)
