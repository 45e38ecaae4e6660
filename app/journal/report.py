"""The usage report as a file: PDF/A for people, a spreadsheet with charts, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.documents.letterhead import Letterhead
from app.errors import AntinError
from app.i18n import N_
from app.journal.usage import UsageFigures
from app.storage import writing


class UsageReportExists(AntinError):
    """Carries ``path``."""

    code = "report-exists"
    message_id = N_("There is a file {path} already; nothing is written over it.")
    hint_id = N_("Choose another name for the report, or move that file away.")


class UsageReportKindUnknown(AntinError):
    """Carries ``path``."""

    code = "report-kind-unknown"
    message_id = N_("A usage report cannot be written as {path}.")
    hint_id = N_("Let its name end in .pdf, .xlsx or .json.")


class UsageReportFolderMissing(AntinError):
    """Carries ``path``: of the folder."""

    code = "report-folder-missing"
    message_id = N_("There is no folder {path} to keep the report in.")
    hint_id = N_("Make that folder first, or name another one.")


def check_target(path: Path) -> None:
    """Say before the work begins whether a report can be written.

    :raises UsageReportKindUnknown: its ending is none of a report.
    :raises UsageReportExists: the name is taken.
    :raises UsageReportFolderMissing: its folder is not there.
    """
    if path.suffix.lower() not in _RENDERERS:
        raise UsageReportKindUnknown(path=path)
    if path.exists() or path.is_symlink():
        raise UsageReportExists(path=path)
    if not path.absolute().parent.is_dir():
        raise UsageReportFolderMissing(path=path.absolute().parent)


def save(path: Path, found: UsageFigures, head: Letterhead) -> None:
    """Write a report; the ending of its name decides the kind. It is on the disk, whole, when this returns.

    :raises UsageReportKindUnknown, UsageReportExists, UsageReportFolderMissing: see :func:`check_target`.
    :raises AntinError: the system refused; nothing is left behind.
    """
    check_target(path)
    content = _RENDERERS[path.suffix.lower()](found, head)
    try:
        writing.write_new(path, content)
    except FileExistsError as error:
        raise UsageReportExists(path=path) from error


def _pdf(found: UsageFigures, head: Letterhead) -> bytes:
    from app.journal.report_pdf import render

    return render(found, head)


def _xlsx(found: UsageFigures, head: Letterhead) -> bytes:
    from app.journal.report_xlsx import render

    return render(found, head)


def _json(found: UsageFigures, _head: Letterhead) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


_RENDERERS: Final[dict[str, Callable[[UsageFigures, Letterhead], bytes]]] = {
    ".pdf": _pdf,
    ".xlsx": _xlsx,
    ".json": _json,
}
