"""The last steps of a signed file, from the finished temporary file to its place; the same after a crash.

What is about to be filed is noted first (:class:`Filing`), so that a program killed at any moment after that leaves
either the temporary file or the filed copy and the next one ends the filing without a token: nothing is signed twice.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.errors import AntinError, ErrorInfo, describe
from app.i18n import N_
from app.signing.model import Act, Arrival, Level, SignResult, Status
from app.signing.services import SignedCopy
from app.storage.files import rename_new, writing_error
from app.storage.staging import is_staging

if TYPE_CHECKING:
    from app.signing.services import Destination, Ledger, Placed


class SignedCopyGone(AntinError):
    """Carries ``path`` of the document."""

    code = "signed-copy-gone"
    message_id = N_("{path} was signed before the program was interrupted, but its signed copy is not to be found.")
    hint_id = N_("Look for it in the folder of the copies and in the ledger. If it is lost, name the file again.")


class Filing(msgspec.Struct, frozen=True):
    """A signed and confirmed temporary file about to be filed; what :meth:`Destination.take` wants, and its entry.

    :ivar source: the file it was signed from.
    :ivar staged: absolute path of the temporary file; ``content`` the same of the document beside a signature.
    :ivar sha256: of ``staged``; ``size`` its octets.
    :ivar converted: a PDF was made of the source, and that was signed.
    :ivar document: the file that the copies are named after, where it is another than the source.
    :ivar arrival: of a document that the office received.
    :ivar wanted: the level asked for; None in what an older release noted.
    :ivar told: what is to be said of the signature, as that a level was not reached.
    :ivar entry: the data of its entry of kind ``sign`` in the ledger.
    :ivar begun: aware; before that entry was written.
    """

    source: str
    staged: str
    sha256: str
    size: int
    info: DocumentInfo
    suffix: str
    format: str
    signers: list[str]
    entry: dict[str, str | None]
    begun: dt.datetime
    converted: bool = False
    content: str | None = None
    document: str | None = None
    arrival: Arrival | None = None
    wanted: Level | None = None
    told: list[ErrorInfo] = []

    def place(self, destination: Destination, text: str | None = None) -> Placed:
        """Give it its final name.

        :param text: of the document, for search; None: to be read from the file.
        """
        copy = SignedCopy(
            Path(self.staged),
            self.info,
            source=Path(self.document or self.source),
            suffix=self.suffix,
            sha256=self.sha256,
            signers=self.signers,
            format=self.format,
            content=Path(self.content) if self.content is not None else None,
            made_from=self.entry["input_sha256"] if self.document is None else None,
            arrival=self.arrival,
            text=text,
        )
        return destination.take(copy)


def end(filing: Filing, destination: Destination, ledger: Ledger) -> SignResult | None:
    """End a filing that a crash interrupted.

    :return: None where nothing came of the signature: the file is to be signed as if nothing had been.
    :raises SignedCopyGone: the ledger knows the signature, but there is no copy.
    :raises AntinError: it cannot be filed; the temporary file stays.
    """
    entered, filed_at = _known(filing, ledger)
    if filed_at is not None:
        return _result(filing, Path(filed_at), None)
    if not _recovered(filing):
        if entered:
            raise SignedCopyGone(path=filing.source)
        return None
    if not entered:
        ledger.append("sign", **filing.entry)
    placed = filing.place(destination)
    ledger.append("file", path=str(placed.path), sha256=filing.sha256, archive=placed.filed is not None)
    if filing.converted:
        kept = destination.keep_original(filing.info, Path(filing.source), filing.arrival)
        if kept is not None:
            ledger.append("file", path=str(kept), sha256=filing.entry["input_sha256"], archive=True)
    return _result(filing, placed.path, placed)


def failed(filing: Filing, error: AntinError) -> SignResult:
    """The result of a filing that could not be ended."""
    return msgspec.structs.replace(
        _result(filing, None, None), status=Status.FAILED, level_reached=None, sha256=None, error=describe(error)
    )


def _known(filing: Filing, ledger: Ledger) -> tuple[bool, str | None]:
    """Whether the ledger has the signature, and where it says that the copy is."""
    entered, where = False, None
    for entry in ledger.entries(start=filing.begun):
        if entry.kind == "sign" and entry.data.get("output_sha256") == filing.sha256:
            entered = True
        elif entry.kind == "file" and entry.data.get("sha256") == filing.sha256:
            where = entry.data.get("path")
    return entered, where


def _recovered(filing: Filing) -> bool:
    """Have the temporary files where they were, whole: one already renamed is named back, to be filed as a whole.

    :return: False where they are gone.
    """
    staged = Path(filing.staged)
    try:
        placed = next(_copies(filing), None)
        if placed is not None:
            staged.unlink(missing_ok=True)  # killed between the two steps of giving a name
            rename_new(placed, staged)
        elif not staged.exists():
            return False
        elif sha256_file(staged) != filing.sha256:
            staged.unlink()
            return False
        if filing.content is not None and not Path(filing.content).exists():
            shutil.copyfile(filing.document or filing.source, filing.content)
    except OSError as error:
        raise writing_error(error, staged) from error
    return True


def _copies(filing: Filing) -> Iterator[Path]:
    """The files with the octets of the signed one, in the folder of its final place."""
    for path in sorted(Path(filing.staged).parent.glob("*")):
        fits = not is_staging(path.name) and path.is_file() and path.stat().st_size == filing.size
        if fits and sha256_file(path) == filing.sha256:
            yield path


def _result(filing: Filing, path: Path | None, placed: Placed | None) -> SignResult:
    level = filing.entry["level"] or Level.B
    return SignResult(
        input=filing.source,
        output=None if path is None else str(path),
        format=filing.format,
        status=Status.SIGNED,
        act=Act(filing.entry["act"] or Act.PLAIN),
        signer=filing.entry["signer"] or "",
        level_requested=filing.wanted or Level(level),
        level_reached=Level(level),
        sha256=filing.sha256,
        seconds=0.0,
        token_seconds=0.0,
        filed=placed.filed if placed is not None else None,
        warnings=filing.told,
    )
