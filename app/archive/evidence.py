"""Evidence with every filed copy: certificates, revocation answers and the result of the check, kept in a folder of the
archive beside the documents.

``.antin/evidence/pieces`` holds each certificate, list and answer once, named by its SHA-256;
``.antin/evidence/copies/<first two>/<SHA-256 of the copy>`` a small file for every time that it was gathered, which
says which pieces belong to it. What is there is never changed; the index does not know of it and can be lost.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from app.archive.tree import OWN_FOLDER
from app.decoding import decodable
from app.errors import AntinError, from_os_error
from app.i18n import N_
from app.storage import writing
from app.storage.files import flush_file, flush_folder, made_folder, rename_new, writing_error
from app.storage.staging import staging_path

if TYPE_CHECKING:
    from app.trust.evidence import Evidence

#: Names of an export's own files and folders.
_TAKEN = frozenset({"SHA256SUMS", "certificates", "crls", "ocsps", "checks"})
#: Extension of each kind of piece (RFC 2585, section 3; application/ocsp-response of RFC 6960, appendix C.1.2).
_SUFFIXES = {"certificate": ".cer", "crl": ".crl", "ocsp": ".ors"}


class EvidenceMissing(AntinError):
    """Carries ``path`` of the copy."""

    code = "evidence-missing"
    message_id = N_("No evidence is kept of {path}.")
    hint_id = N_("“antin archive check” gathers what can still be had.")


class EvidenceDamaged(AntinError):
    """Carries ``path`` of the piece."""

    code = "evidence-damaged"
    message_id = N_("A piece of evidence is not what it was: {path}")
    hint_id = N_("Put it back from a backup of the archive.")


class EvidenceExists(AntinError):
    """Carries ``path``."""

    code = "evidence-exists"
    message_id = N_("There is a file {path} already; the evidence is not written over it.")
    hint_id = N_("Choose another name, or move that file away.")


class Piece(msgspec.Struct, frozen=True):
    """:ivar kind: ``certificate``, ``crl`` or ``ocsp``. :ivar sha256: of its DER, hexadecimal."""

    kind: Literal["certificate", "crl", "ocsp"]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

    @property
    def name(self) -> str:
        return self.sha256 + _SUFFIXES[self.kind]


class Record(msgspec.Struct, frozen=True):
    """What was known of a copy at one time.

    :ivar sha256: of the copy. :ivar gathered_at: aware.
    :ivar report: of the check, as ``antin verify --json`` tells it.
    """

    sha256: str
    gathered_at: dt.datetime
    program: str
    report: dict[str, Any]
    pieces: list[Piece]


class EvidenceShelf:
    """The evidence of an archive. Workstations may share it.

    :param root: of the archive.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / OWN_FOLDER / "evidence"

    def keep(self, sha256: str, report: Mapping[str, Any], evidence: Evidence, *, program: str) -> Record:
        """Keep what was found of a copy now; what was kept before stays.

        :param sha256: of the copy. :param report: plain values. :param program: its version.
        :raises TargetNotWritable, DiskFull: pieces may have been kept, the record was not.
        """
        pieces = [
            *(self._keep_piece("certificate", content) for content in evidence.certificates),
            *(self._keep_piece("crl", content) for content in evidence.crls),
            *(self._keep_piece("ocsp", content) for content in evidence.ocsps),
        ]
        record = Record(sha256, dt.datetime.now(dt.UTC), program, dict(report), pieces)
        content = msgspec.json.encode(record)
        folder = made_folder(self._copy_folder(sha256))
        name = f"{record.gathered_at:%Y%m%dT%H%M%S%fZ}-{hashlib.sha256(content).hexdigest()[:8]}.json"
        try:
            writing.write_new(folder / name, content)
        except FileExistsError:
            pass  # the same, to the microsecond
        return record

    def has(self, sha256: str) -> bool:
        """Whether anything is kept of a copy."""
        folder = self._copy_folder(sha256)
        return folder.is_dir() and any(folder.glob("*.json"))

    def records(self, sha256: str) -> list[Record]:
        """What was known of a copy, the earliest first.

        :raises EvidenceDamaged: a record cannot be read.
        """
        found = []
        for path in self._copy_folder(sha256).glob("*.json"):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=decodable(Record)))
            except OSError as error:
                raise from_os_error(error, path) from error
            except msgspec.DecodeError as error:
                raise EvidenceDamaged(path=str(path)) from error
        return sorted(found, key=lambda record: _aware(record.gathered_at))

    def piece(self, piece: Piece) -> bytes:
        """The DER of a piece.

        :raises EvidenceDamaged: it is gone or not what it was.
        """
        path = self._piece_path(piece)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise EvidenceDamaged(path=str(path)) from error
        except OSError as error:
            raise from_os_error(error, path) from error
        if hashlib.sha256(content).hexdigest() != piece.sha256:
            raise EvidenceDamaged(path=str(path))
        return content

    def export(self, copy: Path, sha256: str, target: Path, *, beside: Sequence[Path] = ()) -> None:
        """Write a copy and all its evidence into one ZIP, which ``sha256sum -c SHA256SUMS`` checks.

        :param beside: files that belong to the copy, such as its detached signature.
        :param target: must not exist.
        :raises EvidenceMissing, EvidenceDamaged, EvidenceExists: nothing was written.
        :raises AntinError: the copy cannot be read, or the ZIP not be written.
        """
        records = self.records(sha256)
        if not records:
            raise EvidenceMissing(path=str(copy))
        pieces = {piece.name: piece for record in records for piece in record.pieces}
        folders = {"certificate": "certificates", "crl": "crls", "ocsp": "ocsps"}
        files = {f"{folders[piece.kind]}/{name}": self.piece(piece) for name, piece in sorted(pieces.items())}
        files |= {
            f"checks/{record.gathered_at:%Y-%m-%dT%H%M%SZ}-{number}.json": msgspec.json.format(
                msgspec.json.encode(record)
            )
            for number, record in enumerate(records, 1)
        }
        staged = staging_path(target.absolute().parent, ".zip")
        try:
            _pack(staged, [copy, *beside], files)
            flush_file(staged)
            rename_new(staged, target)
            flush_folder(target.absolute().parent)
        except FileExistsError as error:
            raise EvidenceExists(path=str(target)) from error
        except OSError as error:
            raise writing_error(error, target) from error
        finally:
            staged.unlink(missing_ok=True)

    def _keep_piece(self, kind: Literal["certificate", "crl", "ocsp"], content: bytes) -> Piece:
        piece = Piece(kind, hashlib.sha256(content).hexdigest())
        path = self._piece_path(piece)
        made_folder(path.parent)
        if not path.is_file():
            try:
                writing.write_new(path, content)
            except FileExistsError:
                pass  # another workstation was first, with the same octets
        return piece

    def _piece_path(self, piece: Piece) -> Path:
        return self._folder / "pieces" / piece.sha256[:2] / piece.name

    def _copy_folder(self, sha256: str) -> Path:
        return self._folder / "copies" / sha256[:2] / sha256


def _pack(target: Path, documents: Sequence[Path], files: Mapping[str, bytes]) -> None:
    sums = []
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as packed:
        for path in documents:
            folder = "documents/" if path.name in _TAKEN else ""
            try:
                content = path.read_bytes()
            except OSError as error:
                raise from_os_error(error, path) from error
            packed.writestr(folder + path.name, content)
            sums.append((hashlib.sha256(content).hexdigest(), folder + path.name))
        for name, content in files.items():
            packed.writestr(name, content)
            sums.append((hashlib.sha256(content).hexdigest(), name))
        packed.writestr("SHA256SUMS", "".join(_sum_line(digest, name) for digest, name in sums))


def _sum_line(digest: str, name: str) -> str:
    """A line as sha256sum writes and reads it: a name with a backslash or the end of a line in it is escaped, and the
    line begins with a backslash (GNU coreutils, md5sum invocation)."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == name else chr(92)}{digest}  {escaped}\n"


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
