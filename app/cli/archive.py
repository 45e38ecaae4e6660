"""``antin archive``: file, search, show, correct, registers, where."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli import archive_back, archive_care, output
from app.cli.archive_dossiers import dossier
from app.cli.archive_options import (
    DOCUMENT,
    JSON,
    all_given,
    document_row,
    fail,
    hit_rows,
    more_given,
    more_options,
    number_of,
    read_given,
    read_options,
    tell_document,
)
from app.cli.main import Context
from app.errors import AntinError
from app.i18n import N_, _
from app.times import VIETNAM, day

if TYPE_CHECKING:
    from app.archive.model import FiledCopy


@click.group("archive", help=N_("The filed copies, by year and type."))
def command() -> None:
    pass


@command.command("add", help=N_("File copies of documents; of a folder all that is in it."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--year", type=click.IntRange(1900, 9999), help=N_("Year of filing."))
@read_options
@click.option("--incoming", is_flag=True, help=N_("A document received, not issued."))
@more_options
@click.option("--attach-to", type=int, help=N_("Id of the main document that these are attached to."))
@click.option("--dossier", type=int, help=N_("Id of the dossier to put them into."))
@JSON
@click.pass_obj
def add(
    context: Context,
    /,
    files: tuple[Path, ...],
    year: int | None,
    incoming: bool,
    attach_to: int | None,
    dossier: int | None,
    as_json: bool,
    **options: Any,
) -> int:
    import dataclasses

    from app.archive.batch import BatchOptions
    from app.cli.archive_adding import Adding

    told = read_given(options)
    with context.office() as office:
        wanted = BatchOptions(
            year,
            incoming,
            more_given(options),
            told=lambda info: dataclasses.replace(info, **told) if told else info,
        )
        adding = Adding(office, attach_to, dossier, as_json=as_json)
        return 0 if adding.add(files, wanted) else 1


@command.command("search", help=N_("Find filed copies; accents may be left out."))
@click.argument("query", required=False, default="")
@click.option("--year", type=int, help=N_("Only this year."))
@click.option("--type", "document_type", help=N_("Only this type."))
@click.option("--signer", help=N_("Only signed by this person."))
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help=N_("Dated on or after this day."))
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help=N_("Dated on or before this day."))
@click.option("--incoming", is_flag=True, help=N_("Only documents received."))
@click.option("--issued", is_flag=True, help=N_("Only documents issued."))
@click.option("--dossier", type=int, help=N_("Only documents of this dossier."))
@click.option("--doubtful", is_flag=True, help=N_("Only documents with a field in doubt."))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help=N_("At most so many."))
@JSON
@click.pass_obj
def search(
    context: Context,
    query: str,
    year: int | None,
    document_type: str | None,
    signer: str | None,
    start: dt.datetime | None,
    end: dt.datetime | None,
    incoming: bool,
    issued: bool,
    dossier: int | None,
    doubtful: bool,
    limit: int,
    as_json: bool,
) -> int:
    if incoming and issued:
        raise click.UsageError(_("These options exclude each other."))
    from app.archive.model import Query

    wanted = Query(
        query,
        year=year,
        type=document_type,
        signer=signer,
        date_from=start.date() if start else None,
        date_to=end.date() if end else None,
        incoming=incoming if incoming or issued else None,
        dossier=dossier,
        doubtful=doubtful,
    )
    with context.office() as office:
        hits = office.archive.find(wanted, limit=limit).hits
    if as_json:
        for row in (row for hit in hits for row in hit_rows(hit)):
            output.json_line(row)
    elif hits:
        root = context.settings.archive_dir
        columns = [_("Id"), _("Number"), _("Date"), _("Type"), _("Document")]
        rows = (_row(copy, root) for hit in hits for copy in reversed(hit.document.copies))
        output.table(_("Archive: {path}").format(path=root), columns, rows)
    else:
        output.message(_("Nothing found."))
    return 0


def _row(copy: FiledCopy, root: Path) -> tuple[object, ...]:
    """A copy in a row that eighty columns hold: what it is about, who signed it and its file one below the other.

    :param root: of the archive, which all paths have in common.
    """
    from rich.text import Text

    path = Path(copy.path)
    shown = path.relative_to(root.absolute()) if path.is_relative_to(root.absolute()) else path
    lines = [Text(output.printable(copy.summary or ""))]
    if copy.signers:
        lines.append(Text(output.printable(_("Signed by: {names}").format(names=", ".join(copy.signers)))))
    lines.append(Text(output.printable(str(shown)), style="dim"))
    return str(copy.document), number_of(copy), day(copy.date), copy.type, Text("\n").join(filter(None, lines))


@command.command("show", help=N_("Tell all that is known of a document."))
@DOCUMENT
@JSON
@click.pass_obj
def show(context: Context, document: int, as_json: bool) -> int:
    from app.archive.errors import DocumentUnknown

    with context.office() as office:
        found = office.archive.document(document)
        if found is None:
            return fail(DocumentUnknown(id=document), as_json=as_json)
        _tell(found, as_json)
    return 0


@command.command("correct", help=N_("Put right what was read of a document, or confirm it; its files move along."))
@DOCUMENT
@click.option("--year", type=click.IntRange(1900, 9999), help=N_("Year of filing."))
@read_options
@more_options
@JSON
@click.pass_obj
def correct(context: Context, /, document: int, year: int | None, as_json: bool, **options: Any) -> int:
    wanted = all_given(options, year)
    from app.correcting import Corrector

    with context.office() as office:
        try:
            _tell(Corrector(office).correct(document, wanted), as_json)
        except AntinError as error:
            return fail(error, as_json=as_json)
    return 0


@command.command("attach", help=N_("Make a document an attachment of another one."))
@DOCUMENT
@click.argument("main", type=int, required=False)
@JSON
@click.pass_obj
def attach(context: Context, document: int, main: int | None, as_json: bool) -> int:
    with context.office() as office:
        try:
            _tell(office.archive.attach(document, main), as_json)
        except AntinError as error:
            return fail(error, as_json=as_json)
    return 0


@command.command("join", help=N_("Make the files of another document files of this one, such as .docx and .pdf."))
@DOCUMENT
@click.argument("other", type=int)
@JSON
@click.pass_obj
def join(context: Context, document: int, other: int, as_json: bool) -> int:
    from app.correcting import Corrector

    with context.office() as office:
        try:
            _tell(Corrector(office).join(document, other), as_json)
        except AntinError as error:
            return fail(error, as_json=as_json)
    return 0


def _tell(document: Any, as_json: bool) -> None:
    if as_json:
        output.json_line(document_row(document))
    else:
        tell_document(document)


@command.command("register", help=N_("Write the register of a year; tell numbers missing or given twice."))
@click.option("--year", type=click.IntRange(1900, 9999), required=True, help=N_("Year of the register."))
@click.option("--incoming", is_flag=True, help=N_("Of documents received; of those issued without it."))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=N_("A file ending in .pdf or .xlsx."))
@JSON
@click.pass_obj
def register(context: Context, year: int, incoming: bool, out: Path | None, as_json: bool) -> int:
    from app.archive import register_file, register_words
    from app.documents.letterhead import Letterhead

    with context.office() as office:
        try:
            if out is not None:
                register_file.check_target(out)
            found = office.archive.register(year, incoming=incoming)
            if out is not None:
                agency = office.settings.agency
                now = dt.datetime.now(VIETNAM)
                head = Letterhead(agency.name, agency.parent, agency.place)
                register_file.save(out, found, head, now)
        except AntinError as error:
            return fail(error, as_json=as_json)
    if as_json:
        output.json_line(
            {
                "year": year,
                "incoming": incoming,
                "documents": len(found.entries),
                "irregularities": found.irregularities,
                "out": str(out) if out is not None else None,
            }
        )
        return 0
    output.message(_("Documents: {count}").format(count=len(found.entries)))
    for irregular in found.irregularities:
        output.message(register_words.irregularity(irregular, found))
    return 0


@command.command("where", help=N_("Tell the folder of the archive."))
@JSON
@click.pass_obj
def where(context: Context, as_json: bool) -> int:
    folder = context.settings.archive_dir
    if as_json:
        output.json_line({"path": folder})
    else:
        click.echo(folder)
    return 0


command.add_command(dossier)
for _back in (archive_back.part, archive_back.corrections, archive_back.undo):
    command.add_command(_back)
for _care in (archive_care.check, archive_care.rebuild, archive_care.waiting, archive_care.evidence):
    command.add_command(_care)
