"""Options and rows that the commands of the archive share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
import msgspec

from app.archive.model import Corrections, Document, FiledCopy, Recipient
from app.cli import output
from app.decoding import decodable
from app.errors import AntinError, describe
from app.i18n import N_, _
from app.times import day

if TYPE_CHECKING:
    from app.archive.model import Hit

JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
DOCUMENT = click.argument("document", type=int)
_DAY = click.DateTime(["%Y-%m-%d"])
_NONE = "none"

#: Metadata of appendix VI that no page says: name of the field → option.
_MORE: dict[str, Callable[[Any], Any]] = {
    "note": click.option("--note", help=N_("Note.")),
    "language": click.option("--language", help=N_("Language of the document.")),
    "recipients": click.option("--recipient", "recipients", multiple=True, help=N_("Who gets the document (again)…")),
    "copies_issued": click.option("--copies", "copies_issued", type=int, help=N_("How many copies were issued.")),
    "due_date": click.option("--due", "due_date", type=_DAY, help=N_("Day by which it is to be answered or handled.")),
    "kept_by": click.option("--kept-by", help=N_("Unit or person that keeps the file copy.")),
    "forwarded_on": click.option("--forwarded", "forwarded_on", type=_DAY, help=N_("Day on which it was passed on.")),
    "arrived_on": click.option("--arrived", "arrived_on", type=_DAY, help=N_("Day of arrival; today without it.")),
    "arrival_number": click.option("--arrival-number", type=int, help=N_("Number of arrival; the next without it.")),
    "handled_by": click.option("--handled-by", help=N_("Unit or person that a document received goes to.")),
    "handling": click.option("--handling", help=N_("Opinions and state of handling.")),
}
#: What is read from a document and may be corrected.
_READ: dict[str, Callable[[Any], Any]] = {
    "type": click.option("--type", help=N_("Type of the document, such as “Quyết định”.")),
    "number": click.option("--number", help=N_("Number of the document.")),
    "symbol": click.option("--symbol", help=N_("Symbol of the document, such as QĐ-UBND.")),
    "date": click.option("--date", type=_DAY, help=N_("Date of the document.")),
    "place": click.option("--place", help=N_("Place of issue.")),
    "issuer": click.option("--issuer", help=N_("Agency that issued the document.")),
    "summary": click.option("--summary", help=N_("Summary (trích yếu) of the document.")),
    "signer_title": click.option("--signer-title", help=N_("Title of the person who signed.")),
    "signer_name": click.option("--signer-name", help=N_("Name of the person who signed.")),
    "urgency": click.option(
        "--urgency", type=click.Choice(["Khẩn", "Thượng khẩn", "Hỏa tốc"]), help=N_("Urgency of the document.")
    ),
    "secrecy": click.option(
        "--secrecy",
        type=click.Choice([_NONE, "Mật", "Tối mật", "Tuyệt mật"]),
        help=N_("Mark of secrecy; “none” where what was taken for one is none."),
    ),
}


def more_options(command: Any) -> Any:
    """Options of metadata beside what is read."""
    for option in reversed(_MORE.values()):
        command = option(command)
    return command


def read_options(command: Any) -> Any:
    """Options of what is read from a document."""
    for option in reversed(_READ.values()):
        command = option(command)
    return command


def read_given(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options of :func:`read_options` that were given out of all."""
    return _given(options, _READ)


def more_given(options: dict[str, Any]) -> Corrections:
    """Take the options of :func:`more_options` that were given out of all.

    :raises click.UsageError: longer than the decree allows.
    """
    return corrections(_given(options, _MORE))


def all_given(options: dict[str, Any], year: int | None) -> Corrections:
    """Take the options of both that were given out of all.

    :raises click.UsageError: longer than the decree allows.
    """
    values = _given(options, _READ) | _given(options, _MORE)
    return corrections(values | ({"year": year} if year is not None else {}))


def corrections(values: dict[str, Any]) -> Corrections:
    """:raises click.UsageError: longer than the decree allows."""
    if "recipients" in values:
        values["recipients"] = [Recipient("", name) for name in values["recipients"]]
    try:
        return msgspec.convert(values, decodable(Corrections), from_attributes=True)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from error


def _given(options: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    found = {name: options.pop(name) for name in known}
    return {
        name: value.date() if hasattr(value, "date") else (None if value == _NONE and name == "secrecy" else value)
        for name, value in found.items()
        if value is not None and value != ()
    }


def tell_error(source: object, error: BaseException, *, as_json: bool) -> None:
    """What went wrong with one file or row."""
    told = describe(error)
    if as_json:
        output.json_line({"input": str(source), "error": told})
    else:
        output.message(f"{source}: {told.message}\n{told.hint}")


def fail(error: AntinError, *, as_json: bool) -> int:
    """What went wrong with the whole; the exit code."""
    told = describe(error)
    if as_json:
        output.json_line({"error": told})
    else:
        output.message(f"{told.message}\n{told.hint}")
    return 1


def copy_row(copy: FiledCopy, **more: object) -> dict[str, Any]:
    """A copy as a JSON object."""
    row: dict[str, Any] = msgspec.to_builtins(copy)
    return row | more


def hit_rows(hit: Hit) -> list[dict[str, Any]]:
    """The copies of a document found as JSON objects, the newest first; ``found`` says where its words stand."""
    found = {name: [list(place) for place in places] for name, places in hit.marks.items()}
    return [copy_row(copy, found=found, in_text=hit.in_text) for copy in reversed(hit.document.copies)]


def document_row(document: Document) -> dict[str, Any]:
    """A document with the decree's names of its metadata (appendix VI, part II) under ``metadata``."""
    from app.archive.metadata import metadata

    row: dict[str, Any] = msgspec.to_builtins(document)
    return row | {"metadata": metadata(document)}


def number_of(copy: FiledCopy | Document) -> str:
    """Number and symbol as on the page."""
    return "/".join(filter(None, (copy.number, copy.symbol)))


def tell_document(document: Document) -> None:
    """A document for a person."""
    from app.archive.metadata import labels

    rows = list(labels(document))
    if document.doubts:
        rows.append((_("In doubt"), ", ".join(f"{name} {sure:.0%}" for name, sure in document.doubts.items())))
    for copy in document.copies:
        rows.append((_("File"), f"{copy.path} ({day(copy.filed_at)})"))
    output.table(_("Document {id}").format(id=document.id), [_("Field"), _("Value")], rows)
