"""The files of the archive's tree: which are documents, and how their names compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from app.errors import AntinError, from_os_error
from app.i18n import N_
from app.storage.staging import is_staging

#: The program's own folder in the tree.
OWN_FOLDER = ".antin"

#: What systems and Office programs leave in folders.
_LITTER = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
_LITTER_BEGINNINGS = ("~$", "._", ".~lock.")
#: Signatures that stand beside the document they sign.
_BESIDE = (".p7s", ".p7m")
#: What tells a further one from the first.
_NUMBER = re.compile(r" \([1-9]\d{0,3}\)$")


class ArchiveAway(AntinError):
    """Carries ``root``."""

    code = "archive-away"
    message_id = N_("The folder of the archive {root} is not there.")
    hint_id = N_("Connect the network folder or disk again. Nothing was changed.")


def documents(root: Path) -> Iterator[Path]:
    """The documents below the root, folder by folder in the order of names. Links are not followed.

    :raises ArchiveAway: the root is not there.
    :raises AntinError: a folder cannot be read: none of its files may be taken for gone.
    """
    if not root.is_dir():
        raise ArchiveAway(root=str(root))
    yield from _below(root)


def _below(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
        names = {entry.name for entry in entries}
        for entry in entries:
            if entry.is_symlink() or entry.name == OWN_FOLDER:
                continue
            if entry.is_dir():
                yield from _below(entry)
            elif entry.is_file() and _is_document(entry.name, names):
                yield entry
    except OSError as error:
        raise from_os_error(error, folder) from error


def _is_document(name: str, beside: set[str]) -> bool:
    low = name.lower()
    if is_staging(name) or low in _LITTER or low.startswith(_LITTER_BEGINNINGS) or ".before-restore-" in low:
        return False
    return not (low.endswith(_BESIDE) and beside & {name[:-4], _NUMBER.sub("", name[:-4])})


def signatures_beside(document: Path) -> list[Path]:
    """The signature files that stand beside a document and are named after it: ``a.pdf.p7s``, ``a.pdf (2).p7s``…"""
    found: list[Path] = []
    for number in count(1):
        mark = "" if number == 1 else f" ({number})"
        named = (document.with_name(f"{document.name}{mark}{suffix}") for suffix in _BESIDE)
        there = [path for path in named if path.is_file()]
        if not there and number > 1:
            break
        found += there
    return found


def signed_beside(signature: str) -> str | None:
    """The document that a file of this name is a signature of by :func:`signatures_beside`; None for another name."""
    if not signature.lower().endswith(_BESIDE):
        return None
    return _NUMBER.sub("", signature[:-4])


def comparable(relative: str) -> str:
    """A path in one spelling: file systems that keep names decomposed (NFD) give back others than they were given."""
    return unicodedata.normalize("NFC", relative)
