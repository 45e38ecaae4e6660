"""``antin archive part``, ``corrections`` and ``undo``: the way back from what was said of a document by mistake."""

from __future__ import annotations

from typing import Any

import click

from app.cli import output
from app.cli.archive_options import DOCUMENT, JSON, document_row, fail, tell_document
from app.cli.main import Context
from app.errors import AntinError
from app.i18n import N_, _
from app.times import clock


@click.command("part", help=N_("Make a file of a document a document of its own again, with what it says of itself."))
@click.argument("copy", metavar="FILE")
@JSON
@click.pass_obj
def part(context: Context, copy: str, as_json: bool) -> int:
    from app.correcting import Corrector

    with context.office() as office:
        try:
            parted = Corrector(office).part(office.keeper.copy_named(copy).id)
        except AntinError as error:
            return fail(error, as_json=as_json)
        _tell(parted, as_json)
    return 0


@click.command("corrections", help=N_("What people put right of a document, the newest first."))
@DOCUMENT
@JSON
@click.pass_obj
def corrections(context: Context, document: int, as_json: bool) -> int:
    from app.correcting import Corrector

    with context.office() as office:
        found = Corrector(office).history(document)
    if as_json:
        for one in found:
            output.json_line({**_plain(one), "undoable": one.undoable})
        return 0
    rows = [
        (one.entry, clock(one.time), one.actor, name, one.before[name], value, _("undone") if one.undone else "")
        for one in found
        for name, value in one.after.items()
    ]
    output.table("", [_("Entry"), _("Time"), _("Who"), _("Field"), _("Before"), _("After"), ""], rows)
    return 0


@click.command("undo", help=N_("Put back what a correction replaced; files move back along."))
@DOCUMENT
@click.argument("entry", type=int)
@JSON
@click.pass_obj
def undo(context: Context, document: int, entry: int, as_json: bool) -> int:
    from app.correcting import Corrector

    with context.office() as office:
        try:
            found = Corrector(office).undo(document, entry)
        except AntinError as error:
            return fail(error, as_json=as_json)
        _tell(found, as_json)
    return 0


def _plain(one: Any) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(one)
    return plain


def _tell(document: Any, as_json: bool) -> None:
    if as_json:
        output.json_line(document_row(document))
    else:
        tell_document(document)
