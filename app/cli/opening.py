"""``antin open``, and ``antin`` alone: the window, or what is handed to the window that is open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.main import Context
from app.i18n import N_, _

if TYPE_CHECKING:
    from ui.instance import PageName

#: As :data:`ui.instance.PageName` has them; that is imported only where a window is wanted.
_PAGES = ("sign", "verify", "archive", "tokens", "journal", "settings", "trust", "doctor")
#: Those that take files.
_TAKING = ("sign", "verify", "archive")


def open_window(context: Context, page: PageName | None = None, files: Sequence[Path] = ()) -> int:
    """Open the window and stay until it is closed; where it is open already, have it show what is asked.

    :param page: to begin with.
    :param files: for that page; without one they are checked.
    :return: exit code.
    :raises NoDisplay: there is no screen.
    """
    from ui import screen

    screen.check()
    from ui.instance import claim_or_hand_over, request

    asked = request(page, files)
    claim = claim_or_hand_over(context.data_dir, asked)
    if claim is None:
        return 0
    try:
        from ui.app import run

        return run(context.read_settings, asked, claim)
    finally:
        claim.release()


@click.command("open", help=N_("Open the window, on files where some are named; a window that is open takes them."))
@click.option("--sign", "sign", is_flag=True, help=N_("For signing."))
@click.option("--verify", "verify", is_flag=True, help=N_("For checking; what happens with files by itself."))
@click.option("--page", type=click.Choice(_PAGES), help=N_("The page to begin with."))
@click.argument("files", nargs=-1, type=click.Path())
@click.pass_obj
def command(context: Context, sign: bool, verify: bool, page: PageName | None, files: tuple[str, ...]) -> int:
    asked: set[PageName] = set()
    if page is not None:
        asked.add(page)
    if sign:
        asked.add("sign")
    if verify:
        asked.add("verify")
    if len(asked) > 1:
        raise click.UsageError(_("Only one page can be shown: {pages}.").format(pages=", ".join(sorted(asked))))
    page = next(iter(asked), None)
    if files and page is not None and page not in _TAKING:
        raise click.UsageError(_("That page takes no files."))
    return open_window(context, page, [_local(file) for file in files])


def _local(file: str) -> Path:
    """A file by its path, or by its address as some file managers name it (RFC 8089).

    :raises click.UsageError: it is no address of a file of this computer or of a share.
    """
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    if not file.startswith("file:"):
        path = file
    else:
        try:
            address = urlsplit(file, allow_fragments=False)
        except ValueError:
            raise click.UsageError(_("{file} is no file.").format(file=repr(file))) from None
        path = url2pathname(address.path)
        if address.netloc not in ("", "localhost"):
            if os.name != "nt":
                raise click.UsageError(_("{file} lies on another computer.").format(file=repr(file)))
            path = f"\\\\{address.netloc}{path}"
    if not path or "\0" in path:
        raise click.UsageError(_("{file} is no file.").format(file=repr(file)))
    return Path(path)
