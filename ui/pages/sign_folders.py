"""The documents of folders that were dropped or chosen to be signed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from app.documents.folders import files_inside
from app.documents.formats import Format, usual_suffixes
from app.i18n import _, ngettext
from ui.signing_entry import OFFICE_FORMATS

#: Endings of what is taken out of a folder.
FOLDER_SUFFIXES = usual_suffixes(Format.PDF, Format.ASICE, *OFFICE_FORMATS)

#: How many documents are taken at once to be signed, and how many files are looked at for each.
MOST_DOCUMENTS = 2_000
_FILES_A_DOCUMENT = 25


@dataclass
class Collected:
    """What was found for a drop.

    :ivar stands_for: what each path given stands for: a file for itself, a folder for its documents; the paths that
        came after more was found than is taken at once are not among them.
    :ivar left_out: how many files in folders are no documents by their names.
    :ivar empty: folders in which there is no file at all.
    :ivar unread: folders that could not be opened.
    :ivar cut: whether there was more than is taken at once.
    """

    stands_for: dict[Path, list[Path]] = field(default_factory=dict)
    left_out: int = 0
    empty: list[Path] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    cut: bool = False

    @property
    def files(self) -> list[Path]:
        """All that is taken, in the order of the paths given."""
        return list(chain.from_iterable(self.stands_for.values()))

    @property
    def sentences(self) -> Sequence[str]:
        """What is to be said of what was not taken."""
        told = []
        if self.left_out:
            sentence = ngettext(
                "{n} file of the folder is no document by its name and was not taken.",
                "{n} files of the folder are no documents by their names and were not taken.",
                self.left_out,
            )
            told.append(sentence.format(n=self.left_out))
        if self.cut:
            told.append(
                _("The folder holds very much; only the first {n} documents were taken.").format(n=len(self.files))
            )
        told += [_("There are no documents in the folder {path}.").format(path=one) for one in self.empty]
        told += [
            _("The folder {path} cannot be opened; nothing in it was taken.").format(path=one) for one in self.unread
        ]
        return told


def collect(paths: Sequence[Path], cancelled: threading.Event | None = None, *, most: int | None = None) -> Collected:
    """The files among ``paths``, and the documents of the folders among them and of the folders in those.

    Folders are walked in the order of names. Hidden files and folders and the marks that Office leaves beside open
    files are passed over; links are not followed.

    :param cancelled: once set, what was found so far is returned. :param most: documents taken at
        once; :data:`MOST_DOCUMENTS`, where not given.
    """
    most = MOST_DOCUMENTS if most is None else most
    found = Collected()
    taken = looked_at = 0
    for path in paths:
        if not _is_folder(path):
            found.stands_for[path] = [path]
            taken += 1
            continue
        documents = found.stands_for[path] = []
        others = found.left_out + len(found.unread)
        for file in files_inside(path, lambda error: found.unread.append(str(error.filename))):
            looked_at += 1
            if cancelled is not None and cancelled.is_set():
                return found
            if taken >= most or looked_at > most * _FILES_A_DOCUMENT:
                found.cut = True
                return found
            if file.suffix.lower() in FOLDER_SUFFIXES:
                documents.append(file)
                taken += 1
            else:
                found.left_out += 1
        if not documents and others == found.left_out + len(found.unread):
            found.empty.append(path)
    return found


def _is_folder(path: Path) -> bool:
    """What cannot be told counts as a file: whoever reads it says why it cannot be read."""
    try:
        return path.is_dir()
    except OSError:
        return False
