"""The writer of an update appended to a PDF, and what goes wrong there."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.documents.pdf_form import walk_fields
from app.errors import AntinError, from_os_error
from app.signing.pdf_errors import PdfDamaged, PdfEncrypted

if TYPE_CHECKING:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


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
