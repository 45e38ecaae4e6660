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


def walk(paths: Iterable[Path], *, cancelled: threading.Event | None = None) -> Iterator[Target]:
    """The files named, and the documents of the folders and ZIPs named, each as it is found.

    Folders are walked in the order of names. Hidden files and folders, and the marks that Office leaves beside open
    files, are no documents; links to folders are not followed. What is not a regular file is left to the verifier,
    which does not wait for it.

    :param cancelled: once set, nothing more comes.
    :return: a ZIP of documents is replaced by what is in it; folders and ZIPs that cannot be opened are reports.
    """
    with Bundles() as bundles:
        for path in paths:
            for target in _folder(path, bundles) if _is_folder(path) else _file(path, bundles):
                if cancelled is not None and cancelled.is_set():
                    return
                yield target


def _folder(top: Path, bundles: Bundles) -> Iterator[Target]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            yield rejected(folder, FolderNotReadable(path=folder))
            continue
        inner = [entry for entry in entries if not entry.name.startswith(".") and _is_folder(entry)]
        waiting += [Path(entry.path) for entry in reversed(inner) if not entry.is_symlink()]
        folders = {entry.name for entry in inner}
        for entry in entries:
            if is_document(entry.name) and entry.name not in folders:
                yield from _file(Path(entry.path), bundles)


def _is_folder(place: Path | os.DirEntry[str]) -> bool:
    try:
        return place.is_dir()
    except OSError:  # such as a link to itself, or a folder out of reach: the verifier says so
        return False


def _file(path: Path, bundles: Bundles) -> Iterator[Target]:
    if path.suffix.lower() == ".zip":
        yield from _archive(path, bundles)
    else:
        yield path


def _archive(path: Path, bundles: Bundles) -> Iterator[Target]:
    for count, target in enumerate(_members(path, bundles, 1)):
        if count == MAX_DOCUMENTS:
            yield rejected(path, TooManyDocuments(path=path, limit=MAX_DOCUMENTS), Format.ZIP)
            return
        yield target


def _members(archive: Path | Member, bundles: Bundles, depth: int) -> Iterator[Target]:
    """What is in an archive; the archive itself where no documents are."""
    try:
        found = [member for member in bundles.members(archive) if is_document(member.name)]
    except AntinError as error:
        yield rejected(archive, error, Format.ZIP)
        return
    for member in found:
        if depth < MAX_DEPTH and member.name.lower().endswith(".zip"):
            yield from _members(member, bundles, depth + 1)
        else:
            yield member
    if not found:
        yield archive


def is_document(name: str) -> bool:
    """Whether a file of a folder or ZIP is one to check.

    :param name: its name, or its path from there with forward slashes.
    """
    path = PurePosixPath(name)
    hidden = path.name.startswith("~$") or any(part.startswith(".") for part in path.parts)
    return path.suffix.lower() in ENDINGS and not hidden and path.parts[0] != "__MACOSX"
