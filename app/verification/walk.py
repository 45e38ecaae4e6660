"""What is to be checked: the documents in folders and ZIPs. One walk for the command and the window."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from app.documents.formats import Format
from app.errors import AntinError
from app.i18n import N_
from app.verification.bundle import Bundles, Member, rejected
from app.verification.model import FileReport

#: A file, a file in a ZIP, or what cannot even be walked and is a report already.
Target = Path | Member | FileReport

#: A folder's and a ZIP's files with these endings are documents; a file that is named itself always is one.
ENDINGS: Final = frozenset(
    {
        *(".pdf", ".docx", ".docm", ".dotx", ".dotm", ".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm"),
        *(".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm", ".doc", ".xls", ".ppt"),
        *(".odt", ".ods", ".odp", ".odg", ".ott", ".ots", ".otp"),
        *(".asice", ".asics", ".sce", ".scs", ".edoc", ".bdoc", ".adoc", ".p7m", ".p7s", ".xml", ".xades", ".xsig"),
        ".zip",
    }
)

#: Files that Windows leaves in folders, in lower case.
_OF_SYSTEMS: Final = frozenset({"thumbs.db", "desktop.ini"})

#: A ZIP this deep inside others is not opened any more.
MAX_DEPTH: Final = 3

#: Documents that one ZIP may hold, those of the ZIPs in it included.
MAX_DOCUMENTS: Final = 100_000


class FolderNotReadable(AntinError):
    code = "folder-not-readable"
    message_id = N_("The folder {path} cannot be opened; nothing in it was checked.")
    hint_id = N_("Ask for the right to open it, or copy it to a nearer place, and check it again.")


class TooManyDocuments(AntinError):
    code = "zip-too-many-documents"
    message_id = N_("The archive {path} holds more than {limit} documents; the rest was not checked.")
    hint_id = N_("Unpack it and check its folders one after the other.")


class LeftOut:
    """The files of folders and ZIPs that are of no kind that is checked.

    :ivar count: of all; ``names`` holds the first ones.
    """

    MOST_NAMES: Final = 5

    def __init__(self) -> None:
        self.count, self.names = 0, list[str]()

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < self.MOST_NAMES:
            self.names.append(name)


def walk(
    paths: Iterable[Path], *, cancelled: threading.Event | None = None, left_out: LeftOut | None = None
) -> Iterator[Target]:
    """The files named, and the documents of the folders and ZIPs named, each as it is found.

    Folders are walked in the order of paths. Hidden files and folders, and the marks that Office leaves beside open
    files, are no documents; links to folders are not followed. What is not a regular file is left to the verifier,
    which does not wait for it.

    :param cancelled: once set, nothing more comes.
    :param left_out: takes the files that are no documents; hidden ones aside.
    :return: a ZIP of documents is replaced by what is in it; folders and ZIPs that cannot be opened are reports.
    """
    left_out = left_out or LeftOut()
    with Bundles() as bundles:
        for path in paths:
            targets = _folder(path, bundles, left_out) if _is_folder(path) else _file(path, bundles, left_out)
            for target in targets:
                if cancelled is not None and cancelled.is_set():
                    return
                yield target


def _folder(top: Path, bundles: Bundles, left_out: LeftOut) -> Iterator[Target]:
    waiting: list[tuple[Path, bool]] = [(top, True)]
    while waiting:
        path, is_folder = waiting.pop()
        if is_folder:
            try:
                waiting += reversed(_entries(path))
            except OSError:
                yield rejected(path, FolderNotReadable(path=path))
        elif is_document(path.name):
            yield from _file(path, bundles, left_out)
        elif not _is_hidden(path.name):
            left_out.add(path.name)


def _entries(folder: Path) -> list[tuple[Path, bool]]:
    """What is in a folder, and whether it is one, in the order of paths; without hidden folders and links to folders.

    :raises OSError: it cannot be opened.
    """
    with os.scandir(folder) as found:
        entries = [(entry, _is_folder(entry)) for entry in found]
    kept = [
        (entry, is_folder)
        for entry, is_folder in entries
        if not is_folder or not (entry.name.startswith(".") or entry.is_symlink())
    ]
    kept.sort(key=lambda pair: pair[0].name + "/" * pair[1])
    return [(Path(entry.path), is_folder) for entry, is_folder in kept]


def _is_folder(place: Path | os.DirEntry[str]) -> bool:
    try:
        return place.is_dir()
    except OSError:  # such as a link to itself, or a folder out of reach: the verifier says so
        return False


def _file(path: Path, bundles: Bundles, left_out: LeftOut) -> Iterator[Target]:
    if path.suffix.lower() == ".zip":
        yield from _archive(path, bundles, left_out)
    else:
        yield path


def _archive(path: Path, bundles: Bundles, left_out: LeftOut) -> Iterator[Target]:
    for count, target in enumerate(_members(path, bundles, 1, left_out)):
        if count == MAX_DOCUMENTS:
            yield rejected(path, TooManyDocuments(path=path, limit=MAX_DOCUMENTS), Format.ZIP)
            return
        yield target


def _members(archive: Path | Member, bundles: Bundles, depth: int, left_out: LeftOut) -> Iterator[Target]:
    """What is in an archive; the archive itself where no documents are."""
    try:
        members = list(bundles.members(archive))
    except AntinError as error:
        yield rejected(archive, error, Format.ZIP)
        return
    found = [member for member in members if is_document(member.name)]
    for member in members if found else ():
        if not is_document(member.name) and not _is_hidden(member.name):
            left_out.add(PurePosixPath(member.name).name)
    for member in found:
        if depth < MAX_DEPTH and member.name.lower().endswith(".zip"):
            yield from _members(member, bundles, depth + 1, left_out)
        else:
            yield member
    if not found:
        yield archive


def is_document(name: str) -> bool:
    """Whether a file of a folder or ZIP is one to check.

    :param name: its name, or its path from there with forward slashes.
    """
    return PurePosixPath(name).suffix.lower() in ENDINGS and not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    """Whether a file is one that systems and programs keep for themselves; parameters as :func:`is_document`."""
    path = PurePosixPath(name)
    return (
        path.name.startswith("~$")
        or path.name.lower() in _OF_SYSTEMS
        or any(part.startswith(".") for part in path.parts)
        or path.parts[0] == "__MACOSX"
    )
