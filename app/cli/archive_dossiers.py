"""``antin archive dossier``: dossiers (hồ sơ) and the documents in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app.cli import output
from app.cli.archive_options import JSON, fail, number_of
from app.cli.main import Context
from app.errors import AntinError
from app.i18n import N_, _
from app.times import day

if TYPE_CHECKING:
    from app.archive.model import Dossier

_DAY = click.DateTime(["%Y-%m-%d"])
_DOSSIER = click.argument("dossier_id", metavar="DOSSIER", type=int)
_DOCUMENTS = click.argument("documents", nargs=-1, required=True, type=int)


@click.group("dossier", help=N_("Dossiers: documents about one matter."))
def dossier() -> None:
    pass


@dossier.command("open", help=N_("Open a dossier."))
@click.argument("notation")
@click.argument("title")
@click.option("--year", type=click.IntRange(1900, 9999), required=True, help=N_("Year of the dossier."))
@click.option("--organ-id", default="", help=N_("Code of the agency."))
@click.option("--maintenance", help=N_("Time for which it is kept."))
@click.option("--rights", help=N_("Who may use it."))
@click.option("--creator", help=N_("Who made it."))
@click.option("--language", help=N_("Language of the document."))
@click.option("--start", "start_date", type=_DAY, help=N_("First day."))
@click.option("--end", "end_date", type=_DAY, help=N_("Last day."))
@click.option("--note", help=N_("Note."))
@JSON
@click.pass_obj
def open_dossier(context: Context, /, as_json: bool, **options: Any) -> int:
    import msgspec

    from app.archive.model import DossierData
    from app.decoding import decodable

    given = {name: value.date() if hasattr(value, "date") else value for name, value in options.items()}
    try:
        data = msgspec.convert(given, decodable(DossierData))
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from error
    return _do(context, as_json, lambda dossiers: dossiers.open(data))


@dossier.command("put", help=N_("Put documents into a dossier."))
@_DOSSIER
@_DOCUMENTS
@JSON
@click.pass_obj
def put(context: Context, dossier_id: int, documents: tuple[int, ...], as_json: bool) -> int:
    return _do(context, as_json, lambda dossiers: dossiers.put(dossier_id, *documents))


@dossier.command("take-out", help=N_("Take a document out of a dossier; it stays in the archive."))
@_DOSSIER
@click.argument("document", type=int)
@JSON
@click.pass_obj
def take_out(context: Context, dossier_id: int, document: int, as_json: bool) -> int:
    return _do(context, as_json, lambda dossiers: dossiers.take_out(dossier_id, document))


@dossier.command("list", help=N_("List dossiers."))
@click.argument("query", required=False, default="")
@click.option("--year", type=int, help=N_("Only this year."))
@JSON
@click.pass_obj
def list_dossiers(context: Context, query: str, year: int | None, as_json: bool) -> int:
    with context.office() as office:
        found = office.archive.dossiers.find(query, year=year)
    if as_json:
        for each in found:
            output.json_line(_row(each))
    elif found:
        _table("", found)
    else:
        output.message(_("Nothing found."))
    return 0


@dossier.command("show", help=N_("Tell what lies in a dossier."))
@_DOSSIER
@JSON
@click.pass_obj
def show(context: Context, dossier_id: int, as_json: bool) -> int:
    with context.office() as office:
        try:
            found = office.archive.dossiers.get(dossier_id)
            contents = [office.archive.document(each) for each in office.archive.dossiers.contents(dossier_id)]
        except AntinError as error:
            return fail(error, as_json=as_json)
    lying = [document for document in contents if document is not None]
    if as_json:
        output.json_line(_row(found) | {"contents": [document.id for document in lying]})
        return 0
    _table("", [found])
    columns = [_("No."), _("Id"), _("Number"), _("Date"), _("Type"), _("Summary")]
    rows = (
        (document.dossiers[dossier_id], document.id, number_of(document), day(document.date), document.type,
         document.summary or "")
        for document in lying
    )  # fmt: skip
    output.table("", columns, rows)
    return 0


def _do(context: Context, as_json: bool, work: Any) -> int:
    with context.office() as office:
        try:
            found = work(office.archive.dossiers)
        except AntinError as error:
            return fail(error, as_json=as_json)
    if as_json:
        output.json_line(_row(found))
    else:
        _table("", [found])
    return 0


def _row(found: Dossier) -> dict[str, Any]:
    import msgspec

    from app.archive.metadata import dossier_metadata

    row: dict[str, Any] = msgspec.to_builtins(found)
    return row | {"metadata": dossier_metadata(found)}


def _table(title: str, found: list[Dossier]) -> None:
    columns = [_("Id"), _("Notation"), _("Title of the dossier"), _("Year"), _("Documents"), _("Pages")]
    rows = (
        (each.id, each.data.notation, each.data.title, each.data.year, each.documents, each.pages) for each in found
    )
    output.table(title, columns, rows)
