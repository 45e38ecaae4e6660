"""Documents of the archive in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.i18n import _, pgettext
from ui import wording

if TYPE_CHECKING:
    from app.archive.model import Document, FiledCopy


def number(document: Document) -> str:
    """Number and symbol as documents bear them; empty where there is neither."""
    return "/".join(filter(None, (document.number, document.symbol)))


def title(document: Document) -> str:
    """Type, number and symbol."""
    return " ".join(filter(None, (document.type, number(document))))


def line(document: Document) -> str:
    """Title and summary in one line."""
    return " – ".join(filter(None, (title(document), document.summary)))


def whose(document: Document) -> str:
    """Who signed an issued document; who issued one that came in."""
    signer = document.signer_name or ", ".join(signers(document))
    return " · ".join(filter(None, (document.issuer, signer))) if document.incoming else signer


def signers(document: Document) -> list[str]:
    """The names in the signatures of all its files, each once."""
    return list(dict.fromkeys(name for copy in document.copies for name in copy.signers))


def first_copy(document: Document) -> FiledCopy | None:
    """The file to be looked at: the newest PDF, else the newest file."""
    newest = list(reversed(document.copies))
    return next((copy for copy in newest if copy.path.lower().endswith(".pdf")), newest[0] if newest else None)


def copy_line(copy: FiledCopy) -> str:
    """What kind of file it is, who signed it and when it was filed."""
    signed = _("signed by {names}").format(names=", ".join(copy.signers)) if copy.signers else _("not signed")
    return " · ".join(
        (wording.file_kind(Path(copy.path)), signed, _("filed {day}").format(day=wording.day(copy.filed_at)))
    )


#: Caption and value of what a document's metadata says, in the order of the decree's registers.
_ROWS: tuple[tuple[str, Callable[[], str], Callable[[Document], str | None]], ...] = (
    ("type", lambda: _("Type"), lambda it: it.type),
    ("number", lambda: _("Number and symbol"), number),
    ("date", lambda: _("Date"), lambda it: wording.day(it.date) if it.date else None),
    ("summary", lambda: _("Summary"), lambda it: it.summary),
    ("issuer", lambda: _("Issuing body"), lambda it: it.issuer),
    ("place", lambda: pgettext("of a document", "Place"), lambda it: it.place),
    ("signer_name", lambda: _("Signer"), lambda it: it.signer_name),
    ("signer_title", lambda: _("Title"), lambda it: it.signer_title),
    (
        "arrival_number",
        lambda: _("Number of arrival"),
        lambda it: str(it.arrival_number) if it.arrival_number else None,
    ),
    ("arrived_on", lambda: _("Date of arrival"), lambda it: wording.day(it.arrived_on) if it.arrived_on else None),
    ("urgency", lambda: _("Urgency"), lambda it: it.urgency),
    ("secrecy", lambda: _("Mark of secrecy"), lambda it: it.secrecy),
    ("recipients", lambda: _("Recipients"), lambda it: "; ".join(one.name for one in it.recipients)),
    ("copies_issued", lambda: _("Copies issued"), lambda it: str(it.copies_issued) if it.copies_issued else None),
    ("kept_by", lambda: _("Filed copy kept by"), lambda it: it.kept_by),
    ("forwarded_on", lambda: _("Forwarded on"), lambda it: wording.day(it.forwarded_on) if it.forwarded_on else None),
    ("handled_by", lambda: _("Handled by"), lambda it: it.handled_by),
    ("handling", lambda: _("Handling"), lambda it: it.handling),
    ("due_date", lambda: _("To be answered by"), lambda it: wording.day(it.due_date) if it.due_date else None),
    ("pages", lambda: _("Pages"), lambda it: str(it.pages) if it.pages else None),
    ("language", lambda: _("Language"), lambda it: it.language),
    ("note", lambda: _("Note"), lambda it: it.note),
)


def field_name(name: str) -> str:
    """Caption of a field of the metadata; of one that stands with another, its own."""
    own = {
        "symbol": lambda: _("Symbol"),
        "year": lambda: _("Year"),
        "number": lambda: pgettext("of a document", "Number"),
    }
    captions = {field: caption for field, caption, _value in _ROWS} | own
    return captions[name]() if name in captions else name


def rows(document: Document) -> Iterator[tuple[str, str]]:
    """Caption and value of everything known of a document; what is not certain says so."""
    for name, caption, value in _ROWS:
        told = value(document)
        doubtful = name in document.doubts or (name == "number" and "symbol" in document.doubts)
        if told or doubtful:
            text = told or "—"
            yield caption(), _("{value} (not certain)").format(value=text) if doubtful else text
