"""The ledger as one ZIP that an auditor checks without this program.

In it: ``ledger.jsonl``, the lines as they are; ``ledger.head``, number and hash of the last entry; ``check_ledger.py``,
which needs Python and openssl alone; and how to use it.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec

from app.errors import AntinError
from app.i18n import N_, _
from app.journal.ledger import Ledger
from app.paths import RESOURCES
from app.storage.files import flush_file, flush_folder, rename_new, writing_error
from app.storage.staging import staging_path

_SCRIPT = RESOURCES / "check_ledger.py"


class ExportExists(AntinError):
    """Carries ``path``."""

    code = "export-exists"
    message_id = N_("There is a file {path} already; nothing is written over it.")
    hint_id = N_("Choose another name, or move that file away.")


class Exported(msgspec.Struct, frozen=True):
    """:ivar entries: number of the last entry. :ivar hash: of it."""

    path: str
    entries: int
    hash: str


def export(ledger: Ledger, target: Path) -> Exported:
    """Write the ledger to a new file. It is on the disk, whole, when this returns.

    :param target: of the ZIP.
    :raises ExportExists: the name is taken.
    :raises AntinError: the ledger cannot be read, or the system refused; nothing is left behind.
    """
    if target.exists() or target.is_symlink():
        raise ExportExists(path=target)
    head, lines = ledger.lines()
    staged = staging_path(target.absolute().parent, ".zip")
    try:
        with zipfile.ZipFile(staged, "x", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("ledger.jsonl", "w", force_zip64=True) as file:
                for line in lines:
                    file.write(line + b"\n")
            archive.writestr("ledger.head", f"{head.seq} {head.hash}\n")
            archive.write(_SCRIPT, _SCRIPT.name)
            archive.writestr("HUONG-DAN.txt", _how() + "\n")
        flush_file(staged)
        rename_new(staged, target)
        flush_folder(target.absolute().parent)
    except FileExistsError as error:
        raise ExportExists(path=target) from error
    except OSError as error:
        raise writing_error(error, target) from error
    finally:
        staged.unlink(missing_ok=True)
    return Exported(str(target), head.seq, head.hash)


def _how() -> str:
    return _(
        "To check this ledger, unpack the ZIP and run, with Python 3 and openssl:\n"
        "    python3 check_ledger.py . ROOTS.pem\n"
        "ROOTS.pem holds the root and intermediate certificates (PEM) that you trust yourself.\n"
        "Add copies of the seals that were kept apart (ledger-seals.jsonl) at the end of the line: they show a ledger "
        "whose end was cut off.\n"
        "For each seal it says whose certificate made it, with its SHA-256: compare these with the office's register "
        "of tokens. A seal by another certificate proves nothing, whoever issued it."
    )
