"""A copy of a PDF to which an update is appended, and what goes wrong there.

Nothing of what a file held before is written anew, so that signatures in it stay what they were.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.documents.pdf_form import walk_fields
from app.errors import AntinError, TargetNotWritable, from_os_error
from app.signing.pdf_digest import Beginning, copied
from app.signing.pdf_errors import PdfDamaged, PdfEncrypted

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def abandon(output: IO[bytes] | None, target: Path) -> None:
    """Close and remove what was written; what still waits to be written, and may not fit on the disk, is let go."""
    if output is not None:
        with suppress(OSError):
            output.close()
    target.unlink(missing_ok=True)


def _ends_a_line(original: IO[bytes]) -> bool:
    original.seek(0, 2)
    original.seek(max(0, original.tell() - 1))
    return original.read(1) in (b"\n", b"\r")


def copy(source: Path, target: Path, hash_name: str) -> Beginning:
    """Copy to a file that did not exist, so that an update can follow: its first object begins a line, without which
    LibreOffice takes the end of the document for earlier than it is.

    :param hash_name: of the digest, a hashlib name.
    :return: the digest of what was written.
    :raises TargetNotWritable: there is one already, or none may be made there.
    :raises AntinError: the source cannot be read, or the disk is full.
    """
    try:
        original = source.open("rb")
    except OSError as error:
        raise from_os_error(error, source) from error
    with original:
        try:
            copy = target.open("xb")
        except (FileExistsError, PermissionError) as error:
            raise TargetNotWritable(path=target) from error
        except OSError as error:
            raise from_os_error(error, target) from error
        try:
            beginning = Beginning(hash_name)
            with copy:
                copied(original, copy, beginning)
                if not _ends_a_line(original):
                    copy.write(b"\n")
                    beginning.update(b"\n")
        except OSError as error:
            target.unlink(missing_ok=True)
            raise from_os_error(error, target) from error
    return beginning


@contextmanager
def pdf_faults(source: Path, target: Path) -> Iterator[None]:
    """Whatever pyHanko throws at a hostile file becomes :class:`PdfDamaged` of the source; the disk is the target's."""
    from app.documents.pdf_reader import FAULTS, PasswordNeeded

    try:
        yield
    except AntinError:
        raise
    except PasswordNeeded as error:
        raise PdfEncrypted(path=source) from error
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # a seek to where the file says, before its beginning
            raise PdfDamaged(path=source, detail=str(error)) from error
        raise from_os_error(error, target) from error
    except FAULTS as error:
        raise PdfDamaged(path=source, detail=f"{type(error).__name__}: {error}"[:200]) from error


def writer_on(output: IO[bytes]) -> IncrementalPdfFileWriter:
    """A writer for the update. Files with small faults of syntax, and hybrid ones, are read leniently."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from app.documents.pdf_reader import PasswordNeeded, open_reader

    class SignatureWriter(IncrementalPdfFileWriter):
        """Adds the signature and nothing else: rewritten metadata would be a change to signatures already there."""

        def _update_meta(self) -> None:
            pass

    reader = open_reader(output)
    if reader.security_handler is not None and reader.security_handler.pdf_mac_enabled:
        raise PasswordNeeded  # ISO/TS 32004: the update would need a code made with the document's key
    return SignatureWriter.from_reader(reader)


def free_name(root: generic.DictionaryObject, kind: str = "Signature") -> str:
    """``Signature1`` or the next number that no field of the form bears."""
    taken = {field.name for field in walk_fields(root)}
    highest = max((int(match[1]) for name in taken if (match := re.fullmatch(rf"{kind}(\d{{1,6}})", name))), default=0)
    return f"{kind}{highest + 1}"
