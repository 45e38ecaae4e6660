"""Reports of a verification as files: PDF/A for people, a spreadsheet for the register, JSON and XML for programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import AntinError
from app.i18n import N_
from app.storage import writing
from app.verification.model import FileReport


class ReportExists(AntinError):
    """Carries ``path``."""

    code = "report-exists"
    message_id = N_("There is a file {path} already; nothing is written over it.")
    hint_id = N_("Choose another name for the report, or move that file away.")


class ReportKindUnknown(AntinError):
    """Carries ``path``."""

    code = "report-kind-unknown"
    message_id = N_("A report cannot be written as {path}.")
    hint_id = N_("Let its name end in .pdf, .xlsx, .json or .xml.")


class ReportFolderMissing(AntinError):
    """Carries ``path``: of the folder."""

    code = "report-folder-missing"
    message_id = N_("There is no folder {path} to keep the report in.")
    hint_id = N_("Make that folder first, or name another one.")


@dataclass(frozen=True)
class Occasion:
    """Who checked, and when.

    :ivar office: the office's name, empty where the settings name none.
    :ivar parent: the body above it.
    :ivar place: written before the date.
    :ivar at: aware; when the files were checked.
    :ivar as_of: aware; the time as of which they were judged, where it is another.
    :ivar version: of the program.
    """

    office: str
    parent: str
    place: str
    at: dt.datetime
    version: str
    as_of: dt.datetime | None = None


def check_target(path: Path) -> None:
    """Say before the work begins whether a report can be written.

    :raises ReportKindUnknown: its ending is none of a report.
    :raises ReportExists: the name is taken.
    :raises ReportFolderMissing: its folder is not there.
    """
    if path.suffix.lower() not in _RENDERERS:
        raise ReportKindUnknown(path=path)
    if path.exists() or path.is_symlink():
        raise ReportExists(path=path)
    if not path.parent.is_dir():
        raise ReportFolderMissing(path=path.parent)


def save(path: Path, reports: Sequence[FileReport], occasion: Occasion) -> None:
    """Write a report; the ending of its name decides the kind. It is on the disk, whole, when this returns.

    :raises ReportKindUnknown, ReportExists, ReportFolderMissing: see :func:`check_target`.
    :raises AntinError: the system refused; nothing is left behind.
    """
    check_target(path)
    content = _RENDERERS[path.suffix.lower()](reports, occasion)
    try:
        writing.write_new(path, content)
    except FileExistsError as error:
        raise ReportExists(path=path) from error


def _pdf(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    from app.verification.report_pdf import render

    return render(reports, occasion)


def _xlsx(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    from app.verification.report_xlsx import render

    return render(reports, occasion)


def _xml(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    from app.verification.report_xml import render

    return render(reports, occasion)


def _json(reports: Sequence[FileReport], _occasion: Occasion) -> bytes:
    """As the command prints it. A path that is no Unicode keeps its octets as lone surrogates, escaped (PEP 383)."""
    import json

    import msgspec

    return json.dumps(msgspec.to_builtins(reports), indent=2, ensure_ascii=not _is_unicode(reports)).encode() + b"\n"


def _is_unicode(reports: Sequence[FileReport]) -> bool:
    try:
        "".join(report.path for report in reports).encode()
    except UnicodeEncodeError:
        return False
    return True


_RENDERERS: Final[dict[str, Callable[[Sequence[FileReport], Occasion], bytes]]] = {
    ".pdf": _pdf,
    ".xlsx": _xlsx,
    ".json": _json,
    ".xml": _xml,
}
