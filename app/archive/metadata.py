"""The decree's metadata of documents and dossiers under its own names (Decree 30/2020, appendix VI, part II)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from app.archive.model import Document, Dossier
from app.i18n import _
from app.times import day

#: Urgency and secrecy are one figure in the decree, which does not say its values: 0 none, 1 to 3 rising urgency,
#: 4 to 6 rising secrecy, the secrecy where a document has both.
_URGENCY = {"Khẩn": 1, "Thượng khẩn": 2, "Hỏa tốc": 3}
_SECRECY = {"Mật": 4, "Tối mật": 5, "Tuyệt mật": 6}


def priority(document: Document) -> int:
    """The decree's Priority."""
    return _SECRECY.get(document.secrecy or "", 0) or _URGENCY.get(document.urgency or "", 0)


def metadata(document: Document) -> dict[str, Any]:
    """Of a document, part II, I or II; days as ISO 8601, unknown fields left out."""
    found: dict[str, Any] = {
        "FileCatalog": document.year,
        "TypeName": document.type,
        "CodeNumber": document.number,
        "CodeNotation": document.symbol,
        "IssuedDate": _day(document.date),
        "OrganName": document.issuer,
        "Subject": document.summary,
        "Language": document.language,
        "PageAmount": document.pages,
        "Description": document.note,
        "SignerInfo": _known({"Position": document.signer_title, "FullName": document.signer_name}),
        "Priority": priority(document),
        "DueDate": _day(document.due_date),
    }
    if document.incoming:
        found |= {
            "ArrivalDate": _day(document.arrived_on),
            "ArrivalNumber": document.arrival_number,
            "ToPlaces": document.handled_by,
            "TraceHeaderList": document.handling,
        }
    else:
        found |= {
            "To": [_known({"OrganId": one.organ_id or None, "OrganName": one.name}) for one in document.recipients],
            "IssuedAmount": document.copies_issued,
        }
    return _known(found)


def dossier_metadata(dossier: Dossier) -> dict[str, Any]:
    """Of a dossier, part II, III."""
    data = dossier.data
    return _known(
        {
            "FileCode": _known(
                {"OrganId": data.organ_id or None, "FileCatalog": data.year, "FileNotation": data.notation}
            ),
            "Title": data.title,
            "Maintenance": data.maintenance,
            "Rights": data.rights,
            "Creator": data.creator,
            "Language": data.language,
            "StartDate": _day(data.start_date),
            "EndDate": _day(data.end_date),
            "DocTotal": dossier.documents,
            "PageTotal": dossier.pages,
            "Description": data.note,
        }
    )


def labels(document: Document) -> Iterator[tuple[str, str]]:
    """Names of the fields for people and their values, those that are known."""
    signer = " ".join(filter(None, (document.signer_title, document.signer_name)))
    found = (
        (_("Type"), document.type),
        (_("Number"), "/".join(filter(None, (document.number, document.symbol)))),
        (_("Date"), day(document.date)),
        (_("Place of issue"), document.place),
        (_("Issued by"), document.issuer),
        (_("Summary"), document.summary),
        (_("Signed by"), signer),
        (_("Urgency"), document.urgency),
        (_("Mark of secrecy"), document.secrecy),
        (_("Pages"), document.pages),
        (_("Recipients"), "; ".join(one.name for one in document.recipients)),
        (_("Date of arrival"), day(document.arrived_on)),
        (_("Number of arrival"), document.arrival_number),
        (_("Unit or recipient"), document.handled_by),
        (_("Handling"), document.handling),
        (_("To be answered by"), day(document.due_date)),
        (_("Keeper of the file copy"), document.kept_by),
        (_("Copies"), document.copies_issued),
        (_("Passed on"), day(document.forwarded_on)),
        (_("Note"), document.note),
        (_("Attached to document"), document.attached_to),
        (_("Attachments"), ", ".join(map(str, document.attachments))),
        (_("Dossiers"), ", ".join(map(str, document.dossiers))),
    )
    yield from ((name, str(value)) for name, value in found if value)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, {}, [])}


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value is not None else None
