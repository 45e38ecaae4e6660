"""``antin archive``: file, search, tell where."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli import archive_care, output
from app.cli.main import Context
from app.errors import AntinError, describe
from app.i18n import N_, _
from app.times import day

if TYPE_CHECKING:
    from app.archive.archive import FiledCopy

_JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))


@click.group("archive", help=N_("The filed copies, by year and type."))
def command() -> None:
    pass


@command.command("add", help=N_("File copies of documents."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--year", type=click.IntRange(1900, 9999), help=N_("Year of filing."))
@click.option("--type", "document_type", help=N_("Type of the document, such as “Quyết định”."))
@click.option("--number", help=N_("Number of the document."))
@click.option("--symbol", help=N_("Symbol of the document, such as QĐ-UBND."))
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help=N_("Date of the document."))
@click.option("--summary", help=N_("Summary (trích yếu) of the document."))
@click.option("--incoming", is_flag=True, help=N_("A document received, not issued."))
@_JSON
@click.pass_obj
def add(
    context: Context,
    files: tuple[Path, ...],
    year: int | None,
    document_type: str | None,
    number: str | None,
    symbol: str | None,
    date: dt.datetime | None,
    summary: str | None,
    incoming: bool,
    as_json: bool,
) -> int:
    given: dict[str, Any] = {
        "type": document_type,
        "number": number,
        "symbol": symbol,
        "date": date.date() if date else None,
        "summary": summary,
    }
    corrections = {name: value for name, value in given.items() if value is not None}
    failed = False
    with context.office() as office:
        for path in files:
            try:
                info = dataclasses.replace(office.read(path), **corrections)
                copy = office.archive.add(path, info, year=year, incoming=incoming)
                office.ledger.append("file", path=copy.path, sha256=copy.sha256, input=str(path), archive=True)
            except (AntinError, OSError) as error:
                failed = True
                told = describe(error)
                if as_json:
                    output.json_line({"input": path, "error": told})
                else:
                    output.message(f"{path}: {told.message}\n{told.hint}")
                continue
            if as_json:
                output.json_line(copy)
            elif copy.duplicate:
                output.message(_("{path} is filed already: {copy}").format(path=path, copy=copy.path))
            else:
                output.message(_("Filed: {copy}").format(copy=copy.path))
    return 1 if failed else 0


@command.command("search", help=N_("Find filed copies; accents may be left out."))
@click.argument("query", required=False, default="")
@click.option("--year", type=int, help=N_("Only this year."))
@click.option("--type", "document_type", help=N_("Only this type."))
@click.option("--signer", help=N_("Only signed by this person."))
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help=N_("Dated on or after this day."))
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help=N_("Dated on or before this day."))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help=N_("At most so many."))
@_JSON
@click.pass_obj
def search(
    context: Context,
    query: str,
    year: int | None,
    document_type: str | None,
    signer: str | None,
    start: dt.datetime | None,
    end: dt.datetime | None,
    limit: int,
    as_json: bool,
) -> int:
    with context.office() as office:
        found = office.archive.search(
            query,
            year=year,
            type=document_type,
            signer=signer,
            date_from=start.date() if start else None,
            date_to=end.date() if end else None,
            limit=limit,
        )
    if as_json:
        for copy in found:
            output.json_line(copy)
    elif found:
        output.table(
            "",
            [_("Number"), _("Date"), _("Type"), _("Summary"), _("Signed by"), _("File")],
            map(_row, found),
        )
    else:
        output.message(_("Nothing found."))
    return 0


def _row(copy: FiledCopy) -> tuple[str, ...]:
    number = "/".join(filter(None, (copy.number, copy.symbol)))
    return number, day(copy.date), copy.type, copy.summary or "", ", ".join(copy.signers), copy.path


@command.command("where", help=N_("Tell the folder of the archive."))
@_JSON
@click.pass_obj
def where(context: Context, as_json: bool) -> int:
    folder = context.settings.archive_dir
    if as_json:
        output.json_line({"path": folder})
    else:
        click.echo(folder)
    return 0


for _care in (archive_care.check, archive_care.rebuild, archive_care.evidence):
    command.add_command(_care)
