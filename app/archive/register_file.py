"""A register as a file: PDF/A to be printed and bound, or a workbook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.archive.registers import Register
from app.archive.taking_out import TargetExists
from app.documents.letterhead import Letterhead
from app.errors import AntinError
from app.i18n import N_
from app.storage import writing


class RegisterKindUnknown(AntinError):
    """Carries ``path``."""

    code = "register-kind-unknown"
    message_id = N_("A register cannot be written as {path}.")
    hint_id = N_("Let its name end in .pdf or .xlsx.")


def check_target(path: Path) -> None:
    """Say before the work begins whether a register can be written.

    :raises RegisterKindUnknown: its ending is none of a register. :raises TargetExists: the name is taken.
    """
    if path.suffix.lower() not in (".pdf", ".xlsx"):
        raise RegisterKindUnknown(path=str(path))
    if path.exists() or path.is_symlink():
        raise TargetExists(path=str(path))


def save(path: Path, register: Register, head: Letterhead, at: dt.datetime) -> None:
    """Write a register; the ending of its name decides the kind. It is on the disk, whole, when this returns.

    :param head: whose it is. :param at: when it was made; aware.
    :raises RegisterKindUnknown, TargetExists: see :func:`check_target`.
    :raises AntinError: the system refused; nothing is left behind.
    """
    check_target(path)
    if path.suffix.lower() == ".pdf":
        from app.archive.register_pdf import render
    else:
        from app.archive.register_xlsx import render
    try:
        writing.write_new(path, render(register, head, at))
    except FileExistsError as error:
        raise TargetExists(path=str(path)) from error
