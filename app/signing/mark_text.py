"""The words of visible marks (Decree 30/2020, appendix I, part I, II.8.b and part II, I; templates of plain marks).

A mark says what the signature says: who signs, for whom, when, why. It never says that the signature holds: that is for
whoever checks it to find out.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from string import Formatter
from typing import Final

from app.documents.model import DocumentInfo
from app.documents.text import fold
from app.errors import AntinError
from app.i18n import N_
from app.settings import AgencySettings
from app.signing.agency_names import signing_agency
from app.signing.corrections import belongs_to
from app.signing.keys import SigningKey
from app.signing.model import CopyForm

#: As they stand on the page, in the language of the document whatever that of the screen.
COPY_FORMS: Final = {CopyForm.SAO_Y: "SAO Y", CopyForm.SAO_LUC: "SAO LỤC", CopyForm.TRICH_SAO: "TRÍCH SAO"}
#: What a template may name.
FIELDS: Final = ("name", "organization", "time", "date", "reason", "number", "symbol", "issuer", "serial")
#: Words of a verdict, folded.
_CLAIMS: Final = (
    *("hop le", "da xac thuc", "da xac minh", "da kiem tra", "da duoc kiem tra", "con hieu luc", "toan ven"),
    *("valid", "verified", "trusted", "authentic"),
)
#: Of what a reason must not say so, folded; that an application is in order is a reason like any other.
_SIGNATURES: Final = ("chu ky", "chung thu", "signature", "certificate")
_MAX_LENGTH: Final = 1000


class MarkTemplateInvalid(AntinError):
    """Carries ``what``: the field that is not known, or the template."""

    code = "mark-template-invalid"
    message_id = N_("The template of the mark cannot be used: {what}")
    hint_id = N_("The fields are {fields}; write each in braces.")

    def __init__(self, what: str) -> None:
        super().__init__(what=what, fields=", ".join(f"{{{field}}}" for field in FIELDS))


class MarkClaimsValidity(AntinError):
    """Carries ``words``: whether a signature holds is not the signer's to say."""

    code = "mark-claims-validity"
    message_id = N_("The text of the mark says that the signature holds (“{words}”); a mark must not.")
    hint_id = N_("Leave these words out. Whether a signature holds is found by checking it.")


def of_attachment(info: DocumentInfo, signing_time: dt.datetime) -> str:
    """Number and symbol of the document that it belongs to; time of signing (ISO 8601 with the offset)."""
    return f"{'/'.join(belongs_to(info))}\n{_time(signing_time)}"


def of_copy(form: CopyForm, agency: AgencySettings, key: SigningKey, signing_time: dt.datetime) -> str:
    """Form of the copy, name of the agency that copies, time of signing."""
    return "\n".join((COPY_FORMS[form], signing_agency(agency, key), _time(signing_time)))


def of_template(template: str, key: SigningKey, info: DocumentInfo, reason: str, signing_time: dt.datetime) -> str:
    """A template with its fields filled in. A line all of whose fields are empty is left out.

    :param template: lines with names of :data:`FIELDS` in braces.
    :raises MarkTemplateInvalid: it names another field, or its braces do not fit.
    :raises MarkClaimsValidity: it, or the reason, says that the signature holds.
    """
    values = {
        "name": key.holder,
        "organization": key.organization,
        "time": _time(signing_time),
        "date": signing_time.strftime("%d/%m/%Y"),
        "reason": reason,
        "number": info.number or "",
        "symbol": info.symbol or "",
        "issuer": key.issuer,
        "serial": key.serial,
    }
    told = unicodedata.normalize("NFC", template)[:_MAX_LENGTH]
    shown = reason if "{reason}" in told else ""
    if claim := _first(_CLAIMS, told) or (_first(_SIGNATURES, shown) and _first(_CLAIMS, shown)):
        raise MarkClaimsValidity(words=claim)
    lines = (_filled(line, values) for line in told.splitlines())
    return "\n".join(line for line in lines if line is not None)


def _first(phrases: Sequence[str], text: str) -> str:
    """The first of some folded phrases that a text has; empty where it has none."""
    return next((phrase for phrase in phrases if f" {phrase} " in f" {fold(text)} "), "")


def _filled(line: str, values: dict[str, str]) -> str | None:
    try:
        parts = list(Formatter().parse(line))
    except ValueError as error:
        raise MarkTemplateInvalid(line) from error
    named = [(name, form, conversion) for _text, name, form, conversion in parts if name is not None]
    for name, form, conversion in named:
        if name not in values or form or conversion:
            raise MarkTemplateInvalid(f"{{{name}}}")
    if named and not any(values[name] for name, _form, _conversion in named):
        return None
    return "".join(text + (values[name] if name is not None else "") for text, name, _form, _conversion in parts)


def _time(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
