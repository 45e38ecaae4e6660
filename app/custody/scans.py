"""Whether a file can be the scan of a paper: what a scanner makes, or the signed electronic document itself."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from app.custody.errors import ScanTooLarge, ScanUnfit
from app.documents.formats import Format, detect
from app.errors import from_os_error
from app.i18n import N_, _

#: Octets. A page at 300 dots an inch in colour, as the decree asks of copies, has one to three million.
LARGEST = 100 << 20

_SIGNED = frozenset({Format.PDF, Format.OOXML, Format.ODF, Format.ASICE, Format.XML, Format.CMS})
#: How pictures of scanners begin: JPEG, PNG, TIFF of either order of octets.
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")


def check_minutes(path: Path) -> None:
    """See that a file can be the scan of signed minutes: a PDF, since it takes the place of the minutes' own.

    :raises ScanUnfit, ScanTooLarge: it cannot.
    :raises FileMissing, FileNotReadable, FolderGiven: it cannot be read.
    """
    _check(path, {Format.PDF}, pictures=False, wanted=N_("a PDF"))


def check_permission(path: Path) -> None:
    """See that a file can be the scan of a permission, or the permission itself as it was signed.

    :raises ScanUnfit, ScanTooLarge: it cannot.
    :raises FileMissing, FileNotReadable, FolderGiven: it cannot be read.
    """
    _check(path, _SIGNED, pictures=True, wanted=N_("a PDF, a picture (JPEG, PNG, TIFF) or the signed document itself"))


def _check(path: Path, formats: Collection[Format], *, pictures: bool, wanted: str) -> None:
    found = detect(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise from_os_error(error, path) from error
    if found not in formats and not (pictures and found is Format.UNKNOWN and head.startswith(_PICTURES)):
        raise ScanUnfit(path=str(path), wanted=_(wanted))
    if size > LARGEST:
        raise ScanTooLarge(path=str(path), size=-(-size >> 20), limit=LARGEST >> 20)
